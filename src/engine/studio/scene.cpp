#include "engine/studio/scene.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/layers.h"
#include "engine/studio/surface.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 600'000;  // shapes are guessed at this size
constexpr double kReliefShare = 0.6;                  // of a balloon: most things are flatter
constexpr double kRimShare = 0.04, kReliefMax = 0.1;  // of the longer side

// Grids have this many cells along the picture's longer side, and go on outside by so many sides.
constexpr int kSubjectCells = 128, kBackgroundCells = 32;
constexpr double kSubjectMargin = 0.35, kBackgroundMargin = 3;

constexpr double kCloserMax = 1.08;     // how far a view comes closer to hide bare edges
constexpr double kSoftOutside = 0.015;  // of the longer side: so far outside, what goes on is half as sharp
constexpr float kSameSpotPx = 1.5F;     // where layers lie apart by less, the picture itself is shown

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

Pixel over(const Pixel& front, const Pixel& back) {
  Pixel both;
  for (int channel = 0; channel < 4; ++channel) both[channel] = front[channel] + (1 - front[3] / 255) * back[channel];
  return both;
}

// ---- Depths, in distances of the subject

// How far what swells so high comes forward, both in longer sides: less steep at the outline, where little is seen of
// what would have to be stretched, and never far.
double relief_of(double height) {
  const double risen = kReliefShare * height * height / (height + kRimShare);
  return kReliefMax * std::tanh(risen / kReliefMax);
}

Grid background_grid(const Extent& sides, const Ground& ground, double pivot_behind) {
  Grid grid;
  grid.step = longer_side(sides) / kBackgroundCells;
  const double margin = kBackgroundMargin * kBackgroundCells * grid.step;
  grid.left = grid.top = -margin;
  grid.columns = 2 + static_cast<int>((sides.width_px + 2 * margin) / grid.step);
  grid.rows = 2 + static_cast<int>((sides.height_px + 2 * margin) / grid.step);
  for (int row = 0; row < grid.rows; ++row) {
    const double behind = ground.behind(grid.at(0, row).y / sides.height_px) - pivot_behind;
    const auto depth = static_cast<float>(1 + behind * longer_at_subject());
    grid.depths.insert(grid.depths.end(), static_cast<std::size_t>(grid.columns), depth);
  }
  return grid;
}

struct Bounds {
  int left = 0, top = 0, right = 0, bottom = 0;  // the last two are outside
  bool is_empty() const { return right <= left; }
};

Bounds bounds_of(const Field& subject) {
  Bounds bounds{subject.width, subject.height, 0, 0};
  for (int y = 0; y < subject.height; ++y) {
    for (int x = 0; x < subject.width; ++x) {
      if (subject.at(x, y) <= 0) continue;
      bounds.left = std::min(bounds.left, x), bounds.right = std::max(bounds.right, x + 1);
      bounds.top = std::min(bounds.top, y), bounds.bottom = std::max(bounds.bottom, y + 1);
    }
  }
  return bounds;
}

// Over the subject alone; where the picture's edge cuts it off, on outside. `height` is in pixels of its own sides.
Grid subject_grid(const Extent& sides, const Field& subject, const Field& height) {
  const Bounds bounds = bounds_of(subject);
  const double longer = longer_side(sides), ratio = static_cast<double>(sides.width_px) / subject.width;
  Grid grid;
  grid.step = longer / kSubjectCells;
  const auto margin = [&](bool is_cut) { return is_cut ? kSubjectMargin * longer : 2 * grid.step; };
  grid.left = bounds.left * ratio - margin(bounds.left == 0);
  grid.top = bounds.top * ratio - margin(bounds.top == 0);
  const double right = bounds.right * ratio + margin(bounds.right == subject.width);
  const double bottom = bounds.bottom * ratio + margin(bounds.bottom == subject.height);
  grid.columns = 2 + static_cast<int>((right - grid.left) / grid.step);
  grid.rows = 2 + static_cast<int>((bottom - grid.top) / grid.step);
  const double of_longer = 1.0 / std::max(subject.width, subject.height);
  for (int row = 0; row < grid.rows; ++row) {
    for (int column = 0; column < grid.columns; ++column) {
      const Point at = grid.at(column, row);
      const float rise = sample(height, static_cast<float>(at.x / ratio - 0.5), static_cast<float>(at.y / ratio - 0.5));
      grid.depths.push_back(static_cast<float>(1 - relief_of(rise * of_longer) * longer_at_subject()));
    }
  }
  return grid;
}

Point middle_of(const Field& subject, const Extent& sides) {
  double sum = 0, x_sum = 0, y_sum = 0;
  for (int y = 0; y < subject.height; ++y) {
    for (int x = 0; x < subject.width; ++x) {
      const double share = subject.at(x, y);
      sum += share, x_sum += share * (x + 0.5), y_sum += share * (y + 0.5);
    }
  }
  if (sum <= 0) return {};
  return {(x_sum / sum / subject.width - 0.5) * sides.width_px, (y_sum / sum / subject.height - 0.5) * sides.height_px};
}

// Its alpha, and its colours where the outline is soft; elsewhere the picture's own.
Raster subject_layer(const Raster& picture, CutOut cut) {
  Raster layer = std::move(cut.foreground);
  for (std::size_t at = 0; at < cut.alpha.values.size(); ++at) {
    const std::size_t pixel = at * Raster::kChannels;
    if (cut.alpha.values[at] >= 1) std::copy_n(picture.rgba.begin() + pixel, 3, layer.rgba.begin() + pixel);
  }
  set_alpha(layer, cut.alpha);
  return layer;
}

}  // namespace

Result<Scene> Scene::prepare(const Raster& picture, const Saliency& network, const Task& task, double margin) {
  Scene scene;
  scene.is_opaque_ = is_opaque(picture);
  scene.picture_ = Levels(picture);
  const auto subject = scene.take_subject(picture, network, task.part(0, 0.45));
  if (!subject) return std::unexpected(subject.error());
  const Raster small = resized(picture, {subject->width, subject->height});
  auto surface = estimate_surface(small, *subject, task.part(0.45, 0.5));
  if (!surface) return std::unexpected(surface.error());
  const Extent sides = picture.extent();
  const Ground& ground = surface->ground;
  scene.background_grid_ = background_grid(sides, ground, scene.has_subject_ ? 0 : ground.behind(0.5));
  if (scene.has_subject_) {
    scene.subject_grid_ = subject_grid(sides, *subject, gaussian_blur(surface->height, 2));
    scene.pivot_ = middle_of(*subject, sides);
  }
  if (scene.is_opaque_) {
    auto background = background_of(picture, *subject, margin, task.part(0.5, 0.95));
    if (!background) return std::unexpected(background.error());
    scene.background_ = Levels(std::move(background->picture));
    scene.set_around(std::move(*background));
  }
  task.done(1);
  return scene;
}

// Answers its alpha, of the sides at which shapes are guessed.
Result<Field> Scene::take_subject(const Raster& picture, const Saliency& network, const Task& task) {
  auto cut = subject_of(picture, network, task.part(0, 0.9));
  if (!cut) return std::unexpected(cut.error());
  if (is_opaque_) {
    if (auto settled = settle_layer(cut->alpha, task.part(0.9, 1)); !settled) return std::unexpected(settled.error());
  }
  Field subject = resized(cut->alpha, extent_within(picture.extent(), kLookedAtPixelsMax));
  has_subject_ = !bounds_of(subject).is_empty();
  if (has_subject_) subject_ = Levels(subject_layer(picture, std::move(*cut)));
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  return subject;
}

Result<Scene> Scene::flat(const Raster& picture, double margin, const Task& task) {
  Scene scene;
  scene.is_opaque_ = is_opaque(picture);
  scene.picture_ = Levels(picture);
  if (scene.is_opaque_ && margin > 0) {
    auto background = background_of(picture, Field(picture.width, picture.height), margin, task);
    if (!background) return std::unexpected(background.error());
    scene.set_around(std::move(*background));
  }
  task.done(1);
  return scene;
}

void Scene::set_around(Background background) {
  around_ = Levels(std::move(background.around));
  around_scale_ = background.scale;
  around_begin_ = {background.left, background.top};
}

// ---- Views

// Far outside, what goes on gets softer, so that nobody takes it for something.
Pixel Scene::background_at(const Point& at, double halvings) const {
  if (!is_opaque_) return {};
  if (outside_by(at, sides()) <= 0) return background_.look_up(at, halvings);
  if (around_.is_empty()) return picture_.look_up(at, halvings);
  const Point there{at.x * around_scale_ + around_begin_.x, at.y * around_scale_ + around_begin_.y};
  const double outside = outside_by(there, around_.full().extent()) / (kSoftOutside * longer_side(sides()));
  return around_.look_up(there, std::max(0.0, halvings + std::log2(around_scale_)) + std::log2(1 + outside));
}

// Outside there is only what the edge cuts off.
Pixel Scene::subject_at(const Point& at, double halvings) const {
  const Pixel there = subject_.look_up(at, halvings);
  if (outside_by(at, sides()) <= 0) return there;
  const Point edge{std::clamp(at.x, 0.5, sides().width_px - 0.5), std::clamp(at.y, 0.5, sides().height_px - 0.5)};
  const float alpha = subject_.look_up(edge, halvings)[3];
  return there[3] <= alpha ? there : mixed({}, there, alpha / there[3]);
}

void Scene::draw_flat(const Camera& camera, int begin, int end, Raster& view) const {
  const double halvings = std::max(0.0, -std::log2(camera.scale()));
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < view.width; ++x) {
      const Point at = camera.flat_source({x + 0.5, y + 0.5});
      const bool is_inside = outside_by(at, sides()) <= 0;
      put(is_inside ? picture_.look_up(at, halvings) : outside_at(at, halvings), view.at(x, y));
    }
  }
}

Pixel Scene::outside_at(const Point& at, double halvings) const {
  const Pixel background = background_at(at, halvings);
  return has_subject_ ? over(subject_at(at, halvings), background) : background;
}

void Scene::draw_layers(const Camera& camera, const PlacedGrid& subject, const PlacedGrid& background, int begin,
                        int end, Raster& view) const {
  const double halvings = std::max(0.0, -std::log2(camera.scale()));
  const Sources behind = background.sources(begin, end), before = subject.sources(begin, end);
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < view.width; ++x) {
      const std::size_t at = behind.index(x, y);
      const Point back{behind.x[at], behind.y[at]}, front{before.x[at], before.y[at]};
      const bool has_front = before.nearness[at] > 0;
      Pixel pixel = has_front ? subject_at(front, halvings) : Pixel{};
      // Where even the wall's end is in sight, the picture goes on flatly.
      const Point under = behind.nearness[at] > 0 ? back : camera.flat_source({x + 0.5, y + 0.5});
      if (pixel[3] < 255) pixel = over(pixel, background_at(under, halvings));
      const float apart = static_cast<float>(std::hypot(front.x - back.x, front.y - back.y));
      if (has_front && apart < kSameSpotPx && outside_by(back, sides()) <= 0) {
        pixel = mixed(picture_.look_up(back, halvings), pixel, apart / kSameSpotPx);
      }
      put(pixel, view.at(x, y));
    }
  }
}

// How many times closer the view must come until no edge of the background shows.
double Scene::zoom_that_covers(const CameraMove& move, const Extent& sides) const {
  CameraMove turned = move;
  turned.zoom = 1;
  turned.roll_degrees = 0;
  turned.dolly = std::max(0.0, move.dolly);
  const Camera camera(turned, this->sides(), sides, pivot_);
  const Extent picture = this->sides();
  double closer = 1;
  constexpr int kSteps = 32;
  const auto depth_at = [&](double y) {
    const double row = std::clamp((y - background_grid_.top) / background_grid_.step, 0.0,
                                  static_cast<double>(background_grid_.rows - 1));
    return background_grid_.depths[static_cast<std::size_t>(row) * static_cast<std::size_t>(background_grid_.columns)];
  };
  for (int step = 0; step <= kSteps; ++step) {
    const double across = static_cast<double>(picture.width_px) * step / kSteps;
    const double down = static_cast<double>(picture.height_px) * step / kSteps;
    const double half_width = sides.width_px / 2.0, half_height = sides.height_px / 2.0;
    const auto left = camera.place({0, down}, depth_at(down));
    const auto right = camera.place({static_cast<double>(picture.width_px), down}, depth_at(down));
    const auto top = camera.place({across, 0}, depth_at(0));
    const auto bottom = camera.place({across, static_cast<double>(picture.height_px)}, depth_at(picture.height_px));
    closer = std::max(
        {closer, half_width / std::max(1.0, half_width - left.x), half_width / std::max(1.0, right.x - half_width),
         half_height / std::max(1.0, half_height - top.y), half_height / std::max(1.0, bottom.y - half_height)});
  }
  return closer;
}

Result<Raster> Scene::view(const CameraMove& move, const Extent& sides, const Task& task) const {
  const Camera flat(move, this->sides(), sides, pivot_);
  Raster view(sides.width_px, sides.height_px);
  if (flat.is_flat()) {
    if (move.roll_degrees == 0 && move.zoom == 1 && sides == this->sides()) return picture_.full();
    const auto done = task.rows(sides.height_px, [&](int begin, int end) { draw_flat(flat, begin, end, view); });
    if (!done) return std::unexpected(done.error());
    return view;
  }
  CameraMove closer = move;
  const double covering = is_opaque_ ? std::min(kCloserMax, zoom_that_covers(move, sides)) : 1;
  closer.zoom = move.zoom < 1 ? move.zoom * covering : std::max(move.zoom, covering);
  const Camera camera(closer, this->sides(), sides, pivot_);
  const PlacedGrid subject(subject_grid_, camera), background(background_grid_, camera);
  const auto done = task.rows(sides.height_px,
                              [&](int begin, int end) { draw_layers(camera, subject, background, begin, end, view); });
  if (!done) return std::unexpected(done.error());
  return view;
}

std::int64_t scene_bytes(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  return pixels * 3 * Raster::kChannels * 4 / 3 + (32LL << 20);
}

std::int64_t scene_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  const std::int64_t cut = pixels * (Raster::kChannels + static_cast<std::int64_t>(sizeof(float)));
  const std::int64_t looked_at = kLookedAtPixelsMax * 96;
  return std::max(cut_out_bytes_max(picture), scene_bytes(picture) + std::max(cut, background_bytes_max(picture))) +
         looked_at;
}

}  // namespace tintype::engine
