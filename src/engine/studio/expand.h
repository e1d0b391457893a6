// Continues a picture beyond its edges.
#pragma once

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// What the sides of the result are. kInvalidInput with Error::field where that would cut something off or would be
// larger than studio results may be.
Result<Extent> expanded_sides(const Extent& picture, const WantedSides& wanted);

// The picture itself stays to the bit, but for a line of a frame's or a scanner's along an edge that it grows at. The
// rest is made of patches of it, from near its edges by preference, so that sky goes on as sky, a table as a table and
// its grain as grain; what stands in the middle is not repeated. A floor that runs away from the camera goes on nearer;
// beyond an edge that cuts a subject off the background goes on by itself, and the subject on it.
Result<Raster> expand(const Raster& whole_picture, const Expand& how, const Saliency& network, const Task& task);
std::int64_t expand_bytes_max(const Extent& picture, const Extent& expanded);  // held beside the picture

}  // namespace tintype::engine
