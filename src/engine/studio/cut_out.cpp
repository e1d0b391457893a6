#include "engine/studio/cut_out.h"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kCoarsePixelsMax = 512LL * 512;
constexpr double kSubjectShareMin = 0.002, kSubjectShareMax = 0.98;
constexpr double kBorderShare = 0.04;  // of each side, which is background to begin with
constexpr int kRounds = 5;

std::unexpected<Error> no_subject() {
  return fail(ErrorCode::kInvalidInput, "Nothing in the picture stands out from its background",
              "Please send a picture with one clear subject");
}

cv::Mat colours_of(const Raster& picture) {
  cv::Mat colours;
  const cv::Mat rgba(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.rgba.data()));
  cv::cvtColor(rgba, colours, cv::COLOR_RGBA2BGR);
  return colours;
}

// 1 where GrabCut (Rother et al. 2004) says subject.
Field coarse_mask(const Raster& small) {
  const cv::Mat colours = colours_of(small);
  cv::Mat mask, background, foreground;
  const int across = std::max(1, static_cast<int>(small.width * kBorderShare));
  const int down = std::max(1, static_cast<int>(small.height * kBorderShare));
  cv::theRNG().state = 1;  // its clusters begin at random
  cv::grabCut(colours, mask, {across, down, small.width - 2 * across, small.height - 2 * down}, background, foreground,
              kRounds, cv::GC_INIT_WITH_RECT);
  Field result(small.width, small.height);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) result.at(x, y) = static_cast<float>(mask.at<std::uint8_t>(y, x) & 1);
  }
  return result;
}

}  // namespace

Result<CutOut> cut_out(const Raster& picture, const Saliency& network, const Task& task) {
  if (!is_opaque(picture)) return CutOut{alpha_of(picture), picture};
  const Raster small = resized(picture, extent_within(picture.extent(), kCoarsePixelsMax));
  Field coarse;
  if (network) {
    auto said = network(small, task.cancel());
    if (!said) return std::unexpected(said.error());
    coarse = resized(*said, small.extent());
  } else {
    coarse = coarse_mask(small);
  }
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  double sum = 0;
  for (const float value : coarse.values) sum += value;
  const double share = sum / static_cast<double>(coarse.values.size());
  if (share < kSubjectShareMin || share > kSubjectShareMax) return no_subject();
  task.done(0.5);
  const Field soft = guided_filter(luma_of(small), coarse, 4, 1e-4F);
  CutOut result{resized(soft, picture.extent()), picture};
  for (float& value : result.alpha.values) value = std::clamp(value, 0.0F, 1.0F);
  set_alpha(result.foreground, result.alpha);
  task.done(1);
  return result;
}

std::int64_t cut_out_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  return pixels * (Raster::kChannels + 4 * static_cast<std::int64_t>(sizeof(float))) + (64LL << 20);
}

}  // namespace tintype::engine
