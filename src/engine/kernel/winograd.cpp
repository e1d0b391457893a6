#include "engine/kernel/winograd.h"

namespace tintype::engine {

namespace {

constexpr int kChannelsMin = 8;

using Rows = std::array<std::array<double, 3>, 6>;

// G: a kernel's three taps at the six points, each divided by its distances to the others.
constexpr Rows points() {
  const double a = double{winograd::kNear}, b = double{winograd::kFar};
  const std::array<double, 5> places{0, a, -a, b, -b};
  Rows rows{};
  for (std::size_t at = 0; at < places.size(); ++at) {
    double distances = 1;
    for (std::size_t other = 0; other < places.size(); ++other) {
      if (other != at) distances *= places[at] - places[other];
    }
    rows[at] = {1 / distances, places[at] / distances, places[at] * places[at] / distances};
  }
  rows[5] = {0, 0, 1};
  return rows;
}

constexpr Rows kPoints = points();

}  // namespace

bool fits_winograd(const KernelShape& shape) {
  return !shape.depthwise && shape.kernel_height == 3 && shape.kernel_width == 3 && shape.stride_y == 1 &&
         shape.stride_x == 1 && shape.dilation_y == 1 && shape.dilation_x == 1 && shape.in_channels >= kChannelsMin &&
         shape.out_channels >= kChannelsMin;
}

std::array<float, kWinogradFrequencies> winograd_kernel(const float* kernel) {
  std::array<float, kWinogradFrequencies> frequencies{};
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t column = 0; column < 6; ++column) {
      double sum = 0;
      for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t x = 0; x < 3; ++x) sum += kPoints[row][y] * kPoints[column][x] * double{kernel[y * 3 + x]};
      }
      frequencies[row * 6 + column] = static_cast<float>(sum);
    }
  }
  return frequencies;
}

}  // namespace tintype::engine
