// A picture as JPEG and WebP code it: luminance, and colour differences in half as many columns and rows. For the
// codec's sources alone.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/variant.h"

namespace tintype::engine {

// Rows of one-byte samples from the top, nothing between them.
struct Plane {
  Extent extent;
  std::vector<std::uint8_t> samples;

  const std::uint8_t* row(int y) const { return samples.data() + std::ptrdiff_t{y} * extent.width_px; }
};

// Y'CbCr of JFIF: full range, Rec. 601, the samples of colour in the middle of those of luminance that they are for.
struct Planes {
  Plane light;
  Plane blue;  // half the sides, rounded up, as red
  Plane red;
};

// Half of a length, rounded up.
inline int halved(int side) {
  return (side + 1) / 2;
}
inline Extent halved(const Extent& extent) {
  return {halved(extent.width_px), halved(extent.height_px)};
}

// Upright, what EXIF says lies otherwise (1 to 8; CIPA DC-008).
Plane turned(Plane plane, int orientation);

}  // namespace tintype::engine
