// Links to images and albums for people without an account: what their owner does with them, and what a visitor sees.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/once.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/album.h"
#include "domain/share.h"
#include "domain/variant.h"
#include "ports/database.h"
#include "ports/notifier.h"
#include "ports/password_hasher.h"
#include "ports/rate_limiter.h"

namespace tintype::app {

struct ShareRules {
  int of_one_thing_max = 100;  // not revoked, of one image or album
  // Of one share: by one address, and by all together, so that many addresses guess no faster.
  RateLimit password_tries_per_address{10, 15 * 60 * 1000};
  RateLimit password_tries{200, 15 * 60 * 1000};
};

inline constexpr std::size_t kSharePasswordBytesMin = 4;
inline constexpr std::size_t kSharePasswordBytesMax = 512;

struct NewShare {
  SharedThing thing;
  ShareRole role = ShareRole::kViewer;
  std::optional<std::int64_t> lives_ms;
  std::string password;  // empty: none is asked for
};

// The token is shown once and kept as a hash.
struct CreatedShare {
  Share share;
  std::string token;
};

// An image as a visitor sees it.
struct SharedImage {
  Image image;
  std::int64_t position = 0;  // in the album
  std::vector<Variant> variants;
};

inline PageCursor place_of(const SharedImage& image) {
  return {image.position, image.image.id};
}

// What every page of a share shows.
struct SharePage {
  Share share;
  std::string owner_name;  // may be empty; never the e-mail address
  std::optional<Album> album;
};

// All of a share: the one image, or a page of the album's.
struct ShareContents {
  SharePage page;
  std::vector<SharedImage> images;
};

// One image of a shared album, with those beside it; empty ids at the begin and end.
struct SharedPicture {
  SharePage page;
  SharedImage image;
  std::string image_id_before;
  std::string image_id_behind;
};

// The variant of an image with this name that suits best: ready, as WebP where that is taken, else whatever there is.
const Variant* variant_for(const std::vector<Variant>& variants, std::string_view name, bool takes_webp);

class Shares {
 public:
  Shares(Database& database, PasswordHasher& hasher, RateLimiter& limiter, Notifier& notifier, const Clock& clock,
         Random& random, ShareRules rules);

  // The owner's. kNotFound for an image or album that is somebody else's or nobody's; kConflict when it has as many
  // shares as it may have.
  Result<Outcome<CreatedShare>> create(const Principal& principal, const NewShare& request,
                                       const Once<CreatedShare>& once);
  Result<std::vector<Share>> list(std::string_view user_id, const Page& page);  // of all images and albums
  Result<std::vector<Share>> of_thing(std::string_view user_id, const SharedThing& thing, const Page& page);
  // Holds from the next request on.
  Result<void> revoke(std::string_view user_id, const SharedThing& thing, std::string_view share_id);

  // The visitor's. kNotFound for a token that is unknown or revoked, and when what it led to is deleted or its owner
  // is banned; kGone when it has expired; kUnauthorized when it asks for a password that `has_entered` knows nothing
  // of.
  using HasEntered = FunctionRef<bool(const Share&)>;
  Result<ShareContents> look(std::string_view token, HasEntered has_entered, const Page& page);
  Result<SharedPicture> look_at(std::string_view token, std::string_view image_id, HasEntered has_entered);
  // One image without what stands around it: `image_id` of the album, empty for the image of an image's share.
  struct Picture {
    Share share;
    SharedImage image;
  };
  Result<Picture> picture(std::string_view token, std::string_view image_id, HasEntered has_entered);
  // The share, when this is its password or it has none; kUnauthorized for a wrong one, kRateLimited after too many.
  Result<Share> enter(std::string_view token, std::string_view password, std::string_view remote_address);

 private:
  // Without the album.
  Result<SharePage> open(Transaction& transaction, std::string_view token) const;
  Result<SharePage> open(Transaction& transaction, std::string_view token, HasEntered has_entered) const;
  Result<void> check_thing(Transaction& transaction, std::string_view user_id, const SharedThing& thing) const;

  Database& database_;
  PasswordHasher& hasher_;
  RateLimiter& limiter_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  ShareRules rules_;
};

}  // namespace tintype::app
