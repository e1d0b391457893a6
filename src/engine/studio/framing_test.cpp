#include "engine/studio/framing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "engine/studio/dither.h"
#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

// Bricks, turned clockwise by so many degrees.
Raster bricks(double degrees) {
  const double turn = degrees * std::numbers::pi / 180;
  return painted(480, 360, [&](int x, int y, int channel) {
    const double across = (x - 240) * std::cos(turn) + (y - 180) * std::sin(turn) + 2'000;
    const double down = -(x - 240) * std::sin(turn) + (y - 180) * std::cos(turn) + 2'000;
    const int row = static_cast<int>(down / 40);
    const double in_row = std::fmod(down, 40), in_brick = std::fmod(across + row % 2 * 45, 90);
    const double joint = std::clamp(std::max(4 - std::abs(in_row - 20), 4 - std::abs(in_brick - 45)), 0.0, 1.0);
    return 120.0 - 20 * channel + joint * 90;
  });
}

TEST(Framing, LinesSayHowFarToTurn) {
  for (const double tilt : {-7.0, -3.3, -1.0, 1.5, 4.0, 8.0}) {
    EXPECT_NEAR(straightening_of(bricks(tilt)), -tilt, 0.15) << tilt;
  }
  EXPECT_NEAR(straightening_of(bricks(0)), 0, 0.05);
}

// A wall of boards that is seen from the side, so that they slope, with posts that stand upright.
TEST(Framing, WhatSlopesBesideUprightPostsIsNotTurned) {
  const auto band = [](double place, double wide) { return std::clamp(wide / 2 - std::abs(place - wide), 0.0, 1.0); };
  const Raster wall = painted(480, 360, [&](int x, int y, int channel) {
    const double post = band(std::fmod(x, 120.0), 20), board = band(std::fmod(y + 0.07 * x, 24.0), 12);
    return (1 - post) * (130 + 60 * board) + post * (30 + 10 * channel);
  });
  EXPECT_EQ(straightening_of(wall), 0);
}

// Trunks that lean before a low wall with level courses.
TEST(Framing, WhatLeansBesideLevelLinesIsNotTurned) {
  const Raster wall = painted(480, 360, [&](int x, int y, int channel) {
    const double trunk = std::clamp(7 - std::abs(std::fmod(x + 0.09 * y, 80.0) - 40), 0.0, 1.0);
    const double course = y > 240 ? std::clamp(2 - std::abs(std::fmod(y, 20.0) - 10), 0.0, 1.0) : 0;
    return (1 - trunk) * (180 - 40 * course) + trunk * (30 + 10 * channel);
  });
  EXPECT_EQ(straightening_of(wall), 0);
}

// The edge of a plinth that is seen from the side, under knitwear.
TEST(Framing, OneSlopingEdgeAmongMuchElseIsNoHorizon) {
  const Raster plinth = painted(480, 360, [](int x, int y, int) {
    const bool is_plinth = y > 300 - 0.07 * x && x < 260;
    return (is_plinth ? 210.0 : 190.0) - 30 * noise_at(x / 3, y / 3, 0);
  });
  EXPECT_EQ(straightening_of(plinth), 0);
}

TEST(Framing, WithoutLinesNothingIsTurned) {
  EXPECT_EQ(straightening_of(painted(200, 150, [](int x, int y, int) { return 255 * noise_at(x / 3, y / 3, 0); })), 0);
  EXPECT_EQ(straightening_of(painted(200, 150, [](int, int, int) { return 99.0; })), 0);
}

TEST(Framing, QuartersAreExactAndComeBack) {
  const Raster picture = painted(31, 17, tile);
  const Raster right = *rotated(picture, 90, Attempt().task);
  ASSERT_EQ(right.extent(), (Extent{17, 31}));
  EXPECT_TRUE(std::equal(picture.at(0, 0), picture.at(0, 0) + 4, right.at(16, 0)));
  EXPECT_EQ(*rotated(right, -90, Attempt().task), picture);
  EXPECT_EQ(*rotated(*rotated(picture, 180, Attempt().task), 180, Attempt().task), picture);
  EXPECT_EQ(*rotated(right, 270, Attempt().task), picture);
}

TEST(Framing, TurnedPicturesHaveNoEmptyCornersAndKeepTheirShape) {
  const Raster picture = painted(300, 200, [](int, int, int) { return 150.0; });
  for (const double degrees : {-40.0, -10.0, 0.7, 12.0, 44.0, 100.0}) {
    const Raster turned = *rotated(picture, degrees, Attempt().task);
    EXPECT_TRUE(is_opaque(turned));
    for (const std::uint8_t value : turned.rgba) ASSERT_TRUE(value == 150 || value == 255) << degrees;
    const double shape =
        static_cast<double>(std::max(turned.width, turned.height)) / std::min(turned.width, turned.height);
    EXPECT_NEAR(shape, 1.5, 0.03) << degrees;
  }
  // And bricks that were turned lie level again.
  EXPECT_NEAR(straightening_of(*rotated(bricks(5), -5, Attempt().task)), 0, 0.1);
}

TEST(Framing, CutOutsGrowInsteadOfBeingCut) {
  Raster picture = painted(60, 40, tile);
  picture.at(0, 0)[3] = 0;
  const Raster turned = *rotated(picture, 30, Attempt().task);
  EXPECT_GT(turned.width, 60);
  EXPECT_GT(turned.height, 40);
  EXPECT_EQ(turned.at(0, 0)[3], 0);
  EXPECT_EQ(turned.at(turned.width / 2, turned.height / 2)[3], 255);
}

Field disc(int width, int height, double x, double y, double radius) {
  Field field(width, height);
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) {
      field.at(column, row) = std::hypot(column - x, row - y) < radius ? 1 : 0;
    }
  }
  return field;
}

TEST(Framing, CropsHoldTheSubject) {
  const Field alpha = disc(400, 200, 320, 90, 40);
  const Box around = box_around(alpha);
  EXPECT_NEAR(around.x, 274, 3);
  EXPECT_NEAR(around.y, 44, 3);
  EXPECT_NEAR(around.width, 92, 5);
  const Box square = box_of_aspect(alpha, {1, 1});
  EXPECT_EQ(square.width, 200);
  EXPECT_EQ(square.height, 200);
  EXPECT_LE(square.x, 280);
  EXPECT_EQ(square.x + square.width, 400);
  EXPECT_EQ(box_of_aspect(Extent{400, 200}, {1, 1}), (Box{100, 0, 200, 200}));
  EXPECT_EQ(box_of_aspect(Extent{100, 400}, {4, 5}), (Box{0, 137, 100, 125}));
  EXPECT_EQ(box_around(Field(30, 20)), (Box{0, 0, 30, 20}));
}

TEST(Framing, FlipsAreTheirOwnInverse) {
  const Raster picture = painted(31, 17, tile);
  for (const bool is_upside_down : {false, true}) {
    const Raster flip = flipped(picture, is_upside_down);
    EXPECT_FALSE(flip == picture);
    EXPECT_EQ(flipped(flip, is_upside_down), picture);
  }
  EXPECT_TRUE(std::equal(picture.at(0, 3), picture.at(0, 3) + 4, flipped(picture, false).at(30, 3)));
}

}  // namespace
}  // namespace tintype::engine
