// Specks on what is smooth otherwise: dust on a sensor, a scan or a backdrop.
#pragma once

#include <vector>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

struct Speck {
  float x = 0, y = 0, radius = 0;  // pixels, from the middle of the first one
};

// Small, lonely and unlike their surroundings, which are no rougher than `noise` (a deviation in levels) makes them.
// None where there are many: those are stars, sand or a texture.
Result<std::vector<Speck>> specks_of(const Raster& picture, float noise, const Task& task);

// With patches of the surroundings in their places.
Result<Raster> without_specks(const Raster& picture, const std::vector<Speck>& specks, float share, std::uint32_t seed,
                              const Task& task);

}  // namespace tintype::engine
