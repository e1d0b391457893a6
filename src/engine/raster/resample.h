// Other sides for rasters and fields.
#pragma once

#include <array>

#include "engine/raster/raster.h"

namespace tintype::engine {

// Smaller by the mean of what falls into each pixel's place, larger bilinearly, each side by itself. Colours are mixed
// by their alpha.
Raster resized(const Raster& picture, const Extent& sides);
Field resized(const Field& field, const Extent& sides);

// The largest extent of the same shape with no more than `pixels_max` pixels: the own one where it is no larger.
Extent extent_within(const Extent& sides, std::int64_t pixels_max);

// The value at a place between pixels, bilinearly; the edge goes on outside.
float sample(const Field& field, float x, float y);

// How much each of four neighbours counts at a place so far, from 0 to 1, from the second of them towards the third:
// the cubic of Keys (1981) with a = -0.5.
std::array<float, 4> keys_weights(float t);

}  // namespace tintype::engine
