#include "http/range.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>

namespace tintype::http {

namespace {

struct Span {
  std::int64_t first = 0;
  std::int64_t length = 0;
};

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

enum class RangeKind { kWhole, kPart, kUnsatisfiable };

// One byte range of RFC 9110, section 14.1.2. What is not understood is answered whole, as the RFC asks.
RangeKind parse_range(std::string_view header, std::int64_t size_bytes, Span& span) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit) || header.find(',') != header.npos) return RangeKind::kWhole;
  const std::string_view range = header.substr(kUnit.size());
  const std::size_t dash = range.find('-');
  if (dash == range.npos) return RangeKind::kWhole;
  const auto first = parse_number(range.substr(0, dash));
  const auto last = parse_number(range.substr(dash + 1));
  if (dash == 0) {  // the last bytes
    if (!last) return RangeKind::kWhole;
    if (*last == 0 || size_bytes == 0) return RangeKind::kUnsatisfiable;
    span.length = std::min(*last, size_bytes);
    span.first = size_bytes - span.length;
    return RangeKind::kPart;
  }
  const bool open_ended = dash + 1 == range.size();
  if (!first || (!last && !open_ended) || (last && *last < *first)) return RangeKind::kWhole;
  if (*first >= size_bytes) return RangeKind::kUnsatisfiable;
  span.first = *first;
  span.length = (last ? std::min(*last, size_bytes - 1) : size_bytes - 1) - *first + 1;
  return RangeKind::kPart;
}

// Whether a list of entity tags, or "*", names this one. `weak` compares as If-None-Match does.
bool names_tag(std::string_view list, std::string_view etag, bool weak) {
  if (list == "*") return true;
  while (!list.empty()) {
    while (list.starts_with(' ') || list.starts_with(',')) list.remove_prefix(1);
    const bool is_weak = list.starts_with("W/");
    if (is_weak) list.remove_prefix(2);
    if (!list.starts_with('"')) return false;
    const std::size_t close = list.find('"', 1);
    if (close == list.npos) return false;
    if (list.substr(0, close + 1) == etag && (weak || !is_weak)) return true;
    list.remove_prefix(close + 1);
  }
  return false;
}

Response with_validators(int status, const Content& content) {
  Response response;
  response.status = status;
  response.headers.add("ETag", content.etag);
  if (content.modified_at_ms > 0) response.headers.add("Last-Modified", http_date(content.modified_at_ms));
  if (!content.cache_control.empty()) response.headers.add("Cache-Control", content.cache_control);
  return response;
}

}  // namespace

std::string http_date(UnixMs time_ms) {
  using namespace std::chrono;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_time<milliseconds> time{milliseconds{time_ms}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{floor<seconds>(time - day)};
  char text[64];
  const int length =
      std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", kDays[weekday{day}.c_encoding()],
                    static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                    static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return std::string(text, static_cast<std::size_t>(length));
}

Response serve_content(const Request& request, Content content) {
  if (const auto match = request.headers.find("if-match"); match && !names_tag(*match, content.etag, false)) {
    return with_validators(412, content);
  }
  const auto none_match = request.headers.find("if-none-match");
  if (none_match && names_tag(*none_match, content.etag, true)) return with_validators(304, content);
  const auto since = request.headers.find("if-modified-since");
  if (!none_match && since && content.modified_at_ms > 0 && *since == http_date(content.modified_at_ms)) {
    return with_validators(304, content);
  }

  Span span{0, content.stream.size_bytes};
  RangeKind kind = RangeKind::kWhole;
  const auto range = request.headers.find("range");
  const auto if_range = request.headers.find("if-range");
  const bool wanted = range && (request.method == Method::kGet || request.method == Method::kHead) &&
                      (!if_range || *if_range == content.etag || *if_range == http_date(content.modified_at_ms));
  if (wanted) kind = parse_range(*range, content.stream.size_bytes, span);
  const std::string total = std::to_string(content.stream.size_bytes);
  if (kind == RangeKind::kUnsatisfiable) {
    Response response = with_validators(416, content);
    response.headers.add("Content-Range", "bytes */" + total);
    return response;
  }
  Response response = with_validators(kind == RangeKind::kPart ? 206 : 200, content);
  response.headers.add("Accept-Ranges", "bytes");
  response.headers.add("Content-Type", content.media_type);
  if (kind == RangeKind::kPart) {
    response.headers.add("Content-Range", "bytes " + std::to_string(span.first) + "-" +
                                              std::to_string(span.first + span.length - 1) + "/" + total);
  }
  content.stream.offset_bytes = span.first;
  content.stream.size_bytes = span.length;
  response.body = std::move(content.stream);
  return response;
}

}  // namespace tintype::http
