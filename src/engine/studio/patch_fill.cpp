#include "engine/studio/patch_fill.h"

#include <algorithm>
#include <cmath>

#include "engine/studio/smooth_fill.h"

namespace tintype::engine {

Result<Raster> patch_filled(const Raster& picture, const Field& hole, std::uint32_t seed, const Task& task) {
  static_cast<void>(seed);
  Raster filled = picture;
  Field known(hole.width, hole.height);
  for (std::size_t at = 0; at < hole.values.size(); ++at) known.values[at] = hole.values[at] > 0 ? 0.0F : 1.0F;
  for (std::size_t channel = 0; channel < Raster::kChannels; ++channel) {
    Field values(picture.width, picture.height);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      values.values[at] = picture.rgba[at * Raster::kChannels + channel];
    }
    values = smoothly_filled(values, known);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      const float share = std::clamp(hole.values[at], 0.0F, 1.0F), own = picture.rgba[at * Raster::kChannels + channel];
      filled.rgba[at * Raster::kChannels + channel] =
          static_cast<std::uint8_t>(std::lround(own + share * (values.values[at] - own)));
    }
    task.done((static_cast<double>(channel) + 1) / Raster::kChannels);
    if (const auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  }
  return filled;
}

std::int64_t patch_filled_bytes_max(const Extent& picture) {
  return std::int64_t{picture.width_px} * picture.height_px * 40;
}

}  // namespace tintype::engine
