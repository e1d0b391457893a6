// A raster to look up colours in between its pixels, at any sharpness.
#pragma once

#include <array>
#include <vector>

#include "engine/raster/raster.h"

namespace tintype::engine {

using Pixel = std::array<float, 4>;  // multiplied by alpha, all from 0 to 255

struct Point {
  double x = 0, y = 0;
};

// A place in pixels of the raster, whose first pixel's middle is 0.5: by cubic convolution (Keys, 1981). Outside, the
// raster is mirrored at its edges.
Pixel look_up(const Raster& raster, const Point& at);

Pixel mixed(const Pixel& a, const Pixel& b, float share_of_b);

// Halves of halves, the largest first (Williams, Pyramidal Parametrics, 1983).
class Levels {
 public:
  Levels() = default;
  explicit Levels(Raster raster);

  bool is_empty() const { return levels_.empty(); }
  const Raster& full() const { return levels_.front(); }
  // At a place in the full raster's pixels, `halvings` times half as sharp.
  Pixel look_up(const Point& at, double halvings) const;

 private:
  std::vector<Raster> levels_;
};

}  // namespace tintype::engine
