// What is plain beside a picture that grows: skies, walls, backdrops, water in a haze. Where patches have brought
// clouds and leaves again and again there, it goes on as calm as it is.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/raster/raster.h"
#include "engine/studio/patch_pieces.h"

namespace tintype::engine {

struct PlainSides {
  Field share;                             // of a small level's canvas: how plain it is
  std::array<Field, 3> colours;            // in levels
  std::array<std::vector<Usual>, 2> rows;  // what is usual on the left and on the right, from `top` on
  int middle = 0, top = 0;                 // pixels of the level: what lies left of the middle is on the left
};

// Where no piece is laid on a level and rows are calm by what is known of them; empty: nowhere.
PlainSides plain_sides(const PatchLevel& level, const Marks& lacks);

// Puts them upon what is not usual in a picture that has been filled, with its grain; its finest level is so many times
// larger.
Result<void> put_plain_sides(const PlainSides& plain, int scale, const PatchLevel& finest, std::uint32_t seed,
                             const Task& task, Raster& picture);

}  // namespace tintype::engine
