#include "engine/studio/camera.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace tintype::engine {

namespace {

constexpr double kNearest = 0.12;  // what is nearer is not drawn
constexpr double kTurnedFullyDegrees = 20;
constexpr double kConvergence = 0.4;  // of what turns: as through a longer lens, so that horizons stay nearly level
constexpr double kDollyShare = 0.5;   // of the way to the subject at most

double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

// One picture holds little of a thing's sides: from so far on the camera turns half as fast.
double turned(double degrees) {
  const double beyond = std::max(0.0, std::abs(degrees) - kTurnedFullyDegrees);
  return degrees - std::copysign(beyond / 2, degrees);
}

}  // namespace

double longer_at_subject() {
  return 2 * std::tan(radians(kViewDegrees / 2));
}

bool is_flat(const CameraMove& move) {
  return move.yaw_degrees == 0 && move.pitch_degrees == 0 && move.dolly == 0;
}

Camera::Camera(const CameraMove& move, const Extent& picture, const Extent& view, const Point& pivot,
               const Point& shift)
    : picture_(picture), view_(view), shift_(shift) {
  const double longer = std::max(picture.width_px, picture.height_px);
  focal_ = longer / 2 / std::tan(radians(kViewDegrees / 2));
  const double yaw = radians(turned(move.yaw_degrees));
  yaw_sin_ = std::sin(yaw), yaw_cos_ = std::cos(yaw);
  pitch_sin_ = std::sin(radians(move.pitch_degrees)), pitch_cos_ = std::cos(radians(move.pitch_degrees));
  roll_sin_ = std::sin(radians(move.roll_degrees)), roll_cos_ = std::cos(radians(move.roll_degrees));
  pivot_ = {pivot.x / focal_, pivot.y / focal_, 1};
  forward_ = move.dolly * kDollyShare;
  // The picture, rolled, covers the view and no more.
  const double across = std::abs(view.width_px * roll_cos_) + std::abs(view.height_px * roll_sin_);
  const double down = std::abs(view.height_px * roll_cos_) + std::abs(view.width_px * roll_sin_);
  scale_ = move.zoom * std::max(across / picture.width_px, down / picture.height_px);
}

// A camera that rolls clockwise sees the world roll the other way.
Point Camera::rolled(double x, double y) const {
  return {x * roll_cos_ + y * roll_sin_, y * roll_cos_ - x * roll_sin_};
}

Camera::Placed Camera::place(const Point& in_picture, double depth, double upright) const {
  Placed placed;
  placed.source = {(in_picture.x - picture_.width_px / 2.0) * depth / focal_,
                   (in_picture.y - picture_.height_px / 2.0) * depth / focal_, depth};
  const double dx = placed.source[0] - pivot_[0], dy = placed.source[1] - pivot_[1], dz = depth - pivot_[2];
  const double x = dx * yaw_cos_ + (upright - pivot_[2]) * yaw_sin_, z = dz * yaw_cos_ - kConvergence * dx * yaw_sin_;
  const double y = dy * pitch_cos_ - z * pitch_sin_;
  const double left = 1 - forward_;
  placed.depth = z + pivot_[2] * left;
  const double over = scale_ * focal_ / std::max(placed.depth, kNearest);
  const Point on_sensor = rolled((x + pivot_[0] * left) * over + shift_.x, (y + pivot_[1] * left) * over + shift_.y);
  placed.x = view_.width_px / 2.0 + on_sensor.x;
  placed.y = view_.height_px / 2.0 + on_sensor.y;
  return placed;
}

Point Camera::flat_source(const Point& in_view) const {
  const double x = (in_view.x - view_.width_px / 2.0) / scale_, y = (in_view.y - view_.height_px / 2.0) / scale_;
  return {picture_.width_px / 2.0 + x * roll_cos_ - y * roll_sin_,
          picture_.height_px / 2.0 + y * roll_cos_ + x * roll_sin_};
}

Point Grid::at(int column, int row) const {
  const auto out = [&](int line, int lines) { return line == 0 ? -beyond : line == lines - 1 ? beyond : 0.0; };
  return {left + column * step + out(column, columns), top + row * step + out(row, rows)};
}

std::size_t Grid::nearest(const Point& at) const {
  const auto line = [&](double from_first, int lines) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(std::llround(from_first / step), 0, lines - 1));
  };
  return line(at.y - top, rows) * static_cast<std::size_t>(columns) + line(at.x - left, columns);
}

Sources::Sources(int width_px, int first, int last) : width(width_px), begin(first), end(last) {
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(end - begin);
  x.resize(pixels);
  y.resize(pixels);
  nearness.resize(pixels);
}

PlacedGrid::PlacedGrid(const Grid& grid, const Camera& camera)
    : camera_(camera), columns_(grid.columns), rows_(grid.rows) {
  corners_.reserve(grid.depths.size());
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      const std::size_t index = corners_.size();
      const auto placed = camera.place(grid.at(column, row), grid.depths[index], grid.upright[index]);
      corners_.push_back({.x = placed.x,
                          .y = placed.y,
                          .evenly = {placed.source[0] / placed.depth, placed.source[1] / placed.depth,
                                     placed.source[2] / placed.depth, 1 / placed.depth},
                          .is_before_camera = placed.depth > kNearest});
    }
  }
}

const PlacedGrid::Corner& PlacedGrid::at(int column, int row) const {
  return corners_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
                  static_cast<std::size_t>(column)];
}

Sources PlacedGrid::sources(int begin, int end) const {
  Sources band(camera_.view().width_px, begin, end);
  for (int row = 0; row + 1 < rows_; ++row) {
    for (int column = 0; column + 1 < columns_; ++column) {
      const Corner& a = at(column, row);
      const Corner& b = at(column + 1, row);
      const Corner& c = at(column, row + 1);
      const Corner& d = at(column + 1, row + 1);
      if (!a.is_before_camera || !b.is_before_camera || !c.is_before_camera || !d.is_before_camera) continue;
      draw(a, b, c, band);
      draw(b, d, c, band);
    }
  }
  return band;
}

void PlacedGrid::draw(const Corner& a, const Corner& b, const Corner& c, Sources& band) const {
  const double area = (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y);
  if (area <= 1e-9) return;
  const double top = std::min({a.y, b.y, c.y}), bottom = std::max({a.y, b.y, c.y});
  const double left = std::min({a.x, b.x, c.x}), right = std::max({a.x, b.x, c.x});
  if (bottom < band.begin || top > band.end || right < 0 || left > band.width) return;
  const int first_y = std::max(band.begin, static_cast<int>(std::floor(top - 0.5)));
  const int last_y = std::min(band.end - 1, static_cast<int>(std::ceil(bottom)));
  const int first_x = std::max(0, static_cast<int>(std::floor(left - 0.5)));
  const int last_x = std::min(band.width - 1, static_cast<int>(std::ceil(right)));
  constexpr double kSeam = -1e-7;  // neighbours share their edges: no pixel may fall between them
  const double b_across = (c.y - a.y) / area, c_across = -(b.y - a.y) / area;
  std::array<double, 4> of_b_more{}, of_c_more{};
  for (std::size_t i = 0; i < of_b_more.size(); ++i) {
    of_b_more[i] = b.evenly[i] - a.evenly[i];
    of_c_more[i] = c.evenly[i] - a.evenly[i];
  }
  for (int y = first_y; y <= last_y; ++y) {
    const double py = y + 0.5 - a.y;
    const double b_begin = -(c.x - a.x) * py / area, c_begin = (b.x - a.x) * py / area;
    for (int x = first_x; x <= last_x; ++x) {
      const double px = x + 0.5 - a.x;
      const double of_b = b_begin + px * b_across, of_c = c_begin + px * c_across;
      if (of_b < kSeam || of_c < kSeam || of_b + of_c > 1 - kSeam) continue;
      std::array<double, 4> here{};
      for (std::size_t i = 0; i < here.size(); ++i) {
        here[i] = a.evenly[i] + of_b * of_b_more[i] + of_c * of_c_more[i];
      }
      const std::size_t at = band.index(x, y);
      if (static_cast<float>(here[3]) <= band.nearness[at]) continue;
      const Point source = camera_.seen_before(here[0], here[1], here[2]);
      band.nearness[at] = static_cast<float>(here[3]);
      band.x[at] = static_cast<float>(source.x);
      band.y[at] = static_cast<float>(source.y);
    }
  }
}

}  // namespace tintype::engine
