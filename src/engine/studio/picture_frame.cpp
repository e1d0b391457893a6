#include "engine/studio/picture_frame.h"

#include <algorithm>
#include <cmath>

#include "engine/studio/canvas_side.h"

namespace tintype::engine {

namespace {

constexpr int kFramePart = 100;     // of the shorter side: what is wider is no line
constexpr double kFrameRange = 10;  // levels by which its pixels differ
constexpr double kRangeOver = 2.5;  // how many times more the pixels of the picture beyond it differ
constexpr double kFrameStep = 24, kFrameOverBeyond = 8;  // to what is beyond it, and how many times the next step

struct Line {
  double mean = 0, range = 0;  // mean: of the brightness; range: the mean difference from it
};

Line line_at(const Raster& picture, const CanvasSide& side, int inwards) {
  const auto level = [&](int along) {
    const std::uint8_t* pixel = picture.at(side.x(along, -1 - inwards), side.y(along, -1 - inwards));
    return 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
  };
  Line line;
  for (int along = 0; along < side.length(); ++along) line.mean += level(along) / side.length();
  for (int along = 0; along < side.length(); ++along) line.range += std::abs(level(along) - line.mean) / side.length();
  return line;
}

// How many pixels from that edge on are such a line.
int frame_at(const Raster& picture, PictureEdge edge) {
  const int most = std::max(1, std::min(picture.width, picture.height) / kFramePart);
  if (std::min(picture.width, picture.height) < most + 3) return 0;
  const CanvasSide side(edge, picture.extent(), 0, 0, picture.extent());
  int lines = 0;
  for (int inwards = 0; inwards < most; ++inwards) {
    const Line own = line_at(picture, side, inwards), next = line_at(picture, side, inwards + 1);
    if (own.range > kFrameRange) break;
    const double step = std::abs(next.mean - own.mean);
    const double step_beyond = std::abs(line_at(picture, side, inwards + 2).mean - next.mean);
    const bool is_even_beside = next.range > kRangeOver * own.range + kFrameRange;
    if ((step > kFrameStep && step > kFrameOverBeyond * step_beyond) || is_even_beside) lines = inwards + 1;
  }
  return lines;
}

}  // namespace

Unframed without_frame(const Raster& picture, bool grows_across, bool grows_down) {
  const auto frame = [&](PictureEdge edge) {
    return (edge < kTopEdge ? grows_across : grows_down) ? frame_at(picture, edge) : 0;
  };
  const int left = frame(kLeftEdge), top = frame(kTopEdge);
  const int width = picture.width - left - frame(kRightEdge), height = picture.height - top - frame(kBottomEdge);
  return {cropped(picture, {left, top, width, height}), left, top};
}

}  // namespace tintype::engine
