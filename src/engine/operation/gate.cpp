#include "engine/operation/gate.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tintype::engine {

namespace {

constexpr int kCellsMax = 16;  // a side
constexpr int kCellPx = 16;    // a side, at least
// Root mean squares over the cells, of 1. Enlarging moves a cell by far less than the floor.
constexpr double kDifferenceMax = 0.1;
constexpr double kDifferenceMaxOfFew = 0.25;  // cells: in a picture of a few pixels the edges weigh much
constexpr double kDifferenceFloor = 0.02;
constexpr double kDifferenceOfSpreadMax = 0.5;
constexpr int kCellsForSpread = 4;

// The average of all colours of one pixel, 0 to 1.
double brightness(const Pixels& pixels, const std::uint8_t* row, int x) {
  const int colours = pixels.channels <= 2 ? 1 : 3;
  double sum = 0;
  for (int channel = 0; channel < colours; ++channel) {
    const std::ptrdiff_t at = std::ptrdiff_t{x} * pixels.channels + channel;
    if (pixels.bytes_per_sample == 1) {
      sum += row[at] / 255.0;
    } else {
      std::uint16_t value = 0;
      std::memcpy(&value, row + at * 2, sizeof value);
      sum += value / 65535.0;
    }
  }
  return sum / colours;
}

Overview overview_of(const Pixels& pixels, int columns, int rows) {
  Overview overview{columns, rows, std::vector<double>(static_cast<std::size_t>(columns * rows))};
  std::vector<std::int64_t> counts(overview.averages.size());
  for (int y = 0; y < pixels.height; ++y) {
    const std::uint8_t* row = pixels.data.data() + static_cast<std::size_t>(y) * pixels.row_bytes();
    const std::int64_t first = std::int64_t{y} * rows / pixels.height * columns;
    for (int x = 0; x < pixels.width; ++x) {
      const auto cell = static_cast<std::size_t>(first + std::int64_t{x} * columns / pixels.width);
      overview.averages[cell] += brightness(pixels, row, x);
      ++counts[cell];
    }
  }
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    overview.averages[cell] /= static_cast<double>(std::max<std::int64_t>(1, counts[cell]));
  }
  return overview;
}

double root_mean_square(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

// The standard deviation.
double spread_of(std::vector<double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  for (double& value : values) value -= sum / static_cast<double>(values.size());
  return root_mean_square(values);
}

}  // namespace

Overview overview_of(const Pixels& pixels) {
  return overview_of(pixels, std::clamp(pixels.width / kCellPx, 1, kCellsMax),
                     std::clamp(pixels.height / kCellPx, 1, kCellsMax));
}

Result<void> check_result(const Overview& input, const Pixels& result) {
  std::vector<double> differences = overview_of(result, input.columns, input.rows).averages;
  for (std::size_t cell = 0; cell < differences.size(); ++cell) differences[cell] -= input.averages[cell];
  const double difference = root_mean_square(differences);
  const bool has_spread = input.averages.size() >= kCellsForSpread;
  const double allowed =
      has_spread ? std::clamp(kDifferenceOfSpreadMax * spread_of(input.averages), kDifferenceFloor, kDifferenceMax)
                 : kDifferenceMaxOfFew;
  if (difference <= allowed) return {};
  return fail_internal("RESULT_REJECTED: it differs from the input by " + std::to_string(difference));
}

}  // namespace tintype::engine
