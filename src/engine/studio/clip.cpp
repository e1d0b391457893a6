#include "engine/studio/clip.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/raster/resample.h"
#include "engine/studio/clip_frame.h"
#include "engine/studio/relight.h"
#include "engine/studio/scene.h"

namespace tintype::engine {

namespace {

// At full strength.
constexpr double kOrbitYawDegrees = 12, kOrbitPitchDegrees = 3;
constexpr double kPushInDolly = 0.6;
constexpr double kSweepDegrees = 75;

constexpr double kSweepElevation = 35, kSweepAmbient = 0.35;
constexpr double kSweepFade = 0.22;  // of the time: the light comes, and goes

constexpr double kOrbitEase = 0.5;   // of 1, which stands still where it begins anew
constexpr double kCloserMax = 1.22;  // views come no closer to hide bare edges: the way gets shorter instead
constexpr double kShorter = 0.85;
constexpr double kFiner = 1.1;  // than its frames is what a camera moves through
constexpr double kPreparedShare = 0.25;
constexpr int kWaySteps = 24;  // looks along a way, for how close it has to be

double direction_of(const VideoReplicate& how) {
  return how.seed % 2 == 0 ? 1 : -1;
}

// From 0 to 1, at rest at both ends: up to the second derivative.
double eased(double time) {
  return time * time * time * (time * (6 * time - 15) + 10);
}

// Over white.
void flatten(Raster& frame) {
  for (std::size_t at = 0; at < frame.rgba.size(); at += Raster::kChannels) {
    const int alpha = frame.rgba[at + 3];
    if (alpha == 255) continue;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const int mix = frame.rgba[at + channel] * alpha + 255 * (255 - alpha);
      frame.rgba[at + channel] = static_cast<std::uint8_t>((mix + 127) / 255);
    }
    frame.rgba[at + 3] = 255;
  }
}

// `share` of `frame` in `picture`'s place.
void mix_in(const Raster& picture, double share, Raster& frame) {
  const int of_frame = static_cast<int>(std::lround(share * 256));
  for (std::size_t at = 0; at < frame.rgba.size(); ++at) {
    const int mix = of_frame * frame.rgba[at] + (256 - of_frame) * picture.rgba[at];
    frame.rgba[at] = static_cast<std::uint8_t>((mix + 128) / 256);
  }
}

// Makes each frame by its time, 0 to 1, and hands it on.
Result<void> make_frames(int frames, double last_time, const std::function<Result<Raster>(double, const Task&)>& make,
                         const FrameSink& sink, const Task& task) {
  for (int number = 0; number < frames; ++number) {
    const Task part = task.part(static_cast<double>(number) / frames, (number + 1.0) / frames);
    auto frame = make(last_time * number / std::max(1, frames - 1), part);
    if (!frame) return std::unexpected(frame.error());
    flatten(*frame);
    if (auto taken = sink(*frame); !taken) return taken;
    part.done(1);
  }
  return task.check();
}

using Way = CameraMove (*)(double time, const VideoReplicate& how);

// A way on which no edge shows, and how close the camera is all along it, so that nothing breathes.
struct FittedWay {
  VideoReplicate how;
  double zoom = 1;
};

FittedWay fitted_way(const Scene& scene, const VideoReplicate& how, Way way, const Extent& sides, bool has_edges) {
  FittedWay fitted{how, 1};
  if (!has_edges) return fitted;
  for (; fitted.how.strength > 0.05; fitted.how.strength *= kShorter) {
    fitted.zoom = 1;
    for (int step = 0; step <= kWaySteps; ++step) {
      const CameraMove move = way(static_cast<double>(step) / kWaySteps, fitted.how);
      fitted.zoom = std::max(fitted.zoom, scene.zoom_that_covers(move, sides));
    }
    if (fitted.zoom <= kCloserMax) break;
  }
  return fitted;
}

Result<void> move_camera(const Raster& picture, const VideoReplicate& how, Way way, double last_time,
                         const Extent& sides, const Saliency& network, const FrameSink& sink, const Task& task) {
  const auto scene = Scene::prepare(picture, network, task.part(0, kPreparedShare));
  if (!scene) return std::unexpected(scene.error());
  const FittedWay fitted = fitted_way(*scene, how, way, sides, is_opaque(picture));
  const auto make = [&](double time, const Task& part) {
    CameraMove move = way(time, fitted.how);
    move.zoom = fitted.zoom;
    return scene->view_as_is(move, sides, part);
  };
  return make_frames(clip_frames(how), last_time, make, sink, task.part(kPreparedShare, 1));
}

Result<void> sweep_light(const Raster& picture, const VideoReplicate& how, const Saliency& network,
                         const FrameSink& sink, const Task& task) {
  const auto stage = LightStage::prepare(picture, network, task.part(0, kPreparedShare));
  if (!stage) return std::unexpected(stage.error());
  const auto make = [&](double time, const Task& part) -> Result<Raster> {
    const SweepingLight light = light_sweep_at(time, how);
    if (light.share <= 0) return picture;
    auto frame = stage->lit(light.light, part);
    if (frame) mix_in(picture, light.share, *frame);
    return frame;
  };
  return make_frames(clip_frames(how), 1, make, sink, task.part(kPreparedShare, 1));
}

double fineness_of(ClipMotion motion) {
  return motion == ClipMotion::kLightSweep ? 1 : kFiner;
}

}  // namespace

int clip_frames(const VideoReplicate& how) {
  return how.duration_seconds * how.fps;
}

CameraMove orbit_at(double time, const VideoReplicate& how) {
  const double turn = 2 * std::numbers::pi;
  const double angle = turn * time - kOrbitEase * std::sin(turn * time);
  CameraMove move;
  move.yaw_degrees = direction_of(how) * kOrbitYawDegrees * how.strength * std::sin(angle);
  move.pitch_degrees = kOrbitPitchDegrees * how.strength * (1 - std::cos(angle)) / 2;
  return move;
}

CameraMove push_in_at(double time, const VideoReplicate& how) {
  const double way = eased(time);
  CameraMove move;
  move.dolly = kPushInDolly * how.strength * (direction_of(how) > 0 ? way : 1 - way);
  return move;
}

SweepingLight light_sweep_at(double time, const VideoReplicate& how) {
  SweepingLight sweep;
  sweep.light.azimuth_degrees = direction_of(how) * kSweepDegrees * (2 * eased(time) - 1);
  sweep.light.elevation_degrees = kSweepElevation;
  sweep.light.ambient = kSweepAmbient;
  const double faded = std::min({1.0, time / kSweepFade, (1 - time) / kSweepFade});
  const double most = 1 - (1 - how.strength) * (1 - how.strength);
  sweep.share = most * eased(faded);
  return sweep;
}

Result<void> make_clip(const Raster& picture, const VideoReplicate& how, const Saliency& network, const FrameSink& sink,
                       const Task& task) {
  const Extent sides = clip_sides(picture.extent(), how.sides);
  constexpr double kFramedShare = 0.05;
  auto frame = framed(picture, sides, fineness_of(how.motion), network, task.part(0, kFramedShare));
  if (!frame) return std::unexpected(frame.error());
  const Task rest = task.part(kFramedShare, 1);
  const double before_first = 1 - 1.0 / clip_frames(how);  // of an orbit, the last frame leads into the first
  switch (how.motion) {
    case ClipMotion::kOrbit: return move_camera(*frame, how, orbit_at, before_first, sides, network, sink, rest);
    case ClipMotion::kPushIn: return move_camera(*frame, how, push_in_at, 1, sides, network, sink, rest);
    case ClipMotion::kLightSweep:
      if (frame->extent() != sides) frame = resized(*frame, sides);
      return sweep_light(*frame, how, network, sink, rest);
  }
  return {};
}

std::int64_t clip_bytes_max(const Extent& picture, const VideoReplicate& how) {
  const Extent sides = clip_sides(picture, how.sides);
  const Extent fine = framed_sides_max(sides, kFiner);
  const std::int64_t pixels = std::int64_t{fine.width_px} * fine.height_px;
  const std::int64_t frames = pixels * Raster::kChannels * 4;  // framed, and as seen, lit and mixed
  return std::max(scene_bytes_max(fine), relight_bytes_max(fine)) + frames + (32LL << 20);
}

}  // namespace tintype::engine
