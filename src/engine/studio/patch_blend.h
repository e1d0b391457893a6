// The pixels of a filled hole: taken as they are from where most patches have them, and blended where two such pieces
// meet.
#pragma once

#include "engine/raster/task.h"
#include "engine/studio/patch_match.h"

namespace tintype::engine {

// Writes the hole of `picture`, whose finest level and matches these are. The differences between neighbours are those
// of the places they come from, the level of all is what the patches say together: a Poisson equation (Perez, Gangnet,
// Blake, 2003) with a screen (Bhat et al., 2008), in coded values, which keeps faults from spreading. `hole` from 0 to
// 1 is how much of the fill is seen.
Result<void> blend(const PatchLevel& level, const Matches& matches, const Field& hole, const Task& task,
                   Raster& picture);

}  // namespace tintype::engine
