// Subjects with known shapes, for tests.
#pragma once

#include <cmath>

#include "engine/studio/cut_out.h"

namespace tintype::engine {

// `shape` says for a pixel's middle whether it is the subject's, `bright` how bright it is there, 0 to 1.
template <class Shape, class Bright>
CutOut test_subject(int width, int height, Shape shape, Bright bright) {
  CutOut subject{Field(width, height), Raster(width, height)};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float at_x = static_cast<float>(x) + 0.5F, at_y = static_cast<float>(y) + 0.5F;
      const bool is_inside = shape(at_x, at_y);
      subject.alpha.at(x, y) = is_inside ? 1.0F : 0.0F;
      std::uint8_t* pixel = subject.foreground.at(x, y);
      pixel[0] = static_cast<std::uint8_t>(std::lround(255 * bright(at_x, at_y)));
      pixel[1] = pixel[0] / 2;
      pixel[2] = pixel[0] / 3;
      pixel[3] = is_inside ? 255 : 0;
    }
  }
  return subject;
}

// Brighter towards the left.
inline CutOut test_ball(int side) {
  const auto whole = static_cast<float>(side);
  return test_subject(
      side, side, [=](float x, float y) { return std::hypot(x - 0.5F * whole, y - 0.5F * whole) < 0.3F * whole; },
      [=](float x, float) { return 0.9F - 0.6F * x / whole; });
}

// A box that stands flat, brighter towards the right.
inline CutOut test_box(int width, int height) {
  const auto w = static_cast<float>(width), h = static_cast<float>(height);
  return test_subject(
      width, height, [=](float x, float y) { return x > 0.35F * w && x < 0.65F * w && y > 0.3F * h && y < 0.75F * h; },
      [=](float x, float) { return 0.2F + 0.7F * x / w; });
}

}  // namespace tintype::engine
