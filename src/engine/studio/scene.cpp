#include "engine/studio/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/layers.h"
#include "engine/studio/surface.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 600'000;  // shapes are guessed at this size
constexpr float kInside = 0.5F;
constexpr double kReliefShare = 0.6;                   // of a balloon: most things are flatter
constexpr double kRimShare = 0.04, kReliefMax = 0.08;  // of the longer side

constexpr double kBehindShare = 0.3;    // of the way back to the wall: less is bared
constexpr int kCells = 128;             // along the picture's longer side
constexpr double kGridMargin = 0.5;     // of the longer side: so far outside depths are told apart,
constexpr double kGridBeyond = 3;       // and so far beyond they go on as they end
constexpr double kReliefBlurCells = 3;  // what is straight on the subject stays nearly so
constexpr double kPull = 0.12;          // of the longer side: so far around the subject all is as near as it is

constexpr double kCloserMax = 1.3;      // how far a view comes closer to hide bare edges
constexpr double kCutShare = 0.04;      // of a side of the picture that the subject takes where that side cuts it
constexpr double kRoom = 0.005;         // of a view's side, that it keeps around the subject
constexpr double kBareMax = 0.05;       // of it, that may be bare for the subject's sake
constexpr double kSoftOutside = 0.015;  // of the longer side: so far outside, what goes on is half as sharp

double longer_side(const Extent& sides) {
  return std::max(sides.width_px, sides.height_px);
}

// How far a place is outside, in pixels.
double outside_by(const Point& at, const Extent& sides) {
  return std::max({0.0, -at.x, -at.y, at.x - sides.width_px, at.y - sides.height_px});
}

void put(const Pixel& pixel, std::uint8_t* out) {
  const float alpha = pixel[3];
  for (int channel = 0; channel < 3; ++channel) {
    const float value = alpha > 0 ? pixel[channel] * 255.0F / alpha : 0;
    out[channel] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
  }
  out[3] = static_cast<std::uint8_t>(std::lround(alpha));
}

// ---- Depths, in distances of the subject

// How far what swells so high comes forward, both in longer sides: less steep at the outline, where little is seen of
// what would have to be stretched, and never far.
double relief_of(double height) {
  const double risen = kReliefShare * height * height / (height + kRimShare);
  return kReliefMax * std::tanh(risen / kReliefMax);
}

// Of ground, wall and subject in one, without a step: what is around the subject is drawn to its depth.
Grid grid_of(const Extent& sides, const Surface& surface, double pivot_behind) {
  const double longer = longer_side(sides);
  Grid grid{.step = longer / kCells, .beyond = kGridBeyond * longer};
  const double margin = kGridMargin * kCells * grid.step;
  grid.left = grid.top = -margin;
  grid.columns = 2 + static_cast<int>((sides.width_px + 2 * margin) / grid.step);
  grid.rows = 2 + static_cast<int>((sides.height_px + 2 * margin) / grid.step);
  const auto cells = [&](int side) { return std::max(1, static_cast<int>(std::lround(side / grid.step))); };
  const Extent small{cells(sides.width_px), cells(sides.height_px)};
  const int reach = static_cast<int>(std::lround(kPull * kCells));
  const Field pull = gaussian_blur(dilated(resized(surface.subject, small), reach), reach / 2.0);
  const Field height = gaussian_blur(resized(surface.height, small), kReliefBlurCells);
  const double of_longer = 1.0 / std::max(surface.height.width, surface.height.height);
  for (int row = 0; row < grid.rows; ++row) {
    for (int column = 0; column < grid.columns; ++column) {
      const Point at = grid.at(column, row);
      const double ground = surface.ground.behind(at.y / sides.height_px), wall = surface.ground.distance;
      const auto x = static_cast<float>(at.x / sides.width_px * small.width_px - 0.5);
      const auto y = static_cast<float>(at.y / sides.height_px * small.height_px - 0.5);
      const double back = kBehindShare * (1 - sample(pull, x, y)), relief = relief_of(sample(height, x, y) * of_longer);
      const auto depth = [&](double behind) {
        return static_cast<float>(1 + (back * (behind - pivot_behind) - relief) * longer_at_subject());
      };
      grid.depths.push_back(depth(ground));
      grid.upright.push_back(depth(wall));
    }
  }
  return grid;
}

std::optional<Point> middle_of(const Field& subject, const Extent& sides) {
  double sum = 0, x_sum = 0, y_sum = 0;
  for (int y = 0; y < subject.height; ++y) {
    for (int x = 0; x < subject.width; ++x) {
      const double share = subject.at(x, y);
      sum += share, x_sum += share * (x + 0.5), y_sum += share * (y + 0.5);
    }
  }
  if (sum <= 0) return std::nullopt;
  return Point{(x_sum / sum / subject.width - 0.5) * sides.width_px,
               (y_sum / sum / subject.height - 0.5) * sides.height_px};
}

// Where it reaches farthest to each side; what the picture's edge cuts off has no end there.
std::vector<Point> ends_of(const Field& subject, const Extent& sides) {
  struct Line {
    int pixels = 0;
    double sum = 0;
  };
  std::vector<Line> rows(static_cast<std::size_t>(subject.height)), columns(static_cast<std::size_t>(subject.width));
  for (int y = 0; y < subject.height; ++y) {
    for (int x = 0; x < subject.width; ++x) {
      if (subject.at(x, y) < kInside) continue;
      Line &row = rows[static_cast<std::size_t>(y)], &column = columns[static_cast<std::size_t>(x)];
      ++row.pixels, row.sum += x + 0.5;
      ++column.pixels, column.sum += y + 0.5;
    }
  }
  const double across = static_cast<double>(sides.width_px) / subject.width;
  const double down = static_cast<double>(sides.height_px) / subject.height;
  std::vector<Point> ends;
  const auto add_ends = [&](const std::vector<Line>& lines, int length, const auto& point) {
    const auto is_taken = [](const Line& line) { return line.pixels > 0; };
    const auto first = std::ranges::find_if(lines, is_taken);
    if (first == lines.end()) return;
    const auto last = std::find_if(lines.rbegin(), lines.rend(), is_taken).base();
    const auto middle = [](const Line& line) { return line.sum / line.pixels; };
    if (lines.front().pixels <= kCutShare * length) ends.push_back(point(first - lines.begin(), middle(*first)));
    if (lines.back().pixels <= kCutShare * length) ends.push_back(point(last - lines.begin(), middle(*(last - 1))));
  };
  add_ends(rows, subject.width, [&](auto y, double x) { return Point{x * across, static_cast<double>(y) * down}; });
  add_ends(columns, subject.height, [&](auto x, double y) { return Point{static_cast<double>(x) * across, y * down}; });
  return ends;
}

}  // namespace

Result<Scene> Scene::prepare(const Raster& picture, const Saliency& network, const Task& task) {
  const Raster small = resized(picture, extent_within(picture.extent(), kLookedAtPixelsMax));
  auto cut = subject_of(small, network, task.part(0, 0.8));
  if (!cut) return std::unexpected(cut.error());
  if (is_opaque(small)) {
    if (auto settled = settle_layer(cut->alpha, task.part(0.8, 0.9)); !settled) {
      return std::unexpected(settled.error());
    }
  }
  const auto surface = estimate_surface(small, cut->alpha, task.part(0.9, 1));
  if (!surface) return std::unexpected(surface.error());
  Scene scene = flat(picture);
  const std::optional<Point> middle = middle_of(surface->subject, picture.extent());
  scene.pivot_ = middle.value_or(Point{});
  scene.ends_ = ends_of(surface->subject, picture.extent());
  scene.grid_ = grid_of(picture.extent(), *surface, middle ? 0 : surface->ground.behind(0.5));
  return scene;
}

Scene Scene::flat(const Raster& picture) {
  Scene scene;
  scene.is_opaque_ = is_opaque(picture);
  scene.picture_ = Levels(picture);
  return scene;
}

Result<void> Scene::go_on_outside(double margin, const Saliency& network, const Task& task) {
  auto around = continued(picture_.full(), margin, network, task);
  if (!around) return std::unexpected(around.error());
  around_ = Levels(std::move(around->picture));
  around_scale_ = around->scale;
  around_begin_ = {around->left, around->top};
  return {};
}

// ---- Views

// Far outside, what goes on gets softer, so that nobody takes it for something. Without it the picture is mirrored; of
// what was cut out there is only what the edge cuts off.
Pixel Scene::outside_at(const Point& at, double halvings) const {
  if (around_.is_empty()) {
    const Point edge{std::clamp(at.x, 0.5, sides().width_px - 0.5), std::clamp(at.y, 0.5, sides().height_px - 0.5)};
    const Pixel there = picture_.look_up(at, halvings);
    const float alpha = picture_.look_up(edge, halvings)[3];
    return there[3] <= alpha ? there : mixed({}, there, alpha / there[3]);
  }
  const Point there{at.x * around_scale_ + around_begin_.x, at.y * around_scale_ + around_begin_.y};
  const double outside = outside_by(there, around_.full().extent()) / (kSoftOutside * longer_side(sides()));
  return around_.look_up(there, std::max(0.0, halvings + std::log2(around_scale_)) + std::log2(1 + outside));
}

void Scene::draw(const Camera& camera, const PlacedGrid& grid, int begin, int end, Raster& view) const {
  const double halvings = std::max(0.0, -std::log2(camera.scale()));
  const Sources sources = grid.sources(begin, end);
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < view.width; ++x) {
      // In a move within the picture's plane, and where even the grid's end is in sight, the picture goes on flatly.
      const std::size_t index = sources.index(x, y);
      const Point at = sources.nearness[index] > 0 ? Point{sources.x[index], sources.y[index]}
                                                   : camera.flat_source({x + 0.5, y + 0.5});
      const bool is_inside = outside_by(at, sides()) <= 0;
      put(is_inside ? picture_.look_up(at, halvings) : outside_at(at, halvings), view.at(x, y));
    }
  }
}

namespace {

// Zoom and roll do not change what a move bares of the outside.
CameraMove without_lens(CameraMove move) {
  move.zoom = 1;
  move.roll_degrees = 0;
  return move;
}

// An upright view that holds all of one that is rolled.
Extent around_rolled(const Extent& sides, double roll_degrees) {
  const double roll = roll_degrees * std::numbers::pi / 180;
  const double sine = std::abs(std::sin(roll)), cosine = std::abs(std::cos(roll));
  return {static_cast<int>(std::lround(sides.width_px * cosine + sides.height_px * sine)),
          static_cast<int>(std::lround(sides.height_px * cosine + sides.width_px * sine))};
}

}  // namespace

Camera::Placed Scene::placed(const Camera& camera, const Point& at) const {
  const std::size_t nearest = grid_.nearest(at);
  return camera.place(at, grid_.depths[nearest], grid_.upright[nearest]);
}

// What of an upright view the picture is sure to fill: within its edges where they come in farthest.
Scene::Frame Scene::filled(const Camera& camera) const {
  const double width = sides().width_px, height = sides().height_px;
  Frame frame{-1e9, -1e9, 1e9, 1e9};
  constexpr int kSteps = 32;
  for (int step = 0; step <= kSteps; ++step) {
    const double across = width * step / kSteps, down = height * step / kSteps;
    frame.left = std::max(frame.left, placed(camera, {0, down}).x);
    frame.right = std::min(frame.right, placed(camera, {width, down}).x);
    frame.top = std::max(frame.top, placed(camera, {across, 0}).y);
    frame.bottom = std::min(frame.bottom, placed(camera, {across, height}).y);
  }
  return frame;
}

double Scene::zoom_that_covers(const CameraMove& move, const Extent& sides) const {
  const Extent upright = around_rolled(sides, move.roll_degrees);
  const Frame frame = filled(Camera(without_lens(move), this->sides(), upright, pivot_));
  const double half_width = upright.width_px / 2.0, half_height = upright.height_px / 2.0;
  return std::max(
      {1.0, half_width / std::max(1.0, half_width - frame.left), half_width / std::max(1.0, frame.right - half_width),
       half_height / std::max(1.0, half_height - frame.top), half_height / std::max(1.0, frame.bottom - half_height)});
}

// A box around the subject's ends.
Scene::Frame Scene::taken(const Camera& camera) const {
  Frame frame{1e9, 1e9, -1e9, -1e9};
  for (const Point& end : ends_) {
    const auto there = placed(camera, end);
    frame.left = std::min(frame.left, there.x), frame.right = std::max(frame.right, there.x);
    frame.top = std::min(frame.top, there.y), frame.bottom = std::max(frame.bottom, there.y);
  }
  return frame;
}

namespace {

// How far a lens shifts on one axis: what reaches from `first` to `last` comes into a view of so many pixels, or is cut
// on both sides alike, as far as what reaches from `begin` to `end` nearly fills the view.
double shift_into(double first, double last, double begin, double end, double side) {
  const double room = kRoom * side, before = std::max(0.0, room - first), behind = std::max(0.0, last - side + room);
  const double wanted = before > 0 && behind > 0 ? (before - behind) / 2 : before - behind, bare = kBareMax * side;
  const double least = std::min(side - end, -begin) - (wanted < 0 ? bare : 0);
  const double most = std::max(side - end, -begin) + (wanted > 0 ? bare : 0);
  return std::clamp(wanted, least, most);
}

}  // namespace

Point Scene::shift(const CameraMove& move, const Extent& sides) const {
  if (is_flat(move) || !is_opaque_) return {};
  const Extent upright = around_rolled(sides, move.roll_degrees);
  CameraMove without_roll = move;
  without_roll.roll_degrees = 0;
  const Camera camera(without_roll, this->sides(), upright, pivot_);
  const Frame frame = filled(camera);
  const Frame subject = ends_.empty() ? frame : taken(camera);
  return {shift_into(subject.left, subject.right, frame.left, frame.right, upright.width_px),
          shift_into(subject.top, subject.bottom, frame.top, frame.bottom, upright.height_px)};
}

// How many of the view's pixels the subject reaches out of it.
double Scene::cut_off(const CameraMove& move, const Extent& sides) const {
  if (ends_.empty()) return 0;
  const Extent upright = around_rolled(sides, move.roll_degrees);
  CameraMove without_roll = move;
  without_roll.roll_degrees = 0;
  const Frame subject = taken(Camera(without_roll, this->sides(), upright, pivot_, shift(move, sides)));
  return std::max(0.0, -subject.left) + std::max(0.0, -subject.top) + std::max(0.0, subject.right - upright.width_px) +
         std::max(0.0, subject.bottom - upright.height_px);
}

// How many times closer the view comes to hide bare edges: no closer than it cuts nothing more of the subject off.
double Scene::closer(const CameraMove& move, const Extent& sides) const {
  const double away = std::max(1.0, 1 / Camera({.dolly = move.dolly}, sides, sides, {}).scale());
  const auto cut_at = [&](double zoom) {
    CameraMove tried = move;
    tried.zoom = zoom;
    return cut_off(tried, sides);
  };
  constexpr double kUnseen = 0.5;  // of a pixel
  const double most = std::max(1.0, std::min(kCloserMax * away, zoom_that_covers(move, sides)));
  const double allowed = cut_at(1) + kUnseen;
  if (cut_at(most) <= allowed) return most;
  double enough = 1, too_much = most;
  for (int halving = 0; halving < 16; ++halving) {
    const double middle = (enough + too_much) / 2;
    (cut_at(middle) <= allowed ? enough : too_much) = middle;
  }
  return enough;
}

double Scene::lens(const CameraMove& move, const Extent& sides) const {
  if (is_flat(move) || !is_opaque_) return move.zoom;
  const double covering = closer(move, sides);
  return move.zoom < 1 ? move.zoom * covering : std::max(move.zoom, covering);
}

bool Scene::shows_outside(const CameraMove& move, const Extent& sides) const {
  constexpr double kRounding = 1e-6;  // of a pixel
  if (!is_opaque_) return false;
  if (is_flat(move)) return move.zoom < 1;
  const Extent upright = around_rolled(sides, move.roll_degrees);
  CameraMove closer = move;
  closer.zoom = lens(move, sides);
  const Point shifted = shift(closer, sides);
  closer.roll_degrees = 0;
  const Frame frame = filled(Camera(closer, this->sides(), upright, pivot_, shifted));
  return std::max({frame.left, frame.top, upright.width_px - frame.right, upright.height_px - frame.bottom}) >
         kRounding;
}

Result<Raster> Scene::view(const CameraMove& move, const Extent& sides, const Task& task) const {
  CameraMove closer = move;
  closer.zoom = lens(move, sides);
  return seen(closer, sides, shift(closer, sides), task);
}

Result<Raster> Scene::view_as_is(const CameraMove& move, const Extent& sides, const Task& task) const {
  return seen(move, sides, {}, task);
}

Result<Raster> Scene::seen(const CameraMove& move, const Extent& sides, const Point& shifted, const Task& task) const {
  const bool is_moved = !is_flat(move) || move.roll_degrees != 0 || move.zoom != 1 || sides != this->sides();
  if (!is_moved) return picture_.full();
  const Camera camera(move, this->sides(), sides, pivot_, shifted);
  const PlacedGrid grid(is_flat(move) ? Grid{} : grid_, camera);
  Raster view(sides.width_px, sides.height_px);
  const auto done = task.rows(sides.height_px, [&](int begin, int end) { draw(camera, grid, begin, end, view); });
  if (!done) return std::unexpected(done.error());
  return view;
}

std::int64_t scene_bytes(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  return pixels * Raster::kChannels * 4 / 3 + (16LL << 20);
}

std::int64_t scene_bytes_max(const Extent& picture) {
  const Extent looked_at = extent_within(picture, kLookedAtPixelsMax);
  return scene_bytes(picture) + std::max(cut_out_bytes_max(looked_at), continued_bytes_max(picture)) +
         kLookedAtPixelsMax * 96;
}

}  // namespace tintype::engine
