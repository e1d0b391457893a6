// Turns pictures and chooses what of them is kept.
#pragma once

#include <cstdint>

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

Raster flipped(const Raster& picture, bool is_upside_down);

// Clockwise about the middle. By whole quarters to the bit. Otherwise of an opaque picture the largest part of its own
// shape without empty corners is kept, and one with alpha grows; resampled by Catmull and Rom's cubic. kCancelled.
Result<Raster> rotated(const Raster& picture, double degrees, const Task& task);

// How far, in degrees clockwise, a picture must be turned for its edges to lie upon level and upright lines: the angle
// at which their projections have the highest peaks (as skew is found in documents: Postl, 1986), within 10 to either
// side. 0 where it is level, or where no edges agree.
double straightening_of(const Raster& picture);

// Around what has alpha, with air on all sides where there is. The whole where there is none.
Box box_around(const Field& alpha);

// The largest part of this shape that has as much of what has alpha as can be, in its middle.
Box box_of_aspect(const Field& alpha, const AspectRatio& aspect);
Box box_of_aspect(const Extent& picture, const AspectRatio& aspect);  // the middle

}  // namespace tintype::engine
