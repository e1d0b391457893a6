#include "api/objects/routes.h"

#include "api/shared/authenticate.h"
#include "api/shared/content_disposition.h"
#include "http/range.h"

namespace tintype::api {

namespace {

Result<http::Response> get_object(const Services& services, const SignedUrlVerifier& verifier,
                                  const http::Request& request) {
  const UnixMs now_ms = services.clock.now_ms();
  const auto grant = verifier.verify(request.target, now_ms);
  if (!grant) return std::unexpected(grant.error());
  auto opened = services.objects.open(grant->key);
  if (!opened) return std::unexpected(opened.error());
  const std::shared_ptr<ObjectReader> reader = std::move(*opened);
  const ObjectInfo& info = reader->info();

  http::Content content;
  content.stream.size_bytes = info.size_bytes;
  content.stream.read = [reader](std::int64_t offset_bytes, std::span<char> out) {
    return reader->read(offset_bytes, out);
  };
  content.media_type = info.media_type;
  content.etag = info.etag;
  content.modified_at_ms = info.modified_at_ms;
  const std::int64_t seconds = (grant->delivery.expires_at_ms - now_ms) / 1000;
  content.cache_control = "private, max-age=" + std::to_string(seconds) + ", immutable";
  http::Response response = http::serve_content(request, std::move(content));
  // Whatever the bytes are, a browser shows them as a picture or not at all.
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.add("Cross-Origin-Resource-Policy", "cross-origin");
  response.headers.add("Content-Disposition", grant->delivery.download_name.empty()
                                                  ? std::string("inline")
                                                  : attachment(grant->delivery.download_name));
  return response;
}

}  // namespace

void add_object_routes(http::Router& router, const Services& services, const SignedUrlVerifier& verifier) {
  // Keys are made by app/object_keys.h and have three segments.
  for (const char* pattern : {"/objects/images/{id}/{file}", "/objects/results/{id}/{file}"}) {
    router.add({.method = http::Method::kGet,
                .pattern = pattern,
                .handler = handler([&services, &verifier](http::Request& request) {
                  return get_object(services, verifier, request);
                })});
  }
}

}  // namespace tintype::api
