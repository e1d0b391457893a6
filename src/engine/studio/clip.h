// A short clip of one picture: the camera or the light moves.
#pragma once

#include <functional>

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// Takes the frames of a clip, one after the other.
using FrameSink = std::function<Result<void>(const Raster& frame)>;

int clip_frames(const VideoReplicate& how);

// Where an orbit's camera stands at `time`, 0 to 1: on a closed way through where it stood, which it begins and ends
// slowly. At 1 it is where it was at 0.
CameraMove orbit_at(double time, const VideoReplicate& how);

// Towards the subject, slowly at both ends.
CameraMove push_in_at(double time, const VideoReplicate& how);

// The light's direction, from one side to the other, and how much of it there is, 0 to 1: at both ends the picture is
// lit as it was.
struct SweepingLight {
  Relight light;
  double share = 0;
};
SweepingLight light_sweep_at(double time, const VideoReplicate& how);

// Gives the sink clip_frames() frames of clip_sides(), opaque: what is transparent shows white. Of what is around the
// picture nothing is ever bare. An odd seed has it all the other way round. kCancelled, or what the sink fails with.
Result<void> make_clip(const Raster& picture, const VideoReplicate& how, const Saliency& network, const FrameSink& sink,
                       const Task& task);

// What make_clip() holds at most beside the picture.
std::int64_t clip_bytes_max(const Extent& picture, const VideoReplicate& how);

}  // namespace tintype::engine
