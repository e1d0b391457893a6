// What lies beside an edge, going on beyond it for as long as one likes without being recognised.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "engine/raster/raster.h"
#include "engine/studio/canvas_side.h"

namespace tintype::engine {

inline constexpr float kTilePartMin = 0.02F;

// A piece of a picture beside an edge.
struct TextureTile {
  int along = 0, deep = 0;
  bool is_turned_inwards = false, is_turned_along = false, is_there = false;
};

// A tone for each place along the edge, and a texture over it. The tone is a mean of what lies inwards from there: as
// sharp along the edge as a horizon where the rows differ by more than they do within themselves, and else smooth, so
// that spots do not become bars. The texture is what is left of the picture without its tone, laid in tiles from
// anywhere near where the tone is alike, which fade into each other and keep their contrast (Heitz and Neyret, 2018);
// what stands out of it, as a flower before a wall does, is brought down to what is usual. Right beyond the edge both
// are the mirror image of the picture, so that no line shows.
class EdgeTexture {
 public:
  using KnownAt = std::function<float(int along, int outwards)>;  // 1: goes on, 0: does not

  struct Look {
    float side;         // the picture's shorter one, which all else is measured by
    float mirror_part;  // of it: so far outwards the mirror image is seen
    float tone_part;    // within so much of the edge most of the tone is seen
    float tile_part;    // how far tiles lie apart
    int begin, end;     // along the edge: what is looked at
    std::uint32_t seed;
  };

  EdgeTexture(const Raster& canvas, const CanvasSide& side, const KnownAt& known, const Look& look);

  // Levels of three channels, for any `outwards` from 0 on. The canvas is read inside the edge.
  std::array<float, 3> at(int along, int outwards) const;

 private:
  using Levels = std::array<Field, 3>;

  std::array<float, 3> seen(int row, int deep) const;
  void find_busy();
  float calm(int x, int y) const;
  void find_tone(const KnownAt& known);
  void find_texture();
  void lay_tiles();
  TextureTile tile(int across, int down) const;
  int shift(int across) const { return across % 2 * tile_side_ / 2; }  // as bricks lie
  float in_small(const Field& field, int row, int deep) const;
  std::array<float, 3> smooth(int row, int deep) const;
  // What is left of a place in the picture without its tone.
  std::array<float, 3> detail(int row, int deep) const;

  const Raster& canvas_;
  CanvasSide side_;
  Look look_;
  int rows_, deep_, step_;  // along and inwards; of fields that are seen small
  Levels tone_;             // of each row
  Levels smooth_;           // seen small, inwards and along: what differs from the tone over larger places
  Field known_;             // seen small: what tiles may show
  Field limit_;             // of each row: how many levels the texture has at most
  Field busy_;              // seen small: how much places differ from what is around them, in levels
  float usually_busy_ = 0;
  Field strength_;  // seen small: of the texture, in levels
  std::vector<TextureTile> tiles_;
  int tile_side_, tiles_across_, tiles_down_;
};

// Held at most by one, for either look.
std::int64_t edge_texture_bytes_max(const Extent& picture, const Extent& canvas);

}  // namespace tintype::engine
