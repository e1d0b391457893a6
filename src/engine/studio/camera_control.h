// The camera somewhere else.
#pragma once

#include <cstdint>

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// The sides of the picture; lying on its side where the camera rolls by more than an eighth of a turn.
Extent camera_control_sides(const Extent& picture, const CameraMove& move);

// The picture as a camera sees it that has moved (see Scene). Quarter turns alone only move pixels. kCancelled.
Result<Raster> camera_control(const Raster& picture, const CameraControl& how, const Saliency& network,
                              const Task& task);

// What it holds at most beside the picture, its result included.
std::int64_t camera_control_bytes_max(const Extent& picture);

}  // namespace tintype::engine
