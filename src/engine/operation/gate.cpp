#include "engine/operation/gate.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

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
// A seam is a step of more than this, of 1, and so many times larger than the steps beside it.
constexpr double kSeamMin = 0.015;
constexpr double kSeamOfNeighboursMax = 3;
constexpr int kNeighbours = 4;  // to either side

// The sum over the pixels from x up to, but not with, end, of a picture of one byte or two.
template <class Sample>
double sum_of(const PictureShape& shape, const std::uint8_t* row, int x, int end) {
  const int colours = shape.channels <= 2 ? 1 : 3;
  std::uint64_t sum = 0;
  const auto sample = [&](int at) {
    Sample value = 0;
    std::memcpy(&value, row + static_cast<std::size_t>(at) * sizeof value, sizeof value);
    return std::uint64_t{value};
  };
  if (shape.channels == colours) {
    for (int at = x * colours; at < end * colours; ++at) sum += sample(at);
  } else {
    for (; x < end; ++x) {
      for (int channel = 0; channel < colours; ++channel) sum += sample(x * shape.channels + channel);
    }
  }
  return static_cast<double>(sum) / (static_cast<double>(std::numeric_limits<Sample>::max()) * colours);
}

double brightness_of(const PictureShape& shape, const std::uint8_t* row, int x, int end) {
  return shape.bytes_per_sample == 1 ? sum_of<std::uint8_t>(shape, row, x, end)
                                     : sum_of<std::uint16_t>(shape, row, x, end);
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

Overview::Overview(const PictureShape& shape)
    : shape_(shape),
      columns_(std::clamp(shape.width / kCellPx, 1, kCellsMax)),
      rows_(std::clamp(shape.height / kCellPx, 1, kCellsMax)),
      sums_(static_cast<std::size_t>(columns_ * rows_)),
      counts_(sums_.size()) {}

Overview::Overview(const PictureShape& shape, const Overview& like)
    : shape_(shape), columns_(like.columns_), rows_(like.rows_), sums_(like.sums_.size()), counts_(sums_.size()) {}

void Overview::add(std::span<const std::uint8_t> rows) {
  for (; !rows.empty(); rows = rows.subspan(shape_.row_bytes()), ++seen_) {
    const std::int64_t first = std::int64_t{seen_} * rows_ / shape_.height * columns_;
    for (int column = 0; column < columns_; ++column) {
      const auto left = [&](int of) {
        return static_cast<int>((std::int64_t{of} * shape_.width + columns_ - 1) / columns_);
      };
      const auto cell = static_cast<std::size_t>(first + column);
      sums_[cell] += brightness_of(shape_, rows.data(), left(column), left(column + 1));
      counts_[cell] += left(column + 1) - left(column);
    }
  }
}

std::vector<double> Overview::averages() const {
  std::vector<double> averages = sums_;
  for (std::size_t cell = 0; cell < averages.size(); ++cell) {
    averages[cell] /= static_cast<double>(std::max<std::int64_t>(1, counts_[cell]));
  }
  return averages;
}

Result<void> check_same(const Overview& input, const Overview& result) {
  const std::vector<double> expected = input.averages();
  std::vector<double> differences = result.averages();
  for (std::size_t cell = 0; cell < differences.size(); ++cell) differences[cell] -= expected[cell];
  const double difference = root_mean_square(differences);
  const double allowed = expected.size() >= kCellsForSpread ? std::clamp(kDifferenceOfSpreadMax * spread_of(expected),
                                                                         kDifferenceFloor, kDifferenceMax)
                                                            : kDifferenceMaxOfFew;
  if (difference <= allowed) return {};
  return fail_internal("RESULT_REJECTED: it differs from the input by " + std::to_string(difference));
}

SeamCheck::SeamCheck(const PictureShape& shape, std::vector<int> cuts) : shape_(shape) {
  for (const int column : cuts) {
    if (column > kNeighbours && column + kNeighbours < shape.width) cuts_.push_back({column, 0, 0});
  }
}

void SeamCheck::add(std::span<const std::uint8_t> rows) {
  for (; !rows.empty(); rows = rows.subspan(shape_.row_bytes()), ++seen_) {
    for (Cut& cut : cuts_) {
      const auto step = [&](int column) {
        return std::abs(brightness_of(shape_, rows.data(), column, column + 1) -
                        brightness_of(shape_, rows.data(), column - 1, column));
      };
      cut.across += step(cut.column);
      for (int away = 1; away <= kNeighbours; ++away) {
        cut.beside += (step(cut.column - away) + step(cut.column + away)) / (2 * kNeighbours);
      }
    }
  }
}

Result<void> SeamCheck::check() const {
  for (const Cut& cut : cuts_) {
    const auto rows = static_cast<double>(std::max<std::int64_t>(1, seen_));
    if (cut.across / rows > kSeamMin && cut.across > kSeamOfNeighboursMax * cut.beside) {
      return fail_internal("RESULT_REJECTED: there is a seam at column " + std::to_string(cut.column));
    }
  }
  return {};
}

}  // namespace tintype::engine
