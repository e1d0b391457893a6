#include "engine/studio/defocus.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace tintype::engine {

namespace {

constexpr int kPasses = 2;
constexpr float kSigmaMin = 0.25F;  // less is not seen
constexpr int kStripColumns = 16;   // that are blurred together, so that memory is read in lines

// Half the length of each of the boxes that together have this standard deviation. A box holds `whole` pixels on each
// side of its middle and a part of the next, just so many that its variance is its share.
float half_length(float sigma) {
  const float variance = sigma * sigma / kPasses;
  const float whole = std::floor(0.5F * (std::sqrt(1 + 12 * variance) - 1));
  const float of_whole = whole * (whole + 1) * (2 * whole + 1) / 3;
  const float next = (whole + 1) * (whole + 1);
  return 0.5F + whole + (variance * (1 + 2 * whole) - of_whole) / (2 * (next - variance));
}

// Sums of values from the beginning up to each place, whole numbers between pixels; outside, the ends go on.
struct Sums {
  std::vector<double> until;

  explicit Sums(int count) : until(static_cast<std::size_t>(count) + 1) {}
  int count() const { return static_cast<int>(until.size()) - 1; }
  double at(double place) const {
    const int all = count();
    if (place <= 0) return place * (until[1] - until[0]);
    if (place >= all)
      return until[static_cast<std::size_t>(all)] +
             (place - all) * (until[static_cast<std::size_t>(all)] - until[static_cast<std::size_t>(all) - 1]);
    const auto whole = static_cast<std::size_t>(place);
    return until[whole] + (place - static_cast<double>(whole)) * (until[whole + 1] - until[whole]);
  }
  float mean_around(int pixel, float half) const {
    const double middle = pixel + 0.5;
    return static_cast<float>((at(middle + half) - at(middle - half)) / (2.0 * half));
  }
};

void blur_row(float* row, int width, float half, Sums& sums) {
  for (int pass = 0; pass < kPasses; ++pass) {
    double sum = 0;
    for (int x = 0; x < width; ++x) {
      sum += row[x];
      sums.until[static_cast<std::size_t>(x) + 1] = sum;
    }
    for (int x = 0; x < width; ++x) row[x] = sums.mean_around(x, half);
  }
}

void blur_columns(Field& field, int begin, int end, std::span<const float> halves, std::vector<Sums>& sums) {
  for (int pass = 0; pass < kPasses; ++pass) {
    for (int y = 0; y < field.height; ++y) {
      const float* row = field.row(y);
      for (int x = begin; x < end; ++x) {
        Sums& own = sums[static_cast<std::size_t>(x - begin)];
        own.until[static_cast<std::size_t>(y) + 1] = own.until[static_cast<std::size_t>(y)] + row[x];
      }
    }
    for (int y = 0; y < field.height; ++y) {
      const float half = halves[static_cast<std::size_t>(y)];
      if (half == 0) continue;
      float* row = field.row(y);
      for (int x = begin; x < end; ++x) row[x] = sums[static_cast<std::size_t>(x - begin)].mean_around(y, half);
    }
  }
}

}  // namespace

Result<void> blur_by_rows(Field& field, std::span<const float> across, std::span<const float> down, const Task& task) {
  auto ran = task.part(0, 0.5).rows(field.height, [&](int begin, int end) {
    Sums sums(field.width);
    for (int y = begin; y < end; ++y) {
      const float sigma = across[static_cast<std::size_t>(y)];
      if (sigma >= kSigmaMin) blur_row(field.row(y), field.width, half_length(sigma), sums);
    }
  });
  if (!ran) return ran;
  std::vector<float> halves;
  for (const float sigma : down) halves.push_back(sigma >= kSigmaMin ? half_length(sigma) : 0);
  if (std::ranges::all_of(halves, [](float half) { return half == 0; })) return {};
  const int strips = (field.width + kStripColumns - 1) / kStripColumns;
  return task.part(0.5, 1).rows(strips, [&](int begin, int end) {
    std::vector<Sums> sums(kStripColumns, Sums(field.height));
    for (int strip = begin; strip < end; ++strip) {
      const int first = strip * kStripColumns;
      blur_columns(field, first, std::min(field.width, first + kStripColumns), halves, sums);
    }
  });
}

}  // namespace tintype::engine
