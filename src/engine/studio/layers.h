// What views of a picture need beside it: its subject as a layer, and how things go on around the edges.
#pragma once

#include <cstdint>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// Makes an alpha one that layers can be moved by: within a narrow band along the outline as soft as it was, elsewhere
// all or nothing; unsure parts that hang on sure ones are all. Without specks and pinholes. kCancelled.
Result<void> settle_layer(Field& alpha, const Task& task);

struct Continued {
  Raster picture;            // in a canvas that is larger on all sides, and may be less fine
  double scale = 1;          // its pixels for one of the picture's own
  double left = 0, top = 0;  // where in it the picture itself begins
};

// The picture, going on for `margin` of its longer side on all sides. kCancelled.
Result<Continued> continued(const Raster& picture, double margin, const Saliency& network, const Task& task);

std::int64_t continued_bytes_max(const Extent& picture);  // held beside the picture, the result included

}  // namespace tintype::engine
