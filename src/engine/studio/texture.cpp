#include "engine/studio/texture.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tintype::engine {

namespace {

constexpr float kNoiseGain = 1.5F;  // brings two-dimensional gradient noise to about -1 to 1
constexpr std::uint32_t kPerOctave = 0x9E3779B9U;

struct Gradient {
  float u, v;
};

// Sixteen directions around the circle: no axis stands out.
constexpr auto kGradients = [] {
  std::array<Gradient, 16> gradients{};
  constexpr float kCos[] = {1.0F, 0.92387953F, 0.70710678F, 0.38268343F, 0.0F};
  for (int at = 0; at < 16; ++at) {
    const int quarter = at / 4, step = at % 4;
    const float along = kCos[step], across = kCos[4 - step];
    gradients[static_cast<std::size_t>(at)] = quarter == 0   ? Gradient{along, across}
                                              : quarter == 1 ? Gradient{-across, along}
                                              : quarter == 2 ? Gradient{-along, -across}
                                                             : Gradient{across, -along};
  }
  return gradients;
}();

float faded(float t) {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

float towards(std::int32_t u, std::int32_t v, float du, float dv, std::uint32_t seed) {
  const Gradient& gradient = kGradients[cell_bits(u, v, seed) >> 28U];
  return gradient.u * du + gradient.v * dv;
}

}  // namespace

std::uint32_t cell_bits(std::int32_t u, std::int32_t v, std::uint32_t seed) {
  std::uint32_t bits = seed + static_cast<std::uint32_t>(u) * 0x8DA6B343U + static_cast<std::uint32_t>(v) * 0xD8163841U;
  bits ^= bits >> 16U;
  bits *= 0x7FEB352DU;
  bits ^= bits >> 15U;
  bits *= 0x846CA68BU;
  bits ^= bits >> 16U;
  return bits;
}

float cell_share(std::int32_t u, std::int32_t v, std::uint32_t seed) {
  return static_cast<float>(cell_bits(u, v, seed) >> 8U) * (1.0F / 16'777'216.0F);
}

float gradient_noise(Place place, std::uint32_t seed) {
  const std::int32_t u = floored(place.u), v = floored(place.v);
  const auto left = static_cast<float>(u), top = static_cast<float>(v);
  const float du = place.u - left, dv = place.v - top;
  const float across = faded(du), down = faded(dv);
  const float above = between(towards(u, v, du, dv, seed), towards(u + 1, v, du - 1, dv, seed), across);
  const float below = between(towards(u, v + 1, du, dv - 1, seed), towards(u + 1, v + 1, du - 1, dv - 1, seed), across);
  return kNoiseGain * between(above, below, down);
}

float fbm(Place place, const Octaves& octaves, float footprint, std::uint32_t seed) {
  float sum = 0, amplitude = 1, whole = 0, wavelength = 1;
  for (int octave = 0; octave < octaves.count; ++octave) {
    const float seen = seen_share(wavelength, footprint);
    if (seen > 0) sum += amplitude * seen * gradient_noise(place, seed);
    whole += amplitude * amplitude;
    amplitude *= octaves.gain;
    wavelength /= octaves.lacunarity;
    // A turn by about 37 degrees between octaves, so that no direction of the grid adds up.
    place = Place{0.8F * place.u - 0.6F * place.v, 0.6F * place.u + 0.8F * place.v} * octaves.lacunarity;
    place.u += 17.3F;
    seed += kPerOctave;
  }
  return sum / std::sqrt(whole);
}

Place warped(Place place, float reach, const Octaves& octaves, float footprint, std::uint32_t seed) {
  return {place.u + reach * fbm(place, octaves, footprint, seed),
          place.v + reach * fbm({place.u + 31.7F, place.v - 11.3F}, octaves, footprint, seed ^ 0x5BD1E995U)};
}

Cell worley(Place place, std::uint32_t seed) {
  const std::int32_t u = floored(place.u), v = floored(place.v);
  const auto left = static_cast<float>(u), top = static_cast<float>(v);
  float nearest = 8, second = 8;
  Cell cell;
  for (int dv = -1; dv <= 1; ++dv) {
    for (int du = -1; du <= 1; ++du) {
      const std::uint32_t bits = cell_bits(u + du, v + dv, seed);
      const float at_u = left + static_cast<float>(du) + static_cast<float>(bits & 0xFFFFU) / 65'536.0F - place.u;
      const float at_v = top + static_cast<float>(dv) + static_cast<float>(bits >> 16U) / 65'536.0F - place.v;
      const float distance = at_u * at_u + at_v * at_v;
      if (distance < nearest) {
        second = nearest;
        nearest = distance;
        cell.bits = bits;
      } else {
        second = std::min(second, distance);
      }
    }
  }
  cell.nearest = std::sqrt(nearest);
  cell.second = std::sqrt(second);
  return cell;
}

float seen_share(float wavelength, float footprint) {
  return smooth_step(2, 4, wavelength / std::max(footprint, 1e-9F));
}

float smooth_step(float from, float to, float value) {
  const float t = std::clamp((value - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

float line(float distance, float width, float footprint) {
  // A pixel is a box of its footprint, whose standard deviation is 0.29 of it; variances add.
  const float spread = std::sqrt(width * width + 0.083F * footprint * footprint);
  const float x = distance / spread;
  return width / spread * std::exp(-0.5F * x * x);
}

}  // namespace tintype::engine
