// An ordered set of images. An image may be in several albums.
#pragma once

#include <cstdint>
#include <string>

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
  std::string cover_image_id;    // the chosen one, else the first; empty for an empty album
  UnixMs created_at_ms = 0;
  UnixMs updated_at_ms = 0;
};

// An image's place in an album.
struct AlbumImage {
  Image image;
  std::int64_t position = 0;  // ascending; places may be equal, then by the image's id
};

}  // namespace tintype
