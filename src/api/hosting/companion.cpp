// What Uppy's AwsS3 plugin asks of a companion server (its `endpoint` option): /s3/multipart and /s3/params. Its create
// call names no size, so room is taken as parts are signed; a file that goes by one PUT is completed when it has come.
#include <charconv>

#include "api/hosting/view.h"
#include "api/shared/authenticate.h"

namespace tintype::api::hosting {

namespace {

constexpr std::size_t kFileNameBytesMax = 1'024;
constexpr std::int64_t kPartListBytesMax = 2 << 20;
constexpr std::int64_t kSecondMs = 1'000;

Result<app::NewImage> announced(const std::string& file_name, const std::string& type) {
  const auto format = parse_media_type(type);
  if (!format) return unknown_type(type);
  app::NewImage image;
  image.file_name = file_name;
  image.content_type = type;
  image.format = *format;
  return image;
}

Result<UploadSession> begin(const Surface& surface, const http::Request& request, const app::NewImage& image,
                            UploadMode mode) {
  const Principal& principal = principal_of(request);
  const auto made = surface.services.uploads.announce(principal, image, {});
  if (!made) return std::unexpected(made.error());
  return surface.services.uploads.start(principal,
                                        {std::get<app::Announced>(*made).image.id, mode, std::nullopt, image.format});
}

// The session of the path's upload id, when `key` in the query is its own.
Result<UploadSession> session_of(const Surface& surface, const http::Request& request) {
  auto session = surface.services.uploads.of_multipart(principal_of(request).user_id, request.path_parameter("upload"));
  if (session && request.query_parameter("key") != session->object_key) {
    return fail(ErrorCode::kInvalidInput, "key is not the one of this upload",
                "Send the key that creating it answered");
  }
  return session;
}

Result<std::vector<int>> numbers_from(std::string_view text) {
  std::vector<int> numbers;
  while (!text.empty() && numbers.size() < app::kSignedPartsMax) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (error != std::errc() || (!text.empty() && text.front() != ',')) break;
    if (!text.empty()) text.remove_prefix(1);
    numbers.push_back(number);
  }
  if (!text.empty() || numbers.empty()) {
    return fail(ErrorCode::kInvalidInput,
                "Part numbers are 1 to " + std::to_string(app::kSignedPartsMax) + " whole numbers with commas between");
  }
  return numbers;
}

Result<http::Response> create(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string file_name = fields.required_string("filename", 1, kFileNameBytesMax);
  const std::string type = fields.required_string("type", 1, 128);
  fields.ignore("metadata");  // whatever the application keeps with its files
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto image = announced(file_name, type);
  if (!image) return std::unexpected(image.error());
  const auto session = begin(surface, request, *image, UploadMode::kMultipart);
  if (!session) return std::unexpected(session.error());
  return json_response(
      200, {{"key", session->object_key}, {"uploadId", session->multipart_upload_id}, {"imageId", session->image_id}});
}

Result<http::Response> list_parts(const Surface& surface, const http::Request& request) {
  const auto session = session_of(surface, request);
  if (!session) return std::unexpected(session.error());
  const auto progress = surface.services.uploads.get(session->user_id, session->id);
  if (!progress) return std::unexpected(progress.error());
  JsonText parts = JsonText::array();
  for (const StoredPart& part : progress->parts) {
    parts.push_back({{"PartNumber", part.number}, {"Size", part.size_bytes}, {"ETag", part.etag}});
  }
  return http::text_response(200, std::move(parts).text(), kJsonMediaType);
}

Result<http::Response> sign_part(const Surface& surface, const http::Request& request) {
  const auto session = session_of(surface, request);
  if (!session) return std::unexpected(session.error());
  const auto numbers = numbers_from(request.path_parameter("number"));
  if (!numbers) return std::unexpected(numbers.error());
  const auto parts = surface.services.uploads.sign_parts(principal_of(request), session->id, {numbers->front()});
  if (!parts) return std::unexpected(parts.error());
  const std::int64_t seconds = (parts->front().expires_at_ms - surface.services.clock.now_ms()) / kSecondMs;
  return json_response(200, {{"url", parts->front().url}, {"expires", seconds}});
}

Result<http::Response> sign_batch(const Surface& surface, const http::Request& request) {
  const auto numbers = numbers_from(request.query_parameter("partNumbers").value_or(""));
  if (!numbers) return std::unexpected(numbers.error());
  const auto session = session_of(surface, request);
  if (!session) return std::unexpected(session.error());
  const auto parts = surface.services.uploads.sign_parts(principal_of(request), session->id, *numbers);
  if (!parts) return std::unexpected(parts.error());
  JsonText urls;
  for (const app::SignedPart& part : *parts) urls.add(std::to_string(part.number), part.url);
  return json_response(200, {{"presignedUrls", urls}});
}

Result<std::vector<StoredPart>> parts_from(const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  std::vector<StoredPart> parts;
  for (ObjectReader& entry : fields.required_objects("parts", 1, kPartsMax)) {
    StoredPart part;
    part.number = static_cast<int>(entry.required_integer("PartNumber", 1, kPartsMax));
    part.etag = entry.required_string("ETag", 1, 256);
    entry.ignore("Size");  // as list_parts answered it
    if (const auto read = entry.finish(); !read) return std::unexpected(read.error());
    parts.push_back(std::move(part));
  }
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  return parts;
}

Result<http::Response> complete(const Surface& surface, const http::Request& request) {
  const auto parts = parts_from(request);
  if (!parts) return std::unexpected(parts.error());
  const auto session = session_of(surface, request);
  if (!session) return std::unexpected(session.error());
  const auto image = surface.services.uploads.complete(session->user_id, session->id, *parts);
  if (!image) return std::unexpected(image.error());
  return json_response(200,
                       {{"location", surface.services.public_url + "/v1/images/" + image->id}, {"imageId", image->id}});
}

Result<http::Response> abort(const Surface& surface, const http::Request& request) {
  const auto session = session_of(surface, request);
  if (!session) return std::unexpected(session.error());
  const auto aborted = surface.services.uploads.abort(session->user_id, session->id);
  if (!aborted) return std::unexpected(aborted.error());
  return json_response(200, {});
}

Result<http::Response> parameters(const Surface& surface, const http::Request& request) {
  const std::string file_name(request.query_parameter("filename").value_or(""));
  if (file_name.empty() || file_name.size() > kFileNameBytesMax) {
    return fail(ErrorCode::kInvalidInput, "Please provide filename");
  }
  const auto image = announced(file_name, std::string(request.query_parameter("type").value_or("")));
  if (!image) return std::unexpected(image.error());
  const auto session = begin(surface, request, *image, UploadMode::kSingle);
  if (!session) return std::unexpected(session.error());
  const app::SignedPart whole = surface.services.uploads.sign_whole(*session);
  const std::int64_t seconds = (whole.expires_at_ms - surface.services.clock.now_ms()) / kSecondMs;
  return json_response(200, {{"method", "PUT"},
                             {"url", whole.url},
                             {"fields", JsonText()},
                             {"headers", {{"Content-Type", session->content_type}}},
                             {"expires", seconds},
                             {"imageId", session->image_id},
                             {"sessionId", session->id}});
}

}  // namespace

void add_companion_routes(http::Router& router, const Surface& surface) {
  const auto add = [&](http::Method method, const char* pattern, Handle handle, std::int64_t body_bytes_max) {
    add_route(router, surface, method, pattern, handle, {body_bytes_max});
  };
  add(http::Method::kPost, "/s3/multipart", create, kBodyBytesMax);
  add(http::Method::kGet, "/s3/multipart/{upload}", list_parts, 0);
  add(http::Method::kGet, "/s3/multipart/{upload}/batch", sign_batch, 0);
  add(http::Method::kGet, "/s3/multipart/{upload}/{number}", sign_part, 0);
  add(http::Method::kPost, "/s3/multipart/{upload}/complete", complete, kPartListBytesMax);
  add(http::Method::kDelete, "/s3/multipart/{upload}", abort, 0);
  add_route(router, surface, http::Method::kGet, "/s3/params", parameters, {.admit = admit_writer(surface.services)});
}

}  // namespace tintype::api::hosting
