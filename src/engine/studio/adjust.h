// Light and colour of a picture, as its photographer would have set them.
#pragma once

#include <cstdint>
#include <span>

#include "domain/instruction.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// All dials that look at one pixel at a time, or little more; 0 leaves things as they are. Signs and bounds as Dial.
struct Tones {
  float exposure = 0;
  float contrast = 0, shadows = 0, highlights = 0;
  float saturation = 0, vibrance = 0;
  float warmth = 0, tint = 0;
  float black_and_white = 0, sepia = 0;
  bool operator==(const Tones&) const = default;
};

// Adjusts colours in linear light and in Oklab: brightening bends into a shoulder, so that nothing clips that was not
// clipped; shadows and highlights move by their surroundings, so that what is in them keeps its relief; what would
// leave sRGB keeps its hue. Rounding is dithered, so that gradients do not band. Where `weights` (of the
// picture's sides, or null) is less than 1, that much of the change is seen. Alpha stays. kCancelled.
Result<void> adjust_tones(Raster& picture, const Tones& tones, const Field* weights, const Task& task);
std::int64_t adjust_tones_bytes_max(const Extent& picture);

}  // namespace tintype::engine
