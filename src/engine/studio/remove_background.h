// The operation remove-background.
#pragma once

#include "domain/studio_operation.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// The subject alone: transparent around it, or on the colour that was asked for, laid on it as programs do, in coded
// values. Of the picture's sides. The errors of cut_out().
Result<Raster> remove_background(const Raster& picture, const RemoveBackground& how, const Saliency& network,
                                 const Task& task);

// What it holds at most beside the picture, the result included.
std::int64_t remove_background_bytes_max(const Extent& picture);

}  // namespace tintype::engine
