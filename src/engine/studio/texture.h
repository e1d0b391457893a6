// Noise to make surfaces of: pure functions of a place and a seed, the same on every machine and in any order. What is
// too fine for a pixel is left out before it can alias: each sum takes a footprint, the width that a pixel (or a lens
// out of focus) has at that place, in the same unit.
#pragma once

#include <cstdint>

namespace tintype::engine {

struct Place {
  float u = 0, v = 0;
};

inline Place operator+(Place a, Place b) {
  return {a.u + b.u, a.v + b.v};
}
inline Place operator*(Place a, float by) {
  return {a.u * by, a.v * by};
}

// As std::floor and std::lerp, but without their care for what is not finite, which costs a call or four branches.
inline std::int32_t floored(float value) {
  const auto towards_zero = static_cast<std::int32_t>(value);
  return towards_zero - static_cast<std::int32_t>(value < static_cast<float>(towards_zero));
}
inline float between(float a, float b, float share) {
  return a + (b - a) * share;
}

// A well mixed number of a cell of the integer grid, and one from 0 to 1.
std::uint32_t cell_bits(std::int32_t u, std::int32_t v, std::uint32_t seed);
float cell_share(std::int32_t u, std::int32_t v, std::uint32_t seed);

// Gradient noise (Perlin, 2002) of wavelength 1: about -1 to 1, mean 0, 0 at the corners of the grid.
float gradient_noise(Place place, std::uint32_t seed);

// Fractional Brownian motion: `octaves` of gradient noise from wavelength 1 down, each of `gain` times the one before.
// About -1 to 1; octaves fade out as their wavelength nears two footprints.
struct Octaves {
  int count = 5;
  float gain = 0.5F;
  float lacunarity = 2.03F;  // not quite 2, so that the grids do not coincide
};
float fbm(Place place, const Octaves& octaves, float footprint, std::uint32_t seed);

// The place moved by noise of its own wavelength, by at most about `reach` (domain warping, Quilez, 2002).
Place warped(Place place, float reach, const Octaves& octaves, float footprint, std::uint32_t seed);

// Cells around one random point in each square of the grid (Worley, 1996).
struct Cell {
  float nearest = 0, second = 0;  // distances to the two nearest points
  std::uint32_t bits = 0;         // of the nearest point's own
};
Cell worley(Place place, std::uint32_t seed);

// 0 where `wavelength` cannot be seen through `footprint`, 1 where it can without aliasing.
float seen_share(float wavelength, float footprint);

// From 0 at `from` to 1 at `to`, smoothly.
float smooth_step(float from, float to, float value);

// A line around 0: 1 in its middle, falling off by a Gaussian of standard deviation `width`; where a pixel is wider
// than that, as much darker as it is wider.
float line(float distance, float width, float footprint);

}  // namespace tintype::engine
