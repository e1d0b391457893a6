// Whether an edge of a picture shows in the canvas around it.
#pragma once

#include <functional>

#include "engine/raster/raster.h"
#include "engine/studio/canvas_side.h"

namespace tintype::engine {

struct SeamLook {
  int parts = 32;                         // of the edge, each looked at by itself
  int reach = 1;                          // pixels between those inside the edge that it is compared with
  std::function<bool(int along)> counts;  // none: all along the edge does
};

// The share of an edge, of what counts of it, along which the step to what is beyond is seen as a line: it is larger
// than those inside, by some levels more than half of them. 0 where the picture is too small to tell.
float seam_share(const Raster& canvas, const CanvasSide& side, const SeamLook& look);

}  // namespace tintype::engine
