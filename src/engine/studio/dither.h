// Rounding to bytes that leaves no bands in gradients.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/studio/hash.h"

namespace tintype::engine {

// A number from 0 to 1 that depends on the place alone and has no pattern that eyes see.
inline float noise_at(int x, int y, int channel) {
  const std::uint32_t bits = static_cast<std::uint32_t>(x) * 0x9E3779B1U + static_cast<std::uint32_t>(y) * 0x85EBCA77U +
                             static_cast<std::uint32_t>(channel) * 0xC2B2AE3DU;
  return static_cast<float>(hashed(bits) >> 8) * (1.0F / 16'777'216.0F);
}

// A coded value, 0 to 1, as the byte below or above, as often as it is near to each.
inline std::uint8_t dithered_byte(float coded, int x, int y, int channel) {
  const float scaled = (coded < 0 ? 0 : coded > 1 ? 1 : coded) * 255.0F;
  const float below = std::floor(scaled);
  const float rest = scaled - below;
  // What is a byte but for rounding stays it.
  const bool goes_up = rest > 0.02F && (rest > 0.98F || rest > noise_at(x, y, channel));
  return static_cast<std::uint8_t>(below + (goes_up ? 1.0F : 0.0F));
}

}  // namespace tintype::engine
