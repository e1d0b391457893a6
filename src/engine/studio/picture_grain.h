// The finest of what a picture is made of: noise of a sensor, of film, of a wall.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/studio/patch_level.h"

namespace tintype::engine {

// Grain as in the quietest places of a part of a level, in levels; without a pattern, however far it is laid. In each
// of the bands of so many rows it is as in that band of the part: sand has another than the sky above it.
class PictureGrain {
 public:
  PictureGrain(const PatchLevel& level, const Box& part, int band_rows, std::uint32_t seed);

  // What it adds to the channels of a pixel.
  std::array<float, 3> at(int x, int y) const;

 private:
  static constexpr int kSide = 16;  // pixels of a block
  using Block = std::array<std::array<float, 3>, kSide * kSide>;

  int top_, band_rows_;
  std::vector<std::vector<Block>> bands_;
  std::uint32_t seed_;
};

}  // namespace tintype::engine
