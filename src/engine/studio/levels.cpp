#include "engine/studio/levels.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr int kSmallestPx = 16;
constexpr double kUnseen = 0.15;  // of a halving: so much too sharp does not flicker yet

int mirrored(int at, int length) {
  if (at >= 0 && at < length) return at;
  const int period = 2 * length;
  at = (at % period + period) % period;
  return at < length ? at : period - 1 - at;
}

// Four numbers at once: a pixel's.
using Lanes [[gnu::vector_size(16)]] = float;
using Bytes [[gnu::vector_size(4)]] = std::uint8_t;

inline Lanes cubic_weights(float t) {
  return Lanes{((-0.5F * t + 1) * t - 0.5F) * t, (1.5F * t - 2.5F) * t * t + 1, ((-1.5F * t + 2) * t + 0.5F) * t,
               (0.5F * t - 0.5F) * t * t};
}

// std::floor() is a call where the processor may be any.
inline int floor_of(double value) {
  const int whole = static_cast<int>(value);
  return whole - (value < whole ? 1 : 0);
}

}  // namespace

Pixel look_up(const Raster& raster, const Point& at) {
  const int left = floor_of(at.x - 0.5), top = floor_of(at.y - 0.5);
  const Lanes across = cubic_weights(static_cast<float>(at.x - 0.5 - left));
  const Lanes down = cubic_weights(static_cast<float>(at.y - 0.5 - top));
  std::array<std::size_t, 4> columns{};
  for (int i = 0; i < 4; ++i) {
    columns[i] = static_cast<std::size_t>(mirrored(left - 1 + i, raster.width)) * Raster::kChannels;
  }
  Lanes sum{};
  for (int j = 0; j < 4; ++j) {
    const std::uint8_t* row = raster.row(mirrored(top - 1 + j, raster.height));
    Lanes along{};
    for (int i = 0; i < 4; ++i) {
      Bytes bytes;
      std::memcpy(&bytes, row + columns[i], sizeof bytes);
      Lanes colour = __builtin_convertvector(bytes, Lanes);
      const float weight = across[i] * colour[3] / 255.0F;
      colour[3] = 255.0F;
      along += weight * colour;
    }
    sum += down[j] * along;
  }
  const float alpha = std::clamp(sum[3], 0.0F, 255.0F);
  return {std::clamp(sum[0], 0.0F, alpha), std::clamp(sum[1], 0.0F, alpha), std::clamp(sum[2], 0.0F, alpha), alpha};
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
  const double softer = (rest - kUnseen) / (1 - kUnseen);
  return softer <= 0 ? sharp : mixed(sharp, in_level(sharper + 1), static_cast<float>(softer));
}

}  // namespace tintype::engine
