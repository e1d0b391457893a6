// Light from somewhere else.
#pragma once

#include <array>
#include <cstdint>

#include "domain/studio_operation.h"
#include "engine/raster/colour.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"
#include "engine/studio/surface.h"

namespace tintype::engine {

// How bright a surface is by where it faces, for red, green and blue: spherical harmonics up to the second order, which
// hold 98 % of what a matt surface shows (Ramamoorthi and Hanrahan, 2001).
struct Light {
  static constexpr int kTerms = 9;
  std::array<std::array<float, 3>, kTerms> terms{};
  // How much of the shading's variance it explains, 0 to 1.
  double certainty = 0;

  Colour on(float x, float y, float z) const;  // a unit normal's
};

// A picture whose light has been told from its colours, so that it can be lit anew many times. By several threads.
class LightStage {
 public:
  // kCancelled. A picture in which nothing stands out is lit as a whole.
  static Result<LightStage> prepare(const Raster& picture, const Saliency& network, const Task& task);

  // The picture in this light, of its own sides and alpha. kCancelled.
  Result<Raster> lit(const Relight& how, const Task& task) const;

  // The picture in the light of another.
  Result<Raster> lit_as(const LightStage& reference, const Relight& how, const Task& task) const;

  const Light& light() const { return light_; }  // that it was taken in

 private:
  Result<Raster> applied(const Field3& gain, const Task& task) const;

  Raster picture_;
  Raster small_;  // what was looked at: the fields below have its sides
  Surface surface_;
  Field shading_;  // the light that falls on each pixel, its mean 1
  Light light_;
  Colour cast_{1, 1, 1};  // the light's own colour, of luminance 1
};

// `reference`, when given, says what the light is like instead of `how`'s direction and temperature.
Result<Raster> relight(const Raster& picture, const Relight& how, const Raster* reference, const Saliency& network,
                       const Task& task);

// What relight() holds at most beside the pictures, its result included.
std::int64_t relight_bytes_max(const Extent& picture);

}  // namespace tintype::engine
