// The light that falls on what a picture shows.
#pragma once

#include <array>

#include "domain/studio_operation.h"
#include "engine/raster/colour.h"
#include "engine/raster/raster.h"

namespace tintype::engine {

using Direction = std::array<float, 3>;  // a unit vector: x to the right, y up, z to the camera

// One lamp far away, and light from all around.
struct Lamp {
  Direction direction{0, 0, 1};
  float ambient = 0.3F;  // the share of what comes from around
  Colour light{1, 1, 1}, around{1, 1, 1};
};
Lamp lamp_of(const Relight& how);

// A light's colour, of luminance 1, as a camera shows it: it adapts to a part of it, as eyes do.
Colour seen_by_camera(Colour light);

// How bright a matt surface is by where it faces, told in two ways: by spherical harmonics up to the second order,
// which hold 98 % of any light (Ramamoorthi and Hanrahan, 2001), and by the lamp that is most like it, which is sharper
// where there is but one.
struct Light {
  static constexpr int kTerms = 9;
  std::array<double, kTerms> terms{1};
  Lamp lamp{.ambient = 1};
  double lamp_level = 1;  // how bright what faces the lamp is
  double certainty = 0;   // how much of the shading's variance the better of the two explains, 0 to 1
  bool is_lamp = false;   // which that is

  float on(const Direction& normal) const;
};

// By least squares, on the side towards the camera. Pixels without weight do not count.
Light light_of(const Field& shading, const Field3& normals, const Field& weights);

// The light that falls on each pixel, its mean 1, told from what is drawn on things: steps of brightness that are small
// and leave the colour are the light's (colour Retinex: Grosse et al. 2009, after Horn 1974), and what has these steps
// is found by Poisson's equation. Smooth, of the picture's sides.
Field shading_of(const Raster& picture);

// The light's colour, of luminance 1, if the greatest differences are grey (Shades of Gray: Finlayson and Trezzi,
// 2004).
Colour cast_of(const Raster& picture);

}  // namespace tintype::engine
