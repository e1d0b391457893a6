#include "engine/studio/finish.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/studio/dither.h"
#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

Raster step() {
  return painted(128, 64, [](int x, int, int) {
    const double across = std::clamp((x - 60) / 8.0, 0.0, 1.0);
    return 60 + 120 * across * across * (3 - 2 * across);
  });
}

double deviation(const Raster& picture, int left, int right) {
  double sum = 0, squares = 0;
  int count = 0;
  for (int y = 4; y < picture.height - 4; ++y) {
    for (int x = left; x < right; ++x, ++count) {
      sum += picture.at(x, y)[1];
      squares += picture.at(x, y)[1] * picture.at(x, y)[1];
    }
  }
  return std::sqrt(std::max(0.0, squares / count - (sum / count) * (sum / count)));
}

TEST(Finish, SharpeningMakesEdgesSteeperWithoutHalos) {
  Raster picture = step();
  const Raster before = picture;
  ASSERT_TRUE(sharpen(picture, 1, nullptr, Attempt().task));
  int steepest = 0, steepest_before = 0, most = 0, least = 255;
  for (int x = 1; x < 128; ++x) {
    steepest = std::max(steepest, picture.at(x, 30)[0] - picture.at(x - 1, 30)[0]);
    steepest_before = std::max(steepest_before, before.at(x, 30)[0] - before.at(x - 1, 30)[0]);
    most = std::max<int>(most, picture.at(x, 30)[0]);
    least = std::min<int>(least, picture.at(x, 30)[0]);
  }
  EXPECT_GT(steepest, steepest_before * 1.15);
  EXPECT_LE(most, 180 + 8);
  EXPECT_GE(least, 60 - 8);
  EXPECT_EQ(picture.at(10, 30)[0], before.at(10, 30)[0]) << "what is flat stays";
}

TEST(Finish, SharpeningLeavesNoiseAlone) {
  Raster picture = painted(128, 128, [](int x, int y, int) { return 120 + 6 * (noise_at(x, y, 0) - 0.5); });
  const double before = deviation(picture, 4, 124);
  ASSERT_TRUE(sharpen(picture, 0.5, nullptr, Attempt().task));
  EXPECT_LT(deviation(picture, 4, 124), before * 1.35);
}

TEST(Finish, DenoisingTakesNoiseAndLeavesEdges) {
  Raster picture = painted(160, 96, [](int x, int y, int channel) {
    return (x < 80 ? 70 : 180) + 24 * (noise_at(x, y, channel) + noise_at(x + 999, y, channel) - 1);
  });
  const double before = deviation(picture, 8, 72);
  ASSERT_TRUE(denoise(picture, 0.5, nullptr, Attempt().task));
  EXPECT_LT(deviation(picture, 8, 72), before / 2.5);
  EXPECT_LT(picture.at(76, 48)[1], 95);
  EXPECT_GT(picture.at(83, 48)[1], 155);
}

TEST(Finish, BlurKeepsTheLight) {
  Raster picture = painted(200, 200, [](int x, int, int) { return x / 10 % 2 == 0 ? 30.0 : 220.0; });
  ASSERT_TRUE(blur(picture, 1, nullptr, Attempt().task));
  EXPECT_LT(deviation(picture, 60, 140), 25);
  // The middle of the light, not of the numbers: brighter than 125.
  EXPECT_NEAR(picture.at(100, 100)[0], 163, 12);
}

TEST(Finish, TheBackgroundBlursWithoutTheSubjectsColour) {
  // A red disc before green and blue stripes.
  const auto inside = [](int x, int y) { return std::hypot(x - 100, y - 100) < 50; };
  Raster picture = painted(200, 200, [&](int x, int y, int channel) {
    if (inside(x, y)) return channel == 0 ? 230.0 : 20.0;
    return channel == 0 ? 20.0 : (x / 6 % 2 == 0) == (channel == 1) ? 200.0 : 60.0;
  });
  const Raster before = picture;
  CutOut subject{Field(200, 200), picture};
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) subject.alpha.at(x, y) = inside(x, y) ? 1 : 0;
  }
  set_alpha(subject.foreground, subject.alpha);
  ASSERT_TRUE(blur_background(picture, subject, 1, Attempt().task));
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      if (inside(x, y)) {
        EXPECT_EQ(picture.at(x, y)[0], before.at(x, y)[0]);
      } else {
        EXPECT_LE(picture.at(x, y)[0], 30) << x << ", " << y << ": no red runs out of the subject";
      }
    }
  }
  EXPECT_LT(std::abs(picture.at(20, 20)[1] - picture.at(26, 20)[1]), 20);
}

TEST(Finish, VignettesFallToTheCornersEvenly) {
  Raster picture = painted(300, 200, [](int, int, int) { return 180.0; });
  ASSERT_TRUE(vignette(picture, 0.5, Attempt().task));
  EXPECT_NEAR(picture.at(150, 100)[0], 180, 1);
  EXPECT_LT(picture.at(2, 2)[0], 140);
  EXPECT_NEAR(picture.at(2, 2)[0], picture.at(297, 197)[0], 2);
  EXPECT_GT(picture.at(75, 100)[0], picture.at(10, 100)[0]);
}

}  // namespace
}  // namespace tintype::engine
