// How a picture fills the frames of a clip.
#pragma once

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// Even sides: those that are wanted; of a wanted shape, or else of the picture's, within 1280 x 720 or 720 x 1280 and
// no larger than the picture fills.
Extent clip_sides(const Extent& picture, const WantedSides& wanted);

// The picture in the frame's shape, `finer` times as fine as the frame where it has that many pixels: cut around its
// subject, or, where that would cut the subject itself, as much of it as the subject needs, going on outside, softly.
// kCancelled.
Result<Raster> framed(const Raster& picture, const Extent& frame, double finer, const Saliency& network,
                      const Task& task);

// The sides of what framed() answers at most.
Extent framed_sides_max(const Extent& frame, double finer);

}  // namespace tintype::engine
