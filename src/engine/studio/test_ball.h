// A matt ball before a wall, with all that is true of it.
#pragma once

#include "engine/studio/cut_out.h"
#include "engine/studio/light.h"
#include "engine/studio/test_textures.h"

namespace tintype::engine {

struct Ball {
  int side = 320;
  double radius = 110;

  double across(int x) const { return (x + 0.5 - side / 2.0) / radius; }
  bool is_on(int x, int y) const { return std::hypot(across(x), across(y)) < 1; }
  Direction normal(int x, int y) const {
    const double u = across(x), v = across(y);
    return {static_cast<float>(u), static_cast<float>(-v),
            static_cast<float>(std::sqrt(std::max(0.0, 1 - u * u - v * v)))};
  }

  // What falls on it: an even share from around and the rest from one lamp, as a matt surface takes it (Lambert).
  static double light_on(const Direction& normal, const Lamp& lamp) {
    const double faces = normal[0] * lamp.direction[0] + normal[1] * lamp.direction[1] + normal[2] * lamp.direction[2];
    return lamp.ambient + (1 - lamp.ambient) * std::max(0.0, faces);
  }

  // Linear light of one channel.
  double seen(int x, int y, int channel, const Lamp& lamp) const {
    constexpr double kWall = 0.2;
    constexpr double kBall[] = {0.55, 0.4, 0.3};
    return is_on(x, y) ? kBall[channel] * light_on(normal(x, y), lamp) : kWall;
  }

  Raster picture(const Lamp& lamp) const {
    return painted(side, side, [&](int x, int y, int channel) {
      return 255 * coded_of(static_cast<float>(seen(x, y, channel, lamp)));
    });
  }

  Field outline() const {
    Field field(side, side);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) field.at(x, y) = is_on(x, y) ? 1.0F : 0.0F;
    }
    return field;
  }

  // A network that knows.
  Saliency saliency() const {
    return [*this](const Raster&, const std::atomic<bool>&) -> Result<Field> { return outline(); };
  }
};

}  // namespace tintype::engine
