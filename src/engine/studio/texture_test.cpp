#include "engine/studio/texture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "domain/backdrop.h"
#include "engine/studio/material.h"

namespace tintype::engine {
namespace {

struct Spread {
  double mean = 0, variance = 0, least = 1e9, most = -1e9;
};

// Of a function over some square of the plane.
template <class Value>
Spread spread_of(Value value, float step, int count = 160) {
  Spread spread;
  double square = 0;
  for (int y = 0; y < count; ++y) {
    for (int x = 0; x < count; ++x) {
      const double at = value(Place{static_cast<float>(x) * step - 3.1F, static_cast<float>(y) * step + 0.7F});
      spread.mean += at;
      square += at * at;
      spread.least = std::min(spread.least, at);
      spread.most = std::max(spread.most, at);
    }
  }
  spread.mean /= count * count;
  spread.variance = square / (count * count) - spread.mean * spread.mean;
  return spread;
}

TEST(Noise, IsAroundNothingAndBounded) {
  const Spread noise = spread_of([](Place place) { return gradient_noise(place, 5); }, 0.37F);
  EXPECT_NEAR(noise.mean, 0, 0.03);
  EXPECT_GT(noise.variance, 0.05);
  EXPECT_GT(noise.least, -1.1);
  EXPECT_LT(noise.most, 1.1);
  EXPECT_EQ(gradient_noise({4, -7}, 5), 0);
  EXPECT_NE(gradient_noise({0.3F, 0.4F}, 5), gradient_noise({0.3F, 0.4F}, 6));
}

TEST(Noise, GoesOnAcrossTheGrid) {
  for (float at = -2.01F; at < 2; at += 0.0625F) {
    EXPECT_NEAR(gradient_noise({at, 0.3F}, 9), gradient_noise({at + 1e-3F, 0.3F}, 9), 8e-3);
    EXPECT_NEAR(gradient_noise({0.3F, at}, 9), gradient_noise({0.3F, at + 1e-3F}, 9), 8e-3);
  }
}

TEST(Noise, LeavesOutWhatAPixelCannotShow) {
  double last = 1e9;
  for (const float footprint : {0.0F, 0.05F, 0.1F, 0.2F, 0.3F}) {
    const Spread sum = spread_of([=](Place place) { return fbm(place, {6, 0.6F}, footprint, 3); }, 0.21F);
    EXPECT_LT(sum.variance, last) << footprint;
    last = sum.variance;
  }
  EXPECT_EQ(fbm({0.3F, 0.7F}, {6, 0.6F}, 2, 3), 0);
}

TEST(Cells, AreNearestToTheirOwnPoints) {
  spread_of(
      [](Place place) {
        const Cell cell = worley(place, 4);
        EXPECT_LE(cell.nearest, cell.second);
        EXPECT_LT(cell.nearest, 1.5F);
        return cell.nearest;
      },
      0.13F, 60);
}

TEST(Line, IsAsDarkInAllWhateverThePixel) {
  const auto sum = [](float footprint) {
    double all = 0;
    for (float at = -2; at < 2; at += 0.002F) all += line(at, 0.05F, footprint);
    return all;
  };
  EXPECT_NEAR(sum(0.5F) / sum(0), 1, 0.01);
  EXPECT_LT(line(0, 0.05F, 0.5F), 0.4F);
}

class Materials : public testing::TestWithParam<Material> {};

Spot spot_at(Place place, float footprint) {
  return {.place = place,
          .footprint = footprint,
          .depth_step = 1.5F * footprint,
          .light = {-0.5F, 0.3F, 0.81F},
          .view = {0, -0.94F, 0.34F}};
}

TEST_P(Materials, AreAsLightAsTheyAreSaidToBe) {
  double last = 2;
  for (const Tone tone : {Tone::kLight, Tone::kMiddle, Tone::kDark}) {
    const MaterialLook look({.material = GetParam(), .tone = tone}, 11);
    const Spread light =
        spread_of([&](Place place) { return luminance_of(look.lit(spot_at(place, 0.002F))); }, 0.011F, 120);
    EXPECT_TRUE(std::isfinite(light.mean));
    EXPECT_GE(light.least, 0);
    EXPECT_LT(light.most, 4);
    EXPECT_LT(light.mean, last);
    last = light.mean;
  }
}

TEST_P(Materials, KeepTheHueTheyAreGiven) {
  const MaterialLook look({.material = GetParam(), .colour = {{30, 90, 60}}}, 11);
  std::array<double, 3> sum{};
  spread_of(
      [&](Place place) {
        const Colour colour = look.lit(spot_at(place, 0.002F));
        for (std::size_t channel = 0; channel < 3; ++channel) sum[channel] += colour[channel];
        return 0;
      },
      0.011F, 100);
  EXPECT_GT(sum[1], sum[2]);
  EXPECT_GT(sum[2], sum[0]);
}

class Textures : public testing::TestWithParam<Material> {};

TEST_P(Textures, LoseWhatTheDistanceHidesAndNothingAliases) {
  const MaterialLook look({.material = GetParam()}, 11);
  // How much neighbours differ beyond what lies between them, where a pixel is as wide as the step between them.
  const auto rough = [&](float footprint) {
    return spread_of(
               [&](Place place) {
                 const auto at = [&](float u) {
                   return luminance_of(look.lit(spot_at({place.u + u, place.v}, footprint)));
                 };
                 return at(0) - 0.5F * (at(-footprint) + at(footprint));
               },
               1.7F * footprint, 90)
        .variance;
  };
  const Spread near = spread_of([&](Place place) { return luminance_of(look.lit(spot_at(place, 0.001F))); }, 0.007F);
  EXPECT_GT(near.variance, 1e-6) << "constant";
  EXPECT_LT(rough(0.05F), 0.35 * near.variance);
}

std::string name_of(const testing::TestParamInfo<Material>& tested) {
  return material_name(tested.param);
}

INSTANTIATE_TEST_SUITE_P(All, Materials, testing::ValuesIn(all_materials().begin(), all_materials().end()), name_of);
INSTANTIATE_TEST_SUITE_P(All, Textures,
                         testing::Values(Material::kMarble, Material::kGranite, Material::kWood, Material::kSlate,
                                         Material::kConcrete, Material::kVelvet, Material::kSilk, Material::kLinen,
                                         Material::kLeather, Material::kSand),
                         name_of);

}  // namespace
}  // namespace tintype::engine
