// An ordered set of images. An image may be in several albums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/image.h"

namespace tintype {

struct Album {
  std::string id;  // album_...
  std::string user_id;
  std::string name;
  std::string description;  // empty when none
  Visibility visibility = Visibility::kPrivate;
  std::int64_t image_count = 0;  // counted by the query that read it
  std::string cover_image_id;    // the chosen one while it is in the album, else the first; empty for an empty album
  UnixMs created_at_ms = 0;
  UnixMs updated_at_ms = 0;
};

// Where an image stands in an album: ascending by position; positions may be equal, then by the image's id.
struct AlbumPlace {
  std::string image_id;
  std::int64_t position = 0;
};

struct AlbumImage {
  Image image;
  std::int64_t position = 0;
};

// A new image is put kPlaceGap behind the last, so that others fit between the two without touching either. Where they
// no longer fit, the whole album is laid out anew among the places of the next epoch: whoever remembers a place of an
// epoch that is over can tell.
inline constexpr std::int64_t kPlaceGap = 65'536;
inline constexpr std::int64_t kEpochPlaces = 1LL << 40;

// The places of an epoch begin at a multiple of kEpochPlaces.
std::int64_t epoch_of(std::int64_t position);
// Where an album is laid out in an epoch: far from its begin and end.
std::int64_t first_place_in(std::int64_t epoch);

// `count` places, ascending, behind one image and before another; one of the two may be missing, at the album's begin
// or end. Nothing when there is no room, or when they would leave the epoch.
std::optional<std::vector<std::int64_t>> places_between(std::optional<std::int64_t> behind,
                                                        std::optional<std::int64_t> before, int count);

}  // namespace tintype
