// Pictures with known truth for tests of what is filled and continued.
#pragma once

#include <cmath>
#include <numbers>

#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// A task of its own.
struct Attempt {
  explicit Attempt(int threads = 2) : task(permille, cancel, threads) {}
  std::atomic<int> permille{0};
  std::atomic<bool> cancel{false};
  Task task;
};

// Opaque, of values from 0 to 255 by `value(x, y, channel)`.
template <class Value>
Raster painted(int width, int height, Value value) {
  Raster picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const double level = std::clamp(static_cast<double>(value(x, y, channel)), 0.0, 255.0);
        picture.at(x, y)[channel] = static_cast<std::uint8_t>(std::lround(level));
      }
      picture.at(x, y)[3] = 255;
    }
  }
  return picture;
}

// Tiles of 24 by 18 pixels that are no mirror images of themselves.
inline double tile(int x, int y, int channel) {
  constexpr double kTurn = 2 * std::numbers::pi;
  const double u = x / 24.0, v = y / 18.0;
  return 128 + 50 * std::sin(kTurn * u + channel) + 40 * std::sin(kTurn * (v + 2 * u)) +
         20 * std::cos(kTurn * (3 * v - u) + 0.5 * channel);
}

// Nearly normal numbers of deviation 1, by Irwin and Hall.
class Grain {
 public:
  double operator()() {
    double sum = -6;
    for (int times = 0; times < 12; ++times) sum += (state_ = state_ * 1'664'525 + 1'013'904'223) / 4294967296.0;
    return sum;
  }

 private:
  std::uint32_t state_ = 7;
};

// Of the colours, in levels.
inline double mean_error(const Raster& one, const Raster& other) {
  double sum = 0;
  for (std::size_t at = 0; at < one.rgba.size(); ++at) {
    if (at % 4 != 3) sum += std::abs(one.rgba[at] - other.rgba[at]);
  }
  return sum / (static_cast<double>(one.rgba.size()) * 3 / 4);
}

}  // namespace tintype::engine
