// The shape of what a picture shows, guessed from one look at it: from the outline of its subject, from its shading,
// and from where things stand.
#pragma once

#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

// What lies behind and under the subject: ground from the lower edge up to the horizon, a wall from there on.
struct Ground {
  double foot = 1;      // the row that the subject stands on, as a share of the picture's height
  double horizon = 0;   // the row where the ground meets the wall
  double distance = 0;  // of the wall behind the subject's foot, in longer sides of the picture

  // How far behind the subject's foot a row's ground is, in longer sides; negative in front of it.
  double behind(double row_share) const;
  // The sine of the angle by which it faces up.
  double tilt(double row_share, const Extent& picture) const;
};

struct Surface {
  Field subject;   // how much each pixel belongs to the subject, 0 to 1; all 0 where nothing stands out
  Field height;    // of the subject over its outline, towards the camera, in pixels; 0 outside
  Field3 normals;  // the subject's, going on outside of it. Unit vectors: x to the right, y up, z to the camera
  Ground ground;
};

// As cut_out(), but where nothing stands out, nothing does: the alpha is 0 everywhere.
Result<CutOut> subject_of(const Raster& picture, const Saliency& network, const Task& task);

// As a balloon of this outline would swell: the height is the root of the solution of Poisson's equation in it, so that
// a disc becomes half a ball (after Sykora et al., Ink-and-Ray, 2014). Where the outline meets the picture's edge
// the shape goes on. In pixels, of `outline`'s sides; the outline is where it is over a half.
struct Swelling {
  Field height;
  Field3 normals;  // towards the camera where there is nothing
};
Result<Swelling> swollen(const Field& outline, const Task& task);

// Of the picture's sides, as `subject` is. What is small and darker is taken to lie deeper; an outline of four straight
// sides is something flat that faces the camera, with print on it, and has no height. kCancelled.
Result<Surface> estimate_surface(const Raster& picture, const Field& subject, const Task& task);

}  // namespace tintype::engine
