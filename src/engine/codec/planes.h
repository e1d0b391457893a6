// A picture as JPEG and WebP code it: luminance, and colour differences in half as many columns and rows. For the
// codec's sources alone.
#pragma once

#include <cstdint>
#include <vector>

#include "domain/variant.h"

namespace tintype::engine {

// Rows of samples from the top, nothing between them. A sample is kept in two bytes, so that it is rounded to the eight
// bits that are written once, whatever range they have, and not with every reduction.
struct Plane {
  static constexpr int kBytesPerSample = 2;
  static constexpr std::uint16_t kWhite = 65'535;

  Extent extent;
  std::vector<std::uint8_t> bytes;

  const std::uint16_t* row(int y) const {
    return reinterpret_cast<const std::uint16_t*>(bytes.data()) + std::ptrdiff_t{y} * extent.width_px;
  }
  std::size_t size_bytes() const {
    return static_cast<std::size_t>(extent.width_px) * static_cast<std::size_t>(extent.height_px) * kBytesPerSample;
  }
};

// The nearest of eight bits.
inline std::uint8_t narrowed(std::uint16_t sample) {
  return static_cast<std::uint8_t>((sample + 128U) / 257U);
}

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
