// Fills holes in pictures with what their surroundings are made of.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// `hole` has the picture's sides: 1 is filled, 0 stays to the bit, between the two is mixed. Where everything is a hole
// there is nothing to go by, and the picture comes back as it is.
Result<Raster> patch_filled(const Raster& picture, const Field& hole, std::uint32_t seed, const Task& task);
std::int64_t patch_filled_bytes_max(const Extent& picture);  // held beside the picture and the hole

}  // namespace tintype::engine
