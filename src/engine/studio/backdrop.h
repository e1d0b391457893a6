// Puts a subject on a surface: stone, wood, cloth, rendered in perspective, with the subject's shadow and reflection.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "domain/backdrop.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// How far, in pixels, and by how much of its colour at most light from the surface is mixed into the subject's edge:
// what is farther inside stays as it is, to the bit.
int light_wrap_px(const Extent& sides);
inline constexpr float kLightWrapMost = 0.16F;

// The subject on the surface, opaque, of these sides, none of them shorter than the subject's own (kInvalidInput). It
// keeps its scale, and its place too where the sides are its own; else it stands where a photographer would have it:
// what was cut by an edge of its picture is at that edge. kCancelled.
Result<Raster> on_backdrop(const CutOut& subject, const Backdrop& backdrop, const Extent& sides, std::uint32_t seed,
                           const Task& task);

// What on_backdrop() holds at most beside the subject, its result included.
std::int64_t on_backdrop_bytes_max(const Extent& sides);

}  // namespace tintype::engine
