// Conditional and partial GETs (RFC 9110, sections 13 and 14) over any stream of known size.
#pragma once

#include <cstdint>
#include <string>

#include "http/message.h"

namespace tintype::http {

struct Content {
  StreamBody stream;
  std::string media_type;
  std::string etag;  // strong, with its quotes
  UnixMs modified_at_ms = 0;
  std::string cache_control;
};

// 200, 206 with one range, 304, 412 or 416, with ETag, Last-Modified, Accept-Ranges, Content-Range as they fit.
// Several ranges in one request are answered whole (200), which the RFC allows.
Response serve_content(const Request& request, Content content);

std::string http_date(UnixMs time_ms);  // IMF-fixdate, e.g. "Sun, 06 Nov 1994 08:49:37 GMT"

}  // namespace tintype::http
