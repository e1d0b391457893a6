#include "engine/studio/layers.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/expand.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kAlphaPixelsMax = 600'000;   // outlines are judged at this size
constexpr std::int64_t kCanvasPixelsMax = 500'000;  // and what is outside is made at this one
constexpr double kBandShare = 0.012;                // of the longer side: half the width of an outline's soft band
constexpr float kSure = 0.6F, kUnsure = 0.2F;       // of alpha
constexpr double kSpeckShare = 0.03;                // of the largest part: what is smaller is no part of the subject
constexpr double kPinholeShare = 0.0015;            // of the picture: what is smaller is no hole in the subject

int longer_side(int width, int height) {
  return std::max(width, height);
}

// Parts of a mask that are smaller than the least are taken out of it. What touches the edge may be of any size where
// `keeps_edge` says so.
void drop_small_parts(cv::Mat& mask, double share_of_largest, double pixels_min, bool keeps_edge) {
  cv::Mat labels, figures, middles;
  const int parts = cv::connectedComponentsWithStats(mask, labels, figures, middles, 8);
  int largest = 0;
  for (int part = 1; part < parts; ++part) largest = std::max(largest, figures.at<int>(part, cv::CC_STAT_AREA));
  const double least = std::max(pixels_min, share_of_largest * largest);
  std::vector<bool> stays(static_cast<std::size_t>(parts));
  for (int part = 1; part < parts; ++part) {
    const int left = figures.at<int>(part, cv::CC_STAT_LEFT), top = figures.at<int>(part, cv::CC_STAT_TOP);
    const bool at_edge = left == 0 || top == 0 || left + figures.at<int>(part, cv::CC_STAT_WIDTH) == mask.cols ||
                         top + figures.at<int>(part, cv::CC_STAT_HEIGHT) == mask.rows;
    stays[static_cast<std::size_t>(part)] = figures.at<int>(part, cv::CC_STAT_AREA) >= least || (keeps_edge && at_edge);
  }
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (!stays[static_cast<std::size_t>(labels.at<int>(y, x))]) mask.at<std::uint8_t>(y, x) = 0;
    }
  }
}

// Sure parts, and unsure ones that hang on to them, are inside: what is torn off a thing that moves is seen at once,
// what moves with it by mistake is not.
cv::Mat likely_parts(const Field& alpha) {
  cv::Mat likely(alpha.height, alpha.width, CV_8UC1);
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) likely.at<std::uint8_t>(y, x) = alpha.at(x, y) > kUnsure ? 255 : 0;
  }
  cv::Mat labels;
  std::vector<bool> is_sure(static_cast<std::size_t>(cv::connectedComponents(likely, labels, 8)));
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) {
      if (alpha.at(x, y) > kSure) is_sure[static_cast<std::size_t>(labels.at<int>(y, x))] = true;
    }
  }
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) {
      if (!is_sure[static_cast<std::size_t>(labels.at<int>(y, x))]) likely.at<std::uint8_t>(y, x) = 0;
    }
  }
  return likely;
}

// 1 inside, 0 outside.
Field hard_outline(const Field& alpha) {
  const Field smooth = gaussian_blur(alpha, 1 + longer_side(alpha.width, alpha.height) / 500.0);
  cv::Mat mask = likely_parts(smooth);
  drop_small_parts(mask, kSpeckShare, 1, false);
  mask = 255 - mask;
  drop_small_parts(mask, 0, kPinholeShare * alpha.width * alpha.height, true);
  Field hard(alpha.width, alpha.height);
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) hard.at(x, y) = mask.at<std::uint8_t>(y, x) == 0 ? 1.0F : 0.0F;
  }
  return hard;
}

}  // namespace

Result<void> settle_layer(Field& alpha, const Task& task) {
  const Field small = resized(alpha, extent_within({alpha.width, alpha.height}, kAlphaPixelsMax));
  if (auto wanted = task.check(); !wanted) return wanted;
  const Field hard = hard_outline(small);
  const int band = 1 + static_cast<int>(kBandShare * longer_side(small.width, small.height));
  const double soft = band / 3.0;
  const Field least = gaussian_blur(eroded(hard, band), soft), most = gaussian_blur(dilated(hard, band), soft);
  // Along an unsure part's outline its alpha counts by the most that there is of it nearby.
  const Field nearby = gaussian_blur(dilated(small, 2 * band), band);
  const float to_x = static_cast<float>(small.width) / static_cast<float>(alpha.width);
  const float to_y = static_cast<float>(small.height) / static_cast<float>(alpha.height);
  return task.rows(alpha.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const float from_y = (static_cast<float>(y) + 0.5F) * to_y - 0.5F;
      float* row = alpha.row(y);
      for (int x = 0; x < alpha.width; ++x) {
        const float from_x = (static_cast<float>(x) + 0.5F) * to_x - 0.5F;
        const float at_least = sample(least, from_x, from_y);
        const float at_most = std::max(at_least, sample(most, from_x, from_y));
        const float alone = std::min(1.0F, row[x] / std::max(sample(nearby, from_x, from_y), kUnsure));
        row[x] = std::clamp(alone, at_least, at_most);
      }
    }
  });
}

Result<Continued> continued(const Raster& picture, double margin, const Saliency& network, const Task& task) {
  const double outside = margin * longer_side(picture.width, picture.height);
  const double pixels = (picture.width + 2 * outside) * (picture.height + 2 * outside);
  const double scale = std::min(1.0, std::sqrt(static_cast<double>(kCanvasPixelsMax) / pixels));
  const auto scaled = [&](double side) { return static_cast<int>(std::lround(side * scale)); };
  const Extent inner{std::max(1, scaled(picture.width)), std::max(1, scaled(picture.height))};
  const int border = scaled(outside);
  const Extent canvas{inner.width_px + 2 * border, inner.height_px + 2 * border};
  auto expanded =
      expand(resized(picture, inner), {.sides = {.extent = canvas}, .placement = Placement::kCenter}, network, task);
  if (!expanded) return std::unexpected(expanded.error());
  const double border_px = border;
  return Continued{std::move(*expanded), static_cast<double>(inner.width_px) / picture.width, border_px, border_px};
}

std::int64_t continued_bytes_max(const Extent& picture) {
  const Extent canvas = extent_within(picture, kCanvasPixelsMax);
  return kCanvasPixelsMax * Raster::kChannels * 2 + expand_bytes_max(canvas, canvas);
}

}  // namespace tintype::engine
