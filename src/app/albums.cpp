#include "app/albums.h"

#include "app/images.h"
#include "app/read.h"
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

Result<Page> album_page(Transaction& transaction, std::string_view album_id, const Page& page) {
  if (!page.after) return page;
  const std::int64_t epoch = epoch_of(page.after->created_at_ms);
  const auto position = transaction.albums().position(album_id, page.after->id);
  if (!position) return std::unexpected(position.error());
  Page meant = page;
  if (*position && epoch_of(**position) != epoch) meant.after->created_at_ms = **position;
  if (*position) return meant;
  const auto last = transaction.albums().last_position(album_id);
  if (!last) return std::unexpected(last.error());
  if (!*last || epoch_of(**last) == epoch) return page;
  return fail(ErrorCode::kGone, "The album was put in another order meanwhile", "Start again from its first page");
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
  return run_once<Album>(database_, principal.user_id, once, now_ms, [&](Transaction& transaction) -> Result<Album> {
    if (auto inserted = transaction.albums().insert(album); !inserted) return std::unexpected(inserted.error());
    return album;
  });
}

Result<std::vector<Album>> Albums::list(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.albums().list(user_id, page); });
}

Result<std::vector<Album>> Albums::list_of_image(std::string_view user_id, std::string_view image_id,
                                                 const Page& page) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<Album>> {
    if (auto image = own_image(transaction, user_id, image_id); !image) return std::unexpected(image.error());
    return transaction.albums().list_of_image(user_id, image_id, page);
  });
}

Result<AlbumWithImages> Albums::get(std::string_view user_id, std::string_view album_id, const Page& page) {
  AlbumWithImages found;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto album = own_album(transaction, user_id, album_id);
    if (!album) return std::unexpected(album.error());
    found.album = std::move(*album);
    const auto meant = album_page(transaction, album_id, page);
    if (!meant) return std::unexpected(meant.error());
    auto images = transaction.albums().images(user_id, album_id, *meant);
    if (!images) return std::unexpected(images.error());
    found.images = std::move(*images);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return found;
}

namespace {

Result<Album> seen_album(Transaction& transaction, std::string_view viewer_id, std::string_view album_id) {
  if (!viewer_id.empty()) {
    auto own = own_album(transaction, viewer_id, album_id);
    if (own || own.error().code == ErrorCode::kInternal) return own;
  }
  auto found = transaction.albums().find_public(album_id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Album not found");
  return std::move(**found);
}

}  // namespace

Result<Album> Albums::look_at(std::string_view viewer_id, std::string_view album_id) {
  Album album;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto seen = seen_album(transaction, viewer_id, album_id);
    if (!seen) return std::unexpected(seen.error());
    album = std::move(*seen);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return album;
}

Result<std::vector<AlbumImage>> Albums::images(std::string_view viewer_id, std::string_view album_id,
                                               const Page& page) {
  std::vector<AlbumImage> images;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    const auto album = seen_album(transaction, viewer_id, album_id);
    if (!album) return std::unexpected(album.error());
    const auto meant = album_page(transaction, album_id, page);
    if (!meant) return std::unexpected(meant.error());
    auto found = album->user_id == viewer_id ? transaction.albums().images(viewer_id, album_id, *meant)
                                             : transaction.albums().public_images(album_id, *meant);
    if (!found) return std::unexpected(found.error());
    images = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return images;
}

namespace {

Result<void> set_cover(Transaction& transaction, const Album& album, const std::string& image_id) {
  if (!image_id.empty()) {
    const auto image = transaction.images().find(album.user_id, image_id);
    if (!image) return std::unexpected(image.error());
    const auto position = transaction.albums().position(album.id, image_id);
    if (!position) return std::unexpected(position.error());
    if (!*image || !*position) {
      return fail(ErrorCode::kInvalidInput, "The cover must be an image of this album",
                  "Put the image into the album first");
    }
  }
  const auto set = transaction.albums().set_cover(album.user_id, album.id, image_id);
  return set ? Result<void>() : std::unexpected(set.error());
}

}  // namespace

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
    if (!updated) return std::unexpected(updated.error());
    if (!changes.cover_image_id) return {};
    if (auto set = set_cover(transaction, album, *changes.cover_image_id); !set) return set;
    found = own_album(transaction, user_id, album_id);
    if (!found) return std::unexpected(found.error());
    album = std::move(*found);
    return {};
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

Result<MoveOutcome> add_one(Transaction& transaction, std::string_view user_id, const std::string& image_id,
                            std::string_view album_id, UnixMs now_ms) {
  const auto image = transaction.images().find(user_id, image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return MoveOutcome::kNotFound;
  const auto added = transaction.albums().add_image(album_id, image_id, now_ms);
  if (!added) return std::unexpected(added.error());
  if (!*added) return MoveOutcome::kAlreadyInAlbum;
  if (auto refreshed = refresh_search(transaction, image_id); !refreshed) return std::unexpected(refreshed.error());
  return MoveOutcome::kMoved;
}

// The album of this user, whose contents or order the unit is about to change.
Result<Album> touched_album(Transaction& transaction, std::string_view user_id, std::string_view album_id,
                            UnixMs now_ms) {
  auto album = own_album(transaction, user_id, album_id);
  if (!album) return album;
  const auto touched = transaction.albums().touch(user_id, album_id, now_ms);
  if (!touched) return std::unexpected(touched.error());
  return album;
}

}  // namespace

Result<Outcome<std::vector<MoveItem>>> Albums::add(const Principal& principal, std::string_view album_id,
                                                   const std::vector<std::string>& image_ids,
                                                   const Once<std::vector<MoveItem>>& once) {
  using Items = std::vector<MoveItem>;
  const UnixMs now_ms = clock_.now_ms();
  return run_once<Items>(database_, principal.user_id, once, now_ms, [&](Transaction& transaction) -> Result<Items> {
    const auto album = touched_album(transaction, principal.user_id, album_id, now_ms);
    if (!album) return std::unexpected(album.error());
    Items items;
    for (const std::string& image_id : image_ids) {
      const auto outcome = add_one(transaction, principal.user_id, image_id, album_id, now_ms);
      if (!outcome) return std::unexpected(outcome.error());
      items.push_back({image_id, *outcome});
    }
    return items;
  });
}

Result<void> Albums::take_out(std::string_view user_id, std::string_view album_id, std::string_view image_id) {
  const UnixMs now_ms = clock_.now_ms();
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto album = touched_album(transaction, user_id, album_id, now_ms);
    if (!album) return std::unexpected(album.error());
    const auto removed = transaction.albums().remove_image(album_id, image_id);
    if (!removed) return std::unexpected(removed.error());
    if (!*removed) return fail(ErrorCode::kNotFound, "The image is not in this album");
    return refresh_search(transaction, image_id);
  });
}

namespace {

Result<MoveOutcome> move_one(Transaction& transaction, std::string_view user_id, const std::string& image_id,
                             std::string_view target_album_id, const std::optional<std::string>& source_album_id,
                             UnixMs now_ms) {
  const auto outcome = add_one(transaction, user_id, image_id, target_album_id, now_ms);
  if (!outcome || *outcome == MoveOutcome::kNotFound) return outcome;
  if (source_album_id && *source_album_id != target_album_id) {
    const auto removed = transaction.albums().remove_image(*source_album_id, image_id);
    if (!removed) return std::unexpected(removed.error());
    if (auto refreshed = refresh_search(transaction, image_id); !refreshed) return std::unexpected(refreshed.error());
  }
  return outcome;
}

}  // namespace

Result<std::vector<MoveItem>> Albums::move(std::string_view user_id, const std::vector<std::string>& image_ids,
                                           std::string_view target_album_id,
                                           const std::optional<std::string>& source_album_id) {
  std::vector<MoveItem> items;
  const UnixMs now_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    items.clear();
    const auto target = touched_album(transaction, user_id, target_album_id, now_ms);
    if (!target) return std::unexpected(target.error());
    if (source_album_id) {
      const auto source = touched_album(transaction, user_id, *source_album_id, now_ms);
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
