#include "engine/studio/adjust.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/raster/colour.h"
#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

Raster greys(int width, int height) {
  return painted(width, height, [&](int x, int, int) { return 255.0 * x / (width - 1); });
}

Raster colours() {
  return painted(96, 96, [](int x, int y, int channel) {
    return channel == 0 ? 255.0 * x / 95 : channel == 1 ? 255.0 * y / 95 : 255.0 * ((x + y) % 96) / 95;
  });
}

Raster adjusted(Raster picture, const Tones& tones) {
  EXPECT_TRUE(adjust_tones(picture, tones, nullptr, Attempt().task));
  return picture;
}

double mean_of_column(const Raster& picture, int x, int channel) {
  double sum = 0;
  for (int y = 0; y < picture.height; ++y) sum += picture.at(x, y)[channel];
  return sum / picture.height;
}

double mean_chroma(const Raster& picture) {
  double sum = 0;
  for (std::size_t at = 0; at < picture.rgba.size(); at += 4) {
    const std::uint8_t* pixel = picture.rgba.data() + at;
    const Colour oklab = oklab_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])});
    sum += std::hypot(oklab[1], oklab[2]);
  }
  return sum * 4 / static_cast<double>(picture.rgba.size());
}

TEST(Adjust, NothingSaidChangesNothing) {
  EXPECT_EQ(adjusted(colours(), {}), colours());
}

TEST(Adjust, AStopDarkerIsHalfTheLight) {
  const Raster dark = adjusted(greys(256, 32), {.exposure = -1});
  for (int x = 8; x < 256; x += 31) {
    EXPECT_NEAR(linear_of(static_cast<float>(mean_of_column(dark, x, 1) / 255)),
                linear_of(static_cast<std::uint8_t>(x)) / 2, 0.004)
        << x;
  }
}

TEST(Adjust, AStopBrighterDoublesWhatIsDarkAndClipsNothing) {
  const Raster bright = adjusted(greys(256, 64), {.exposure = 1});
  for (int x = 20; x < 80; x += 10) {
    const double light = linear_of(static_cast<float>(mean_of_column(bright, x, 0) / 255));
    EXPECT_NEAR(light / linear_of(static_cast<std::uint8_t>(x)), 2, 0.12) << x;
  }
  // The shoulder keeps all steps apart up to white.
  for (int x = 1; x < 256; ++x) {
    EXPECT_GT(mean_of_column(bright, x, 0), mean_of_column(bright, x - 1, 0) + 0.1) << x;
  }
  EXPECT_EQ(bright.at(255, 5)[0], 255);
}

TEST(Adjust, GreysStayGreyWhateverTheCurve) {
  for (const Tones& tones : {Tones{.exposure = 0.7F}, Tones{.contrast = 0.6F}, Tones{.contrast = -0.6F},
                             Tones{.shadows = 1}, Tones{.highlights = -1}, Tones{.saturation = 1, .vibrance = 1}}) {
    const Raster result = adjusted(greys(256, 32), tones);
    double before = -1;
    for (int x = 0; x < 256; ++x) {
      const double red = mean_of_column(result, x, 0);
      EXPECT_NEAR(red, mean_of_column(result, x, 2), 0.7) << x;
      EXPECT_GE(red, before - 0.6) << x << ": no step back";
      before = red;
    }
  }
}

TEST(Adjust, ContrastPartsLightFromDark) {
  const Raster more = adjusted(greys(256, 32), {.contrast = 0.5F}),
               less = adjusted(greys(256, 32), {.contrast = -0.5F});
  EXPECT_LT(mean_of_column(more, 50, 0), 45);
  EXPECT_GT(mean_of_column(more, 200, 0), 205);
  EXPECT_GT(mean_of_column(less, 50, 0), 60);
  EXPECT_LT(mean_of_column(less, 200, 0), 195);
  EXPECT_EQ(more.at(0, 0)[0], 0);
  EXPECT_EQ(more.at(255, 0)[0], 255);
}

TEST(Adjust, ShadowsAndHighlightsMoveTheirOwnEnd) {
  const Raster lifted = adjusted(greys(256, 64), {.shadows = 0.7F}),
               held = adjusted(greys(256, 64), {.highlights = -0.7F});
  EXPECT_GT(mean_of_column(lifted, 50, 0), 60);
  EXPECT_NEAR(mean_of_column(lifted, 235, 0), 235, 4);
  EXPECT_LT(mean_of_column(held, 210, 0), 204);
  EXPECT_NEAR(mean_of_column(held, 30, 0), 30, 3);
}

TEST(Adjust, LocalReliefStaysWhereShadowsAreLifted) {
  // A dark half with fine relief beside a light one.
  const Raster picture = painted(
      256, 128, [](int x, int y, int) { return (x < 128 ? 40.0 : 200.0) + ((x / 2 + y / 2) % 2 == 0 ? 6 : -6); });
  const Raster lifted = adjusted(picture, {.shadows = 0.8F});
  const double relief = std::abs(lifted.at(60, 60)[0] - lifted.at(62, 60)[0]);
  EXPECT_GT(relief, 11);
  EXPECT_GT(lifted.at(60, 60)[0] + lifted.at(62, 60)[0], 2 * 48);
  // No halo: the light half is the same near the edge as far from it.
  EXPECT_NEAR(lifted.at(132, 60)[0], lifted.at(212, 60)[0], 6);
}

TEST(Adjust, WarmthIsTowardsAmberAtTheSameBrightness) {
  const Raster grey = painted(32, 32, [](int, int, int) { return 128.0; });
  const Raster warm = adjusted(grey, {.warmth = 0.5F}), cool = adjusted(grey, {.warmth = -0.5F});
  EXPECT_GT(mean_of_column(warm, 4, 0), mean_of_column(warm, 4, 2) + 20);
  EXPECT_LT(mean_of_column(cool, 4, 0), mean_of_column(cool, 4, 2) - 15);
  for (const Raster& result : {warm, cool}) {
    const Colour light{linear_of(result.at(9, 9)[0]), linear_of(result.at(9, 9)[1]), linear_of(result.at(9, 9)[2])};
    EXPECT_NEAR(luminance_of(light), linear_of(std::uint8_t{128}), 0.02);
  }
  const Raster pink = adjusted(grey, {.tint = 0.5F});
  EXPECT_LT(mean_of_column(pink, 4, 1), mean_of_column(pink, 4, 0) - 5);
}

TEST(Adjust, ColourGrowsAndGoes) {
  const double before = mean_chroma(colours());
  EXPECT_GT(mean_chroma(adjusted(colours(), {.saturation = 0.4F})), before * 1.08);
  EXPECT_NEAR(mean_chroma(adjusted(colours(), {.saturation = -0.5F})), before / 2, before * 0.06);
  EXPECT_LT(mean_chroma(adjusted(colours(), {.saturation = -1})), 0.004);
  EXPECT_LT(mean_chroma(adjusted(colours(), {.black_and_white = 1})), 0.004);
  const Raster sepia = adjusted(colours(), {.sepia = 1});
  for (std::size_t at = 0; at < sepia.rgba.size(); at += 4 * 37) {
    EXPECT_GE(sepia.rgba[at] + 2, sepia.rgba[at + 1]);
    EXPECT_GE(sepia.rgba[at + 1] + 2, sepia.rgba[at + 2]);
  }
}

TEST(Adjust, HuesStayWhenColoursAreMadeStronger) {
  const auto hue = [](const std::uint8_t* pixel) {
    const Colour oklab = oklab_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])});
    return std::atan2(oklab[2], oklab[1]);
  };
  // The last ones are as strong as they can be shown, or nearly so.
  for (const std::array<double, 3>& colour :
       {std::array{200.0, 120.0, 90.0}, {215.0, 30.0, 12.0}, {240.0, 150.0, 5.0}, {20.0, 140.0, 25.0}}) {
    const Raster before =
        painted(8, 8, [&](int, int, int channel) { return colour[static_cast<std::size_t>(channel)]; });
    const Raster after = adjusted(before, {.saturation = 0.6F});
    EXPECT_NEAR(hue(after.at(3, 3)), hue(before.at(3, 3)), 0.04) << colour[0] << ' ' << colour[1];
  }
}

TEST(Adjust, GradientsDoNotBand) {
  // A slope so slow that rounding alone would make steps of many pixels.
  const Raster slope = painted(1'024, 16, [](int x, int, int) { return 100 + x / 64.0; });
  const Raster dark = adjusted(slope, {.exposure = 0.6F});
  for (int x = 40; x < 980; x += 64) {
    std::set<int> seen;
    for (int y = 0; y < 16; ++y) {
      for (int at = x - 32; at < x + 32; ++at) seen.insert(dark.at(at, y)[0]);
    }
    EXPECT_GE(seen.size(), 2U) << x;
  }
}

TEST(Adjust, WeightsSayWhere) {
  Raster picture = greys(64, 8);
  Field weights(64, 8);
  for (int y = 0; y < 8; ++y) std::fill_n(weights.row(y), 32, 1.0F);
  ASSERT_TRUE(adjust_tones(picture, {.exposure = -2}, &weights, Attempt().task));
  const Raster before = greys(64, 8);
  for (int x = 1; x < 64; ++x) {
    EXPECT_EQ(picture.at(x, 3)[0] == before.at(x, 3)[0], x >= 32) << x;
    EXPECT_EQ(picture.at(x, 3)[3], 255);
  }
}

TEST(Adjust, IsTheSameWhateverTheThreadsAndEndsWhenCancelled) {
  const Tones tones{.exposure = 0.3F, .contrast = 0.2F, .shadows = 0.5F, .vibrance = 0.4F, .warmth = 0.2F};
  Raster one = colours(), other = colours();
  std::atomic<int> permille{0};
  std::atomic<bool> cancel{false};
  ASSERT_TRUE(adjust_tones(one, tones, nullptr, Task(permille, cancel, 1)));
  ASSERT_TRUE(adjust_tones(other, tones, nullptr, Task(permille, cancel, 5)));
  EXPECT_EQ(one, other);
  EXPECT_EQ(permille, 1'000);
  cancel = true;
  EXPECT_EQ(adjust_tones(one, tones, nullptr, Task(permille, cancel, 2)).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tintype::engine
