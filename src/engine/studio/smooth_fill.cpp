#include "engine/studio/smooth_fill.h"

#include <algorithm>
#include <numbers>
#include <vector>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr float kKnownMin = 1e-4F;
constexpr int kHangSweeps = 8;  // for each pixel of depth

// Values times how well they are known, and that.
struct Weighted {
  Field sums, weights;
};

Weighted halved(const Weighted& whole) {
  const Extent sides{(whole.sums.width + 1) / 2, (whole.sums.height + 1) / 2};
  Weighted half{resized(whole.sums, sides), resized(whole.weights, sides)};
  return half;
}

Field pulled(const Weighted& level) {
  const int width = level.sums.width, height = level.sums.height;
  Field below;
  if (width > 1 || height > 1) below = resized(pulled(halved(level)), {width, height});
  Field filled(width, height);
  for (std::size_t at = 0; at < filled.values.size(); ++at) {
    const float weight = level.weights.values[at];
    const float own = weight > kKnownMin ? level.sums.values[at] / weight : 0;
    const float share = below.values.empty() ? 1 : std::min(1.0F, weight);
    filled.values[at] = share * own + (share < 1 ? (1 - share) * below.values[at] : 0);
  }
  return filled;
}

}  // namespace

Field smoothly_filled(const Field& values, const Field& known) {
  if (std::ranges::none_of(known.values, [](float share) { return share > 0; })) return values;
  Weighted level{values, known};
  for (std::size_t at = 0; at < values.values.size(); ++at) level.sums.values[at] *= known.values[at];
  Field filled = pulled(level);
  for (std::size_t at = 0; at < values.values.size(); ++at) {
    if (known.values[at] >= 1) filled.values[at] = values.values[at];
  }
  return filled;
}

float over_relaxation(int depth) {
  return 2 / (1 + std::numbers::pi_v<float> / static_cast<float>(2 * depth + 1));
}

// By successive over-relaxation.
void hang(const Field& known, int depth, Field& values) {
  std::vector<int> hanging;
  for (std::size_t at = 0; at < known.values.size(); ++at) {
    if (known.values[at] <= 0) hanging.push_back(static_cast<int>(at));
  }
  const float beyond = over_relaxation(depth);
  for (int sweep = 0; sweep < kHangSweeps * depth; ++sweep) {
    for (const int at : hanging) {
      const int x = at % values.width, y = at / values.width;
      float sum = 0, count = 0;
      if (x > 0) sum += values.at(x - 1, y), count += 1;
      if (y > 0) sum += values.at(x, y - 1), count += 1;
      if (x + 1 < values.width) sum += values.at(x + 1, y), count += 1;
      if (y + 1 < values.height) sum += values.at(x, y + 1), count += 1;
      float& own = values.at(x, y);
      own += beyond * (sum / count - own);
    }
  }
}

}  // namespace tintype::engine
