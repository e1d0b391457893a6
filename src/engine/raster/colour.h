// Colours as light and as eyes see them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/raster/raster.h"

namespace tintype::engine {

using Colour = std::array<float, 3>;  // red, green, blue; or lightness, green-red, blue-yellow of Oklab

// sRGB (IEC 61966-2-1) to linear light, 0 to 1, and back; what lies outside is clamped on the way back.
float linear_of(std::uint8_t coded);
float linear_of(float coded);       // 0 to 1
float coded_of(float linear);       // 0 to 1
std::uint8_t byte_of(float coded);  // the nearest of 0 to 255

// The luminance of linear light (Rec. 709).
inline float luminance_of(const Colour& linear) {
  return 0.2126F * linear[0] + 0.7152F * linear[1] + 0.0722F * linear[2];
}

// Oklab (Bjoern Ottosson, 2020), of linear light.
Colour oklab_of(const Colour& linear);
Colour linear_of_oklab(const Colour& oklab);

// The colour of a black body at so many kelvins (1,000 to 40,000), as linear light of luminance 1: Planck's locus by
// the cubic fits of Kim et al. (2002). 6,504 K is close to the white of sRGB.
Colour light_of_kelvins(double kelvins);

// "#rgb", "#rrggbb" or one of the sixteen basic names of CSS, coded.
std::optional<std::array<std::uint8_t, 3>> parse_colour(std::string_view text);

}  // namespace tintype::engine
