// What an edge cuts off of a body goes on beyond it, before the background that goes on by itself.
#pragma once

#include "engine/studio/soft_continuation.h"

namespace tintype::engine {

// Beyond edges at which `cut.share` is over 0 `canvas` gets a layer over what is there: each body that reaches the
// edge, within an outline that goes on as it runs there, an EdgeTexture of that body. It turns to
// where the body is heavy: down to the lower end of the canvas where the body lies in that corner too, and around, as a
// back does, where there is background on both sides of it; below the picture it runs on. `picture` lies in the canvas
// with so much on its left and above it.
Result<void> continue_bodies(const Extent& picture, const CutSubject& cut, int left, int top, const Task& task,
                             Raster& canvas);

// Held at most by continue_bodies() beside its arguments.
std::int64_t continue_bodies_bytes_max(const Extent& picture, const Extent& canvas);

}  // namespace tintype::engine
