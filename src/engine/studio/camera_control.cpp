#include "engine/studio/camera_control.h"

#include <cmath>

#include "engine/studio/scene.h"

namespace tintype::engine {

namespace {

constexpr double kQuarter = 90;
constexpr double kMarginMin = 0.12, kMarginMax = 0.72;

// Moves pixels alone: the world turns against the camera, `quarters` times.
Raster turned_back(const Raster& picture, int quarters) {
  const bool lies = quarters % 2 != 0;
  Raster result(lies ? picture.height : picture.width, lies ? picture.width : picture.height);
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* in = picture.row(y);
    for (int x = 0; x < picture.width; ++x, in += Raster::kChannels) {
      std::uint8_t* out = quarters == 1   ? result.at(y, picture.width - 1 - x)
                          : quarters == 2 ? result.at(picture.width - 1 - x, picture.height - 1 - y)
                                          : result.at(picture.height - 1 - y, x);
      std::copy_n(in, Raster::kChannels, out);
    }
  }
  return result;
}

// How many quarters of a turn are nearest, 0 to 3.
int nearest_quarters(double degrees) {
  return static_cast<int>((std::lround(degrees / kQuarter) % 4 + 4) % 4);
}

// How much of the outside comes into view about, in longer sides.
double margin_of(const CameraMove& move) {
  const double zoomed_out = std::max(0.0, (1 / move.zoom - 1) / 2);
  const double turned = std::abs(move.yaw_degrees) / 45 * 0.25 + std::abs(move.pitch_degrees) / 30 * 0.15;
  return std::min(kMarginMax, kMarginMin + zoomed_out + turned);
}

}  // namespace

Extent camera_control_sides(const Extent& picture, const CameraMove& move) {
  const bool lies = nearest_quarters(move.roll_degrees) % 2 != 0;
  return lies ? Extent{picture.height_px, picture.width_px} : picture;
}

Result<Raster> camera_control(const Raster& picture, const CameraControl& how, const Saliency& network,
                              const Task& task) {
  const CameraMove& move = how.move;
  const int quarters = nearest_quarters(move.roll_degrees);
  if (is_flat(move) && move.zoom == 1 && quarters > 0 && std::fmod(move.roll_degrees, kQuarter) == 0) {
    return turned_back(picture, quarters);
  }
  const Extent sides = camera_control_sides(picture.extent(), move);
  Result<Scene> scene = is_flat(move) ? Scene::flat(picture) : Scene::prepare(picture, network, task.part(0, 0.5));
  if (!scene) return std::unexpected(scene.error());
  if (scene->shows_outside(move, sides)) {
    if (auto done = scene->go_on_outside(margin_of(move), network, task.part(0.5, 0.9)); !done) {
      return std::unexpected(done.error());
    }
  }
  return scene->view(move, sides, task.part(0.9, 1));
}

std::int64_t camera_control_bytes_max(const Extent& picture) {
  const std::int64_t result = std::int64_t{picture.width_px} * picture.height_px * Raster::kChannels;
  return scene_bytes_max(picture) + result + (32LL << 20);
}

}  // namespace tintype::engine
