#include "api/shared/paging.h"

#include <charconv>

#include "base/bytes.h"

namespace tintype::api {

namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<Error> refused(const char* field, std::string message, std::string suggestion) {
  auto error = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  error.error().field = field;
  return error;
}

}  // namespace

std::string encode_cursor(std::int64_t created_at_ms, const std::string& id) {
  return base64url_encode(std::to_string(created_at_ms) + ":" + id);
}

Result<Page> page_of(const http::Request& request, const PageLimits& limits) {
  Page page;
  page.limit = limits.fallback;
  if (const auto text = request.query_parameter("limit")) {
    const auto limit = parse_integer(*text);
    if (!limit || *limit < 1 || *limit > limits.max) {
      return refused("limit", "limit must be a number from 1 to " + std::to_string(limits.max),
                     "Leave it out for " + std::to_string(limits.fallback));
    }
    page.limit = static_cast<int>(*limit);
  }
  if (const auto text = request.query_parameter("cursor")) {
    const auto decoded = base64url_decode(*text);
    const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
    const auto created =
        colon == std::string::npos ? std::nullopt : parse_integer(std::string_view(*decoded).substr(0, colon));
    if (!created || !is_valid_utf8(*decoded)) {
      return refused("cursor", "cursor is not one that a list answered",
                     "Take the next cursor from the page before, or leave it out for the first page");
    }
    page.after = PageCursor{*created, decoded->substr(colon + 1)};
  }
  return page;
}

}  // namespace tintype::api
