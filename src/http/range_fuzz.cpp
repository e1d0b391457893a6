// Whatever a client asks for, an answer never reaches outside of the content.
// The input is a size of two bytes and then lines: Range, If-Range, If-Match, If-None-Match, If-Modified-Since.
#include <cstdlib>

#include "http/range.h"

using namespace tintype::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Content content;
  content.stream.size_bytes = data[0] + 256 * data[1];
  content.etag = "\"tag\"";
  content.modified_at_ms = 784'111'777'000;
  const std::int64_t total = content.stream.size_bytes;
  Request request;
  std::string_view lines(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (const char* name : {"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since"}) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    if (!line.empty()) request.headers.add(name, std::string(line));
  }
  const Response response = serve_content(request, std::move(content));
  if (const auto* stream = std::get_if<StreamBody>(&response.body)) {
    if (response.status != 200 && response.status != 206) std::abort();
    if (stream->offset_bytes < 0 || stream->size_bytes < 0) std::abort();
    if (stream->offset_bytes + stream->size_bytes > total) std::abort();
    if (response.status == 200 && stream->size_bytes != total) std::abort();
    if (response.status == 206 && stream->size_bytes == 0) std::abort();
  } else if (response.status != 304 && response.status != 412 && response.status != 416) {
    std::abort();
  }
  return 0;
}
