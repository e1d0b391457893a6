#include "engine/studio/seam.h"

#include <cstdlib>

namespace tintype::engine {

namespace {

constexpr float kInsideFactor = 1.5F, kLineStep = 8;  // levels

}  // namespace

float seam_share(const Raster& canvas, const CanvasSide& side, const SeamLook& look) {
  if (side.depth() < 1 + 2 * look.reach) return 0;
  const auto difference = [&](int along, int one, int other) {
    const std::uint8_t* first = canvas.at(side.x(along, one), side.y(along, one));
    const std::uint8_t* second = canvas.at(side.x(along, other), side.y(along, other));
    return static_cast<float>(std::abs(first[0] - second[0]) + std::abs(first[1] - second[1]) +
                              std::abs(first[2] - second[2])) /
           3;
  };
  const int length = side.end() - side.begin(), first = -1, second = first - look.reach, third = second - look.reach;
  int shown = 0, seen = 0;
  for (int part = 0; part < look.parts; ++part) {
    float step = 0, inside = 0, count = 0;
    const int begin = side.begin() + length * part / look.parts, end = side.begin() + length * (part + 1) / look.parts;
    for (int along = begin; along < end; ++along) {
      if (look.counts && !look.counts(along)) continue;
      step += difference(along, 0, first);
      inside += (difference(along, first, second) + difference(along, second, third)) / 2, ++count;
    }
    if (count == 0) continue;
    ++seen, shown += step > kInsideFactor * inside + kLineStep * count ? 1 : 0;
  }
  return seen > 0 ? static_cast<float>(shown) / static_cast<float>(seen) : 0;
}

}  // namespace tintype::engine
