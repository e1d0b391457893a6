// Albums: making, showing, changing and deleting them, what is in them and in which order.
#include "api/hosting/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/idempotent.h"

namespace tintype::api::hosting {

namespace {

JsonText album_json(const Album& album) {
  return {{"album_id", album.id},
          {"title", album.name},
          {"description", null_or(album.description)},
          {"visibility", visibility_name(album.visibility)},
          {"image_count", album.image_count},
          {"cover_image_id", null_or(album.cover_image_id)},
          {"created_at_ms", album.created_at_ms},
          {"updated_at_ms", album.updated_at_ms}};
}

// An image of an album; its file name is its owner's business.
JsonText album_image_json(const Image& image, bool own) {
  JsonText json = {{"image_id", image.id},
                   {"owner_id", image.user_id},
                   {"title", null_or(image.title)},
                   {"description", null_or(image.description)},
                   {"visibility", visibility_name(image.visibility)},
                   {"created_at_ms", image.created_at_ms},
                   {"original",
                    {{"width", image.width_px},
                     {"height", image.height_px},
                     {"format", image_format_name(image.format)},
                     {"size_bytes", image.size_bytes}}},
                   {"thumb_hash", null_or(image.thumb_hash)},
                   {"status", image_state_name(image.state)}};
  if (own) json.add("filename", image.name);
  return json;
}

// This surface does not tell somebody else's album from one that is not there.
template <class T>
Result<T> foreign_is_missing(Result<T> result) {
  if (result || result.error().code != ErrorCode::kForbidden) return result;
  return fail(ErrorCode::kNotFound, "Album not found");
}

std::string viewer_id_of(const http::Request& request) {
  const auto viewer = viewer_of(request);
  return viewer ? viewer->user_id : std::string();
}

Result<std::optional<Visibility>> visibility_from(ObjectReader& fields) {
  const auto text = fields.optional_string("visibility", 1, 16);
  if (!text) return std::nullopt;
  const auto visibility = parse_visibility(*text);
  if (!visibility) return fail(ErrorCode::kInvalidInput, "visibility is private or public");
  return visibility;
}

Result<http::Response> create_album(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::NewAlbum album;
  album.name = fields.required_string("title", 1, kTitleBytesMax);
  album.description = fields.optional_string("description", 0, kDescriptionBytesMax).value_or("");
  const auto visibility = visibility_from(fields);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!visibility) return std::unexpected(visibility.error());
  album.visibility = visibility->value_or(Visibility::kPrivate);

  const Principal& principal = principal_of(request);
  const std::function<JsonText(const Album&)> to_json = album_json;
  const auto once_only = once<Album>(request, principal, to_json, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.albums.create(principal, album, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json, 201);
}

Result<http::Response> list_albums(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto albums = surface.services.albums.list(principal_of(request).user_id, *page);
  if (!albums) return std::unexpected(albums.error());
  return json_response(200, list_json("albums", std::move(*albums), limit, album_json));
}

Result<http::Response> list_albums_of_image(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto albums =
      surface.services.albums.list_of_image(principal_of(request).user_id, request.path_parameter("id"), *page);
  if (!albums) return std::unexpected(albums.error());
  return json_response(200, list_json("albums", std::move(*albums), limit, album_json));
}

Result<http::Response> get_album(const Surface& surface, const http::Request& request) {
  const auto album = surface.services.albums.look_at(viewer_id_of(request), request.path_parameter("id"));
  if (!album) return std::unexpected(album.error());
  return json_response(200, album_json(*album));
}

Result<http::Response> update_album(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::AlbumChanges changes;
  changes.name = fields.optional_string("title", 1, kTitleBytesMax);
  changes.description = fields.optional_string("description", 0, kDescriptionBytesMax);
  changes.cover_image_id = fields.optional_string("cover_image_id", 1, kIdBytesMax);
  const auto visibility = visibility_from(fields);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!visibility) return std::unexpected(visibility.error());
  changes.visibility = *visibility;
  // Null takes a description or cover away; elsewhere it is as good as nothing.
  const auto is_null = [&](const char* name) { return body->contains(name) && (*body)[name].is_null(); };
  if (is_null("description")) changes.description = "";
  if (is_null("cover_image_id")) changes.cover_image_id = "";
  if (!changes.name && !changes.description && !changes.cover_image_id && !changes.visibility) {
    return fail(ErrorCode::kInvalidInput, "Nothing to change",
                "Please provide title, description, visibility or cover_image_id");
  }
  const auto album = foreign_is_missing(
      surface.services.albums.update(principal_of(request).user_id, request.path_parameter("id"), changes));
  if (!album) return std::unexpected(album.error());
  return json_response(200, album_json(*album));
}

Result<http::Response> delete_album(const Surface& surface, const http::Request& request) {
  const auto removed =
      foreign_is_missing(surface.services.albums.remove(principal_of(request).user_id, request.path_parameter("id")));
  if (!removed) return std::unexpected(removed.error());
  return json_response(200, {{"deleted", true}});
}

// ---- What is in an album

Result<http::Response> list_images(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  const std::string viewer_id = viewer_id_of(request);
  auto images = surface.services.albums.images(viewer_id, request.path_parameter("id"), *page);
  if (!images) return std::unexpected(images.error());
  return json_response(200, list_json("images", std::move(*images), limit, [&](const AlbumImage& place) {
                         return album_image_json(place.image, place.image.user_id == viewer_id);
                       }));
}

const char* outcome_name(app::MoveOutcome outcome, const char* done) {
  switch (outcome) {
    case app::MoveOutcome::kMoved: return done;
    case app::MoveOutcome::kAlreadyInAlbum: return "already_in_album";
    case app::MoveOutcome::kNotFound: return "not_found";
  }
  return "not_found";
}

// One result for each id, and how many were `done`.
JsonText outcomes_json(const std::vector<app::MoveItem>& items, const char* done) {
  JsonText results = JsonText::array();
  int count = 0, failed = 0;
  for (const app::MoveItem& item : items) {
    results.push_back(JsonText{{"image_id", item.image_id}, {"status", outcome_name(item.outcome, done)}});
    if (item.outcome == app::MoveOutcome::kMoved) ++count;
    if (item.outcome == app::MoveOutcome::kNotFound) ++failed;
  }
  return {{done, count}, {"failed", failed}, {"results", results}};
}

Result<http::Response> add_images(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const auto image_ids = fields.required_strings("image_ids", 1, app::kMoveImagesMax, kIdBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());

  using Items = std::vector<app::MoveItem>;
  const Principal& principal = principal_of(request);
  const std::function<JsonText(const Items&)> to_json = [](const Items& items) {
    return outcomes_json(items, "added");
  };
  const auto once_only = once<Items>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome =
      foreign_is_missing(surface.services.albums.add(principal, request.path_parameter("id"), image_ids, *once_only));
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

Result<http::Response> take_image_out(const Surface& surface, const http::Request& request) {
  const auto taken = foreign_is_missing(surface.services.albums.take_out(
      principal_of(request).user_id, request.path_parameter("id"), request.path_parameter("image_id")));
  if (!taken) return std::unexpected(taken.error());
  return json_response(200, {{"removed", true}});
}

Result<http::Response> move_images(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const auto image_ids = fields.required_strings("image_ids", 1, app::kMoveImagesMax, kIdBytesMax);
  const auto before = fields.optional_string("before", 1, kIdBytesMax);
  const auto after = fields.optional_string("after", 1, kIdBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (before.has_value() == after.has_value()) {
    return fail(ErrorCode::kInvalidInput, "Please provide either before or after",
                "It names the image of this album that the others go beside");
  }
  const app::Beside beside{before ? app::Beside::Side::kBefore : app::Beside::Side::kBehind, before ? *before : *after};
  const auto items = foreign_is_missing(
      surface.services.albums.reorder(principal_of(request).user_id, request.path_parameter("id"), image_ids, beside));
  if (!items) return std::unexpected(items.error());
  return json_response(200, outcomes_json(*items, "moved"));
}

}  // namespace

void add_album_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  const auto read = [&](const char* pattern, Handle handle, http::Admit admit) {
    add_route(router, surface, http::Method::kGet, pattern, handle,
              {.admit = std::move(admit), .place = services.read_place()});
  };
  const auto write = [&](http::Method method, const char* pattern, Handle handle) {
    add_route(router, surface, method, pattern, handle, {method == http::Method::kDelete ? 0 : kBodyBytesMax});
  };
  write(http::Method::kPost, "/v1/albums", create_album);
  read("/v1/albums", list_albums, admit_user(services));
  read("/v1/images/{id}/albums", list_albums_of_image, admit_user(services));
  read("/v1/albums/{id}", get_album, admit_anyone(services));
  write(http::Method::kPatch, "/v1/albums/{id}", update_album);
  write(http::Method::kDelete, "/v1/albums/{id}", delete_album);
  read("/v1/albums/{id}/images", list_images, admit_anyone(services));
  write(http::Method::kPost, "/v1/albums/{id}/images", add_images);
  write(http::Method::kPost, "/v1/albums/{id}/images:move", move_images);
  write(http::Method::kDelete, "/v1/albums/{id}/images/{image_id}", take_image_out);
}

}  // namespace tintype::api::hosting
