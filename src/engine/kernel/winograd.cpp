#include "engine/kernel/winograd.h"

namespace tintype::engine {

namespace {

constexpr int kChannelsMin = 8;

using Rows = std::array<std::array<float, 3>, 6>;

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
    rows[at] = {static_cast<float>(1 / distances), static_cast<float>(places[at] / distances),
                static_cast<float>(places[at] * places[at] / distances)};
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

void winograd_kernels(const float* kernels, std::ptrdiff_t step, int count, WinogradFrequencies& frequencies) {
  using Lanes = std::array<float, kWinogradLanes>;
  std::array<Lanes, 9> taps{};
  for (int lane = 0; lane < count; ++lane, kernels += step) {
    for (std::size_t tap = 0; tap < 9; ++tap) taps[tap][static_cast<std::size_t>(lane)] = kernels[tap];
  }
  std::array<std::array<Lanes, 3>, 6> half{};
  const auto weighed = [](const std::array<float, 3>& factors, const Lanes& a, const Lanes& b, const Lanes& c,
                          Lanes& sum) {
    for (std::size_t lane = 0; lane < kWinogradLanes; ++lane) {
      sum[lane] = factors[0] * a[lane] + factors[1] * b[lane] + factors[2] * c[lane];
    }
  };
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t x = 0; x < 3; ++x) weighed(kPoints[row], taps[x], taps[3 + x], taps[6 + x], half[row][x]);
  }
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t column = 0; column < 6; ++column) {
      weighed(kPoints[column], half[row][0], half[row][1], half[row][2], frequencies[row * 6 + column]);
    }
  }
}

}  // namespace tintype::engine
