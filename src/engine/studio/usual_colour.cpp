#include "engine/studio/usual_colour.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "engine/studio/matting.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

Field3 usual_colours(const Raster& picture, int reach) {
  cv::Mat own(picture.height, picture.width, CV_8UC4), usual;
  for (int y = 0; y < picture.height; ++y) std::copy_n(picture.row(y), own.step, own.ptr(y));
  cv::medianBlur(own, usual, 2 * reach + 1);
  Raster around(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) std::copy_n(usual.ptr(y), own.step, around.row(y));
  return coded_colours(around);
}

float unusual_share(const std::array<float, 3>& colour, const std::array<float, 3>& usual) {
  constexpr float kFrom = 50, kFull = 130;  // levels
  float unlike = 0;
  for (std::size_t at = 0; at < colour.size(); ++at) unlike = std::max(unlike, std::abs(usual[at] - colour[at]));
  return smooth_step(kFrom, kFull, unlike);
}

}  // namespace tintype::engine
