#include "engine/operation/face_patch.h"

#include <algorithm>
#include <cmath>

#include "engine/operation/bicubic.h"

namespace tintype::engine {

namespace {

// The ellipse where the face's share ends, in the unit square, and how much of its radius is all face.
constexpr double kMiddleX = 0.5, kMiddleY = 0.53, kRadiusX = 0.42, kRadiusY = 0.46;
constexpr double kWhole = 0.55;

}  // namespace

double face_share(const Point& point) {
  const double radius = std::hypot((point.x - kMiddleX) / kRadiusX, (point.y - kMiddleY) / kRadiusY);
  const double t = std::clamp((1 - radius) / (1 - kWhole), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

FacePatch::FacePatch(Pixels patch, const Similarity& patch_place, const Similarity& face_place, double strength,
                     const PictureShape& picture)
    : patch_(std::move(patch)),
      to_patch_(patch_place.inverse()),
      to_face_(face_place.inverse()),
      strength_(strength),
      picture_(picture) {
  const double turned = std::hypot(face_place.a * kRadiusX, face_place.b * kRadiusY);
  const double turned_down = std::hypot(face_place.b * kRadiusX, face_place.a * kRadiusY);
  const Point middle = face_place({kMiddleX, kMiddleY});
  const auto within = [](double value, int most) {
    return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(most)));
  };
  left_ = within(std::floor(middle.x - turned), picture.width);
  right_ = within(std::ceil(middle.x + turned), picture.width);
  first_ = within(std::floor(middle.y - turned_down), picture.height);
  end_ = within(std::ceil(middle.y + turned_down), picture.height);
}

void FacePatch::blend(int first_row, std::span<std::uint8_t> rows) const {
  const int count = static_cast<int>(rows.size() / picture_.row_bytes());
  for (int y = std::max(first_row, first_); y < std::min(first_row + count, end_); ++y) {
    std::uint8_t* row = rows.data() + static_cast<std::size_t>(y - first_row) * picture_.row_bytes();
    if (picture_.bytes_per_sample == 1) {
      blend_row<std::uint8_t>(y, row);
    } else {
      blend_row<std::uint16_t>(y, row);
    }
  }
}

template <class Sample>
void FacePatch::blend_row(int y, std::uint8_t* row) const {
  const Bicubic<Sample> patch(patch_);
  const int colours = std::min(patch_.channels, picture_.channels <= 2 ? 1 : 3);
  for (int x = left_; x < right_; ++x) {
    const Point pixel{x + 0.5, y + 0.5}, point = to_patch_(pixel);
    const auto share = static_cast<float>(strength_ * face_share(to_face_(pixel)));
    if (share <= 0) continue;
    float colour[3] = {};
    patch.at({point.x * patch_.width, point.y * patch_.height}, colours, colour);
    for (int channel = 0; channel < colours; ++channel) {
      const auto before = static_cast<float>(load_sample<Sample>(row, x, picture_.channels, channel));
      store_sample<Sample>(row, x, picture_.channels, channel, before + (colour[channel] - before) * share);
    }
  }
}

}  // namespace tintype::engine
