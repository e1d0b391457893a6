#include "engine/studio/surface.h"

#include <gtest/gtest.h>

#include "engine/studio/camera.h"
#include "engine/studio/test_ball.h"

namespace tintype::engine {
namespace {

TEST(Surface, DiscSwellsToHalfABall) {
  const Ball ball;
  const Attempt attempt;
  const auto swelling = swollen(ball.outline(), attempt.task);
  ASSERT_TRUE(swelling);
  EXPECT_EQ(attempt.permille, 1'000);
  double height_error = 0, angle_error = 0;
  int pixels = 0;
  for (int y = 0; y < ball.side; ++y) {
    for (int x = 0; x < ball.side; ++x) {
      if (std::hypot(ball.across(x), ball.across(y)) > 0.95) continue;
      const Direction truth = ball.normal(x, y);
      height_error += std::abs(swelling->height.at(x, y) - truth[2] * ball.radius);
      const double same = truth[0] * swelling->normals.first.at(x, y) + truth[1] * swelling->normals.second.at(x, y) +
                          truth[2] * swelling->normals.third.at(x, y);
      angle_error += std::acos(std::min(1.0, same)) * 180 / std::numbers::pi;
      ++pixels;
    }
  }
  RecordProperty("mean_height_error_px", std::to_string(height_error / pixels));
  RecordProperty("mean_angle_error_degrees", std::to_string(angle_error / pixels));
  EXPECT_LT(height_error / pixels, 0.03 * ball.radius);
  EXPECT_LT(angle_error / pixels, 1);
  EXPECT_EQ(swelling->height.at(0, 0), 0);
}

TEST(Surface, GoesOnWhereThePictureCutsTheOutlineOff) {
  Field outline(200, 120);
  for (int y = 0; y < 120; ++y) {
    for (int x = 60; x < 140; ++x) outline.at(x, y) = 1;  // from the upper edge to the lower
  }
  const Attempt attempt;
  const auto swelling = swollen(outline, attempt.task);
  ASSERT_TRUE(swelling);
  // A log of half the band's width, as high at the edges as in the middle. Its profile is that of a cylinder,
  // stretched.
  EXPECT_NEAR(swelling->height.at(100, 0), swelling->height.at(100, 60), 0.5);
  EXPECT_NEAR(swelling->height.at(100, 60), 40 * std::numbers::sqrt2, 2.5);
}

// How far, in the mean, what is inside of an outline turns away from the camera, in degrees.
double turned_away(const Field& outline) {
  const Attempt attempt;
  const Raster grey = painted(outline.width, outline.height, [](int, int, int) { return 128; });
  const auto surface = estimate_surface(grey, outline, attempt.task);
  double sum = 0, pixels = 0;
  for (std::size_t at = 0; surface && at < outline.values.size(); ++at) {
    if (outline.values[at] < 0.5F) continue;
    sum += std::acos(std::min(1.0F, surface->normals.third.values[at])) * 180 / std::numbers::pi;
    ++pixels;
  }
  return sum / pixels;
}

template <class Inside>
Field outline_of(Inside inside) {
  Field outline(240, 200);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 240; ++x) outline.at(x, y) = inside(x - 119.5, y - 99.5) ? 1.0F : 0.0F;
  }
  return outline;
}

TEST(Surface, FourStraightSidesAreFlat) {
  const auto rectangle = [](double x, double y) { return std::abs(x) < 70 && std::abs(y) < 50; };
  EXPECT_LT(turned_away(outline_of(rectangle)), 1);
  const auto turned = [&](double x, double y) { return rectangle(0.9 * x + 0.44 * y, 0.9 * y - 0.44 * x); };
  EXPECT_LT(turned_away(outline_of(turned)), 1);
  const auto far_away_above = [](double x, double y) { return std::abs(y) < 60 && std::abs(x) < 80 + 0.3 * y; };
  EXPECT_LT(turned_away(outline_of(far_away_above)), 1);
  const auto with_round_corners = [](double x, double y) {
    return std::hypot(std::max(0.0, std::abs(x) - 30), std::max(0.0, std::abs(y) - 70)) < 12;
  };
  EXPECT_LT(turned_away(outline_of(with_round_corners)), 1);
  const auto cut_off = [](double x, double y) { return std::abs(x) < 60 && y > -40; };
  EXPECT_LT(turned_away(outline_of(cut_off)), 1);
}

TEST(Surface, OthersAreRound) {
  const auto egg = [](double x, double y) { return std::hypot(x / 80, y / 60) < 1; };
  EXPECT_GT(turned_away(outline_of(egg)), 20);
  const auto can = [](double x, double y) {
    const double rim = 12 * std::sqrt(std::max(0.0, 1 - x * x / 2'500));
    return std::abs(x) < 50 && y > -60 - rim && y < 60 + rim;
  };
  EXPECT_GT(turned_away(outline_of(can)), 20);
  const auto stick = [](double x, double y) { return std::abs(x) < 100 && std::abs(y) < 7; };
  EXPECT_GT(turned_away(outline_of(stick)), 20);
  const auto cross = [](double x, double y) {
    return std::max(std::abs(x), std::abs(y)) < 80 && std::min(std::abs(x), std::abs(y)) < 20;
  };
  EXPECT_GT(turned_away(outline_of(cross)), 20);
  const auto triangle = [](double x, double y) { return y < 70 && std::abs(x) < (y + 70) / 2; };
  EXPECT_GT(turned_away(outline_of(triangle)), 20);
}

TEST(Surface, SameBytesWhateverTheThreads) {
  const Ball ball;
  const Raster picture = ball.picture(Lamp{});
  const Attempt one(1), many(5);
  const auto alone = estimate_surface(picture, ball.outline(), one.task);
  const auto together = estimate_surface(picture, ball.outline(), many.task);
  ASSERT_TRUE(alone && together);
  EXPECT_EQ(alone->height.values, together->height.values);
  EXPECT_EQ(alone->normals.first.values, together->normals.first.values);
}

TEST(Surface, GroundRisesFromTheFootToTheWall) {
  const Ground ground{.foot = 0.9, .horizon = 0.4, .distance = 0.3};
  EXPECT_NEAR(ground.behind(0.9), 0, 1e-9);
  EXPECT_NEAR(ground.behind(0.4), 0.3, 1e-9);
  EXPECT_NEAR(ground.behind(0), 0.3, 1e-9);
  EXPECT_LT(ground.behind(1), 0);
  EXPECT_NEAR(ground.tilt(0.85, {400, 300}), ground.tilt(0.6, {400, 300}), 0.05) << "a plane";
  EXPECT_GT(ground.tilt(0.85, {400, 300}), 0.2);
  EXPECT_NEAR(ground.tilt(0.2, {400, 300}), 0, 1e-9);
}

TEST(Surface, WhatIsStraightOnTheGroundStaysStraightFromTheSide) {
  const Extent sides{400, 300};
  const Ground ground{.foot = 0.7, .horizon = 0.4, .distance = 0.2};
  const Camera camera({.yaw_degrees = 15, .pitch_degrees = 4}, sides, sides, {0, 0});
  const auto seen = [&](double row) {
    const double depth = 1 + ground.behind(row) * longer_at_subject();
    return camera.place({80 + 150 * row, row * sides.height_px}, depth, depth);
  };
  const auto near = seen(1), far = seen(0.5);
  for (double row = 0.55; row < 1; row += 0.05) {
    const auto at = seen(row);
    const double along = (at.y - near.y) / (far.y - near.y);
    EXPECT_NEAR(at.x, near.x + along * (far.x - near.x), 0.3) << row;
  }
}

}  // namespace
}  // namespace tintype::engine
