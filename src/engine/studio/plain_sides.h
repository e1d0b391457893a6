// What is plain beside a picture that grows: skies, walls, backdrops, water in a haze. Patches would bring clouds and
// leaves again and again there; it goes on as calm as it is.
#pragma once

#include <array>
#include <cstdint>

#include "engine/raster/raster.h"
#include "engine/studio/patch_pieces.h"

namespace tintype::engine {

struct PlainSides {
  Field share;                   // of a small level's canvas: how plain it is
  std::array<Field, 3> colours;  // in levels
};

// Where no piece is laid on a level and rows are calm by what is known of them; empty: nowhere.
PlainSides plain_sides(const PatchLevel& level, const Marks& lacks);

// Puts them upon a picture that has been filled, with its grain; its finest level is so many times larger.
Result<void> put_plain_sides(const PlainSides& plain, int scale, const PatchLevel& finest, std::uint32_t seed,
                             const Task& task, Raster& picture);

}  // namespace tintype::engine
