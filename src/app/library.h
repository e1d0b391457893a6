// A user's images as a collection: showing them, describing them, the trash.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/images.h"
#include "app/uploads.h"
#include "domain/account.h"
#include "domain/image.h"
#include "domain/variant.h"
#include "ports/database.h"

namespace tintype::app {

struct LibraryRules {
  std::int64_t deleted_kept_ms = 7LL * 24 * 3'600'000;
};

struct ImageDetail {
  Image image;
  std::vector<std::string> tags;
  std::vector<Variant> variants;  // by size
};

struct ImageChanges {
  std::optional<std::string> title;
  std::optional<std::string> description;
  std::optional<Visibility> visibility;
  std::optional<std::vector<std::string>> tags;
};

class Library {
 public:
  Library(Database& database, Images& images, Uploads& uploads, Notifier& notifier, const Clock& clock, Random& random,
          LibraryRules rules);

  // The owner sees what is announced too; others see what is there and public. kNotFound otherwise.
  Result<ImageDetail> get(const std::optional<Principal>& viewer, std::string_view image_id);
  Result<ImageDetail> change(const Principal& principal, std::string_view image_id, const ImageChanges& changes);
  // Hides it at once and cancels its jobs, releasing their tokens; answers when it is purged. Until then restore() has
  // it back. An image that was only announced is forgotten with its upload, and `for_good` purges one that is there or
  // in the trash: both answer now.
  Result<UnixMs> remove(const Principal& principal, std::string_view image_id, bool for_good);
  Result<ImageDetail> restore(const Principal& principal, std::string_view image_id);
  Result<std::vector<Image>> trash(std::string_view user_id, const Page& page);  // newest first
  Result<std::vector<ImageOutline>> trash_outline(std::string_view user_id, const Page& page);
  // Those of these that lie in the user's trash, in this order.
  Result<std::vector<Image>> trash_of_ids(std::string_view user_id, const std::vector<std::string>& ids);
  // For the janitor: purges up to `limit` images whose time in the trash is over; answers how many.
  Result<int> purge(int limit);

 private:
  Result<ImageDetail> detail_of(Transaction& transaction, Image image);
  Result<Image> owned(Transaction& transaction, std::string_view user_id, std::string_view image_id);

  Database& database_;
  Images& images_;
  Uploads& uploads_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  LibraryRules rules_;
};

}  // namespace tintype::app
