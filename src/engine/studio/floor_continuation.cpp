#include "engine/studio/floor_continuation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"

namespace tintype::engine {

namespace {

constexpr int kCoarsestSide = 240, kFinestSide = 960;  // pixels of the longer side, at which a floor is looked for
constexpr double kStripPart = 0.14;                    // of the height: what has to look the same again
constexpr int kAcross = 33, kDown = 25, kSteps = 16;   // places and steps that are tried
constexpr double kHighest = -0.2, kLowest = 0.75;      // of the height: where a floor's lines run to
constexpr double kStepMost = 2.2;                      // of the least that is enough
constexpr double kDetailSigma = 0.025;                 // of the longer side: what is smaller is a line or an edge
constexpr int kRounds = 4;                             // ever nearer, at each size
constexpr float kDifferenceMax = 48;                   // levels: what counts no more
// What the strip may differ by, in levels and as a share of what it does where it is only moved down; and what that has
// to be at least, as else there is nothing to be wrong.
constexpr float kAlike = 12, kBetter = 0.7F, kNeedMin = 5;
constexpr double kSparedMax = 0.01;

constexpr int kRimRows = 4;
constexpr double kRimSigma = 0.012, kRimFade = 0.1;  // of the width
constexpr float kRimMax = 20;                        // levels

struct Spot {
  double x = 0, y = 0;
};

// Where in the picture a place beyond it or further down looks the same, all in longer sides.
Spot seen_again(const Floor& floor, const Spot& at) {
  const double below = at.y - floor.y, scale = 1 / (1 + floor.step * below);
  return {floor.x + (at.x - floor.x) * scale, floor.y + below * scale};
}

// The lower strip of a picture of some size, to be found again in it.
class Strip {
 public:
  Strip(const Field& detail, double bottom)
      : detail_(detail), longer_(std::max(detail.width, detail.height)), bottom_(bottom) {}

  // The mean difference in levels.
  template <class Again>
  float difference(const Again& again) const {
    constexpr int kStride = 2;
    const int first = detail_.height - static_cast<int>(std::lround(kStripPart * detail_.height));
    double sum = 0, count = 0;
    for (int y = first; y < detail_.height; y += kStride) {
      for (int x = 0; x < detail_.width; x += kStride) {
        const Spot from = again(Spot{(x + 0.5) / longer_, (y + 0.5) / longer_});
        const float seen =
            sample(detail_, static_cast<float>(from.x * longer_ - 0.5), static_cast<float>(from.y * longer_ - 0.5));
        sum += std::min(kDifferenceMax, 255 * std::abs(detail_.at(x, y) - seen));
        ++count;
      }
    }
    return static_cast<float>(sum / count);
  }
  float difference(const Floor& floor) const {
    if (!is_possible(floor)) return kDifferenceMax;
    return difference([&](const Spot& at) { return seen_again(floor, at); });
  }
  // Of the strip itself, moved by about as much.
  float difference_moved(const Floor& floor) const {
    const double edge = detail_.height / longer_;
    const double about = edge - seen_again(floor, {0, edge}).y;
    float least = kDifferenceMax;
    for (double share = 0.5; share <= 1.5; share += 0.05) {
      least = std::min(least, difference([&](const Spot& at) { return Spot{at.x, at.y - share * about}; }));
    }
    return least;
  }
  // The least step with which all below the picture is in it.
  double least_step(double y) const { return 1 / (detail_.height / longer_ - y) - 1 / (bottom_ - y); }

 private:
  bool is_possible(const Floor& floor) const {
    return floor.y < (1 - kStripPart) * detail_.height / longer_ - 0.02 && floor.step >= least_step(floor.y);
  }

  const Field& detail_;
  double longer_, bottom_;
};

// Lines and edges: brightness itself changes on the way to the camera.
Field detail_within(const Raster& picture, int side) {
  const double scale = std::min(1.0, static_cast<double>(side) / std::max(picture.width, picture.height));
  const auto scaled = [&](int length) { return std::max(1, static_cast<int>(std::lround(scale * length))); };
  Field detail = gaussian_blur(luma_of(resized(picture, {scaled(picture.width), scaled(picture.height)})), 0.7);
  const Field mean = gaussian_blur(detail, kDetailSigma * side);
  for (std::size_t at = 0; at < mean.values.size(); ++at) detail.values[at] -= mean.values[at];
  return detail;
}

bool shows_spared(const Floor& floor, const Field& spared, double bottom) {
  if (spared.values.empty()) return false;
  const double longer = std::max(spared.width, spared.height);
  int count = 0, shown = 0;
  for (int y = spared.height; y < static_cast<int>(bottom * longer); ++y) {
    for (int x = 0; x < spared.width; ++x, ++count) {
      const Spot from = seen_again(floor, {(x + 0.5) / longer, (y + 0.5) / longer});
      shown +=
          sample(spared, static_cast<float>(from.x * longer - 0.5), static_cast<float>(from.y * longer - 0.5)) > 0.5F;
    }
  }
  return shown > kSparedMax * count;
}

// Between pixels, in levels.
std::array<float, 3> between_pixels(const Raster& picture, double x, double y) {
  const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
  const auto across = keys_weights(static_cast<float>(x - left)), down = keys_weights(static_cast<float>(y - top));
  std::array<float, 3> sums{};
  for (int j = 0; j < 4; ++j) {
    const int from_y = std::clamp(top - 1 + j, 0, picture.height - 1);
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t* pixel = picture.at(std::clamp(left - 1 + i, 0, picture.width - 1), from_y);
      const float weight = across[static_cast<std::size_t>(i)] * down[static_cast<std::size_t>(j)];
      for (std::size_t channel = 0; channel < 3; ++channel) sums[channel] += weight * pixel[channel];
    }
  }
  return sums;
}

}  // namespace

std::optional<Floor> find_floor(const Raster& picture, const Field& spared, int below) {
  const double longer = std::max(picture.width, picture.height);
  const double width = picture.width / longer, height = picture.height / longer,
               bottom = (picture.height + below) / longer;
  Floor best;
  float least = kDifferenceMax;
  const auto consider = [&](const Strip& strip, const Floor& floor) {
    const float difference = strip.difference(floor);
    if (difference < least) least = difference, best = floor;
  };
  Floor apart{width / (kAcross - 1), (kLowest - kHighest) * height / (kDown - 1), 0};
  for (int side = kCoarsestSide; side <= kFinestSide; side *= 2) {
    const Field detail = detail_within(picture, side);
    const Strip strip(detail, bottom);
    if (side == kCoarsestSide) {
      for (int column = 0; column < kAcross; ++column) {
        for (int row = 0; row < kDown; ++row) {
          const Spot at{column * apart.x, kHighest * height + row * apart.y};
          for (int step = 0; step < kSteps; ++step) {
            const double share = 1 + (kStepMost - 1) * step / (kSteps - 1);
            consider(strip, {at.x, at.y, share * strip.least_step(at.y)});
          }
        }
      }
      if (least >= kDifferenceMax) return std::nullopt;
      apart.step = (kStepMost - 1) / (kSteps - 1) * strip.least_step(best.y);
    }
    least = strip.difference(best);
    for (int round = 0; round < kRounds; ++round) {
      const Floor about = best;
      for (int i = -1; i <= 1; ++i) {
        for (int j = -1; j <= 1; ++j) {
          for (int k = -1; k <= 1; ++k) {
            consider(strip, {about.x + i * apart.x / 2, about.y + j * apart.y / 2, about.step + k * apart.step / 2});
          }
        }
      }
      if (round % 2 == 1) apart = {apart.x / 2, apart.y / 2, apart.step / 2};
    }
    if (2 * side > kFinestSide || 2 * side > 2 * longer) {
      const float moved = strip.difference_moved(best);
      if (least > kAlike || moved < kNeedMin || least > kBetter * moved) return std::nullopt;
      break;
    }
  }
  if (shows_spared(best, spared, bottom)) return std::nullopt;
  return best;
}

Result<void> continue_floor(const Raster& picture, const Floor& floor, int left, int top, const Task& task,
                            Raster& canvas) {
  const double longer = std::max(picture.width, picture.height);
  const auto again = [&](int x, int y) {
    const Spot from = seen_again(floor, {(x + 0.5) / longer, (y + 0.5) / longer});
    return between_pixels(picture, from.x * longer - 0.5, from.y * longer - 0.5);
  };
  // What it differs by at the edge goes on, and fades.
  std::array<Field, 3> rim;
  rim.fill(Field(picture.width, 1));
  const int rows = std::min(kRimRows, picture.height);
  for (int y = picture.height - rows; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const auto seen = again(x, y);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const float unlike = picture.at(x, y)[channel] - seen[channel];
        rim[channel].at(x, 0) += std::clamp(unlike, -kRimMax, kRimMax) / static_cast<float>(rows);
      }
    }
  }
  for (Field& channel : rim) channel = gaussian_blur(channel, kRimSigma * picture.width);
  const int first = top + picture.height;
  return task.rows(canvas.height - first, [&](int begin, int end) {
    for (int y = first + begin; y < first + end; ++y) {
      const auto faded = static_cast<float>(std::exp(-(y - first) / (kRimFade * picture.width)));
      for (int x = 0; x < canvas.width; ++x) {
        const auto seen = again(x - left, y - top);
        const int near_x = std::clamp(x - left, 0, picture.width - 1);
        std::uint8_t* out = canvas.at(x, y);
        for (int channel = 0; channel < 3; ++channel) {
          const auto which = static_cast<std::size_t>(channel);
          const float level = seen[which] + faded * rim[which].at(near_x, 0);
          out[channel] = dithered_byte(std::clamp(level, 0.0F, 255.0F) / 255, x, y, channel);
        }
        out[3] = 255;
      }
    }
  });
}

}  // namespace tintype::engine
