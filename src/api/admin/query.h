// Reading the query and the words of operators' routes. Errors name the field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace tintype::api::admin {

std::unexpected<Error> refuse(std::string_view field, std::string message, std::string suggestion = {});

// A word of the query or the body that names one of several.
template <class Parse>
auto parsed(std::string_view field, const std::string& text, Parse parse)
    -> Result<typename decltype(parse(text))::value_type> {
  const auto value = parse(text);
  if (!value) return refuse(field, std::string(field) + " has no such value");
  return *value;
}

template <class Parse>
auto optional_parsed(std::string_view field, const std::optional<std::string>& text, Parse parse)
    -> Result<decltype(parse(*text))> {
  if (!text) return std::nullopt;
  return parsed(field, *text, parse);
}

std::optional<std::string> query_text(const http::Request& request, std::string_view name);
// Empty when it is absent; refused when it is not UTF-8 or over `bytes_max`.
Result<std::string> query_filter(const http::Request& request, std::string_view name, std::size_t bytes_max);
Result<std::int64_t> query_integer(const http::Request& request, std::string_view name, std::int64_t min,
                                   std::int64_t max, std::int64_t fallback);

}  // namespace tintype::api::admin
