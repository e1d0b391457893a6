// A picture as a space to look around in: its subject in front of what is behind it.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/camera.h"
#include "engine/studio/cut_out.h"
#include "engine/studio/layers.h"
#include "engine/studio/levels.h"

namespace tintype::engine {

// A single sheet that swells where the subject is and goes back to a ground and a wall around it, without a step: what
// a camera that moves would find behind the subject is in no picture, and a sheet only stretches (smoothed depths:
// Zhang, Tam, Stereoscopic Image Generation Based on Depth Images, 2005). Prepared once, it can be looked at from
// anywhere, by several threads.
class Scene {
 public:
  // A picture in which nothing stands out is ground and wall. kCancelled.
  static Result<Scene> prepare(const Raster& picture, const Saliency& network, const Task& task);

  // For moves within the picture's plane.
  static Scene flat(const Raster& picture);

  // Whether a view has places that are outside of the picture, beyond what rounding makes; and makes something for
  // them, `margin` longer sides far. Only for what is opaque. kCancelled.
  bool shows_outside(const CameraMove& move, const Extent& sides) const;
  Result<void> go_on_outside(double margin, const Saliency& network, const Task& task);

  // As a camera sees it that has moved, filling `sides` whole: of another shape than the picture's, what is too much is
  // cut off around the middle. Where turning or moving away bares the picture's edges, the lens shifts and comes a
  // little closer, short of cutting the subject off; beyond that the picture goes on outside, and what was transparent
  // stays so. It shifts to keep the subject in view, too, as far as the picture goes.
  // Without a move, in the picture's own sides, it is the picture to the bit. kCancelled.
  Result<Raster> view(const CameraMove& move, const Extent& sides, const Task& task) const;
  // By a lens that does neither by itself: of views that follow each other, one that did would hop.
  Result<Raster> view_as_is(const CameraMove& move, const Extent& sides, const Task& task) const;

  // How many times closer a view would have to come for no edge to be bare if its lens did not shift; a view by itself
  // keeps within limits.
  double zoom_that_covers(const CameraMove& move, const Extent& sides) const;

  Extent sides() const { return picture_.full().extent(); }

 private:
  Scene() = default;
  struct Frame {
    double left, top, right, bottom;
  };
  Camera::Placed placed(const Camera& camera, const Point& at) const;
  Frame filled(const Camera& camera) const;
  Frame taken(const Camera& camera) const;
  double cut_off(const CameraMove& move, const Extent& sides) const;
  double closer(const CameraMove& move, const Extent& sides) const;
  double lens(const CameraMove& move, const Extent& sides) const;
  Point shift(const CameraMove& move, const Extent& sides) const;
  Pixel outside_at(const Point& at, double halvings) const;
  Result<Raster> seen(const CameraMove& move, const Extent& sides, const Point& shifted, const Task& task) const;
  void draw(const Camera& camera, const PlacedGrid& grid, int begin, int end, Raster& view) const;

  Levels picture_;
  Levels around_;  // the picture, going on outside
  double around_scale_ = 1;
  Point around_begin_;
  Grid grid_;
  Point pivot_;              // the subject's middle, from the picture's
  std::vector<Point> ends_;  // of the subject, in the picture
  bool is_opaque_ = true;
};

// What a scene of such a picture holds, and what preparing it holds at most, that included. A view holds its own pixels
// and a tenth more.
std::int64_t scene_bytes(const Extent& picture);
std::int64_t scene_bytes_max(const Extent& picture);

}  // namespace tintype::engine
