// Blur that changes from row to row: what lies deeper in a picture, or is mirrored by rougher ground, is less sharp.
#pragma once

#include <span>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// Close to a Gaussian whose standard deviations, in pixels, are those of each row: two boxes across and two down, of
// lengths that need not be whole (Wells, 1986). Edges go on outside. In place.
Result<void> blur_by_rows(Field& field, std::span<const float> across, std::span<const float> down, const Task& task);

}  // namespace tintype::engine
