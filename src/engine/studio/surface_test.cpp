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
    return camera.place({80 + 150 * row, row * sides.height_px}, depth);
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
