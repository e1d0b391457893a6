// Albums and what is in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/once.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/album.h"
#include "ports/database.h"

namespace tintype::app {

inline constexpr int kMoveImagesMax = 100;

struct NewAlbum {
  std::string name;         // 1 to 200 characters
  std::string description;  // at most 2,000
  Visibility visibility = Visibility::kPrivate;
};

struct AlbumChanges {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Visibility> visibility;
  std::optional<std::string> cover_image_id;  // empty: none of its own, so that the first image is it
};

struct AlbumWithImages {
  Album album;
  std::vector<AlbumImage> images;  // a page of them, in album order
};

enum class MoveOutcome { kMoved, kAlreadyInAlbum, kNotFound };

struct MoveItem {
  std::string image_id;
  MoveOutcome outcome = MoveOutcome::kMoved;
};

// Where images go in an album's order: beside one that is in it.
struct Beside {
  enum class Side { kBefore, kBehind };
  Side side = Side::kBehind;
  std::string image_id;
};

class Albums {
 public:
  Albums(Database& database, const Clock& clock, Random& random);

  Result<Outcome<Album>> create(const Principal& principal, const NewAlbum& request, const Once<Album>& once);
  Result<std::vector<Album>> list(std::string_view user_id, const Page& page);
  // Those that an image of the user is in; kNotFound when there is none.
  Result<std::vector<Album>> list_of_image(std::string_view user_id, std::string_view image_id, const Page& page);
  // kForbidden for somebody else's, kNotFound for none: the enhancement surface's contract tells them apart.
  Result<AlbumWithImages> get(std::string_view user_id, std::string_view album_id, const Page& page);
  // What `viewer_id`, empty for nobody, may see: his own, and of others a public album with its public images.
  // kNotFound for everything else.
  Result<Album> look_at(std::string_view viewer_id, std::string_view album_id);
  // A cursor survives what is put in, taken out and moved behind it. kGone when its image has left an album that was
  // laid out anew meanwhile: nobody knows where it stood.
  Result<std::vector<AlbumImage>> images(std::string_view viewer_id, std::string_view album_id, const Page& page);
  // kInvalidInput for a cover that is not in the album.
  Result<Album> update(std::string_view user_id, std::string_view album_id, const AlbumChanges& changes);
  Result<void> remove(std::string_view user_id, std::string_view album_id);
  // Puts each at the end of the album, in this order. Ids that are foreign or missing fail one by one.
  Result<Outcome<std::vector<MoveItem>>> add(const Principal& principal, std::string_view album_id,
                                             const std::vector<std::string>& image_ids,
                                             const Once<std::vector<MoveItem>>& once);
  Result<void> take_out(std::string_view user_id, std::string_view album_id, std::string_view image_id);
  // Puts images of the album together, in this order, beside another of its images. Those that are not in it fail one
  // by one; kNotFound when the other is not, kInvalidInput when it is among them or one stands twice.
  Result<std::vector<MoveItem>> reorder(std::string_view user_id, std::string_view album_id,
                                        const std::vector<std::string>& image_ids, const Beside& beside);
  // Puts each into the target, and takes it out of the source when one is named (also when it was in the target
  // already). Ids that are foreign or missing fail one by one.
  Result<std::vector<MoveItem>> move(std::string_view user_id, const std::vector<std::string>& image_ids,
                                     std::string_view target_album_id,
                                     const std::optional<std::string>& source_album_id);

 private:
  Database& database_;
  const Clock& clock_;
  Random& random_;
};

// For units of work. The album when it is this user's; kForbidden or kNotFound otherwise.
Result<Album> own_album(Transaction& transaction, std::string_view user_id, std::string_view album_id);
// The page of an album's images that is meant by a page whose cursor may be older than the album's order.
Result<Page> album_page(Transaction& transaction, std::string_view album_id, const Page& page);

}  // namespace tintype::app
