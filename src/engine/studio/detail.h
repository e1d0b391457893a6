// How sharp a picture is, how much its parts differ from one another, and more of both.
#pragma once

#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/tone.h"

namespace tintype::engine {

// The deviation in pixels of a Gaussian that would make steps as soft as the picture's sharpest are; 0.5 is as sharp as
// pixels can be. Nothing where there are no steps to tell by: 0.
float softness_of(const Raster& picture);

// The deviation of brightness within a fiftieth of the longer side, 0 to 1: low where there is haze.
float local_contrast_of(const Raster& picture);

struct Finish {
  Curves curves = plain_curves();
  float contrast = 0;    // how much more of what differs from its surroundings, 0.2 is a fifth
  float sharpening = 0;  // of what is finer than `radius`
  float radius = 1;      // deviation in pixels
  float noise = 0;       // levels that are not sharpened
};

// Curves first, then local contrast by a guided filter (He, Sun, Tang, 2010), which has no halos, then sharpness by an
// unsharp mask that stays within what the neighbours hold and a little beyond. Alpha stays.
Result<Raster> finished(const Raster& picture, const Finish& finish, const Task& task);

}  // namespace tintype::engine
