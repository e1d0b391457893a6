// What most of a picture is like around each place.
#pragma once

#include <array>

#include "engine/raster/raster.h"

namespace tintype::engine {

// The median of each channel within squares, coded, 0 to 1. For small pictures.
Field3 usual_colours(const Raster& picture, int reach);

// How far a colour, in levels, is to become the usual one there that soon: a glint is not to become a glow.
float unusual_share(const std::array<float, 3>& colour, const std::array<float, 3>& usual);

}  // namespace tintype::engine
