#include "app/albums.h"

#include "app/searches.h"

namespace tintype::app {

Albums::Albums(Database& database, const Clock& clock, Random& random)
    : database_(database), clock_(clock), random_(random) {}

Result<Album> own_album(Transaction& transaction, std::string_view user_id, std::string_view album_id) {
  auto found = transaction.albums().find(album_id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Album not found");
  if ((*found)->user_id != user_id) return fail(ErrorCode::kForbidden, "This album belongs to somebody else");
  return std::move(**found);
}

Result<Outcome<Album>> Albums::create(const Principal& principal, const NewAlbum& request, const Once<Album>& once) {
  const UnixMs now_ms = clock_.now_ms();
  const Album album{new_id(random_, "album_"),
                    principal.user_id,
                    request.name,
                    request.description,
                    request.visibility,
                    0,
                    {},
                    now_ms,
                    now_ms};
  return run_once<Album>(database_, once, now_ms, [&](Transaction& transaction) -> Result<Album> {
    if (auto inserted = transaction.albums().insert(album); !inserted) return std::unexpected(inserted.error());
    return album;
  });
}

Result<std::vector<Album>> Albums::list(std::string_view user_id, const Page& page) {
  std::vector<Album> albums;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.albums().list(user_id, page);
    if (!found) return std::unexpected(found.error());
    albums = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return albums;
}

Result<AlbumWithImages> Albums::get(std::string_view user_id, std::string_view album_id, const Page& page) {
  AlbumWithImages found;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto album = own_album(transaction, user_id, album_id);
    if (!album) return std::unexpected(album.error());
    found.album = std::move(*album);
    auto images = transaction.albums().images(user_id, album_id, page);
    if (!images) return std::unexpected(images.error());
    found.images = std::move(*images);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

Result<Album> Albums::update(std::string_view user_id, std::string_view album_id, const AlbumChanges& changes) {
  Album album;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto found = own_album(transaction, user_id, album_id);
    if (!found) return std::unexpected(found.error());
    album = std::move(*found);
    if (changes.name) album.name = *changes.name;
    if (changes.description) album.description = *changes.description;
    if (changes.visibility) album.visibility = *changes.visibility;
    album.updated_at_ms = clock_.now_ms();
    const auto updated = transaction.albums().update(album);
    return updated ? Result<void>() : std::unexpected(updated.error());
  });
  if (!written) return std::unexpected(written.error());
  return album;
}

Result<void> Albums::remove(std::string_view user_id, std::string_view album_id) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto album = own_album(transaction, user_id, album_id);
    if (!album) return std::unexpected(album.error());
    const auto removed = transaction.albums().remove(user_id, album_id);
    return removed ? Result<void>() : std::unexpected(removed.error());
  });
}

namespace {

Result<MoveOutcome> move_one(Transaction& transaction, std::string_view user_id, const std::string& image_id,
                             std::string_view target_album_id, const std::optional<std::string>& source_album_id,
                             UnixMs now_ms) {
  const auto image = transaction.images().find(user_id, image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return MoveOutcome::kNotFound;
  const auto added = transaction.albums().add_image(target_album_id, image_id, now_ms);
  if (!added) return std::unexpected(added.error());
  if (source_album_id && *source_album_id != target_album_id) {
    const auto removed = transaction.albums().remove_image(*source_album_id, image_id);
    if (!removed) return std::unexpected(removed.error());
  }
  if (auto refreshed = refresh_search(transaction, image_id); !refreshed) return std::unexpected(refreshed.error());
  return *added ? MoveOutcome::kMoved : MoveOutcome::kAlreadyInAlbum;
}

}  // namespace

Result<std::vector<MoveItem>> Albums::move(std::string_view user_id, const std::vector<std::string>& image_ids,
                                           std::string_view target_album_id,
                                           const std::optional<std::string>& source_album_id) {
  std::vector<MoveItem> items;
  const UnixMs now_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    items.clear();
    const auto target = own_album(transaction, user_id, target_album_id);
    if (!target) return std::unexpected(target.error());
    if (source_album_id) {
      const auto source = own_album(transaction, user_id, *source_album_id);
      if (!source) return std::unexpected(source.error());
    }
    for (const std::string& image_id : image_ids) {
      const auto outcome = move_one(transaction, user_id, image_id, target_album_id, source_album_id, now_ms);
      if (!outcome) return std::unexpected(outcome.error());
      items.push_back({image_id, *outcome});
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return items;
}

}  // namespace tintype::app
