// What the surfaces of a studio look like under light: colour, relief, sheen. Functions of a place alone.
#pragma once

#include "domain/backdrop.h"
#include "engine/raster/colour.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

struct Direction {
  float u = 0, v = 0, w = 1;  // across, away from the camera, out of the surface; of length 1
};

// A point of a surface, as it is lit and looked at. A unit of place is about the picture's shorter side.
struct Spot {
  Place place;
  float footprint = 0;   // how wide a pixel is there: the mean of both directions
  float depth_step = 0;  // and how far into the depth it reaches
  Direction light, view;
};

// One kind of surface in its colours.
class MaterialLook {
 public:
  MaterialLook(const Backdrop& backdrop, std::uint32_t seed);

  Material material() const { return material_; }
  const Colour& base() const { return base_; }  // linear light
  // Of linear light: what a white sheet of the same place would send is 1.
  Colour lit(const Spot& spot) const;
  float roughness() const;  // 0 to 1: by how much what it mirrors is blurred
  bool is_cloth() const;    // hangs down behind the subject, where stone and wood end as a table does

 private:
  Colour marble(const Spot& spot) const;
  Colour granite(const Spot& spot) const;
  Colour wood(const Spot& spot) const;
  Colour slate(const Spot& spot) const;
  Colour concrete(const Spot& spot) const;
  Colour velvet(const Spot& spot) const;
  Colour silk(const Spot& spot) const;
  Colour linen(const Spot& spot) const;
  Colour leather(const Spot& spot) const;
  Colour sand(const Spot& spot) const;

  Material material_;
  std::uint32_t seed_;
  Colour base_, second_, third_;  // linear light; what each is for is the material's own affair
};

}  // namespace tintype::engine
