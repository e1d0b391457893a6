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
  UnixMs created_at_ms = 0;
  UnixMs updated_at_ms = 0;
};

}  // namespace tintype
