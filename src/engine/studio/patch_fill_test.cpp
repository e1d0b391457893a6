#include "engine/studio/patch_fill.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

Field disc(int width, int height, double radius) {
  Field hole(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      hole.at(x, y) = std::hypot(x - width / 2.0, y - height / 2.0) < radius ? 1.0F : 0.0F;
    }
  }
  return hole;
}

Raster spoilt(const Raster& picture, const Field& hole) {
  Raster spoilt = picture;
  for (std::size_t at = 0; at < hole.values.size(); ++at) {
    if (hole.values[at] > 0) spoilt.rgba[at * 4] = 255, spoilt.rgba[at * 4 + 1] = 0, spoilt.rgba[at * 4 + 2] = 255;
  }
  return spoilt;
}

double mean_error_in(const Raster& one, const Raster& other, const Field& where) {
  double sum = 0, count = 0;
  for (std::size_t at = 0; at < where.values.size(); ++at) {
    if (where.values[at] <= 0) continue;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      sum += std::abs(one.rgba[at * 4 + channel] - other.rgba[at * 4 + channel]), count += 1;
    }
  }
  return sum / count;
}

TEST(PatchFill, PeriodicTextureGoesOnInPhaseThroughAHole) {
  const Raster truth = painted(240, 200, tile);
  const Field hole = disc(240, 200, 40);
  Attempt run;
  const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = 1}, run.task);
  ASSERT_TRUE(filled);
  EXPECT_LT(mean_error_in(*filled, truth, hole), 3);
  EXPECT_EQ(run.permille, 1'000);
}

// Grass in the shade on one side and in the sun on the other: no seam is seen between what comes from the two.
TEST(PatchFill, ATextureOfTwoBrightnessesMeetsWithoutASeam) {
  Grain grain;
  const Raster picture = painted(320, 200, [&](int x, int, int) { return (x < 160 ? 80 : 150) + 10 * grain(); });
  Field hole(320, 200);
  for (int y = 30; y < 170; ++y) {
    for (int x = 80; x < 240; ++x) hole.at(x, y) = 1;
  }
  const auto filled = patch_filled(spoilt(picture, hole), hole, {.seed = 1}, Attempt().task);
  ASSERT_TRUE(filled);
  const auto mean = [&](int x) {
    double sum = 0;
    for (int y = 70; y < 130; ++y) {
      for (int i = 0; i < 4; ++i) sum += filled->at(x + i, y)[1];
    }
    return sum / 240;
  };
  for (int x = 90; x < 220; x += 2) EXPECT_LT(std::abs(mean(x + 8) - mean(x)), 35) << x;
}

TEST(PatchFill, SmoothGradientGoesOnThroughAHole) {
  const Raster truth =
      painted(200, 160, [](int x, int y, int channel) { return 40 + x * 0.5 + y * 0.4 + channel * 8; });
  const Field hole = disc(200, 160, 36);
  const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = 1}, Attempt().task);
  ASSERT_TRUE(filled);
  EXPECT_LT(mean_error_in(*filled, truth, hole), 2.5);
}

// Corners are farther from what is known than the sides are deep.
TEST(PatchFill, APeriodicTextureGoesOnIntoAFrameAroundIt) {
  const Raster truth = painted(240, 200, tile);
  Field hole(240, 200, 1);
  for (int y = 40; y < 160; ++y) {
    for (int x = 45; x < 195; ++x) hole.at(x, y) = 0;
  }
  const auto filled = patch_filled(spoilt(truth, hole), hole, {}, Attempt().task);
  ASSERT_TRUE(filled);
  EXPECT_LT(mean_error_in(*filled, truth, hole), 12);
}

TEST(PatchFill, GrainStaysAsStrongAsAround) {
  Grain grain_of_truth;
  const Raster truth = painted(200, 160, [&](int, int, int) { return 120 + 6 * grain_of_truth(); });
  const Field hole = disc(200, 160, 36);
  const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = 1}, Attempt().task);
  ASSERT_TRUE(filled);
  const auto grain = [&](bool inside) {
    double sum = 0, count = 0;
    for (int y = 0; y < 160; ++y) {
      for (int x = 0; x + 1 < 200; ++x) {
        if ((hole.at(x, y) > 0) != inside || (hole.at(x + 1, y) > 0) != inside) continue;
        sum += std::abs(filled->at(x + 1, y)[1] - filled->at(x, y)[1]), count += 1;
      }
    }
    return sum / count;
  };
  EXPECT_NEAR(grain(true) / grain(false), 1, 0.2);
}

// Round sweets that lie about on the left of a dark table.
double sweets(int x, int y, int channel) {
  constexpr double kApart = 52, kRowsApart = 46, kRadius = 23, kDark = 18;
  if (x > 300) return kDark + 2 * channel;
  for (int row = -1; row < 6; ++row) {
    for (int column = -1; column < 7; ++column) {
      const double to_x = (column + (row % 2 != 0 ? 0.5 : 0)) * kApart + 3 * std::sin(5.0 * row + 3 * column) - x;
      const double to_y = row * kRowsApart + 3 * std::cos(7.0 * column + 2 * row) - y;
      if (std::hypot(to_x, to_y) < kRadius) {
        const double tint = (row + 2 * column) % 3 == 0 ? 25 : 7.5;
        return 150 + 3 * to_y + 20 * std::sin(0.9 * (to_x + 0.4 * to_y)) - tint * channel;
      }
    }
  }
  return kDark;
}

TEST(PatchFill, WhereOneOfManyLayAnotherOfThemLies) {
  const Raster truth = painted(400, 220, sweets);
  Field hole(400, 220);
  for (int y = 0; y < 220; ++y) {
    for (int x = 0; x < 400; ++x) hole.at(x, y) = std::hypot(x - 103, y - 94) < 30 ? 1.0F : 0.0F;
  }
  const auto bright = [&](const Raster& picture) {
    double sum = 0, count = 0;
    for (std::size_t at = 0; at < hole.values.size(); ++at) {
      if (hole.values[at] > 0) sum += picture.rgba[at * 4] > 80 ? 1 : 0, count += 1;
    }
    return sum / count;
  };
  for (const std::uint32_t seed : {0U, 1U, 2U, 3U}) {
    const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = seed}, Attempt().task);
    ASSERT_TRUE(filled);
    EXPECT_NEAR(bright(*filled), bright(truth), 0.1) << seed;
  }
}

// A plate on a darker table, of which only a narrow rim is seen.
TEST(PatchFill, APlainSurfaceGoesOnWhereOnlyItsRimIsSeen) {
  const Raster truth = painted(240, 240, [](int x, int y, int channel) {
    if (std::hypot(x - 120, y - 120) < 100) return 225 - 8 * channel - 10 * std::cos(0.02 * y);
    return 60 + 20 * std::sin(0.05 * x + 0.03 * y) - 10 * channel;
  });
  for (const double radius : {60.0, 70.0, 80.0}) {
    const Field hole = disc(240, 240, radius);
    const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = 1}, Attempt().task);
    ASSERT_TRUE(filled);
    EXPECT_LT(mean_error_in(*filled, truth, hole), 6) << radius;
  }
}

// A court with a grain and a line across it.
TEST(PatchFill, ALineGoesOnBehindAHole) {
  const auto court = [](int x, int y, int channel) {
    const double across = std::abs(y - 100 - 0.25 * (x - 150)) / std::hypot(1, 0.25);
    const double grain = (x * 7919 + y * 104'729 + x * y * 31) % 17 - 8;
    return across < 4 ? 235.0 : 120 - 5 * channel + grain;
  };
  const Raster truth = painted(300, 220, court);
  const Field hole = disc(300, 220, 45);
  const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = 1}, Attempt().task);
  ASSERT_TRUE(filled);
  double bright = 0, count = 0;
  for (int y = 0; y < 220; ++y) {
    for (int x = 0; x < 300; ++x) {
      if (hole.at(x, y) <= 0 || truth.at(x, y)[0] < 200) continue;
      bright += filled->at(x, y)[0] > 180 ? 1 : 0, count += 1;
    }
  }
  EXPECT_GT(bright / count, 0.7);
}

// Painted metal with its grain, and a hinge on it, which is not wanted twice.
TEST(PatchFill, PlainMetalStaysPlain) {
  const auto metal = [](int x, int y, int channel) {
    if (x >= 262 && x < 266) return y % 12 < 9 ? 20.0 : 60.0;
    const double grain = (x * 7919 + y * 104'729 + x * y * 31) % 5 - 2;
    return 60 + 70.0 * channel / 2 + 0.1 * y + grain;
  };
  const Raster truth = painted(300, 220, metal);
  const Field hole = disc(300, 220, 70);
  const auto filled = patch_filled(spoilt(truth, hole), hole, {.seed = 1}, Attempt().task);
  ASSERT_TRUE(filled);
  EXPECT_LT(mean_error_in(*filled, truth, hole), 3);
}

// A sign on a wall that reaches close to the wall's corner, beyond which is the sky; another thing begins below it.
TEST(PatchFill, AWallIsFilledWithWallUpToItsCorner) {
  const auto wall = [](int x, int y, int channel) {
    static constexpr double kWall[3] = {230, 110, 60}, kSky[3] = {140, 205, 225}, kDoor[3] = {150, 200, 200};
    if (x >= 300 || y < 20) return kSky[channel];
    if (y >= 266 && x >= 150 && x < 240) return kDoor[channel];
    return x == 100 ? 40.0 : kWall[channel] + (x * 7919 + y * 104'729 + x * y * 31) % 3;
  };
  const Raster truth = painted(420, 330, wall);
  Field hole(420, 330);
  for (int y = 60; y < 262; ++y) {
    for (int x = 104; x < 295; ++x) hole.at(x, y) = 1;
  }
  const auto filled = patch_filled(truth, hole, {}, Attempt().task);
  ASSERT_TRUE(filled);
  for (int y = 90; y < 230; ++y) {
    for (int x = 134; x < 290; ++x) ASSERT_NEAR(filled->at(x, y)[2], 61, 12) << x << ", " << y;
  }
}

// Planks end at water, each a little sooner or later than the next.
TEST(PatchFill, AnEdgeThatPlanksEndAtStaysAnEdge) {
  const auto pier = [](int x, int y, int channel) {
    const double away = (x - y - 30 + 3 * (y / 14 % 2)) / std::sqrt(2),
                 grain = (x * 7919 + y * 104'729 + x * y * 31) % 9 - 4;
    const double plank = y % 14 == 0 ? 70 : 150 + 10 * (y / 14 % 3), water = 70 + 20 * channel + 6 * std::sin(0.4 * y);
    const double share = 1 / (1 + std::exp(-2 * away));
    return (1 - share) * plank + share * water + grain;
  };
  const Raster truth = painted(360, 280, pier);
  const Field hole = disc(360, 280, 34);
  const auto filled = patch_filled(truth, hole, {}, Attempt().task);
  ASSERT_TRUE(filled);
  int wrong = 0, all = 0;
  for (int y = 0; y < 280; ++y) {
    for (int x = 0; x < 360; ++x) {
      const double away = std::abs(x - y - 30) / std::sqrt(2);
      if (hole.at(x, y) <= 0 || away < 4 || away > 16 || y % 14 < 2) continue;
      ++all, wrong += std::abs(filled->at(x, y)[0] - truth.at(x, y)[0]) > 35 ? 1 : 0;
    }
  }
  EXPECT_LT(wrong, 0.03 * all) << wrong << " of " << all;
}

TEST(PatchFill, WhatIsNoHoleStaysToTheBit) {
  Raster picture = painted(120, 100, tile);
  for (std::size_t at = 3; at < picture.rgba.size(); at += 4) picture.rgba[at] = static_cast<std::uint8_t>(at % 251);
  const Field hole = disc(120, 100, 20);
  const auto filled = patch_filled(picture, hole, {.seed = 1}, Attempt().task);
  ASSERT_TRUE(filled);
  for (std::size_t at = 0; at < hole.values.size(); ++at) {
    if (hole.values[at] > 0) continue;
    ASSERT_TRUE(std::equal(&filled->rgba[at * 4], &filled->rgba[at * 4] + 4, &picture.rgba[at * 4])) << at;
  }
}

TEST(PatchFill, BytesDoNotDependOnThreads) {
  const Raster truth = painted(300, 260, [](int x, int y, int channel) {
    return tile(x, y, channel) * 0.6 + 30 * std::sin(0.013 * x * y + channel) + 40;
  });
  const Field hole = disc(300, 260, 60);
  const auto one = patch_filled(truth, hole, {.seed = 5}, Attempt(1).task),
             many = patch_filled(truth, hole, {.seed = 5}, Attempt(3).task);
  ASSERT_TRUE(one && many);
  EXPECT_TRUE(*one == *many);
  const auto other = patch_filled(truth, hole, {.seed = 6}, Attempt(1).task);
  ASSERT_TRUE(other);
  EXPECT_FALSE(*one == *other);
}

TEST(PatchFill, CancelIsHeard) {
  Attempt run;
  run.cancel = true;
  const auto filled = patch_filled(painted(100, 100, tile), disc(100, 100, 20), {}, run.task);
  ASSERT_FALSE(filled);
  EXPECT_EQ(filled.error().code, ErrorCode::kCancelled);
}

TEST(PatchFill, OddCasesComeBackWhole) {
  const Raster small = painted(5, 30, tile), picture = painted(64, 64, tile);
  EXPECT_TRUE(patch_filled(small, disc(5, 30, 3), {}, Attempt().task));
  // Nothing is known, and nothing is asked for.
  for (const float all : {0.0F, 1.0F}) {
    const auto same = patch_filled(picture, Field(64, 64, all), {}, Attempt().task);
    ASSERT_TRUE(same);
    EXPECT_TRUE(*same == picture);
  }
  // Holes that leave no patch whole.
  Field riddled(64, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) riddled.at(x, y) = x % 5 == 0 && y % 5 == 0 ? 1.0F : 0.0F;
  }
  const auto mended = patch_filled(spoilt(picture, riddled), riddled, {}, Attempt().task);
  ASSERT_TRUE(mended);
  EXPECT_LT(mean_error_in(*mended, picture, riddled), 30);
}

}  // namespace
}  // namespace tintype::engine
