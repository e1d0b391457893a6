#include "api/shared/stored_object.h"

#include "base/content_disposition.h"

namespace tintype::api {

http::Content content_of(std::shared_ptr<ObjectReader> reader, std::string cache_control) {
  const ObjectInfo& info = reader->info();
  http::Content content;
  content.stream.size_bytes = info.size_bytes;
  content.media_type = info.media_type;
  content.etag = info.etag;
  content.modified_at_ms = info.modified_at_ms;
  content.cache_control = std::move(cache_control);
  content.stream.read = [reader = std::move(reader)](std::int64_t offset_bytes, std::span<char> out) {
    return reader->read(offset_bytes, out);
  };
  return content;
}

void add_object_headers(http::Response& response, const std::string& disposition) {
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.add("Cross-Origin-Resource-Policy", "cross-origin");
  response.headers.add("Content-Disposition", disposition);
}

Result<http::Response> stored_object(ObjectStore& objects, const http::Request& request, std::string_view key,
                                     const ObjectAnswer& answer) {
  auto opened = objects.open(key);
  if (!opened) return std::unexpected(opened.error());
  http::Response response = http::serve_content(request, content_of(std::move(*opened), answer.cache_control));
  add_object_headers(response, answer.download_name.empty() ? "inline" : attachment_named(answer.download_name));
  return response;
}

http::Response redirect_to(std::string url, std::string cache_control) {
  http::Response response;
  response.status = 302;
  response.headers.add("Location", std::move(url));
  response.headers.add("Cache-Control", std::move(cache_control));
  response.body = std::string();
  return response;
}

}  // namespace tintype::api
