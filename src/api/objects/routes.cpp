#include "api/objects/routes.h"

#include "api/objects/answers.h"
#include "api/objects/body_checks.h"
#include "api/objects/object_body.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kDocumentBytesMax = 2 << 20;  // 10,000 parts in XML

// Lets in who has signed the request for what it is; a body's sink is made at once, so that what is wrong with its
// claims is answered before it comes.
S3Result<void> admit(const ObjectSurface& surface, SideThreads& side_threads, http::Request& request) {
  auto grant = surface.gateway.verify({http::method_name(request.method), request.target, request.headers.fields()},
                                      surface.clock.now_ms());
  if (!grant) {
    const ObjectGateway::Refusal& refusal = grant.error();
    return s3_fail(refusal.status, refusal.code, refusal.message);
  }
  const auto operation = operation_of(request, *grant);
  if (!operation) return std::unexpected(operation.error());
  Admitted admitted{*operation, std::move(*grant)};
  if (*operation == Operation::kUploadPart) {
    if (auto number = part_number_of(admitted); !number) return std::unexpected(number.error());
  }
  if (request.method == http::Method::kPut) {
    auto body = ObjectBody::open(request, admitted, surface.store.spool_directory(), surface.random, side_threads);
    if (!body) return std::unexpected(body.error());
    request.sink = std::move(*body);
  }
  request.attachment = std::move(admitted);
  return {};
}

S3Result<void> check_document(const http::Request& request, const Admitted& admitted) {
  const ObjectGateway::Body kind = admitted.grant.body;
  if (kind == ObjectGateway::Body::kChunked || kind == ObjectGateway::Body::kChunkedSigned) {
    return s3_fail(501, "NotImplemented", "A document must be sent whole, not in chunks.");
  }
  auto checks = BodyChecks::of(request, admitted.grant);
  if (!checks) return std::unexpected(checks.error());
  checks->update(request.body);
  if (auto whole = checks->finish({}); !whole) return std::unexpected(whole.error());
  return {};
}

S3Result<http::Response> answer(const ObjectSurface& surface, http::Request& request, const Admitted& admitted) {
  if (request.method == http::Method::kPost) {
    if (auto checked = check_document(request, admitted); !checked) return std::unexpected(checked.error());
  }
  switch (admitted.operation) {
    case Operation::kGetObject: return get_object(surface, request, admitted);
    case Operation::kPutObject: return put_object(surface, request, admitted);
    case Operation::kCopyObject: return copy_object(surface, request, admitted);
    case Operation::kDeleteObject: return delete_object(surface, admitted);
    case Operation::kCreateMultipartUpload: return create_multipart(surface, admitted);
    case Operation::kUploadPart: return upload_part(surface, request, admitted);
    case Operation::kListParts: return list_parts(surface, admitted);
    case Operation::kCompleteMultipartUpload: return complete_multipart(surface, request, admitted);
    case Operation::kAbortMultipartUpload: return abort_multipart(surface, admitted);
    case Operation::kHeadBucket: return head_bucket();
    case Operation::kGetBucketLocation: return get_bucket_location();
    case Operation::kListObjectsV2: return list_objects(surface, admitted);
    case Operation::kListMultipartUploads: return list_multiparts(surface, admitted);
    case Operation::kDeleteObjects: return delete_objects(surface, request, admitted);
  }
  return s3_fail(500, "InternalError", "We encountered an internal error. Please try again.");
}

}  // namespace

void add_object_routes(http::Router& router, const ObjectSurface& surface) {
  const http::Handler handler = [surface](http::Request& request) {
    auto answered = answer(surface, request, *std::any_cast<Admitted>(&request.attachment));
    return answered ? std::move(*answered) : s3_error_response(request, answered.error());
  };
  const auto side_threads = std::make_shared<SideThreads>(std::max(1U, std::thread::hardware_concurrency()));
  const http::Admit admit_signed = [surface, side_threads](http::Request& request) -> std::optional<http::Response> {
    const auto admitted = admit(surface, *side_threads, request);
    if (admitted) return std::nullopt;
    return s3_error_response(request, admitted.error());
  };
  const http::BodyPolicy none;
  const http::BodyPolicy document{.kind = http::BodyKind::kMemory, .body_bytes_max = kDocumentBytesMax};
  const http::BodyPolicy bytes{.kind = http::BodyKind::kSink, .body_bytes_max = surface.put_bytes_max};
  const auto add = [&](http::Method method, const char* pattern, const http::BodyPolicy& body) {
    router.add({.method = method,
                .pattern = pattern,
                .handler = handler,
                .body = body,
                .admit = admit_signed,
                .any_origin = true});
  };
  add(http::Method::kGet, "/objects", none);
  add(http::Method::kPost, "/objects", document);
  add(http::Method::kGet, "/objects/{key...}", none);
  add(http::Method::kPost, "/objects/{key...}", document);
  add(http::Method::kPut, "/objects/{key...}", bytes);
  add(http::Method::kDelete, "/objects/{key...}", none);
}

}  // namespace tintype::api
