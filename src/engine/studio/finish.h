// What a photographer does last: grain, sharpness, focus and the corners.
#pragma once

#include <cstdint>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// All amounts are from 0 to 1, `weights` as of adjust_tones(). Alpha stays. kCancelled.

// Takes away noise, as denoised() finds it.
Result<void> denoise(Raster& picture, float amount, const Field* weights, const Task& task);

// Sharpness as finished() gives it.
Result<void> sharpen(Raster& picture, float amount, const Field* weights, const Task& task);

// Out of focus, in linear light; at 1 by about 2 % of the diagonal.
Result<void> blur(Raster& picture, float amount, const Field* weights, const Task& task);

// As if the lens had been wide open: the background goes out of focus, by itself, so that nothing of the subject's
// colour runs into it, and the subject lies upon it as it was.
Result<void> blur_background(Raster& picture, const CutOut& subject, float amount, const Task& task);

// Darkens towards the corners as lenses do; at 1 by two stops.
Result<void> vignette(Raster& picture, float amount, const Task& task);

std::int64_t finish_bytes_max(const Extent& picture);  // held by any of these beside the picture

}  // namespace tintype::engine
