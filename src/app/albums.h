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

class Albums {
 public:
  Albums(Database& database, const Clock& clock, Random& random);

  Result<Outcome<Album>> create(const Principal& principal, const NewAlbum& request, const Once<Album>& once);
  Result<std::vector<Album>> list(std::string_view user_id, const Page& page);
  // kForbidden for somebody else's, kNotFound for none: the enhancement surface's contract tells them apart.
  Result<AlbumWithImages> get(std::string_view user_id, std::string_view album_id, const Page& page);
  Result<Album> update(std::string_view user_id, std::string_view album_id, const AlbumChanges& changes);
  Result<void> remove(std::string_view user_id, std::string_view album_id);
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

// The album when it is this user's; kForbidden or kNotFound otherwise. For units of work.
Result<Album> own_album(Transaction& transaction, std::string_view user_id, std::string_view album_id);

}  // namespace tintype::app
