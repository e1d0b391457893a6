#include "engine/raster/raster.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr float kWhite = 255.0F;
constexpr float kRed = 0.2126F, kGreen = 0.7152F, kBlue = 0.0722F;

template <class Value>
Field field_of(const Raster& picture, Value value) {
  Field field(picture.width, picture.height);
  for (std::size_t at = 0; at < field.values.size(); ++at) {
    field.values[at] = value(picture.rgba.data() + at * Raster::kChannels);
  }
  return field;
}

}  // namespace

Raster cropped(const Raster& picture, const Box& box) {
  Raster part(box.width, box.height);
  for (int y = 0; y < box.height; ++y) {
    std::copy_n(picture.at(box.x, box.y + y), static_cast<std::size_t>(box.width) * Raster::kChannels, part.row(y));
  }
  return part;
}

Field cropped(const Field& field, const Box& box) {
  Field part(box.width, box.height);
  for (int y = 0; y < box.height; ++y) std::copy_n(field.row(box.y + y) + box.x, box.width, part.row(y));
  return part;
}

Field alpha_of(const Raster& picture) {
  return field_of(picture, [](const std::uint8_t* pixel) { return static_cast<float>(pixel[3]) / kWhite; });
}

Field luma_of(const Raster& picture) {
  return field_of(picture, [](const std::uint8_t* pixel) {
    return (kRed * static_cast<float>(pixel[0]) + kGreen * static_cast<float>(pixel[1]) +
            kBlue * static_cast<float>(pixel[2])) /
           kWhite;
  });
}

void set_alpha(Raster& picture, const Field& alpha) {
  for (std::size_t at = 0; at < alpha.values.size(); ++at) {
    const float value = std::clamp(alpha.values[at], 0.0F, 1.0F);
    picture.rgba[at * Raster::kChannels + 3] = static_cast<std::uint8_t>(std::lround(value * kWhite));
  }
}

bool is_opaque(const Raster& picture) {
  for (std::size_t at = 3; at < picture.rgba.size(); at += Raster::kChannels) {
    if (picture.rgba[at] != 255) return false;
  }
  return true;
}

Field mask_of(const Raster& drawn, const Extent& sides) {
  return resized(is_opaque(drawn) ? luma_of(drawn) : alpha_of(drawn), sides);
}

}  // namespace tintype::engine
