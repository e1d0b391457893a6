// Albums: making, showing, changing and deleting them, moving images between them, enhancing a whole one.
#include "api/enhancement/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/idempotent.h"

namespace tintype::api::enhancement {

namespace {

constexpr std::int64_t kAlbumBodyBytesMax = 32 * 1024;
constexpr std::size_t kIdLengthMax = 128;
constexpr std::size_t kNameLengthMax = 200;
constexpr std::size_t kDescriptionLengthMax = 2'000;

Result<http::Response> create_album(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::NewAlbum album;
  album.name = fields.required_string("name", 1, kNameLengthMax);
  album.description = fields.optional_string("description", 0, kDescriptionLengthMax).value_or("");
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());

  const Principal& principal = principal_of(request);
  const std::function<JsonText(const Album&)> to_json = [](const Album& created) -> JsonText {
    return {{"success", true}, {"album", album_json(created)}};
  };
  const auto once_only = once<Album>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.albums.create(principal, album, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

Result<http::Response> list_albums(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto albums = surface.services.albums.list(principal_of(request).user_id, *page);
  if (!albums) return std::unexpected(albums.error());
  return json_response(200, list_json("albums", std::move(*albums), limit, album_json));
}

Result<http::Response> get_album(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto found = surface.services.albums.get(principal_of(request).user_id, request.path_parameter("id"), *page);
  if (!found) return std::unexpected(found.error());
  const std::optional<std::string> next_cursor = cut_to(found->images, limit);
  JsonText album = album_json(found->album);
  JsonText images = JsonText::array();
  for (const AlbumImage& place : found->images) images.push_back(image_detail_json(surface, place.image));
  album.add("images", images);
  return json_response(200, {{"success", true}, {"album", album}, {"nextCursor", next_cursor}});
}

Result<http::Response> update_album(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::AlbumChanges changes;
  changes.name = fields.optional_string("name", 1, kNameLengthMax);
  changes.description = fields.optional_string("description", 0, kDescriptionLengthMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!changes.name && !changes.description) {
    return fail(ErrorCode::kInvalidInput, "Nothing to change", "Please provide name, description or both");
  }
  const auto album =
      surface.services.albums.update(principal_of(request).user_id, request.path_parameter("id"), changes);
  if (!album) return std::unexpected(album.error());
  return json_response(200, {{"success", true}, {"album", album_json(*album)}});
}

Result<http::Response> delete_album(const Surface& surface, const http::Request& request) {
  const auto removed = surface.services.albums.remove(principal_of(request).user_id, request.path_parameter("id"));
  if (!removed) return std::unexpected(removed.error());
  return json_response(200, {{"success", true}, {"message", "Album deleted successfully"}});
}

// ---- POST /api/images/move-to-album

JsonText move_json(const std::vector<app::MoveItem>& items) {
  JsonText results = JsonText::array();
  int moved = 0, failed = 0, already = 0;
  for (const app::MoveItem& item : items) {
    JsonText result = {{"imageId", item.image_id}, {"success", item.outcome != app::MoveOutcome::kNotFound}};
    switch (item.outcome) {
      case app::MoveOutcome::kMoved: ++moved; break;
      case app::MoveOutcome::kAlreadyInAlbum: ++already; break;
      case app::MoveOutcome::kNotFound:
        ++failed;
        result.add("error", "Image not found");
        break;
    }
    results.push_back(result);
  }
  return {{"success", true}, {"moved", moved}, {"failed", failed}, {"alreadyInAlbum", already}, {"results", results}};
}

Result<http::Response> move_to_album(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const auto image_ids = fields.required_strings("imageIds", 1, app::kMoveImagesMax, kIdLengthMax);
  const std::string target = fields.required_string("targetAlbumId", 1, kIdLengthMax);
  const auto source = fields.optional_string("removeFromSourceAlbum", 1, kIdLengthMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto items = surface.services.albums.move(principal_of(request).user_id, image_ids, target, source);
  if (!items) return std::unexpected(items.error());
  return json_response(200, move_json(*items));
}

// ---- POST /api/albums/{id}/enhance

Result<http::Response> enhance_album(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string tier_text = fields.required_string("tier", 1, 16);
  const bool skip = fields.optional_bool("skipAlreadyEnhanced", true);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto tier = parse_tier(tier_text);
  if (!tier) {
    return fail(ErrorCode::kInvalidInput, "Invalid tier", "tier is one of TIER_1K, TIER_2K and TIER_4K");
  }

  const Principal& principal = principal_of(request);
  using Submitted = app::AlbumSubmitted;
  const std::function<JsonText(const Submitted&)> to_json = [](const Submitted& submitted) -> JsonText {
    JsonText jobs = JsonText::array();
    for (const Job& job : submitted.jobs) {
      jobs.push_back({{"imageId", job.image_id}, {"jobId", submitted.batch_id}});
    }
    return {{"success", true},
            {"totalImages", submitted.images_total},
            {"skipped", submitted.images_skipped},
            {"queued", submitted.jobs.size()},
            {"totalCost", submitted.total_cost},
            {"newBalance", submitted.new_balance},
            {"jobs", jobs}};
  };
  const auto once_only = once<app::AlbumSubmitted>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome =
      surface.services.submissions.enhance_album(principal, request.path_parameter("id"), *tier, skip, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

}  // namespace

void add_album_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  const EnhancementLimits& limits = surface.options.limits;
  const http::BodyPolicy json_body{http::BodyKind::kMemory, kAlbumBodyBytesMax};
  router.add({.method = http::Method::kPost,
              .pattern = "/api/albums",
              .handler = handler([surface](http::Request& request) { return create_album(surface, request); }),
              .body = json_body,
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/albums",
              .handler = handler([surface](http::Request& request) { return list_albums(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/albums/{id}",
              .handler = handler([surface](http::Request& request) { return get_album(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kPatch,
              .pattern = "/api/albums/{id}",
              .handler = handler([surface](http::Request& request) { return update_album(surface, request); }),
              .body = json_body,
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kDelete,
              .pattern = "/api/albums/{id}",
              .handler = handler([surface](http::Request& request) { return delete_album(surface, request); }),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kPost,
              .pattern = "/api/albums/{id}/enhance",
              .handler = handler([surface](http::Request& request) { return enhance_album(surface, request); }),
              .body = json_body,
              .admit = admit_user(services, {"enhance", limits.enhance}),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kPost,
              .pattern = "/api/images/move-to-album",
              .handler = handler([surface](http::Request& request) { return move_to_album(surface, request); }),
              .body = json_body,
              .admit = admit_user(services, {"move_to_album", limits.move_to_album}),
              .admit_place = admit_place(services)});
}

}  // namespace tintype::api::enhancement
