#include "engine/studio/soften.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr float kLayerSigma = 2;  // pixels of each layer
constexpr int kLayerSideMin = 3;

using Colour = std::array<float, 3>;  // of levels
using Layer = std::array<Field, 3>;

Extent halved(const Extent& sides) {
  return {(sides.width_px + 1) / 2, (sides.height_px + 1) / 2};
}

Colour colour_at(const Raster& raster, int x, int y) {
  const std::uint8_t* pixel = raster.at(x, y);
  return {static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2])};
}

Result<Layer> halved(const Raster& raster, const Task& task) {
  const Extent sides = halved(raster.extent());
  Layer layer;
  layer.fill(Field(sides.width_px, sides.height_px));
  const auto done = task.rows(sides.height_px, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < sides.width_px; ++x) {
        for (const int from_y : {2 * y, std::min(2 * y + 1, raster.height - 1)}) {
          for (const int from_x : {2 * x, std::min(2 * x + 1, raster.width - 1)}) {
            const Colour own = colour_at(raster, from_x, from_y);
            for (std::size_t channel = 0; channel < own.size(); ++channel) layer[channel].at(x, y) += own[channel] / 4;
          }
        }
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return layer;
}

// The first is half as large as the raster.
Result<std::vector<Layer>> layers_of(const Raster& raster, const Task& task) {
  auto layer = halved(raster, task);
  if (!layer) return std::unexpected(layer.error());
  Extent sides = halved(raster.extent());
  std::vector<Layer> layers;
  while (true) {
    if (const auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
    Layer& soft = layers.emplace_back();
    for (std::size_t channel = 0; channel < soft.size(); ++channel) {
      soft[channel] = gaussian_blur((*layer)[channel], kLayerSigma);
    }
    if (std::min(sides.width_px, sides.height_px) < 2 * kLayerSideMin) return layers;
    sides = halved(sides);
    for (Field& field : *layer) field = resized(field, sides);
  }
}

Colour in_layer(const Layer& layer, const Extent& of, int x, int y) {
  const float across = static_cast<float>(layer[0].width) / static_cast<float>(of.width_px);
  const float down = static_cast<float>(layer[0].height) / static_cast<float>(of.height_px);
  const float at_x = (static_cast<float>(x) + 0.5F) * across - 0.5F;
  const float at_y = (static_cast<float>(y) + 0.5F) * down - 0.5F;
  return {sample(layer[0], at_x, at_y), sample(layer[1], at_x, at_y), sample(layer[2], at_x, at_y)};
}

}  // namespace

Result<void> soften(Raster& raster, const SoftnessAt& softness, const Task& task) {
  const auto layers = layers_of(raster, task.part(0, 0.4));
  if (!layers) return std::unexpected(layers.error());
  return task.part(0.4, 1).rows(raster.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < raster.width; ++x) {
        const float sigma = softness(x, y);
        if (sigma <= 0) continue;
        const float halvings =
            std::min(std::log2(1 + sigma / kLayerSigma), static_cast<float>(layers->size()) - 0.001F);
        const auto sharper = static_cast<std::size_t>(halvings);
        const Colour one =
            sharper == 0 ? colour_at(raster, x, y) : in_layer((*layers)[sharper - 1], raster.extent(), x, y);
        const Colour other = in_layer((*layers)[sharper], raster.extent(), x, y);
        const float share = smooth_step(0, 1, halvings - static_cast<float>(sharper));
        std::uint8_t* out = raster.at(x, y);
        for (int channel = 0; channel < 3; ++channel) {
          const auto at = static_cast<std::size_t>(channel);
          out[channel] = dithered_byte(std::lerp(one[at], other[at], share) / 255, x, y, channel);
        }
      }
    }
  });
}

std::int64_t soften_bytes_max(const Extent& sides) {
  // The first layer takes a quarter of the pixels, all together a third; one is halved, one field blurred.
  constexpr std::int64_t kLayerBytes = sizeof(Colour);
  return std::int64_t{sides.width_px} * sides.height_px * kLayerBytes;
}

}  // namespace tintype::engine
