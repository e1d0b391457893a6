// What lies below a picture of a floor that runs away from the camera: more of it, nearer.
#pragma once

#include <optional>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// A floor seen in perspective, and how far it has to move towards the camera to look the same again, as planks and
// tiles do. All in parts of the picture's longer side, from its left upper corner: the point that its lines run to; and
// by how much the inverse of the height below that point grows.
struct Floor {
  double x = 0, y = 0, step = 0;
};

// What the lower edge of a picture shows, where that is such a floor with lines across or along it and none of what
// would be seen again is in `spared` (of a small picture's sides, 1 is; may be empty). It can go on for `below` pixels.
std::optional<Floor> find_floor(const Raster& picture, const Field& spared, int below);

// Fills the rows of the canvas below the picture, which lies in it so far from its left upper corner.
Result<void> continue_floor(const Raster& picture, const Floor& floor, int left, int top, const Task& task,
                            Raster& canvas);

}  // namespace tintype::engine
