// Fills holes in pictures with what their surroundings are made of.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

struct PatchFill {
  std::uint32_t seed = 0;
  // Of the picture's sides, or smaller: what is over 0 stays, and fills nothing; none: all may.
  const Field* spared = nullptr;
};

// By pieces that fit together, as many alike hide the place of one of them.
// `hole` has the picture's sides: 1 is filled, 0 stays to the bit, between the two is mixed. Where everything is a hole
// there is nothing to go by, and the picture comes back as it is. Where what is known ends in a straight edge and the
// hole goes on to the picture's, it is continued: gradients go on, and subjects away from that edge are not repeated.
// Space-time completion by Wexler, Shechtman, Irani (2007) with PatchMatch by Barnes et al. (2009), coarse to fine.
Result<Raster> patch_filled(const Raster& picture, const Field& hole, const PatchFill& how, const Task& task);

// Held at most beside the picture and the hole, where what is known lies within so much of the picture.
std::int64_t patch_filled_bytes_max(const Extent& picture, const Extent& known);

}  // namespace tintype::engine
