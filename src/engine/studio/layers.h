// A picture taken apart: its subject, what is behind it, and how things go on around the edges.
#pragma once

#include <cstdint>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// Makes an alpha one that layers can be moved by: within a narrow band along the outline as soft as it was, elsewhere
// all or nothing, whichever is nearer; without specks and pinholes. kCancelled.
Result<void> settle_layer(Field& alpha, const Task& task);

struct Background {
  Raster picture;            // without the subject
  Raster around;             // the same in a canvas that is larger on all sides, and may be less fine
  double scale = 1;          // pixels of `around` for one of the picture's
  double left = 0, top = 0;  // where in `around` the picture begins
};

// `subject` may have any sides. `margin`, in longer sides, is how far the background goes on outside. What is hidden
// and what is outside are filled with patches of what is seen. kCancelled.
Result<Background> background_of(const Raster& picture, const Field& subject, double margin, const Task& task);

std::int64_t background_bytes_max(const Extent& picture);  // held beside the picture, the result included

}  // namespace tintype::engine
