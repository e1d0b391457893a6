// The light of a picture: its colour and how much of it there is, and curves that put both right.
#pragma once

#include <array>
#include <cstdint>

#include "engine/raster/colour.h"
#include "engine/raster/raster.h"

namespace tintype::engine {

// What each coded value becomes, 0 to 1, a channel at a time.
struct Curves {
  std::array<std::array<float, 256>, 3> values{};
};

Curves plain_curves();

// The colour of the light, linear, of luminance 1, and how sure that is, 0 to 1: where the edges, the bright places and
// all together (grey-edge and shades of grey: van de Weijer, Gevers, Gijsenij, 2007) say the same. A strong colour, as
// a sunset has, is taken for what was meant, and so is a warm one on leaves and grass, where the sun is low.
struct Illuminant {
  Colour colour{1, 1, 1};
  float sureness = 0;
};
Illuminant illuminant_of(const Raster& picture);

// What exposure and tone lack, all 0 where nothing does: stops of light, the coded level that should be black, how far
// the middle is to be raised. High and low keys lack nothing.
struct Tone {
  float stops = 0, black = 0, middle = 0;
  bool lacks_nothing() const { return stops == 0 && black == 0 && middle == 0; }
};
Tone tone_of(const Raster& picture, const Curves& seen_through);

bool is_skin(const Colour& oklab);  // as likely as not, by hue and chroma
void balance(const Illuminant& illuminant, float share, Curves& curves);
// As much of this share as leaves skin the colour of skin: greens around a pale face look like too red a light.
float share_that_keeps_skin(const Raster& picture, const Illuminant& illuminant, float share);
void correct(const Tone& tone, float share, Curves& curves);

}  // namespace tintype::engine
