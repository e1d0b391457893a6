// Between the pixels of a picture.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "engine/codec/codec.h"
#include "engine/operation/face_alignment.h"

namespace tintype::engine {

template <class Sample>
inline Sample load_sample(const std::uint8_t* row, int x, int channels, int channel) {
  Sample sample = 0;
  std::memcpy(&sample, row + static_cast<std::size_t>(x * channels + channel) * sizeof sample, sizeof sample);
  return sample;
}

template <class Sample>
inline void store_sample(std::uint8_t* row, int x, int channels, int channel, float value) {
  constexpr auto kMost = static_cast<float>(std::numeric_limits<Sample>::max());
  const auto sample = static_cast<Sample>(std::clamp(value, 0.0F, kMost) + 0.5F);
  std::memcpy(row + static_cast<std::size_t>(x * channels + channel) * sizeof sample, &sample, sizeof sample);
}

template <class Sample>
inline void store_sample(Pixels& pixels, int x, int y, int channel, float value) {
  store_sample<Sample>(pixels.data.data() + static_cast<std::size_t>(y) * pixels.row_bytes(), x, pixels.channels,
                       channel, value);
}

// Keys' cubic with a = -0.5 (Keys 1981), of the first colours of each pixel; edges go on outwards.
template <class Sample>
class Bicubic {
 public:
  explicit Bicubic(const Pixels& pixels) : pixels_(pixels) {}

  void at(const Point& point, int colours, float* out) const {
    const double left = std::floor(point.x - 0.5), top = std::floor(point.y - 0.5);
    float across[4], down[4];
    weigh(static_cast<float>(point.x - 0.5 - left), across);
    weigh(static_cast<float>(point.y - 0.5 - top), down);
    const int columns[4] = {column(left - 1), column(left), column(left + 1), column(left + 2)};
    for (int channel = 0; channel < colours; ++channel) out[channel] = 0;
    for (int tap = 0; tap < 4; ++tap) {
      const double y = std::clamp(top - 1 + tap, 0.0, static_cast<double>(pixels_.height - 1));
      const std::uint8_t* row = pixels_.data.data() + static_cast<std::size_t>(y) * pixels_.row_bytes();
      for (int channel = 0; channel < colours; ++channel) {
        float sum = 0;
        for (int at = 0; at < 4; ++at) {
          sum += across[at] * static_cast<float>(load_sample<Sample>(row, columns[at], pixels_.channels, channel));
        }
        out[channel] += down[tap] * sum;
      }
    }
  }

 private:
  int column(double x) const { return static_cast<int>(std::clamp(x, 0.0, static_cast<double>(pixels_.width - 1))); }

  // Of the pixels one before, at, one and two behind a place that is `share` of the way from one to the next.
  static void weigh(float share, float (&weights)[4]) {
    const float s = share, t = 1 - share;
    weights[0] = -0.5F * s * t * t;
    weights[1] = (1.5F * s - 2.5F) * s * s + 1;
    weights[2] = (1.5F * t - 2.5F) * t * t + 1;
    weights[3] = -0.5F * t * s * s;
  }

  const Pixels& pixels_;
};

}  // namespace tintype::engine
