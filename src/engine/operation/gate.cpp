#include "engine/operation/gate.h"

#include <array>
#include <cmath>
#include <cstring>

namespace tintype::engine {

namespace {

constexpr int kCells = 16;              // a side
constexpr double kDifferenceMax = 0.1;  // root mean square, of 1: a PSNR of 20 dB

using Averages = std::array<double, static_cast<std::size_t>(kCells* kCells)>;

// The average of all colours in each cell of a grid, of 1.
Averages averages_of(const Pixels& pixels) {
  Averages sums{};
  std::array<std::int64_t, static_cast<std::size_t>(kCells * kCells)> counts{};
  const int colours = pixels.channels <= 2 ? 1 : 3;
  for (int y = 0; y < pixels.height; ++y) {
    const std::uint8_t* row = pixels.data.data() + static_cast<std::size_t>(y) * pixels.row_bytes();
    for (int x = 0; x < pixels.width; ++x) {
      const int cell = y * kCells / pixels.height * kCells + x * kCells / pixels.width;
      double sum = 0;
      for (int channel = 0; channel < colours; ++channel) {
        const std::size_t at = static_cast<std::size_t>(x * pixels.channels + channel);
        if (pixels.bytes_per_sample == 1) {
          sum += row[at] / 255.0;
        } else {
          std::uint16_t value = 0;
          std::memcpy(&value, row + at * 2, sizeof value);
          sum += value / 65535.0;
        }
      }
      sums[static_cast<std::size_t>(cell)] += sum / colours;
      ++counts[static_cast<std::size_t>(cell)];
    }
  }
  // Cells of a picture narrower than the grid stay empty in both, or are filled in the larger alone.
  for (std::size_t cell = 0; cell < sums.size(); ++cell) {
    sums[cell] = counts[cell] > 0 ? sums[cell] / static_cast<double>(counts[cell]) : NAN;
  }
  return sums;
}

}  // namespace

Result<void> check_result(const Pixels& input, const Pixels& result) {
  const Averages before = averages_of(input), after = averages_of(result);
  double squares = 0;
  int cells = 0;
  for (std::size_t cell = 0; cell < before.size(); ++cell) {
    if (std::isnan(before[cell]) || std::isnan(after[cell])) continue;
    squares += (before[cell] - after[cell]) * (before[cell] - after[cell]);
    ++cells;
  }
  const double difference = cells > 0 ? std::sqrt(squares / cells) : 1;
  if (difference <= kDifferenceMax) return {};
  return fail_internal("RESULT_REJECTED: it differs from the input by " + std::to_string(difference));
}

}  // namespace tintype::engine
