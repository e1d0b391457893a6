// Where a face is: how the square that faces are restored in lies in the picture.
//
// Coordinates count from the picture's upper left corner, so that the first pixel's centre is at (0.5, 0.5).
#pragma once

#include <array>
#include <optional>
#include <span>

#include "engine/codec/codec.h"

namespace tintype::engine {

struct Point {
  double x = 0;
  double y = 0;
};

// Turns, scales and moves: (x, y) to (a x - b y + move_x, b x + a y + move_y).
struct Similarity {
  double a = 1;
  double b = 0;
  double move_x = 0;
  double move_y = 0;

  Point operator()(const Point& point) const {
    return {a * point.x - b * point.y + move_x, b * point.x + a * point.y + move_y};
  }
  double scale() const;
  Similarity inverse() const;
  // With what comes out enlarged.
  Similarity times(double factor) const { return {a * factor, b * factor, move_x * factor, move_y * factor}; }
};

// The one that brings `from` nearest to `to`, by least squares (Umeyama 1991, in the plane and without reflection).
// Nothing when all of `from` is one point or what comes out is none.
std::optional<Similarity> fit_similarity(std::span<const Point> from, std::span<const Point> to);

// Where eyes (the left one of the picture first), nose and corners of the mouth are in the unit square, in the mean of
// the faces of FFHQ (Karras et al. 2019) as GFPGAN sees them: its square has 512 pixels.
inline constexpr std::array<Point, 5> kFaceTemplate = {{{192.98138 / 512, 239.94708 / 512},
                                                        {318.90277 / 512, 240.19360 / 512},
                                                        {256.63416 / 512, 314.01935 / 512},
                                                        {201.26117 / 512, 371.41043 / 512},
                                                        {313.08905 / 512, 371.15118 / 512}}};

// The unit square that `place` puts into the picture, as side x side pixels; colours alone, with as many bytes a
// sample. Beyond the picture its edge goes on.
Pixels cut_face(const Pixels& picture, const Similarity& place, int side);

}  // namespace tintype::engine
