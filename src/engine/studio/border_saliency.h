// What stands out from a picture's border.
#pragma once

#include "engine/raster/raster.h"

namespace tintype::engine {

struct BorderSaliency {
  Field saliency;      // of the picture's sides, 0 to 1
  float contrast = 0;  // how far what stands out most does, of a lightness from 0 to 1
};

// By the minimum barrier distance to the border (Zhang, Sclaroff, Lin, Shen, Mech, Price: "Minimum Barrier Salient
// Object Detection at 80 FPS", 2015), and by the distance to the colours along three of the four sides: the subject
// may be cut off by the fourth. For small pictures; takes no longer than a blur or two.
BorderSaliency border_saliency(const Raster& picture);

}  // namespace tintype::engine
