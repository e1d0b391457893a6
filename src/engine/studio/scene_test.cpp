#include "engine/studio/scene.h"

#include <gtest/gtest.h>

#include "engine/raster/resample.h"
#include "engine/studio/camera_control.h"
#include "engine/studio/test_ball.h"

namespace tintype::engine {
namespace {

Grid plane(const Extent& sides, float depth) {
  Grid grid{.columns = 9,
            .rows = 9,
            .left = -0.5 * sides.width_px,
            .top = -0.5 * sides.height_px,
            .step = sides.width_px / 4.0};
  grid.depths.assign(81, depth);
  grid.upright = grid.depths;
  return grid;
}

double focal_of(const Extent& sides) {
  return std::max(sides.width_px, sides.height_px) / 2.0 / std::tan(kViewDegrees / 2 * std::numbers::pi / 180);
}

// Smooth, so that every way of looking between pixels sees the same.
Raster waves(int width, int height) {
  return painted(width, height, [&](int x, int y, int channel) {
    return 128 + 60 * std::sin(x / 17.0 + channel) + 50 * std::cos(y / 13.0 - x / 41.0);
  });
}

Raster seen(const Raster& picture, const CameraMove& move, const Saliency& saliency = {}, int threads = 2) {
  const Attempt attempt(threads);
  auto made = camera_control(picture, {.move = move}, saliency, attempt.task);
  EXPECT_TRUE(made) << made.error().message;
  return made ? std::move(*made) : Raster();
}

TEST(Camera, PlanesMoveByTheirParallax) {
  const Extent sides{400, 400};
  constexpr double kYaw = 10, kDepth = 1.3;
  const Camera camera({.yaw_degrees = kYaw}, sides, sides, {});
  const double sine = std::sin(kYaw * std::numbers::pi / 180), cosine = std::cos(kYaw * std::numbers::pi / 180);
  // What lay behind the pivot in the picture's middle is seen to the right of it.
  const double truth = focal_of(sides) * (kDepth - 1) * sine / (1 + (kDepth - 1) * cosine);
  EXPECT_NEAR(camera.place({200, 200}, 1, 1).x, 200, 1e-9);
  EXPECT_NEAR(camera.place({200, 200}, kDepth, kDepth).x, 200 + truth, 1e-9);

  const Grid near_plane = plane(sides, 1), far_plane = plane(sides, kDepth);
  const Sources near = PlacedGrid(near_plane, camera).sources(0, 400);
  const Sources far = PlacedGrid(far_plane, camera).sources(0, 400);
  for (const auto& [sources, depth] : {std::pair(&near, 1.0), std::pair(&far, kDepth)}) {
    for (int y = 20; y < 400; y += 90) {
      for (int x = 20; x < 400; x += 40) {
        const std::size_t at = sources->index(x, y);
        ASSERT_GT(sources->nearness[at], 0);
        const auto there = camera.place({sources->x[at], sources->y[at]}, depth, depth);
        EXPECT_NEAR(there.x, x + 0.5, 0.01);
        EXPECT_NEAR(there.y, y + 0.5, 0.01);
      }
    }
  }
}

TEST(Camera, WhatIsNearerHidesWhatIsBehind) {
  const Extent sides{200, 200};
  Grid grid = plane(sides, 1.2F);
  grid.depths[40] = grid.upright[40] = 0.8F;  // a peak in the middle
  const Camera camera({.yaw_degrees = 40}, sides, sides, {});
  const Sources sources = PlacedGrid(grid, camera).sources(0, 200);
  const auto peak = camera.place(grid.at(4, 4), 0.8, 0.8);
  float nearest = 0;
  for (int y = -1; y <= 1; ++y) {
    for (int x = -1; x <= 1; ++x) {
      const std::size_t at = sources.index(static_cast<int>(peak.x) + x, static_cast<int>(peak.y) + y);
      nearest = std::max(nearest, sources.nearness[at]);
    }
  }
  EXPECT_NEAR(1 / nearest, peak.depth, 0.03);
}

TEST(Scene, WithoutAMoveIsThePicture) {
  const Ball ball;
  const Raster picture = ball.picture(Lamp{});
  const Attempt attempt;
  const auto scene = Scene::prepare(picture, ball.saliency(), attempt.task);
  ASSERT_TRUE(scene);
  EXPECT_EQ(*scene->view({}, picture.extent(), attempt.task), picture);
  // And close to it after hardly any move: clips begin without a jump.
  const auto nudged = scene->view({.yaw_degrees = 0.01}, picture.extent(), attempt.task);
  EXPECT_LT(mean_error(*nudged, picture), 0.3);
}

TEST(Scene, WhatIsBehindTheSubjectMovesAgainstIt) {
  const Ball ball{.side = 320, .radius = 60};
  Raster picture = ball.picture(Lamp{});
  for (int y = 0; y < 60; ++y) {
    for (int x = 158; x < 162; ++x) std::fill_n(picture.at(x, y), 3, 255);  // a stripe on the wall, above the ball
  }
  const Attempt attempt;
  const auto scene = Scene::prepare(picture, ball.saliency(), attempt.task);
  ASSERT_TRUE(scene);
  const auto view = scene->view({.yaw_degrees = 8}, picture.extent(), attempt.task);
  ASSERT_TRUE(view);
  const auto brightest = [&](int row) {
    int found = 0;
    for (int x = 1; x < 320; ++x) {
      if (view->at(x, row)[2] > view->at(found, row)[2]) found = x;
    }
    return found;
  };
  // The wall is taken to be 0.06 of the picture's longer side behind.
  const double longer = 2 * std::tan(kViewDegrees / 2 * std::numbers::pi / 180);
  const double angle = 8 * std::numbers::pi / 180, behind = 0.06 * longer;
  const double truth = focal_of({320, 320}) * behind * std::sin(angle) / (1 + behind * std::cos(angle));
  EXPECT_NEAR(brightest(20) - 160, truth, 0.12 * truth + 1.5);
  EXPECT_NEAR(view->at(160, 160)[0], picture.at(160, 160)[0], 12);
}

TEST(Scene, WhatStandsOnTheGroundStaysUpright) {
  const Ball ball{.side = 320, .radius = 40};
  Raster picture = ball.picture(Lamp{});
  constexpr int kPost = 270, kTop = 90, kBottom = 290;
  for (int y = kTop; y < kBottom; ++y) {
    for (int x = kPost - 3; x < kPost + 3; ++x) std::fill_n(picture.at(x, y), 3, 255);
  }
  const auto lean_of = [](const Raster& view) {
    const auto middle_at = [&](int row) {
      double sum = 0, weighed = 0;
      for (int x = 220; x < 320; ++x) {
        const double over = std::max(0, view.at(x, row)[2] - 160);
        sum += over, weighed += over * x;
      }
      return weighed / sum;
    };
    return std::atan((middle_at(260) - middle_at(120)) / 140) * 180 / std::numbers::pi;
  };
  for (const CameraMove& move : {CameraMove{.yaw_degrees = 25}, CameraMove{.yaw_degrees = -25},
                                 CameraMove{.pitch_degrees = 10}, CameraMove{.pitch_degrees = -10}}) {
    const double lean = lean_of(seen(picture, move, ball.saliency()));
    RecordProperty("lean", std::to_string(lean));
    EXPECT_LT(std::abs(lean), 2.5) << move.yaw_degrees << " " << move.pitch_degrees;
  }
}

TEST(Scene, NothingIsTornOffNorMadeUpAroundTheSubject) {
  // The network takes a part of something for all of it, as it does in beds of flowers.
  const Raster picture = waves(320, 320);
  const Ball ball{.side = 320, .radius = 70};
  const auto steepest = [](const Raster& raster) {
    int most = 0;
    for (int y = 0; y < raster.height; ++y) {
      for (int x = 1; x < raster.width; ++x) {
        most = std::max(most, std::abs(int{raster.at(x, y)[0]} - int{raster.at(x - 1, y)[0]}));
      }
    }
    return most;
  };
  for (const CameraMove& move : {CameraMove{.yaw_degrees = -15}, CameraMove{.pitch_degrees = 12},
                                 CameraMove{.yaw_degrees = 15, .pitch_degrees = 8, .dolly = 0.3}}) {
    EXPECT_LE(steepest(seen(picture, move, ball.saliency())), 2 * steepest(picture)) << move.yaw_degrees;
  }
}

TEST(Scene, ComesNoCloserThanTheSubjectFits) {
  // Stands at the left, its end close to the picture's edge; turning bares both sides.
  Raster picture = painted(320, 240, [](int, int, int) { return 90; });
  Field outline(320, 240);
  for (int y = 60; y < 200; ++y) {
    for (int x = 12; x < 110; ++x) {
      outline.at(x, y) = 1;
      picture.at(x, y)[0] = 230;
    }
  }
  const auto saliency = [&](const Raster&, const std::atomic<bool>&) -> Result<Field> { return outline; };
  const Raster view = seen(picture, {.yaw_degrees = 25}, saliency);
  EXPECT_LT(view.at(0, 120)[0], 140);
  int red = 0;
  for (int x = 0; x < 320; ++x) red += view.at(x, 120)[0] > 160 ? 1 : 0;
  EXPECT_GT(red, 70);
}

TEST(CameraControl, ComingCloserDoesNotBehead) {
  // Stands on the picture's lower edge, its head close to the upper one.
  Raster picture = painted(320, 240, [](int, int, int) { return 90; });
  Field outline(320, 240);
  for (int y = 8; y < 240; ++y) {
    for (int x = 110; x < 210; ++x) {
      outline.at(x, y) = 1;
      std::fill_n(picture.at(x, y), 3, y < 20 ? 230 : 30);
    }
  }
  const auto saliency = [&](const Raster&, const std::atomic<bool>&) -> Result<Field> { return outline; };
  for (const CameraMove& move : {CameraMove{.dolly = 0.5}, CameraMove{.yaw_degrees = -18, .dolly = 0.3}}) {
    const Raster view = seen(picture, move, saliency);
    EXPECT_GT(view.at(160, 12)[0], 200) << move.yaw_degrees;
  }
}

TEST(CameraControl, MovingAwayShowsNothingOfTheOutside) {
  const Ball ball{.side = 320, .radius = 70};
  Raster picture = ball.picture(lamp_of({}));
  constexpr int kFrame = 12;  // of green along the picture's edges
  const auto is_frame = [](int at) { return at < kFrame || at >= 320 - kFrame; };
  for (int y = 0; y < 320; ++y) {
    for (int x = 0; x < 320; ++x) {
      if (is_frame(x) || is_frame(y)) picture.at(x, y)[1] = 250;
    }
  }
  const Raster view = seen(picture, {.dolly = -1}, ball.saliency());
  EXPECT_NE(view, picture);
  for (int y = kFrame + 4; y < 320 - kFrame - 4; ++y) {
    for (int x = kFrame + 4; x < 320 - kFrame - 4; ++x) ASSERT_LT(view.at(x, y)[1], 240) << x << " " << y;
  }
}

TEST(CameraControl, ZoomIsACropEnlarged) {
  const Raster picture = waves(320, 240);
  const Raster zoomed = seen(picture, {.zoom = 2});
  Raster crop(160, 120);
  for (int y = 0; y < 120; ++y) std::copy_n(picture.at(80, 60 + y), 160 * 4, crop.row(y));
  const Raster truth = resized(crop, {320, 240});
  EXPECT_EQ(zoomed.extent(), truth.extent());
  double error = 0;
  for (int y = 4; y < 236; ++y) {
    for (int x = 4; x < 316; ++x) error += std::abs(zoomed.at(x, y)[0] - truth.at(x, y)[0]) / (232.0 * 312);
  }
  EXPECT_LT(error, 0.5);
}

TEST(CameraControl, QuarterTurnsMovePixelsAlone) {
  const Raster picture = waves(90, 60);
  const Raster quarter = seen(picture, {.roll_degrees = 90}), half = seen(picture, {.roll_degrees = 180});
  ASSERT_EQ(quarter.extent(), (Extent{60, 90}));
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 90; ++x) {
      ASSERT_TRUE(std::equal(picture.at(x, y), picture.at(x, y) + 4, quarter.at(y, 89 - x)));
      ASSERT_TRUE(std::equal(picture.at(x, y), picture.at(x, y) + 4, half.at(89 - x, 59 - y)));
    }
  }
  EXPECT_EQ(seen(quarter, {.roll_degrees = -90}), picture);
  EXPECT_EQ(seen(seen(quarter, {.roll_degrees = 90}), {.roll_degrees = -180}), picture);
}

TEST(CameraControl, ATurnedCameraThatRollsSeesTheSameRolled) {
  const Raster picture = waves(160, 120);
  const Ball ball{.side = 160, .radius = 30};
  const auto network = [&](const Raster& raster, const std::atomic<bool>&) -> Result<Field> {
    return resized(ball.outline(), raster.extent());
  };
  const Raster upright = seen(picture, {.yaw_degrees = 15}, network);
  const Raster quarter = seen(picture, {.yaw_degrees = 15, .roll_degrees = 90}, network);
  EXPECT_LT(mean_error(quarter, seen(upright, {.roll_degrees = 90})), 1);
}

TEST(CameraControl, RollShowsNothingOfTheOutside) {
  const Raster grey = painted(200, 120, [](int, int, int) { return 90; });
  const Raster rolled = seen(grey, {.roll_degrees = 17});
  EXPECT_EQ(rolled, grey);
}

TEST(CameraControl, ExtremesFillTheFrame) {
  const Ball ball{.side = 96, .radius = 30};
  const Raster picture = ball.picture(lamp_of({}));
  for (const CameraMove& move :
       {CameraMove{45, 0, 0, 1, 0}, CameraMove{-45, 30, 180, 1, 1}, CameraMove{45, -30, 44, 0.5, -1},
        CameraMove{0, -30, 0, 4, 1}, CameraMove{0, 0, 0, 0.5, 0}, CameraMove{0, 0, -135, 0.5, -1}}) {
    const Raster made = seen(picture, move, ball.saliency());
    EXPECT_EQ(made.extent(), camera_control_sides(picture.extent(), move));
    EXPECT_TRUE(is_opaque(made)) << move.yaw_degrees << " " << move.pitch_degrees;
    EXPECT_NE(made, picture);
    std::uint8_t darkest = 255;
    for (std::size_t at = 0; at < made.rgba.size(); at += 4) darkest = std::min(darkest, made.rgba[at]);
    EXPECT_GT(darkest, 30) << move.yaw_degrees << " " << move.pitch_degrees;  // as nothing in the picture is
  }
}

TEST(CameraControl, WhatWasCutOutStaysSo) {
  const Ball ball{.side = 160, .radius = 50};
  Raster picture = ball.picture(lamp_of({}));
  set_alpha(picture, ball.outline());
  const Raster made = seen(picture, {.yaw_degrees = 20});
  EXPECT_EQ(made.at(2, 2)[3], 0);
  EXPECT_EQ(made.at(157, 80)[3], 0);
  EXPECT_EQ(made.at(80, 80)[3], 255);
}

TEST(CameraControl, SameBytesWhateverTheThreads) {
  const Ball ball{.side = 160, .radius = 50};
  const Raster picture = ball.picture(lamp_of({}));
  const CameraMove move{25, 10, 5, 1.2, -0.3};
  EXPECT_EQ(seen(picture, move, ball.saliency(), 1), seen(picture, move, ball.saliency(), 6));
}

TEST(CameraControl, CancelIsHeard) {
  const Ball ball{.side = 160, .radius = 50};
  Attempt attempt;
  attempt.cancel = true;
  const auto made = camera_control(ball.picture(Lamp{}), {.move = {.yaw_degrees = 5}}, ball.saliency(), attempt.task);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tintype::engine
