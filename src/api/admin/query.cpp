#include "api/admin/query.h"

#include <charconv>

#include "base/bytes.h"

namespace tintype::api::admin {

std::unexpected<Error> refuse(std::string_view field, std::string message, std::string suggestion) {
  auto refused = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  refused.error().field = field;
  return refused;
}

std::optional<std::string> query_text(const http::Request& request, std::string_view name) {
  const auto text = request.query_parameter(name);
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

Result<std::string> query_filter(const http::Request& request, std::string_view name, std::size_t bytes_max) {
  auto text = query_text(request, name).value_or("");
  if (text.size() > bytes_max) {
    return refuse(name, std::string(name) + " is longer than " + std::to_string(bytes_max) + " bytes");
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string::npos) {
    return refuse(name, std::string(name) + " is not valid UTF-8");
  }
  return text;
}

Result<std::int64_t> query_integer(const http::Request& request, std::string_view name, std::int64_t min,
                                   std::int64_t max, std::int64_t fallback) {
  const auto text = request.query_parameter(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < min || value > max) {
    return refuse(name,
                  std::string(name) + " must be a number from " + std::to_string(min) + " to " + std::to_string(max),
                  "Leave it out for " + std::to_string(fallback));
  }
  return value;
}

}  // namespace tintype::api::admin
