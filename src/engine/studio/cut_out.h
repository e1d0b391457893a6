// Tells a picture's subject from its background.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "base/error.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// What a network says of each pixel of a picture: how much it belongs to the subject, 0 to 1, in any sides. Empty:
// there is none.
using Saliency = std::function<Result<Field>(const Raster& picture, const std::atomic<bool>& cancel)>;

struct CutOut {
  Field alpha;        // of the picture's sides, 0 to 1
  Raster foreground;  // the picture with the background's share taken out of its colours, alpha as above
};

// The subject of a picture. One that has alpha has been cut out already, and stays as it is. kInvalidInput where
// nothing stands out, or everything does; kCancelled.
Result<CutOut> cut_out(const Raster& picture, const Saliency& network, const Task& task);

// What cut_out() holds at most beside the picture, its result included.
std::int64_t cut_out_bytes_max(const Extent& picture);

}  // namespace tintype::engine
