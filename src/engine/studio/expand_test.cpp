#include "engine/studio/expand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <tuple>

#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

double slope(int x, int y, int channel) {
  return 60 + 0.3 * x + 0.2 * y + 10 * channel;
}

// Such a picture seen `around` larger on each side.
template <class Value>
Raster painted_around(int width, int height, int around, Value value) {
  return painted(width + 2 * around, height + 2 * around,
                 [&](int x, int y, int channel) { return value(x - around, y - around, channel); });
}

Expand to(int width, int height) {
  Expand how;
  how.sides.extent = Extent{width, height};
  return how;
}

// With the picture in the middle.
Expand centered(int width, int height) {
  Expand how = to(width, height);
  how.placement = Placement::kCenter;
  return how;
}

bool lies_at(const Raster& picture, int left, int top, const Raster& canvas) {
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* row = picture.row(y);
    if (!std::equal(row, row + std::ptrdiff_t{picture.width} * Raster::kChannels, canvas.at(left, top + y)))
      return false;
  }
  return true;
}

WantedSides shape(int width, int height) {
  WantedSides sides;
  sides.aspect = AspectRatio{width, height};
  return sides;
}

TEST(Expand, PeriodicTextureGoesOnInPhase) {
  const Raster picture = painted(180, 150, tile), truth = painted_around(180, 150, 36, tile);
  const auto expanded = expand(picture, to(252, 222), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_LT(mean_error(*expanded, truth), 4);
}

TEST(Expand, SmoothGradientGoesOnAsAGradient) {
  const Raster picture = painted(180, 150, slope), truth = painted_around(180, 150, 30, slope);
  const auto expanded = expand(picture, to(240, 210), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_LT(mean_error(*expanded, truth), 3);
}

// Pebbles of 10 to 20 pixels: of each pixel the level of the nearest of points that lie about at random.
double pebbles(int x, int y, int channel) {
  const auto hashed = [](int i, int j, int which) {
    std::uint32_t value = static_cast<std::uint32_t>(i * 73'856'093 ^ j * 19'349'663 ^ which * 83'492'791);
    value = (value ^ (value >> 16)) * 0x7feb352dU;
    return ((value ^ (value >> 15)) * 0x846ca68bU >> 8) / 16'777'216.0;
  };
  constexpr double kCell = 15;
  double nearest = 1e9, second = 1e9, level = 0;
  const int column = static_cast<int>(std::floor(x / kCell)), row = static_cast<int>(std::floor(y / kCell));
  for (int j = row - 1; j <= row + 1; ++j) {
    for (int i = column - 1; i <= column + 1; ++i) {
      const double away = std::hypot((i + hashed(i, j, 1)) * kCell - x, (j + hashed(i, j, 2)) * kCell - y);
      second = std::min(second, std::max(away, nearest));
      if (away < nearest) nearest = away, level = 60 + 160 * hashed(i, j, 3 + channel / 2);
    }
  }
  return second - nearest < 2 ? 20 : level;
}

// How much neighbours in rows differ.
double roughness(const Raster& of, int left, int top, int right, int bottom) {
  double sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) sum += std::abs(of.at(x + 1, y)[1] - of.at(x, y)[1]);
  }
  return sum / ((right - left) * (bottom - top));
}

TEST(Expand, ATextureWithoutPeriodGoesOnAsRough) {
  const Raster picture = painted(200, 180, pebbles);
  const auto expanded = expand(picture, to(320, 300), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  const double own = roughness(picture, 0, 0, 199, 180);
  EXPECT_GT(roughness(*expanded, 0, 60, 58, 240), 0.75 * own) << "to the left";
  EXPECT_GT(roughness(*expanded, 261, 60, 319, 240), 0.75 * own) << "to the right";
  EXPECT_GT(roughness(*expanded, 60, 0, 260, 58), 0.75 * own) << "above";
  EXPECT_GT(roughness(*expanded, 60, 241, 260, 300), 0.75 * own) << "below";
}

// How much a column differs from the one beside it.
double step_beside(const Raster& of, int x, int beside_x) {
  double sum = 0;
  for (int y = 0; y < of.height; ++y) sum += std::abs(of.at(x, y)[1] - of.at(beside_x, y)[1]);
  return sum / of.height;
}

TEST(Expand, NoLineShowsWhereATextureGoesOn) {
  const Raster picture = painted(200, 180, pebbles);
  const auto expanded = expand(picture, to(360, 180), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  const double own = roughness(picture, 0, 0, 199, 180);
  EXPECT_LT(step_beside(*expanded, 80, 79), own) << "to the left";
  EXPECT_LT(step_beside(*expanded, 279, 280), own) << "to the right";
}

TEST(Expand, ATextureIsNotItsOwnMirrorImageForLong) {
  constexpr int kGrown = 160;
  const Raster picture = painted(200, 240, pebbles);
  const auto expanded = expand(picture, to(200 + 2 * kGrown, 240), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  for (const int edge : {kGrown, kGrown + 200}) {
    const int outwards = edge == kGrown ? -1 : 1, first = edge == kGrown ? edge : edge - 1;
    int alike = 0;
    for (int y = 0; y < 240; ++y) {
      for (int away = kGrown / 2; away < kGrown; ++away) {
        const int outside = expanded->at(first + outwards * (away + 1), y)[1];
        alike += std::abs(outside - expanded->at(first - outwards * away, y)[1]) < 8 ? 1 : 0;
      }
    }
    EXPECT_LT(alike, 240 * kGrown / 2 / 2) << (outwards < 0 ? "to the left" : "to the right");
  }
}

TEST(Expand, ATextureGoesOnWhereItIsAndNowhereElse) {
  const Raster picture = painted(300, 200, [](int x, int y, int channel) {
    return x < 140 + 10 * std::sin(0.05 * y) ? pebbles(x, y, channel) : 150 + 0.1 * y;
  });
  const auto expanded = expand(picture, to(380, 200), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_GT(roughness(*expanded, 0, 0, 38, 200), 0.75 * roughness(picture, 0, 0, 120, 200));
  EXPECT_LT(roughness(*expanded, 341, 0, 379, 200), 1);
}

// What a network says that knows of such a subject.
template <class Shape>
Saliency sees(int width, int height, Shape is_subject) {
  return [=](const Raster&, const std::atomic<bool>&) -> Result<Field> {
    Field subject(width, height);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) subject.at(x, y) = is_subject(x, y) ? 1.0F : 0.0F;
    }
    return subject;
  };
}

// A bright body with stripes, which the right edge cuts off aslant, before a dark wall.
bool is_body(int x, int y) {
  return y > 60 && x > 110 && y - 60 > (240 - x) / 2;
}
double body(int x, int y, int channel) {
  return is_body(x, y) ? 190 + 30 * std::sin(0.4 * (x - y)) - 20 * channel : 40 + 10 * channel;
}

TEST(Expand, WhatAnEdgeCutsOffGoesOnAndTurnsDown) {
  const Raster picture = painted(240, 200, body);
  const auto expanded = expand(picture, centered(720, 200), sees(240, 200, is_body), Attempt().task);
  ASSERT_TRUE(expanded);
  const auto bright = [&](int x) {
    int rows = 0, last = 0;
    for (int y = 0; y < 200; ++y) rows += expanded->at(x, y)[1] > 100 ? 1 : 0, last = expanded->at(x, y)[1];
    return rows > 0 && last <= 100 ? -1 : rows;  // it stands on the lower edge
  };
  EXPECT_NEAR(bright(485), 140, 8) << "as high as at the edge";
  EXPECT_GT(bright(540), 100);
  EXPECT_LT(bright(650), 90) << "it has turned";
  EXPECT_EQ(bright(690), 0) << "and come to its end";
  EXPECT_LT(roughness(*expanded, 690, 0, 719, 200), 1) << "calm beyond";
  EXPECT_GT(roughness(*expanded, 490, 100, 520, 199), 0.5 * roughness(picture, 200, 100, 230, 199))
      << "made of the same";
  EXPECT_LT(step_beside(*expanded, 480, 479), 10) << "no line at the edge";
  EXPECT_NEAR(expanded->at(10, 100)[1], 50, 3) << "the other side goes on as it is";
}

TEST(Expand, WhatAnEdgeCutsOffStaysAtTheEdgeWhereItIsNotSaidWhere) {
  const Raster picture = painted(240, 200, body);
  const Saliency network = sees(240, 200, is_body);
  const auto wider = expand(picture, to(360, 200), network, Attempt().task);
  const auto higher = expand(picture, to(240, 300), network, Attempt().task);
  ASSERT_TRUE(wider && higher);
  EXPECT_TRUE(lies_at(picture, 120, 0, *wider)) << "the body reaches the right edge";
  EXPECT_TRUE(lies_at(picture, 0, 100, *higher)) << "and the lower one";
}

TEST(Expand, ThePictureLiesWhereItIsSaid) {
  const Raster picture = painted(120, 100, slope);
  using enum Placement;
  for (const auto& [placement, left, top] : {std::tuple{kAuto, 40, 30},
                                             {kCenter, 40, 30},
                                             {kLeft, 0, 30},
                                             {kRight, 80, 30},
                                             {kTop, 40, 0},
                                             {kBottom, 40, 60}}) {
    Expand how = to(200, 160);
    how.placement = placement;
    const auto expanded = expand(picture, how, {}, Attempt().task);
    ASSERT_TRUE(expanded);
    EXPECT_TRUE(lies_at(picture, left, top, *expanded)) << static_cast<int>(placement);
  }
}

TEST(Expand, InALargeCanvasTooABodyGoesOnWithoutALine) {
  const auto large = [](int x, int y, int channel) { return body(x / 5, y / 5, channel); };
  const Raster picture = painted(1'200, 1'000, large);
  const auto network = sees(240, 200, is_body);
  const auto expanded = expand(picture, centered(4'200, 1'000), network, Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_TRUE(lies_at(picture, 1'500, 0, *expanded));
  EXPECT_LT(step_beside(*expanded, 2'700, 2'699), 10);
  for (const int y : {100, 200}) EXPECT_NEAR(expanded->at(2'760, y)[1], 50, 6) << "the wall, at " << y;
  EXPECT_GT(expanded->at(2'720, 900)[1], 100) << "the body";
}

// A bright body before a dark wall that reaches the right edge in the middle of its height.
TEST(Expand, WhatAnEdgeCutsOffBetweenBackgroundsIsRoundedOff) {
  const auto is_back = [](int x, int y) { return x > 100 && y > 70 && y < 130; };
  const Raster picture = painted(240, 200, [&](int x, int y, int channel) {
    return is_back(x, y) ? 190 + 30 * std::sin(0.4 * (x - y)) : 40 + 10 * channel;
  });
  const auto expanded = expand(picture, centered(480, 200), sees(240, 200, is_back), Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_GT(expanded->at(366, 100)[1], 100);
  EXPECT_LT(expanded->at(400, 100)[1], 70) << "soon at its end";
  EXPECT_LT(expanded->at(380, 72)[1], 100) << "and round";
  EXPECT_LT(expanded->at(380, 128)[1], 100);
}

TEST(Expand, WhatTheLowerEdgeCutsOffRunsOnDown) {
  const auto is_figure = [](int x, int y) { return y > 60 && std::abs(x - 120) < 40; };
  const Raster picture = painted(240, 200, [&](int x, int y, int channel) {
    return is_figure(x, y) ? 190 + 30 * std::sin(0.3 * x + 0.8 * y) : 40 + 10 * channel;
  });
  const auto expanded = expand(picture, centered(240, 320), sees(240, 200, is_figure), Attempt().task);
  ASSERT_TRUE(expanded);
  for (const int y : {265, 290, 315}) {
    EXPECT_GT(expanded->at(90, y)[1], 100) << y;
    EXPECT_GT(expanded->at(150, y)[1], 100) << y;
    EXPECT_LT(expanded->at(70, y)[1], 70) << y;
    EXPECT_LT(expanded->at(170, y)[1], 70) << y;
  }
}

TEST(Expand, ARangeOfHillsThatANetworkTakesForASubjectGoesOnAsARange) {
  const auto is_range = [](int x, int y) { return y > 85 - 8 * std::sin(0.05 * x) && y < 125; };
  const Raster picture = painted(240, 200, [&](int x, int y, int channel) {
    return is_range(x, y) ? 130 + 60 * std::sin(0.4 * x) * std::sin(0.3 * y) : y < 110 ? 200 : 60 + channel;
  });
  const auto expanded = expand(picture, centered(400, 200), sees(240, 200, is_range), Attempt().task);
  ASSERT_TRUE(expanded);
  const double own = roughness(picture, 0, 80, 239, 125);
  EXPECT_GT(roughness(*expanded, 0, 80, 70, 125), 0.5 * own) << "to the left";
  EXPECT_GT(roughness(*expanded, 330, 80, 399, 125), 0.5 * own) << "to the right";
}

TEST(Expand, AWallThatTheEdgeCutsOffGoesOnAsSharp) {
  const auto is_hut = [](int x, int y) { return x < 130 && y > 40 && y < 160; };
  const auto hut = [&](int x, int y, int channel) {
    return is_hut(x, y) ? (y / 12 % 2 == 0 ? 180 : 120) : 60 + 10 * channel;
  };
  const Raster picture = painted(240, 200, hut);
  const auto expanded = expand(picture, centered(360, 200), sees(240, 200, is_hut), Attempt().task);
  ASSERT_TRUE(expanded);
  double error = 0;
  for (int y = 0; y < 200; ++y) error += std::abs(expanded->at(10, y)[1] - picture.at(5, y)[1]);
  EXPECT_LT(error / 200, 8);
}

TEST(Expand, ATowerThatTheUpperEdgeCutsOffGoesOnStraight) {
  const auto is_tower = [](int x, int) { return std::abs(x - 120) < 50; };
  const Raster picture = painted(240, 200, [&](int x, int y, int channel) {
    return is_tower(x, y) ? (y / 12 % 2 == 0 ? 180 : 130) : 40 + 10 * channel;
  });
  Expand how = to(240, 240);
  how.placement = Placement::kBottom;
  const auto expanded = expand(picture, how, sees(240, 200, is_tower), Attempt().task);
  ASSERT_TRUE(expanded);
  for (const int y : {2, 20, 35}) {
    for (const int x : {80, 120, 160}) EXPECT_GT(expanded->at(x, y)[1], 110) << x << ' ' << y;
    for (const int x : {60, 180}) EXPECT_LT(expanded->at(x, y)[1], 70) << x << ' ' << y;
  }
}

TEST(Expand, SpotsBesideWhatIsCutOffDoNotBecomeBars) {
  const Raster picture = painted(
      240, 200, [](int x, int y, int channel) { return is_body(x, y) ? 190 : 30 + pebbles(x, y, channel) / 3; });
  const auto expanded = expand(picture, centered(720, 200), sees(240, 200, is_body), Attempt().task);
  ASSERT_TRUE(expanded);
  double along_rows = 0, across_rows = 0;
  for (int y = 0; y < 50; ++y) {
    for (int x = 600; x < 719; ++x) {
      along_rows += std::abs(expanded->at(x + 1, y)[1] - expanded->at(x, y)[1]);
      across_rows += std::abs(expanded->at(x, y + 1)[1] - expanded->at(x, y)[1]);
    }
  }
  EXPECT_GT(along_rows, 0.7 * across_rows);
  EXPECT_GT(along_rows / (50 * 119), 0.4 * roughness(picture, 120, 0, 239, 50)) << "as spotted";
}

// A jetty of planks before water, whose lines run to a point above; all that changes from plank to plank is how far it
// is.
double jetty(int x, int y, int channel) {
  const double below = y - 40, across = (x - 150) / below, away = 1'500 / below;
  if (below <= 0) return 200 + 10 * channel;
  if (std::abs(across) > 0.7) return 60 + 20 * channel;
  return away - std::floor(away) < 0.1 ? 70 : 170 - 10 * channel;
}

TEST(Expand, AFloorInPerspectiveGoesOnNearer) {
  const Raster picture = painted(300, 200, jetty), truth = painted(300, 260, jetty);
  const auto expanded = expand(picture, to(300, 320), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  double error = 0;
  for (int y = 200; y < 260; ++y) {
    for (int x = 0; x < 300; ++x) error += std::abs(expanded->at(x, 60 + y)[1] - truth.at(x, y)[1]) / (300.0 * 60);
  }
  EXPECT_LT(error, 8);
}

TEST(Expand, ThePicturesOwnFrameDoesNotStandInTheMiddle) {
  const Raster picture = painted(240, 200, [](int x, int y, int channel) {
    return y >= 198 ? 0 : 150 + 20 * std::sin(0.11 * x) + 0.1 * y - 20 * channel;
  });
  const auto expanded = expand(picture, to(240, 280), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  for (int x = 0; x < 240; ++x) {
    ASSERT_GT(expanded->at(x, 40 + 198)[1], 90) << x;
    ASSERT_GT(expanded->at(x, 40 + 199)[1], 90) << x;
  }
}

// As bright as the picture on average, and two lines wide.
TEST(Expand, AnEvenFrameDoesNotStandInTheMiddle) {
  const Raster picture = painted(
      240, 200, [](int x, int y, int) { return y >= 198 ? 100 : 100 + 60 * std::sin(0.11 * x) * std::cos(0.02 * y); });
  const auto expanded = expand(picture, to(240, 280), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  int like_frame = 0;
  for (int x = 0; x < 240; ++x) like_frame += std::abs(expanded->at(x, 40 + 199)[1] - 100) < 3 ? 1 : 0;
  EXPECT_LT(like_frame, 24);
}

// A subject that is as bright as the wall behind it gets towards an edge, and that stands clear of that edge.
TEST(Expand, WhatStandsWholeInThePictureIsNotSeenTwice) {
  const auto is_hat = [](int x, int y) { return std::hypot(x - 120, y - 70) < 50; };
  const Raster picture = painted(240, 200, [&](int x, int y, int) {
    return is_hat(x, y) ? 238 + 10 * std::sin(1.3 * x) * std::sin(1.1 * y) : 235 - 0.4 * y;
  });
  const auto expanded = expand(picture, to(240, 380), sees(240, 200, is_hat), Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_LT(roughness(*expanded, 0, 0, 239, 88), 1);
}

// Leaves that reach over an edge into a sky with a grain, and birds, over a rough meadow.
double under_the_sky(int x, int y, int channel, double grain) {
  const bool is_leaf =
      std::hypot((x - 180) / 12.0, (y - 44) / 9.0) < 1 || std::hypot((x - 2) / 5.0, (y - 70) / 4.0) < 1;
  const bool is_bird =
      std::hypot((x - 150) / 12.0, (y - 80) / 5.0) < 1 || std::hypot((x - 60) / 9.0, (y - 40) / 5.0) < 1;
  if (is_leaf || is_bird) return channel == 1 ? 80 : 40;
  return y < 110 ? 190 - 20 * channel + y / 8.0 + 2 * grain : pebbles(x, y, channel);
}

TEST(Expand, WhatStandsInTheSkyDoesNotComeAgain) {
  constexpr int kBesidePx = 200, kNearPx = 60;
  Grain grain;
  const Raster picture =
      painted(180, 180, [&](int x, int y, int channel) { return under_the_sky(x, y, channel, grain()); });
  const auto expanded = expand(picture, to(180 + 2 * kBesidePx, 180), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  int unlike = 0;
  for (int y = 0; y < 100; ++y) {
    for (int x = 0; x < expanded->width; ++x) {
      if (x >= kBesidePx - kNearPx && x < kBesidePx + 180 + kNearPx) continue;
      unlike += std::abs(expanded->at(x, y)[1] - (170 + y / 8.0)) > 20 ? 1 : 0;
    }
  }
  EXPECT_EQ(unlike, 0);
  const double own = roughness(picture, 0, 10, 120, 100), beside = roughness(*expanded, 400, 10, 570, 100);
  EXPECT_NEAR(beside / own, 1, 0.25) << "its grain goes on";
  EXPECT_GT(roughness(*expanded, 400, 130, 570, 180), 0.6 * roughness(picture, 0, 130, 179, 180)) << "and the meadow";
}

TEST(Expand, NoColourDriftsFromWhatIsThere) {
  const Raster picture = painted(240, 200, [](int x, int y, int channel) {
    return 180 + 8 * std::sin(0.02 * x + 0.03 * y + 2 * channel) + 3 * std::sin(0.5 * x * (channel + 1));
  });
  const auto expanded = expand(picture, to(240, 400), {}, Attempt().task);
  ASSERT_TRUE(expanded);
  for (int y = 0; y < 400; ++y) {
    for (int x = 0; x < 240; ++x) {
      const std::uint8_t* pixel = expanded->at(x, y);
      ASSERT_LT(std::abs(pixel[0] - pixel[1]), 46) << x << ' ' << y;
      ASSERT_NEAR(pixel[1], 180, 28) << x << ' ' << y;
    }
  }
}

// A glint where the edge cuts off a dark body.
TEST(Expand, AGlintAtTheEdgeDoesNotGlowBeyondIt) {
  const auto is_glint = [](int x, int y) { return is_body(x, y) && x > 225 && y > 120 && y < 136; };
  const Raster picture = painted(240, 200, [&](int x, int y, int channel) {
    return is_glint(x, y) ? 255 : is_body(x, y) ? 30 + 0.2 * (x - y) : 60 + 10 * channel;
  });
  const auto expanded = expand(picture, centered(480, 200), sees(240, 200, is_body), Attempt().task);
  ASSERT_TRUE(expanded);
  for (int y = 0; y < 200; ++y) ASSERT_LT(expanded->at(360 + 30, y)[1], 85) << y;
}

TEST(Expand, WhatIsCutOffLeavesThePictureToTheBitWhateverTheThreads) {
  const Raster picture = painted(240, 200, body);
  const auto one = expand(picture, centered(480, 230), sees(240, 200, is_body), Attempt(1).task);
  const auto many = expand(picture, centered(480, 230), sees(240, 200, is_body), Attempt(3).task);
  ASSERT_TRUE(one && many);
  EXPECT_TRUE(*one == *many);
  EXPECT_TRUE(lies_at(picture, 120, 15, *one));
}

TEST(Expand, ThePictureStaysToTheBitWhateverTheThreads) {
  Raster picture = painted(121, 90, tile);
  for (std::size_t at = 3; at < picture.rgba.size(); at += 4) picture.rgba[at] = static_cast<std::uint8_t>(at % 251);
  Attempt run;
  const auto expanded = expand(picture, to(160, 97), {}, run.task),
             again = expand(picture, to(160, 97), {}, Attempt(1).task);
  ASSERT_TRUE(expanded && again);
  EXPECT_TRUE(*expanded == *again);
  EXPECT_EQ(run.permille, 1'000);
  EXPECT_TRUE(lies_at(picture, 19, 3, *expanded));
}

TEST(Expand, ShapesAreReachedByTheSmallestExtent) {
  EXPECT_EQ(expanded_sides({400, 300}, shape(16, 9)), (Extent{533, 300}));
  EXPECT_EQ(expanded_sides({400, 300}, shape(1, 1)), (Extent{400, 400}));
  EXPECT_EQ(expanded_sides({400, 300}, shape(4, 3)), (Extent{400, 300}));
  EXPECT_EQ(expanded_sides({1'365, 2'048}, shape(2, 3)), (Extent{1'365, 2'048}));
}

TEST(Expand, NothingIsCutOffAndNothingGrowsTooLarge) {
  const Raster picture = painted(64, 48, tile);
  for (const auto& [width, height, field] : {std::tuple{60, 90, "width"}, std::tuple{90, 40, "height"}}) {
    const auto expanded = expand(picture, to(width, height), {}, Attempt().task);
    ASSERT_FALSE(expanded);
    EXPECT_EQ(expanded.error().code, ErrorCode::kInvalidInput);
    EXPECT_EQ(expanded.error().field, field);
    EXPECT_FALSE(expanded.error().suggestion.empty());
  }
  const auto too_wide = expanded_sides({1'000, 6'000}, shape(16, 1));
  ASSERT_FALSE(too_wide);
  EXPECT_EQ(too_wide.error().field, "aspect_ratio");
}

TEST(Expand, CancelIsHeard) {
  Attempt run;
  run.cancel = true;
  const auto expanded = expand(painted(64, 48, tile), to(100, 100), {}, run.task);
  ASSERT_FALSE(expanded);
  EXPECT_EQ(expanded.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tintype::engine
