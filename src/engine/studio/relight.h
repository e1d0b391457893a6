// Light from somewhere else.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/studio_operation.h"
#include "engine/raster/colour.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"
#include "engine/studio/light.h"
#include "engine/studio/surface.h"

namespace tintype::engine {

// A picture whose light has been told from its colours, so that it can be lit anew many times, by several threads.
class LightStage {
 public:
  // A picture in which nothing stands out is lit as a wall. kCancelled.
  static Result<LightStage> prepare(const Raster& picture, const Saliency& network, const Task& task);

  // The picture in this light, of its own sides and alpha. kCancelled.
  Result<Raster> lit(const Relight& how, const Task& task) const;
  // In the light of another picture: its direction, its softness, its colour and how bright it is; `how` says no more
  // than the intensity.
  Result<Raster> lit_as(const LightStage& reference, const Relight& how, const Task& task) const;

  const Light& light() const { return light_; }  // that it was taken in

 private:
  // What of a pixel's light comes from around and from the lamp, of the subject and of the background.
  struct Shares {
    float subject_around = 1, subject_lamp = 0, background_around = 1, background_lamp = 0;
  };
  struct Sheet {
    int width = 0, height = 0;
    std::vector<Shares> shares;
    Shares at(float x, float y) const;  // between pixels
  };
  Result<Raster> lit_by(const Lamp& lamp, const Task& task) const;
  Result<Sheet> shares_by(const Lamp& lamp, const Task& task) const;
  void level(Sheet& sheet) const;
  void apply(const Lamp& lamp, const Sheet& sheet, int begin, int end, Raster& result) const;

  Raster picture_;
  Field alpha_;  // of the subject, of the picture's sides
  // What was looked at is smaller; these have its sides.
  Field subject_;    // as alpha_
  Field3 normals_;   // the subject's, going on outside of it
  Field old_light_;  // on the subject, its mean 1
  Field highlights_;
  Ground ground_;
  Light light_;
  Colour cast_{1, 1, 1};  // the light's colour, of luminance 1
  double level_ = 0;      // the mean of logarithms of luminance
};

// `reference`, when given, says what the light is like (see lit_as). kCancelled.
Result<Raster> relight(const Raster& picture, const Relight& how, const Raster* reference, const Saliency& network,
                       const Task& task);

// What relight() holds at most beside the pictures, its result included.
std::int64_t relight_bytes_max(const Extent& picture);

}  // namespace tintype::engine
