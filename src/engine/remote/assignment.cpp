#include "engine/remote/assignment.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace tintype::engine {

namespace {

constexpr std::size_t kDecimals = 6;
constexpr std::size_t kWholeDigitsMax = 6;
constexpr std::int64_t kMicros = 1'000'000;

std::string_view cut(std::string_view& text, char at) {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view first = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return first;
}

bool is_model(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._/:").find(c) != std::string_view::npos;
  });
}

std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return number;
}

}  // namespace

Result<Assignment> parse_assignment(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorCode::kInvalidInput,
                "'" + std::string(text) + "' is not PROVIDER:MODEL or PROVIDER:MODEL?NAME=VALUE");
  };
  std::string_view left = text;
  Assignment assignment;
  assignment.provider = cut(left, ':');
  assignment.model = cut(left, '?');
  if (!is_model(assignment.model)) return wrong();
  while (!left.empty()) {
    std::string_view item = cut(left, '&');
    const auto name = percent_decode(cut(item, '='), true), value = percent_decode(item, true);
    if (!name || name->empty() || !value) return wrong();
    assignment.settings.emplace_back(*name, *value);
  }
  return assignment;
}

Result<std::int64_t> parse_micros(std::string_view text) {
  std::string_view left = text;
  const std::string_view whole = cut(left, '.');
  std::string decimals(left);
  const bool fits = !whole.empty() && whole.size() <= kWholeDigitsMax && decimals.size() <= kDecimals;
  decimals.resize(kDecimals, '0');
  const auto units = digits(whole), parts = digits(decimals);
  if (!fits || !units || !parts) {
    return fail(ErrorCode::kInvalidInput, "'" + std::string(text) + "' is no amount of money such as 25 or 0.003");
  }
  return *units * kMicros + *parts;
}

Result<std::map<OperationKind, std::int64_t>> parse_prices(std::string_view text) {
  std::map<OperationKind, std::int64_t> prices;
  while (!text.empty()) {
    std::string_view item = cut(text, ',');
    const std::string name(cut(item, '='));
    const auto kind = parse_operation(name);
    if (!kind || studio_operation(*kind) == nullptr) {
      return fail(ErrorCode::kInvalidInput, "there is no operation '" + name + "'");
    }
    const auto micros = parse_micros(item);
    if (!micros) return std::unexpected(micros.error());
    prices[*kind] = *micros;
  }
  return prices;
}

}  // namespace tintype::engine
