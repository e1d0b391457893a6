#include "app/price_quotes.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/bytes.h"

namespace tintype::app {

namespace {

constexpr UnixMs kHoldsMs = 15 * 60 * 1'000;

std::string quote_text(std::string_view key, std::string_view user_id, OperationKind operation, Tokens price,
                       std::int64_t expires_s) {
  const std::string said = std::to_string(price) + "." + std::to_string(expires_s);
  const std::string signed_text =
      "price quote\n" + std::string(user_id) + "\n" + std::string(operation_name(operation)) + "\n" + said;
  return said + "." + base64url_encode(hmac_sha256(key, signed_text));
}

// The next whole number and the dot behind it.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != '.') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number;
}

std::unexpected<Error> refused(std::string message) {
  auto error = fail(ErrorCode::kInvalidInput, std::move(message), "Please ask for an estimate again");
  error.error().field = "quote";
  return error;
}

}  // namespace

PriceQuotes::PriceQuotes(std::vector<std::string> keys, const Clock& clock) : keys_(std::move(keys)), clock_(clock) {}

PriceQuote PriceQuotes::make(std::string_view user_id, OperationKind operation, Tokens price) const {
  const std::int64_t expires_s = (clock_.now_ms() + kHoldsMs) / 1'000;
  return {quote_text(keys_.front(), user_id, operation, price, expires_s), expires_s * 1'000};
}

Result<Tokens> PriceQuotes::price_of(std::string_view quote, std::string_view user_id, OperationKind operation) const {
  std::string_view rest = quote;
  const auto price = take_number(rest), expires_s = take_number(rest);
  const auto is_by = [&](const std::string& key) {
    return constant_time_equal(quote, quote_text(key, user_id, operation, *price, *expires_s));
  };
  if (!price || !expires_s || std::ranges::none_of(keys_, is_by)) {
    return refused("This quote was not made for you and " + std::string(operation_name(operation)));
  }
  if (*expires_s <= clock_.now_ms() / 1'000) return refused("This quote held until " + iso8601(*expires_s * 1'000));
  return *price;
}

}  // namespace tintype::app
