// Albums::reorder: images are put between two others without touching these, as long as there is room.
#include <algorithm>

#include "app/albums.h"

namespace tintype::app {

namespace {

// The nearest image on one side that stays where it is; nothing at the album's begin or end.
Result<std::optional<std::int64_t>> neighbour(Transaction& transaction, std::string_view album_id,
                                              const AlbumPlace& place, Beside::Side side,
                                              const std::vector<std::string>& moving) {
  const int limit = static_cast<int>(moving.size()) + 1;
  const auto places = side == Beside::Side::kBehind ? transaction.albums().places_behind(album_id, place, limit)
                                                    : transaction.albums().places_before(album_id, place, limit);
  if (!places) return std::unexpected(places.error());
  for (const AlbumPlace& candidate : *places) {
    if (std::ranges::find(moving, candidate.image_id) == moving.end()) return candidate.position;
  }
  return std::nullopt;
}

// As many places as there are images that move, beside another; nothing when there is no room.
Result<std::optional<std::vector<std::int64_t>>> places_beside(Transaction& transaction, std::string_view album_id,
                                                               const Beside& beside,
                                                               const std::vector<std::string>& moving) {
  const auto position = transaction.albums().position(album_id, beside.image_id);
  if (!position) return std::unexpected(position.error());
  if (!*position) return fail_internal("an image left its album while it was put in order");
  const auto other = neighbour(transaction, album_id, {beside.image_id, **position}, beside.side, moving);
  if (!other) return std::unexpected(other.error());
  const int count = static_cast<int>(moving.size());
  return beside.side == Beside::Side::kBehind ? places_between(*position, *other, count)
                                              : places_between(*other, *position, count);
}

Result<void> place_all(Transaction& transaction, std::string_view album_id, const Beside& beside,
                       const std::vector<std::string>& moving) {
  auto places = places_beside(transaction, album_id, beside, moving);
  if (!places) return std::unexpected(places.error());
  if (!*places) {
    const auto last = transaction.albums().last_position(album_id);
    if (!last) return std::unexpected(last.error());
    const std::int64_t epoch = epoch_of(last->value_or(0)) + 1;
    if (auto laid_out = transaction.albums().lay_out(album_id, first_place_in(epoch)); !laid_out) return laid_out;
    places = places_beside(transaction, album_id, beside, moving);
    if (!places) return std::unexpected(places.error());
    if (!*places) return fail_internal("an album that was laid out has no room between two of its images");
  }
  for (std::size_t at = 0; at < moving.size(); ++at) {
    const auto set = transaction.albums().set_position(album_id, {moving[at], (**places)[at]});
    if (!set) return set;
  }
  return {};
}

Result<void> check(const std::vector<std::string>& image_ids, const Beside& beside) {
  std::vector<std::string> sorted = image_ids;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return fail(ErrorCode::kInvalidInput, "An image stands twice in the list", "Name each image once");
  }
  if (std::ranges::binary_search(sorted, beside.image_id)) {
    return fail(ErrorCode::kInvalidInput, "An image cannot go beside itself",
                "Name one that is not among the images to move");
  }
  return {};
}

// Whether there is a picture of this user in this album.
Result<bool> is_in(Transaction& transaction, std::string_view user_id, std::string_view album_id,
                   const std::string& image_id) {
  const auto position = transaction.albums().position(album_id, image_id);
  if (!position) return std::unexpected(position.error());
  if (!*position) return false;
  const auto image = transaction.images().find(user_id, image_id);
  if (!image) return std::unexpected(image.error());
  return image->has_value();
}

}  // namespace

Result<std::vector<MoveItem>> Albums::reorder(std::string_view user_id, std::string_view album_id,
                                              const std::vector<std::string>& image_ids, const Beside& beside) {
  if (auto checked = check(image_ids, beside); !checked) return std::unexpected(checked.error());
  std::vector<MoveItem> items;
  const UnixMs now_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    items.clear();
    const auto album = own_album(transaction, user_id, album_id);
    if (!album) return std::unexpected(album.error());
    const auto touched = transaction.albums().touch(user_id, album_id, now_ms);
    if (!touched) return std::unexpected(touched.error());
    std::vector<std::string> moving;
    for (const std::string& image_id : image_ids) {
      const auto inside = is_in(transaction, user_id, album_id, image_id);
      if (!inside) return std::unexpected(inside.error());
      items.push_back({image_id, *inside ? MoveOutcome::kMoved : MoveOutcome::kNotFound});
      if (*inside) moving.push_back(image_id);
    }
    const auto anchored = is_in(transaction, user_id, album_id, beside.image_id);
    if (!anchored) return std::unexpected(anchored.error());
    if (!*anchored) return fail(ErrorCode::kNotFound, "The image to go beside is not in this album");
    return moving.empty() ? Result<void>() : place_all(transaction, album_id, beside, moving);
  });
  if (!written) return std::unexpected(written.error());
  return items;
}

}  // namespace tintype::app
