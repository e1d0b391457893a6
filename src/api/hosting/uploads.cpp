// Resumable uploads: starting, signing parts, resuming, completing, aborting.
#include <charconv>

#include "api/hosting/view.h"
#include "api/shared/authenticate.h"

namespace tintype::api::hosting {

namespace {

constexpr std::int64_t kPartListBytesMax = 1 << 20;  // of 10,000 parts

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

JsonText part_json(const app::SignedPart& part) {
  return {{"part_number", part.number},
          {"url", part.url},
          {"size_bytes", part.size_bytes},
          {"expires_at_ms", part.expires_at_ms}};
}

Result<app::UploadStart> start_from(const http::Request& request, UploadMode mode) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::UploadStart start;
  start.mode = mode;
  start.image_id = fields.required_string("image_id", 1, kIdBytesMax);
  start.total_bytes = fields.required_integer("total_bytes", 1, kPartBytesMax * kPartsMax);
  const std::string content_type = fields.required_string("content_type", 1, 128);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto format = parse_media_type(content_type);
  if (!format) return unknown_type(content_type);
  start.format = *format;
  return start;
}

Result<http::Response> start_resumable(const Surface& surface, const http::Request& request) {
  const auto start = start_from(request, UploadMode::kMultipart);
  if (!start) return std::unexpected(start.error());
  const auto session = surface.services.uploads.start(principal_of(request), *start);
  if (!session) return std::unexpected(session.error());
  return json_response(200, {{"session_id", session->id},
                             {"object_key", session->object_key},
                             {"upload_strategy", "multipart"},
                             {"multipart_upload_id", session->multipart_upload_id},
                             {"part_size_bytes", session->part_size_bytes},
                             {"part_count", part_count(*session)},
                             {"expires_at_ms", session->expires_at_ms}});
}

Result<http::Response> start_single(const Surface& surface, const http::Request& request) {
  const auto start = start_from(request, UploadMode::kSingle);
  if (!start) return std::unexpected(start.error());
  const auto session = surface.services.uploads.start(principal_of(request), *start);
  if (!session) return std::unexpected(session.error());
  const app::SignedPart whole = surface.services.uploads.sign_whole(*session);
  return json_response(200, {{"session_id", session->id},
                             {"upload_strategy", "single"},
                             {"method", "PUT"},
                             {"url", whole.url},
                             {"size_bytes", whole.size_bytes},
                             {"url_expires_at_ms", whole.expires_at_ms},
                             {"expires_at_ms", session->expires_at_ms}});
}

Result<http::Response> sign_part(const Surface& surface, const http::Request& request) {
  const auto number = number_of(request.path_parameter("number"));
  if (!number) return fail(ErrorCode::kInvalidInput, "A part's number is a whole number from 1");
  const auto parts =
      surface.services.uploads.sign_parts(principal_of(request), request.path_parameter("id"), {*number});
  if (!parts) return std::unexpected(parts.error());
  return json_response(200, part_json(parts->front()));
}

Result<http::Response> sign_parts(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const auto numbers = fields.required_integers("part_numbers", 1, app::kSignedPartsMax, 1, kPartsMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto parts = surface.services.uploads.sign_parts(principal_of(request), request.path_parameter("id"),
                                                         {numbers.begin(), numbers.end()});
  if (!parts) return std::unexpected(parts.error());
  JsonText list = JsonText::array();
  for (const app::SignedPart& part : *parts) list.push_back(part_json(part));
  return json_response(200, {{"parts", list}});
}

Result<http::Response> get_upload(const Surface& surface, const http::Request& request) {
  const auto progress = surface.services.uploads.get(principal_of(request).user_id, request.path_parameter("id"));
  if (!progress) return std::unexpected(progress.error());
  const UploadSession& session = progress->session;
  JsonText parts = JsonText::array();
  for (const StoredPart& part : progress->parts) {
    parts.push_back({{"part_number", part.number}, {"etag", part.etag}, {"size_bytes", part.size_bytes}});
  }
  return json_response(200, {{"session_id", session.id},
                             {"image_id", session.image_id},
                             {"state", upload_state_name(session.state)},
                             {"upload_strategy", upload_mode_name(session.mode)},
                             {"total_bytes", session.total_bytes},
                             {"part_size_bytes", session.part_size_bytes},
                             {"expires_at_ms", session.expires_at_ms},
                             {"parts", parts},
                             {"fault", fault_json(progress->fault)}});
}

// The part list; nothing for a body without one, which completes a single PUT.
Result<std::optional<std::vector<StoredPart>>> parts_from(const http::Request& request) {
  if (request.body.empty()) return std::nullopt;
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  if (!body->contains("parts")) {
    if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
    return std::nullopt;
  }
  std::vector<StoredPart> parts;
  for (ObjectReader& entry : fields.required_objects("parts", 1, kPartsMax)) {
    StoredPart part;
    part.number = static_cast<int>(entry.required_integer("part_number", 1, kPartsMax));
    part.etag = entry.required_string("etag", 1, 256);
    entry.ignore("size_bytes");  // as GET /v1/uploads/{id} answers it
    if (const auto read = entry.finish(); !read) return std::unexpected(read.error());
    parts.push_back(std::move(part));
  }
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  return parts;
}

Result<http::Response> complete(const Surface& surface, const http::Request& request) {
  const auto parts = parts_from(request);
  if (!parts) return std::unexpected(parts.error());
  const auto image =
      surface.services.uploads.complete(principal_of(request).user_id, request.path_parameter("id"), *parts);
  if (!image) return std::unexpected(image.error());
  return json_response(200, {{"image_id", image->id},
                             {"status", image_state_name(ImageState::kStored)},
                             {"original_object_key", image->object_key}});
}

Result<http::Response> abort(const Surface& surface, const http::Request& request) {
  const auto aborted = surface.services.uploads.abort(principal_of(request).user_id, request.path_parameter("id"));
  if (!aborted) return std::unexpected(aborted.error());
  return json_response(200, {{"aborted", true}});
}

}  // namespace

void add_upload_routes(http::Router& router, const Surface& surface) {
  const auto add = [&](http::Method method, const char* pattern, Handle handle, std::int64_t body_bytes_max) {
    add_route(router, surface, method, pattern, handle, {body_bytes_max});
  };
  add(http::Method::kPost, "/v1/uploads:resumable", start_resumable, kBodyBytesMax);
  add(http::Method::kPost, "/v1/uploads:single", start_single, kBodyBytesMax);
  add(http::Method::kPost, "/v1/uploads/{id}/parts/{number}", sign_part, kBodyBytesMax);
  add(http::Method::kPost, "/v1/uploads/{id}/parts:batch", sign_parts, kBodyBytesMax);
  add(http::Method::kGet, "/v1/uploads/{id}", get_upload, 0);
  add(http::Method::kPost, "/v1/uploads/{id}:complete", complete, kPartListBytesMax);
  add(http::Method::kDelete, "/v1/uploads/{id}", abort, 0);
}

}  // namespace tintype::api::hosting
