// What a subject does to the light of the ground it stands on: it takes some away, and sends some of its own.
#pragma once

#include <span>

#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"
#include "engine/studio/stage.h"

namespace tintype::engine {

// The share of light that the subject takes, 0 to 1, at reduced size: dark where it touches the ground, and softer the
// farther from there.
Result<Field> shadow_of(const CutOut& subject, const Stage& stage, const Task& task);

// The subject as the ground mirrors it: linear light, multiplied by alpha, in rows of the canvas from `top` on.
struct Mirrored {
  int top = 0, left = 0;
  Field3 light;
  Field alpha;
};

// Empty where nothing stands. `roughness` is 0 to 1.
Result<Mirrored> mirrored(const CutOut& subject, const Stage& stage, float roughness, const Task& task);

}  // namespace tintype::engine
