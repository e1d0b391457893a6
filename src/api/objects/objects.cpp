// GetObject, HeadObject, PutObject, CopyObject and DeleteObject.
#include <algorithm>
#include <memory>

#include "api/objects/answers.h"
#include "api/objects/object_body.h"
#include "api/shared/stored_object.h"
#include "base/bytes.h"
#include "ports/object_key.h"

namespace tintype::api {

namespace {

constexpr int kCopyTriesMax = 3;  // an object can be replaced between the look at it and the copy

std::unexpected<S3Error> no_such_key() {
  return s3_fail(404, "NoSuchKey", "The specified key does not exist.");
}

// response-content-type and its like, which set headers of the answer.
void override_headers(const Admitted& admitted, http::Response& response) {
  constexpr std::string_view kPrefix = "response-";
  for (const auto& [name, value] : admitted.grant.parameters) {
    if (name.starts_with(kPrefix)) response.headers.set(name.substr(kPrefix.size()), value);
  }
}

std::string cache_control(const ObjectSurface& surface, const ObjectGateway::Grant& grant) {
  if (!grant.expires_at_ms) return "private, no-cache";
  const std::int64_t seconds = std::max<std::int64_t>(0, (*grant.expires_at_ms - surface.clock.now_ms()) / 1'000);
  return "private, max-age=" + std::to_string(seconds) + ", immutable";
}

// What names an object to copy: "/bucket/key", percent-encoded.
S3Result<std::string> source_key(const http::Request& request, const Admitted& admitted) {
  const auto source =
      percent_decode(header_or_parameter(request, admitted.grant, "x-amz-copy-source").value_or(""), false);
  if (!source) return s3_fail(400, "InvalidArgument", "Copy Source must be percent-encoded.");
  std::string_view rest = *source;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos) {
    return s3_fail(400, "InvalidArgument",
                   "Copy Source must mention the source bucket and key: sourcebucket/sourcekey.");
  }
  if (rest.substr(0, slash) != kBucketName) {
    return s3_fail(404, "NoSuchBucket", "The specified bucket does not exist.");
  }
  return std::string(rest.substr(slash + 1));
}

}  // namespace

S3Result<http::Response> get_object(const ObjectSurface& surface, const http::Request& request,
                                    const Admitted& admitted) {
  if (!is_valid_object_key(admitted.grant.key)) return no_such_key();
  auto opened = surface.store.open(admitted.grant.key);
  if (!opened && opened.error().code == ErrorCode::kNotFound) return no_such_key();
  if (!opened) return store_failed(request, opened.error());
  http::Response response =
      http::serve_content(request, content_of(std::move(*opened), cache_control(surface, admitted.grant)));
  if (response.status == 412 || response.status == 416) {
    const bool range = response.status == 416;
    http::Response error = s3_error_response(request, {response.status, range ? "InvalidRange" : "PreconditionFailed",
                                                       range ? "The requested range is not satisfiable"
                                                             : "At least one of the pre-conditions did not hold"});
    for (const auto& [name, value] : error.headers.fields()) response.headers.set(name, value);
    response.body = std::move(error.body);
    response.error_code = std::move(error.error_code);
  }
  add_object_headers(response, "inline");
  if (response.status < 300) override_headers(admitted, response);
  return response;
}

S3Result<http::Response> put_object(const ObjectSurface& surface, const http::Request& request,
                                    const Admitted& admitted) {
  if (!is_valid_object_key(admitted.grant.key)) {
    return s3_fail(400, "InvalidArgument",
                   "Keys here are segments of [A-Za-z0-9._-] joined by '/', 512 bytes at most, outside of tmp/ and "
                   "multipart/.");
  }
  const auto none_match = request.headers.find("if-none-match");
  if (request.headers.find("if-match") || (none_match && *none_match != "*")) {
    return s3_fail(501, "NotImplemented", "The only condition that a PUT here takes is If-None-Match: *.");
  }
  auto whole = static_cast<ObjectBody&>(*request.sink).finish();
  if (!whole) return std::unexpected(whole.error());
  const auto info = surface.gateway.put_digested(admitted.grant.key, whole->file, whole->md5, none_match.has_value());
  if (!info) return store_failed(request, info.error());
  http::Response response;
  response.headers.add("ETag", info->etag);
  return response;
}

S3Result<http::Response> copy_object(const ObjectSurface& surface, const http::Request& request,
                                     const Admitted& admitted) {
  const auto from = source_key(request, admitted);
  if (!from) return std::unexpected(from.error());
  if (!is_valid_object_key(*from)) return no_such_key();
  if (!is_valid_object_key(admitted.grant.key)) return s3_fail(400, "InvalidArgument", "This is no key here.");
  const auto meant = header_or_parameter(request, admitted.grant, "x-amz-copy-source-if-match");
  for (int tries = 1;; ++tries) {
    const auto source = surface.store.stat(*from);
    if (!source) return store_failed(request, source.error());
    if (!*source) return no_such_key();
    const std::string& etag = (*source)->etag;
    if (meant && *meant != etag && "\"" + std::string(*meant) + "\"" != etag) {
      return s3_fail(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
    }
    const auto copied = surface.store.copy(*from, admitted.grant.key, etag, (*source)->media_type);
    if (!copied && copied.error().code == ErrorCode::kConflict && tries < kCopyTriesMax) continue;
    if (!copied) return store_failed(request, copied.error());
    std::string inside;
    append_element(inside, "LastModified", iso8601(copied->modified_at_ms));
    append_element(inside, "ETag", copied->etag);
    return xml_answer("CopyObjectResult", inside);
  }
}

S3Result<http::Response> delete_object(const ObjectSurface& surface, const Admitted& admitted) {
  if (is_valid_object_key(admitted.grant.key)) {
    if (auto removed = surface.store.remove(admitted.grant.key); !removed) return store_failed(removed.error());
  }
  return http::Response{.status = 204};
}

}  // namespace tintype::api
