// Pictures in memory that operations read and make: colours for eyes, fields of numbers for everything between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "domain/variant.h"

namespace tintype::engine {

// sRGB with alpha that is not multiplied in, 8 bits a channel; rows from the top, nothing between them.
struct Raster {
  static constexpr int kChannels = 4;

  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;

  Raster() = default;
  Raster(int width_px, int height_px)
      : width(width_px), height(height_px), rgba(static_cast<std::size_t>(width) * height * kChannels) {}

  std::uint8_t* row(int y) { return rgba.data() + static_cast<std::size_t>(y) * width * kChannels; }
  const std::uint8_t* row(int y) const { return rgba.data() + static_cast<std::size_t>(y) * width * kChannels; }
  std::uint8_t* at(int x, int y) { return row(y) + static_cast<std::size_t>(x) * kChannels; }
  const std::uint8_t* at(int x, int y) const { return row(y) + static_cast<std::size_t>(x) * kChannels; }
  Extent extent() const { return {width, height}; }
  bool operator==(const Raster&) const = default;
};

// One number a pixel.
struct Field {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  Field() = default;
  Field(int width_px, int height_px, float value = 0)
      : width(width_px), height(height_px), values(static_cast<std::size_t>(width) * height, value) {}

  float* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
  const float* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
  float& at(int x, int y) { return row(y)[x]; }
  float at(int x, int y) const { return row(y)[x]; }
};

// Some of a picture's pixels.
struct Box {
  int x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

Raster cropped(const Raster& picture, const Box& box);
Field cropped(const Field& field, const Box& box);

// Three numbers a pixel, each in a field of its own: linear light, Oklab, a normal's x, y and z.
struct Field3 {
  Field first, second, third;

  Field3() = default;
  Field3(int width_px, int height_px)
      : first(width_px, height_px), second(width_px, height_px), third(width_px, height_px) {}
  int width() const { return first.width; }
  int height() const { return first.height; }
};

// Channels as numbers from 0 to 1.
Field alpha_of(const Raster& picture);
Field luma_of(const Raster& picture);  // Y' of Rec. 709, of the coded values: what eyes take for equally bright steps
void set_alpha(Raster& picture, const Field& alpha);
bool is_opaque(const Raster& picture);

// A mask as programs draw it: white (or opaque, where it has alpha) is what is meant. Of the given sides.
Field mask_of(const Raster& drawn, const Extent& sides);

}  // namespace tintype::engine
