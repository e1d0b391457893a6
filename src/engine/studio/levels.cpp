#include "engine/studio/levels.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr int kSmallestPx = 16;

int mirrored(int at, int length) {
  if (at >= 0 && at < length) return at;
  const int period = 2 * length;
  at = (at % period + period) % period;
  return at < length ? at : period - 1 - at;
}

std::array<float, 4> cubic_weights(float t) {
  return {((-0.5F * t + 1) * t - 0.5F) * t, (1.5F * t - 2.5F) * t * t + 1, ((-1.5F * t + 2) * t + 0.5F) * t,
          (0.5F * t - 0.5F) * t * t};
}

}  // namespace

Pixel look_up(const Raster& raster, const Point& at) {
  const double left = std::floor(at.x - 0.5), top = std::floor(at.y - 0.5);
  const auto across = cubic_weights(static_cast<float>(at.x - 0.5 - left));
  const auto down = cubic_weights(static_cast<float>(at.y - 0.5 - top));
  std::array<const std::uint8_t*, 4> rows{};
  std::array<std::size_t, 4> columns{};
  for (int i = 0; i < 4; ++i) {
    rows[i] = raster.row(mirrored(static_cast<int>(top) - 1 + i, raster.height));
    columns[i] = static_cast<std::size_t>(mirrored(static_cast<int>(left) - 1 + i, raster.width)) * Raster::kChannels;
  }
  Pixel sum{};
  for (int j = 0; j < 4; ++j) {
    Pixel along{};
    for (int i = 0; i < 4; ++i) {
      const std::uint8_t* in = rows[j] + columns[i];
      const float alpha = in[3];
      const Pixel colour{static_cast<float>(in[0]), static_cast<float>(in[1]), static_cast<float>(in[2]), 255.0F};
      const float weight = across[i] * alpha / 255.0F;
      for (int channel = 0; channel < 4; ++channel) along[channel] += weight * colour[channel];
    }
    for (int channel = 0; channel < 4; ++channel) sum[channel] += down[j] * along[channel];
  }
  sum[3] = std::clamp(sum[3], 0.0F, 255.0F);
  for (int channel = 0; channel < 3; ++channel) sum[channel] = std::clamp(sum[channel], 0.0F, sum[3]);
  return sum;
}

Pixel mixed(const Pixel& a, const Pixel& b, float share_of_b) {
  Pixel mix;
  for (int channel = 0; channel < 4; ++channel) mix[channel] = a[channel] + share_of_b * (b[channel] - a[channel]);
  return mix;
}

Levels::Levels(Raster raster) {
  levels_.push_back(std::move(raster));
  while (std::min(levels_.back().width, levels_.back().height) >= 2 * kSmallestPx) {
    levels_.push_back(resized(levels_.back(), {(levels_.back().width + 1) / 2, (levels_.back().height + 1) / 2}));
  }
}

Pixel Levels::look_up(const Point& at, double halvings) const {
  const auto in_level = [&](std::size_t index) {
    const Raster& level = levels_[index];
    return engine::look_up(level, {at.x * level.width / full().width, at.y * level.height / full().height});
  };
  const double wanted = std::clamp(halvings, 0.0, static_cast<double>(levels_.size() - 1));
  const auto sharper = static_cast<std::size_t>(wanted);
  const double rest = wanted - static_cast<double>(sharper);
  const Pixel sharp = in_level(sharper);
  return rest < 0.01 ? sharp : mixed(sharp, in_level(sharper + 1), static_cast<float>(rest));
}

}  // namespace tintype::engine
