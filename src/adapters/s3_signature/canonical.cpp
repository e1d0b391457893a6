#include "adapters/s3_signature/canonical.h"

#include <algorithm>
#include <chrono>

#include "base/bytes.h"

namespace tintype::s3 {

namespace {

constexpr std::string_view kService = "s3";
constexpr std::string_view kTerminator = "aws4_request";

// The number that these digits are, or -1.
int number_of(std::string_view digits) {
  int number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

std::string encode_path(std::string_view path) {
  std::string encoded;
  encoded.reserve(path.size() + path.size() / 8);
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    encoded += percent_encode(path.substr(begin, end - begin));
    if (end < path.size()) encoded.push_back('/');
    begin = end + 1;
  }
  return encoded;
}

std::string canonical_query(std::span<const Parameter> parameters) {
  std::vector<Parameter> encoded;
  encoded.reserve(parameters.size());
  std::size_t length = 0;
  for (const Parameter& parameter : parameters) {
    encoded.push_back({percent_encode(parameter.name), percent_encode(parameter.value)});
    length += encoded.back().name.size() + encoded.back().value.size() + 2;
  }
  std::ranges::sort(encoded);
  std::string query;
  query.reserve(length);
  for (const Parameter& parameter : encoded) {
    if (!query.empty()) query.push_back('&');
    query.append(parameter.name).append("=").append(parameter.value);
  }
  return query;
}

std::string canonical_value(std::string_view value) {
  std::string text;
  text.reserve(value.size());
  for (const char c : value) {
    const bool is_space = c == ' ' || c == '\t';
    if (is_space && (text.empty() || text.back() == ' ')) continue;
    text.push_back(is_space ? ' ' : c);
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string amz_date(UnixMs time_ms) {
  const std::string text = iso8601(time_ms);  // 2013-05-24T00:00:00.000Z
  std::string date;
  date.reserve(16);
  date.append(text, 0, 4).append(text, 5, 2).append(text, 8, 3).append(text, 11, 2).append(text, 14, 2);
  return date.append(text, 17, 2).append("Z");
}

std::optional<UnixMs> parse_amz_date(std::string_view text) {
  using namespace std::chrono;
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  const int year_number = number_of(text.substr(0, 4));
  const int month_number = number_of(text.substr(4, 2));
  const int day_number = number_of(text.substr(6, 2));
  const int hour = number_of(text.substr(9, 2));
  const int minute = number_of(text.substr(11, 2));
  const int second = number_of(text.substr(13, 2));
  const bool is_clock = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  if (year_number < 0 || month_number < 0 || day_number < 0 || !is_clock) return std::nullopt;
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (!date.ok()) return std::nullopt;
  const auto time = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

std::string scope_of(std::string_view day, std::string_view region) {
  std::string scope(day);
  scope.append("/").append(region).append("/").append(kService).append("/").append(kTerminator);
  return scope;
}

std::string derive_signing_key(std::string_view secret, std::string_view day, std::string_view region) {
  const std::string of_day = hmac_sha256("AWS4" + std::string(secret), day);
  return hmac_sha256(hmac_sha256(hmac_sha256(of_day, region), kService), kTerminator);
}

std::string signature_of(const CanonicalRequest& request, std::string_view date, std::string_view scope,
                         std::string_view signing_key) {
  std::string text;
  text.reserve(request.method.size() + request.path.size() + request.query.size() + request.headers.size() +
               request.signed_headers.size() + request.payload.size() + 5);
  text.append(request.method).append("\n").append(request.path).append("\n").append(request.query).append("\n");
  text.append(request.headers).append("\n").append(request.signed_headers).append("\n").append(request.payload);
  const std::string digest = hex_encode(sha256(text));
  text.assign(kAlgorithm).append("\n").append(date).append("\n").append(scope).append("\n").append(digest);
  return hex_encode(hmac_sha256(signing_key, text));
}

}  // namespace tintype::s3
