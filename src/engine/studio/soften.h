// A raster at any sharpness.
#pragma once

#include <functional>
#include <vector>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// Makes each pixel so soft, by a Gaussian of that standard deviation in pixels; where that is 0 or less it stays to the
// bit. Alpha stays. By layers of half the sides after the other (Williams, 1983), so that any softness takes as long.
using SoftnessAt = std::function<float(int x, int y)>;
Result<void> soften(Raster& raster, const SoftnessAt& softness, const Task& task);

// Held at most by soften() beside the raster.
std::int64_t soften_bytes_max(const Extent& sides);

}  // namespace tintype::engine
