// Announcing, showing, describing and deleting images.
#include <algorithm>
#include <ranges>

#include "api/hosting/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "api/shared/subscription.h"
#include "app/jobs.h"
#include "app/searches.h"
#include "base/bytes.h"

namespace tintype::api::hosting {

namespace {

constexpr std::size_t kFileNameBytesMax = 1'024;
constexpr std::size_t kSha256HexLength = 64;
constexpr PageLimits kOutlineLimits = {app::kOutlineLimitDefault, app::kOutlineLimitMax};

std::unexpected<Error> invalid(std::string message, std::string suggestion = {}) {
  return fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
}

Result<Visibility> visibility_from(const std::optional<std::string>& text) {
  if (!text) return Visibility::kPrivate;
  const auto visibility = parse_visibility(*text);
  if (!visibility) return invalid("visibility must be private or public");
  return *visibility;
}

// Trimmed, and none twice.
Result<std::vector<std::string>> tags_from(const std::vector<std::string>& given) {
  std::vector<std::string> tags;
  for (const std::string& tag : given) {
    const std::size_t begin = tag.find_first_not_of(" \t");
    if (begin == std::string::npos || !is_valid_utf8(tag) || tag.find_first_of("\r\n") != std::string::npos) {
      return invalid("A tag must be text of one line");
    }
    std::string trimmed = tag.substr(begin, tag.find_last_not_of(" \t") - begin + 1);
    if (std::ranges::find(tags, trimmed) == tags.end()) tags.push_back(std::move(trimmed));
  }
  return tags;
}

Result<std::string> sha256_from(const char* field, const std::optional<std::string_view>& text) {
  if (!text) return std::string();
  const auto bytes = hex_decode(*text);
  if (text->size() != kSha256HexLength || !bytes) {
    return invalid(std::string(field) + " must be a SHA-256 as 64 hexadecimal digits");
  }
  return hex_encode(*bytes);
}

Result<app::NewImage> new_image_from(const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::NewImage image;
  image.file_name = fields.required_string("filename", 1, kFileNameBytesMax);
  image.content_type = fields.required_string("content_type", 1, 128);
  image.size_bytes = fields.required_integer("size_bytes", 1, kPartBytesMax * kPartsMax);
  const auto visibility = fields.optional_string("visibility", 1, 16);
  image.album_id = fields.optional_string("album_id", 1, kIdBytesMax).value_or("");
  const auto sha256 = fields.optional_string("client_sha256", 1, 128);
  image.title = fields.optional_string("title", 0, kTitleBytesMax).value_or("");
  image.description = fields.optional_string("description", 0, kDescriptionBytesMax).value_or("");
  const auto tags = fields.optional_strings("tags", kTagsMax, kTagBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());

  const auto format = parse_media_type(image.content_type);
  if (!format) return unknown_type(image.content_type);
  image.format = *format;
  const auto parsed = visibility_from(visibility);
  if (!parsed) return std::unexpected(parsed.error());
  image.visibility = *parsed;
  auto digest = sha256_from("client_sha256", sha256);
  if (!digest) return std::unexpected(digest.error());
  image.client_sha256 = std::move(*digest);
  auto clean = tags_from(tags.value_or(std::vector<std::string>()));
  if (!clean) return std::unexpected(clean.error());
  image.tags = std::move(*clean);
  return image;
}

Result<http::Response> create_image(const Surface& surface, const http::Request& request) {
  const auto image = new_image_from(request);
  if (!image) return std::unexpected(image.error());
  const Principal& principal = principal_of(request);
  const std::function<JsonText(const app::Announced&)> to_json = [](const app::Announced& announced) -> JsonText {
    return {{"image_id", announced.image.id},
            {"status", image_state_name(announced.image.state)},
            {"upload", {{"mode", "resumable"}, {"session_id", announced.session.id}}}};
  };
  const auto once_only = once<app::Announced>(request, principal, to_json, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.uploads.announce(principal, *image, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json, 201);
}

// How far an image has come: it is announced, it is there, and nothing more will come of it by itself.
enum class Stage { kAnnounced, kThere, kDone };

Stage stage_of(const Image& image) {
  switch (image.state) {
    case ImageState::kUploadPending: return Stage::kAnnounced;
    case ImageState::kStored:
    case ImageState::kProcessing: return Stage::kThere;
    case ImageState::kReady:
    case ImageState::kFailed: return Stage::kDone;
  }
  return Stage::kDone;
}

// Answers as soon as the image has come further than when it was asked, or its file was refused.
http::Response wait_for_next_stage(const Surface& surface, const http::Request& request, const Image& before,
                                   std::int64_t seconds) {
  auto wait = std::make_shared<http::Wait>();
  wait->timeout = std::chrono::seconds(seconds);
  wait->subscribe = subscription(surface.services.notifier, app::image_topic(before.id));
  wait->attempt = [surface, viewer = viewer_of(request), id = before.id, stage = stage_of(before),
                   refused_at_ms = before.updated_at_ms, request_id = request.request_id,
                   path = request.path](bool last) -> std::optional<http::Response> {
    const auto detail = surface.services.library.get(viewer, id);
    if (!detail) {
      log_cause(request_id, path, detail.error());
      return hosting_error(detail.error());
    }
    const Image& now = detail->image;
    const bool is_refused = now.fault && now.updated_at_ms != refused_at_ms;
    if (!last && stage_of(now) == stage && !is_refused) return std::nullopt;
    return json_response(200, image_json(*detail, viewer));
  };
  http::Response response;
  response.body = std::move(wait);
  return response;
}

Result<http::Response> get_image(const Surface& surface, const http::Request& request) {
  const auto seconds = wait_seconds(request, surface.options.wait_seconds_max);
  if (!seconds) return std::unexpected(seconds.error());
  const auto viewer = viewer_of(request);
  const auto detail = surface.services.library.get(viewer, request.path_parameter("id"));
  if (!detail) return std::unexpected(detail.error());
  if (*seconds > 0 && stage_of(detail->image) != Stage::kDone) {
    return wait_for_next_stage(surface, request, detail->image, *seconds);
  }
  return json_response(200, image_json(*detail, viewer));
}

Result<http::Response> get_metadata(const Surface& surface, const http::Request& request) {
  const std::string_view id = request.path_parameter("id");
  const auto metadata = surface.services.images.metadata(principal_of(request).user_id, id);
  if (!metadata) return std::unexpected(metadata.error());
  return json_response(200, photo_metadata_json(id, *metadata));
}

Result<http::Response> list_of_ids(const Surface& surface, const http::Request& request) {
  const auto ids = ids_of(request);
  if (!ids) return std::unexpected(ids.error());
  auto images = surface.services.images.list_of_ids(principal_of(request).user_id, *ids);
  if (!images) return std::unexpected(images.error());
  return json_response(200, list_json("images", std::move(*images), kIdsMax, image_item_json));
}

Result<http::Response> list_images(const Surface& surface, const http::Request& request) {
  if (request.query_parameter("image_ids")) return list_of_ids(surface, request);
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  const auto digest = sha256_from("sha256", request.query_parameter("sha256"));
  if (!digest) return std::unexpected(digest.error());
  const std::string& user_id = principal_of(request).user_id;
  auto images = digest->empty() ? surface.services.images.list(user_id, *page)
                                : surface.services.images.list_of_digest(user_id, *digest, *page);
  if (!images) return std::unexpected(images.error());
  return json_response(200, list_json("images", std::move(*images), limit, image_item_json));
}

Result<http::Response> outline(const Surface& surface, const http::Request& request) {
  const bool is_search = request.query_parameter("q").has_value();
  const auto deleted = request.query_parameter("deleted");
  if (deleted && (is_search || (*deleted != "true" && *deleted != "false"))) {
    return invalid("deleted must be true or false, and does not go with q");
  }
  if (is_search) return outline_search(surface, request);
  auto page = page_of(request, kOutlineLimits);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  const std::string& user_id = principal_of(request).user_id;
  auto images = deleted == "true" ? surface.services.library.trash_outline(user_id, *page)
                                  : surface.services.images.outline(user_id, *page);
  if (!images) return std::unexpected(images.error());
  const std::optional<std::string> next_cursor = cut_to(*images, limit);
  return json_response(200, outline_json(*images, next_cursor));
}

Result<http::Response> trash_of_ids(const Surface& surface, const http::Request& request) {
  const auto ids = ids_of(request);
  if (!ids) return std::unexpected(ids.error());
  auto images = surface.services.library.trash_of_ids(principal_of(request).user_id, *ids);
  if (!images) return std::unexpected(images.error());
  return json_response(200, list_json("images", std::move(*images), kIdsMax, image_item_json));
}

Result<http::Response> list_deleted(const Surface& surface, const http::Request& request) {
  if (request.query_parameter("image_ids")) return trash_of_ids(surface, request);
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto images = surface.services.library.trash(principal_of(request).user_id, *page);
  if (!images) return std::unexpected(images.error());
  return json_response(200, list_json("images", std::move(*images), limit, image_item_json));
}

Result<http::Response> patch_image(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::ImageChanges changes;
  const auto visibility = fields.optional_string("visibility", 1, 16);
  changes.title = fields.optional_string("title", 0, kTitleBytesMax);
  changes.description = fields.optional_string("description", 0, kDescriptionBytesMax);
  const auto tags = fields.optional_strings("tags", kTagsMax, kTagBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!visibility && !changes.title && !changes.description && !tags) {
    return invalid("Nothing to change", "Please provide visibility, title, description or tags");
  }
  if (visibility) {
    const auto parsed = visibility_from(visibility);
    if (!parsed) return std::unexpected(parsed.error());
    changes.visibility = *parsed;
  }
  if (tags) {
    auto clean = tags_from(*tags);
    if (!clean) return std::unexpected(clean.error());
    changes.tags = std::move(*clean);
  }
  const Principal& principal = principal_of(request);
  const auto detail = surface.services.library.change(principal, request.path_parameter("id"), changes);
  if (!detail) return std::unexpected(detail.error());
  return json_response(200, image_json(*detail, principal));
}

Result<http::Response> delete_image(const Surface& surface, const http::Request& request) {
  const auto permanent = request.query_parameter("permanent").value_or("false");
  if (permanent != "true" && permanent != "false") return invalid("permanent must be true or false");
  const auto deletes_at_ms =
      surface.services.library.remove(principal_of(request), request.path_parameter("id"), permanent == "true");
  if (!deletes_at_ms) return std::unexpected(deletes_at_ms.error());
  return json_response(200, {{"deleted", true}, {"deletes_at_ms", *deletes_at_ms}});
}

Result<http::Response> undelete_image(const Surface& surface, const http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto detail = surface.services.library.restore(principal, request.path_parameter("id"));
  if (!detail) return std::unexpected(detail.error());
  return json_response(200, image_json(*detail, principal));
}

}  // namespace

Result<std::vector<std::string>> ids_of(const http::Request& request) {
  for (const char* name : {"limit", "cursor", "sha256", "q", "sort"}) {
    if (request.query_parameter(name)) return invalid(std::string("image_ids does not go with ") + name);
  }
  std::vector<std::string> ids;
  for (const auto part : std::views::split(request.query_parameter("image_ids").value_or(""), ',')) {
    ids.emplace_back(part.begin(), part.end());
  }
  const bool are_ids = std::ranges::all_of(
      ids, [](const std::string& id) { return !id.empty() && id.size() <= kIdBytesMax && is_valid_utf8(id); });
  if (ids.empty() || ids.size() > std::size_t{kIdsMax} || !are_ids) {
    return invalid("image_ids must be 1 to 100 ids of images, separated by commas");
  }
  return ids;
}

std::unexpected<Error> unknown_type(const std::string& type) {
  return fail(ErrorCode::kUnsupportedMediaType, "Pictures of type '" + type.substr(0, 64) + "' are not taken",
              "Send a JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF");
}

void add_image_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  const auto read = [&](const char* pattern, Handle handle, http::Admit admit = nullptr) {
    add_route(router, surface, http::Method::kGet, pattern, handle,
              {.admit = std::move(admit), .place = services.read_place()});
  };
  add_route(router, surface, http::Method::kPost, "/v1/images", create_image, {kBodyBytesMax});
  read("/v1/images", list_images);
  read("/v1/images:deleted", list_deleted);
  // So long an answer is made in the pool, wherever the rows come from.
  add_route(router, surface, http::Method::kGet, "/v1/images:outline", outline);
  read("/v1/images/{id}", get_image, admit_anyone(services));
  add_route(router, surface, http::Method::kGet, "/v1/images/{id}/metadata", get_metadata);
  add_route(router, surface, http::Method::kPatch, "/v1/images/{id}", patch_image, {kBodyBytesMax});
  add_route(router, surface, http::Method::kDelete, "/v1/images/{id}", delete_image);
  add_route(router, surface, http::Method::kPost, "/v1/images/{id}:undelete", undelete_image);
}

}  // namespace tintype::api::hosting
