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

FacePatch::FacePatch(Pixels face, const Similarity& place, double strength, const PictureShape& picture)
    : face_(std::move(face)), back_(place.inverse()), strength_(strength), picture_(picture) {
  const double turned = std::hypot(place.a * kRadiusX, place.b * kRadiusY);
  const double turned_down = std::hypot(place.b * kRadiusX, place.a * kRadiusY);
  const Point middle = place({kMiddleX, kMiddleY});
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
  const Bicubic<Sample> face(face_);
  const int colours = std::min(face_.channels, picture_.channels <= 2 ? 1 : 3);
  for (int x = left_; x < right_; ++x) {
    const Point point = back_({x + 0.5, y + 0.5});
    const auto share = static_cast<float>(strength_ * face_share(point));
    if (share <= 0) continue;
    float colour[3] = {};
    face.at({point.x * face_.width, point.y * face_.height}, colours, colour);
    for (int channel = 0; channel < colours; ++channel) {
      const auto before = static_cast<float>(load_sample<Sample>(row, x, picture_.channels, channel));
      store_sample<Sample>(row, x, picture_.channels, channel, before + (colour[channel] - before) * share);
    }
  }
}

}  // namespace tintype::engine
