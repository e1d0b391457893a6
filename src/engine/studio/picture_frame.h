// The lines that scanners and borders leave along a picture's edges: they are not to stand in the middle of a larger
// one.
#pragma once

#include "engine/raster/raster.h"

namespace tintype::engine {

// A picture without such lines at the edges that it grows at, and where in it that begins.
struct Unframed {
  Raster picture;
  int left = 0, top = 0;
};

Unframed without_frame(const Raster& picture, bool grows_across, bool grows_down);

}  // namespace tintype::engine
