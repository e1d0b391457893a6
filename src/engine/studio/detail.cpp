#include "engine/studio/detail.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixels = 400'000;  // for what is coarse
constexpr int kMeasuredSide = 1'400;               // pixels in the middle that tell of sharpness
constexpr float kStepMin = 14.0F / 255;            // between pixels two apart
constexpr std::ptrdiff_t kHighestPart = 30;        // of the steps tell
constexpr int kStepsMin = 200;
constexpr int kSurroundings = 50;  // a part of the longer side
constexpr float kEdgeVariance = 0.01F;
constexpr float kOvershoot = 0.12F;  // of the range of the neighbours
constexpr int kStripRows = 64;

// Brightness less fine things is slope * brightness + base, bent along edges.
struct Bent {
  Field slope, base;
};

Bent bent(const Field& luma, int radius) {
  Field squares(luma.width, luma.height);
  for (std::size_t at = 0; at < luma.values.size(); ++at) squares.values[at] = luma.values[at] * luma.values[at];
  const Field mean = box_blur(luma, radius), mean_square = box_blur(squares, radius);
  Bent bent{Field(luma.width, luma.height), Field(luma.width, luma.height)};
  for (std::size_t at = 0; at < luma.values.size(); ++at) {
    const float variance = std::max(0.0F, mean_square.values[at] - mean.values[at] * mean.values[at]);
    bent.slope.values[at] = variance / (variance + kEdgeVariance);
    bent.base.values[at] = mean.values[at] * (1 - bent.slope.values[at]);
  }
  return {box_blur(bent.slope, radius), box_blur(bent.base, radius)};
}

Raster seen_through(const Raster& picture, const Curves& curves) {
  Raster result = picture;
  for (std::size_t at = 0; at < result.rgba.size(); at += Raster::kChannels) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      result.rgba[at + channel] = byte_of(curves.values[channel][result.rgba[at + channel]]);
    }
  }
  return result;
}

float luma_at(const Curves& curves, const std::uint8_t* pixel) {
  return luminance_of({curves.values[0][pixel[0]], curves.values[1][pixel[1]], curves.values[2][pixel[2]]});
}

// Moves brightness within what the eight neighbours hold and a little beyond, so that no edge gets a halo.
float held(const Field& luma, int x, int y, float wanted) {
  float least = 1, most = 0;
  for (int at_y = std::max(0, y - 1); at_y <= std::min(luma.height - 1, y + 1); ++at_y) {
    for (int at_x = std::max(0, x - 1); at_x <= std::min(luma.width - 1, x + 1); ++at_x) {
      least = std::min(least, luma.at(at_x, at_y)), most = std::max(most, luma.at(at_x, at_y));
    }
  }
  const float beyond = kOvershoot * (most - least);
  return std::clamp(wanted, least - beyond, most + beyond);
}

// By how much less than the noise a difference counts: what is below it does not.
float cored(float difference, float noise) {
  const float size = std::max(0.0F, std::abs(difference) - noise);
  return difference < 0 ? -size : size;
}

void finish_rows(const Raster& picture, const Finish& finish, const Bent& bent, int begin, int end, Raster& result) {
  const int margin = static_cast<int>(std::ceil(4 * finish.radius)) + 1;
  const int first = std::max(0, begin - margin), last = std::min(picture.height, end + margin);
  Field luma(picture.width, last - first);
  for (int y = first; y < last; ++y) {
    for (int x = 0; x < picture.width; ++x) luma.at(x, y - first) = luma_at(finish.curves, picture.at(x, y));
  }
  const Field soft = finish.sharpening > 0 ? gaussian_blur(luma, finish.radius) : Field();
  const float to_x = static_cast<float>(bent.slope.width) / static_cast<float>(picture.width);
  const float to_y = static_cast<float>(bent.slope.height) / static_cast<float>(picture.height);
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const float own = luma.at(x, y - first);
      float wanted = own;
      if (finish.sharpening > 0) {
        wanted += finish.sharpening * cored(own - soft.at(x, y - first), finish.noise / 255);
        wanted = held(luma, x, y - first, wanted);
      }
      if (finish.contrast > 0) {
        const float at_x = (static_cast<float>(x) + 0.5F) * to_x - 0.5F,
                    at_y = (static_cast<float>(y) + 0.5F) * to_y - 0.5F;
        const float base = sample(bent.slope, at_x, at_y) * own + sample(bent.base, at_x, at_y);
        // Less where it would be cut off at black or white.
        const float room = 4 * own * (1 - own);
        wanted += finish.contrast * std::min(1.0F, 1.5F * room) * (own - base);
      }
      const std::uint8_t* from = picture.at(x, y);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        result.at(x, y)[channel] = byte_of(finish.curves.values[channel][from[channel]] + wanted - own);
      }
    }
  }
}

}  // namespace

float softness_of(const Raster& picture) {
  const int width = std::min(picture.width, kMeasuredSide), height = std::min(picture.height, kMeasuredSide);
  const int left = (picture.width - width) / 2, top = (picture.height - height) / 2;
  const Curves plain = plain_curves();
  const auto luma = [&](int x, int y) { return luma_at(plain, picture.at(left + x, top + y)); };
  struct Step {
    float height = 0, spread = 0;
  };
  std::vector<Step> steps;
  for (int y = 3; y + 3 < height; y += 2) {
    for (int x = 3; x + 3 < width; ++x) {
      for (const auto& [dx, dy] : {std::pair{1, 0}, std::pair{0, 1}}) {
        const float near = luma(x + dx, y + dy) - luma(x - dx, y - dy);
        const float before = luma(x, y) - luma(x - 2 * dx, y - 2 * dy);
        const float behind = luma(x + 2 * dx, y + 2 * dy) - luma(x, y);
        // The middle of a step, which goes the same way on both sides.
        if (std::abs(near) < kStepMin || std::abs(near) < std::max(std::abs(before), std::abs(behind))) continue;
        const float far = luma(x + 3 * dx, y + 3 * dy) - luma(x - 3 * dx, y - 3 * dy);
        steps.push_back({std::abs(near), far / near});
      }
    }
  }
  if (std::ssize(steps) < kStepsMin) return 0;
  // The highest steps are those of edges, and the middle one of them is neither of a line nor of a ramp.
  const auto count = std::max<std::ptrdiff_t>(kStepsMin, std::ssize(steps) / kHighestPart);
  std::ranges::nth_element(steps, steps.begin() + count - 1, std::greater(), &Step::height);
  const auto which = steps.begin() + count / 2;
  std::ranges::nth_element(steps.begin(), which, steps.begin() + count, {}, &Step::spread);
  // The deviation at which a blurred step spreads like that.
  float softness = 0.5F;
  while (softness < 4 && std::erf(3 / (softness * std::numbers::sqrt2_v<float>)) /
                                 std::erf(1 / (softness * std::numbers::sqrt2_v<float>)) <
                             which->spread) {
    softness += 0.05F;
  }
  return softness;
}

float local_contrast_of(const Raster& picture) {
  const Field luma = luma_of(resized(picture, extent_within(picture.extent(), kLookedAtPixels)));
  Field squares(luma.width, luma.height);
  for (std::size_t at = 0; at < luma.values.size(); ++at) squares.values[at] = luma.values[at] * luma.values[at];
  const int radius = std::max(2, std::max(luma.width, luma.height) / kSurroundings);
  const Field mean = box_blur(luma, radius), mean_square = box_blur(squares, radius);
  double sum = 0;
  for (std::size_t at = 0; at < luma.values.size(); ++at) {
    sum += std::sqrt(std::max(0.0F, mean_square.values[at] - mean.values[at] * mean.values[at]));
  }
  return static_cast<float>(sum / static_cast<double>(luma.values.size()));
}

Result<Raster> finished(const Raster& picture, const Finish& finish, const Task& task) {
  Bent surroundings;
  if (finish.contrast > 0) {
    const Raster small =
        seen_through(resized(picture, extent_within(picture.extent(), kLookedAtPixels)), finish.curves);
    surroundings = bent(luma_of(small), std::max(2, std::max(small.width, small.height) / kSurroundings));
  }
  Raster result = picture;
  const int strips = (picture.height + kStripRows - 1) / kStripRows;
  const auto done = task.rows(strips, [&](int first, int last) {
    for (int strip = first; strip < last && !task.is_cancelled(); ++strip) {
      const int begin = strip * kStripRows;
      finish_rows(picture, finish, surroundings, begin, std::min(picture.height, begin + kStripRows), result);
    }
  });
  if (!done) return std::unexpected(done.error());
  return result;
}

}  // namespace tintype::engine
