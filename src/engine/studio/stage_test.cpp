#include "engine/studio/stage.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/studio/test_subject.h"

namespace tintype::engine {
namespace {

float constant_light(float, float) {
  return 0.5F;
}

TEST(Stage, KeepsTheSubjectWhereItIsOnACanvasOfItsOwnSides) {
  const CutOut box = test_box(300, 200);
  const Stage stage = stage_for(box, {300, 200});
  EXPECT_EQ(stage.left, 0);
  EXPECT_EQ(stage.top, 0);
  EXPECT_EQ(stage.pose, Pose::kStands);
  EXPECT_NEAR(stage.contact_y, 150, 1);
  EXPECT_NEAR(stage.base.middle_x(), 150, 2);
  EXPECT_NEAR(stage.base.half_width(), 45, 2);
  EXPECT_NEAR(stage.base.front_at(120), 150, 1);
}

TEST(Stage, PutsTheSubjectInTheMiddleOfALargerCanvas) {
  const Stage stage = stage_for(test_ball(200), {600, 400});
  EXPECT_NEAR((stage.subject_left + stage.subject_right) / 2, 300, 2);
  EXPECT_GT(stage.subject_top, 400 - stage.subject_bottom) << "more is free above than below";
  EXPECT_LT(stage.far_y, stage.contact_y);
  EXPECT_LT(stage.horizon_y, stage.far_y);
}

TEST(Stage, WhatItsPictureCutStaysAtThatEdge) {
  const CutOut bust =
      test_subject(200, 200, [](float x, float y) { return std::abs(x - 100) < 60 && y > 40; }, constant_light);
  const Stage below = stage_for(bust, {500, 300});
  EXPECT_EQ(below.pose, Pose::kIsCut);
  EXPECT_EQ(below.top, 100);
  const CutOut arm =
      test_subject(200, 200, [](float x, float y) { return x < 120 && std::abs(y - 100) < 30; }, constant_light);
  const Stage left = stage_for(arm, {500, 300});
  EXPECT_EQ(left.left, 0);
  EXPECT_EQ(left.pose, Pose::kStands);
}

TEST(Stage, TheBendOfABaseTellsHowHighTheCameraIs) {
  for (const float sine : {0.25F, 0.4F}) {
    // A can: an ellipse below, straight sides.
    const CutOut can = test_subject(
        400, 400,
        [=](float x, float y) {
          const float across = (x - 200) / 80;
          return std::abs(across) < 1 && y > 100 && y < 280 + 80 * sine * std::sqrt(1 - across * across);
        },
        constant_light);
    EXPECT_NEAR(stage_for(can, {400, 400}).sine, sine, 0.05) << sine;
  }
}

TEST(Stage, WhatIsRoundOrHasLegsStandsOnFeet) {
  const Stage ball = stage_for(test_ball(300), {300, 300});
  EXPECT_TRUE(ball.base.front.empty());
  ASSERT_EQ(ball.feet.size(), 1U);
  EXPECT_NEAR(ball.feet[0].x, 150, 3);
  EXPECT_LT(ball.feet[0].half_width, 40);
  const CutOut table = test_subject(
      300, 300,
      [](float x, float y) {
        const bool is_leg = std::abs(std::abs(x - 150) - 80) < 12 && y < 250;
        return y > 100 && ((std::abs(x - 150) < 92 && y < 130) || is_leg);
      },
      constant_light);
  const Stage legs = stage_for(table, {300, 300});
  EXPECT_TRUE(legs.base.front.empty());
  ASSERT_EQ(legs.feet.size(), 2U);
  EXPECT_NEAR(legs.feet[0].x, 70, 3);
  EXPECT_NEAR(legs.feet[1].x, 230, 3);
}

// With two feet in front of it.
TEST(Stage, WhatSitsHasNoRoundBase) {
  const auto foot = [](float x, float y, float across) { return std::hypot(x - across, y - 205) < 30; };
  const CutOut toy = test_subject(
      300, 300,
      [&](float x, float y) {
        return (std::abs(x - 150) < 110 && y > 60 && y < 190) || foot(x, y, 110) || foot(x, y, 190);
      },
      constant_light);
  const Stage stage = stage_for(toy, {300, 300});
  EXPECT_TRUE(stage.base.front.empty());
  EXPECT_EQ(stage.feet.size(), 2U);
}

TEST(Stage, LightComesFromWhereTheSubjectIsBrighter) {
  EXPECT_GT(stage_for(test_box(300, 300), {300, 300}).light_x, 0.3);
  EXPECT_LT(stage_for(test_ball(300), {300, 300}).light_x, -0.3);
  const CutOut flat = test_subject(
      100, 100, [](float x, float y) { return std::abs(x - 50) < 20 && std::abs(y - 50) < 20; }, constant_light);
  EXPECT_LT(stage_for(flat, {100, 100}).light_x, 0) << "where it does not say, from the left";
}

TEST(Stage, RowsRecedeFromTheContactAndGetLessSharp) {
  for (const bool bends : {false, true}) {
    const Stage stage = stage_for(test_ball(300), {400, 500});
    const std::vector<StageRow> rows = rows_of(stage, bends);
    ASSERT_EQ(rows.size(), 500U);
    const auto contact = static_cast<std::size_t>(stage.contact_y);
    EXPECT_NEAR(rows[contact].scale, 1, 0.01);
    EXPECT_EQ(rows[contact].blur, 0);
    for (std::size_t y = 1; y < rows.size(); ++y) {
      EXPECT_LE(rows[y].scale, rows[y - 1].scale + 1e-4F) << y;
      EXPECT_LT(rows[y].v, rows[y - 1].v) << y;
      EXPECT_NEAR(std::hypot(rows[y].light.u, rows[y].light.v, rows[y].light.w), 1, 1e-4);
    }
    EXPECT_GT(rows[0].blur, 1);
    EXPECT_EQ(rows[0].upright, 1);
    EXPECT_EQ(rows[499].upright, 0);
  }
}

}  // namespace
}  // namespace tintype::engine
