#include "engine/studio/backdrop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "engine/raster/filter.h"
#include "engine/studio/stage.h"
#include "engine/studio/test_subject.h"

namespace tintype::engine {
namespace {

struct Work {
  std::atomic<int> permille{0};
  std::atomic<bool> cancel{false};
  Task task(int threads = 2) { return {permille, cancel, threads}; }
};

Raster put(const CutOut& subject, const Backdrop& backdrop, const Extent& sides, std::uint32_t seed = 7,
           int threads = 2) {
  Work work;
  auto result = on_backdrop(subject, backdrop, sides, seed, work.task(threads));
  EXPECT_TRUE(result) << result.error().message;
  EXPECT_GE(work.permille, 990);
  return std::move(*result);
}

// The mean of the luma in a box, 0 to 1.
double luma_in(const Raster& picture, int left, int top, int right, int bottom) {
  const Field luma = luma_of(picture);
  double sum = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) sum += luma.at(x, y);
  }
  return sum / ((right - left) * (bottom - top));
}

class OnBackdrop : public testing::TestWithParam<Material> {};

TEST_P(OnBackdrop, IsTheSameForTheSameSeedInAnyNumberOfThreads) {
  const CutOut ball = test_ball(120);
  const Raster once = put(ball, {.material = GetParam()}, {200, 160}, 7, 1);
  EXPECT_EQ(once, put(ball, {.material = GetParam()}, {200, 160}, 7, 3));
  EXPECT_NE(once, put(ball, {.material = GetParam()}, {200, 160}, 8, 1));
}

TEST_P(OnBackdrop, IsOpaqueAndNowhereBlackOrWhite) {
  for (const Tone tone : {Tone::kLight, Tone::kMiddle, Tone::kDark}) {
    const Raster result = put(test_ball(160), {.material = GetParam(), .tone = tone}, {160, 160});
    EXPECT_TRUE(is_opaque(result));
    int ends = 0;
    for (int x = 0; x < 160; ++x) {
      for (const int y : {5, 60, 150}) {
        const std::uint8_t* pixel = result.at(x, y);
        ends += pixel[0] + pixel[1] + pixel[2] == 0 || pixel[0] + pixel[1] + pixel[2] == 765;
      }
    }
    EXPECT_LT(ends, 8);
  }
}

TEST_P(OnBackdrop, LeavesTheSubjectsInsideAsItIs) {
  const CutOut ball = test_ball(200);
  const Extent sides{260, 240};
  const Raster result = put(ball, {.material = GetParam()}, sides);
  const int reach = light_wrap_px(ball.foreground.extent());
  const Field inside = eroded(ball.alpha, reach);
  const Stage stage = stage_for(ball, sides);
  int changed = 0, wrapped = 0;
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      const std::uint8_t *own = ball.foreground.at(x, y), *now = result.at(x + stage.left, y + stage.top);
      if (inside.at(x, y) == 1) changed += !std::equal(own, own + 3, now);
      if (ball.alpha.at(x, y) < 1) continue;
      for (int channel = 0; channel < 3; ++channel) {
        wrapped = std::max(wrapped, std::abs(own[channel] - now[channel]));
      }
    }
  }
  EXPECT_EQ(changed, 0) << "farther than " << reach << " pixels inside";
  EXPECT_LE(wrapped, static_cast<int>(kLightWrapMost * 255) + 1);
}

TEST_P(OnBackdrop, TheSurfaceIsNowhereConstant) {
  const Raster result = put(test_ball(100), {.material = GetParam()}, {320, 240});
  const Field luma = luma_of(result);
  const Field mean = box_blur(luma, 8);
  for (int y = 8; y < 232; y += 16) {
    for (int x = 8; x < 312; x += 16) {
      double differs = 0;
      for (int dy = -8; dy <= 7; ++dy) {
        for (int dx = -8; dx <= 7; ++dx) differs += std::abs(luma.at(x + dx, y + dy) - mean.at(x, y));
      }
      ASSERT_GT(differs, 0.05) << x << ", " << y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, OnBackdrop, testing::ValuesIn(all_materials().begin(), all_materials().end()),
                         [](const auto& tested) { return std::string(material_name(tested.param)); });

TEST(Shadow, IsDarkestAtTheContactAndFallsAwayFromTheLight) {
  const CutOut box = test_box(400, 300);
  const Raster result = put(box, {.material = Material::kPlain, .reflection = 0}, {400, 300});
  const Raster without = put(box, {.material = Material::kPlain, .shadow = 0, .reflection = 0}, {400, 300});
  // The box stands from 140 to 260 across, down to row 225; light comes from the right.
  const auto taken = [&](int left, int top, int right, int bottom) {
    return luma_in(without, left, top, right, bottom) - luma_in(result, left, top, right, bottom);
  };
  const double contact = taken(160, 226, 240, 229), below = taken(160, 240, 240, 246), far = taken(160, 290, 240, 300);
  EXPECT_GT(contact, 0.2);
  EXPECT_GT(contact, below + 0.05);
  EXPECT_GT(below, far);
  EXPECT_GT(taken(90, 235, 135, 245), taken(265, 235, 310, 245) + 0.01) << "it falls to the left";
  EXPECT_LT(taken(20, 20, 380, 60), 0.01) << "nothing is dark above the ground's contact";
}

TEST(Shadow, IsAsStrongAsWanted) {
  const CutOut box = test_box(200, 200);
  const auto under = [&](double shadow) {
    return luma_in(put(box, {.material = Material::kConcrete, .shadow = shadow}, {200, 200}), 80, 151, 120, 154);
  };
  EXPECT_LT(under(1), under(0.5));
  EXPECT_LT(under(0.5), under(0));
}

TEST(Shadow, IsAllAroundWhatLies) {
  const CutOut box = test_box(400, 300);
  const Raster result = put(box, {.material = Material::kPlain, .is_flat_lay = true}, {400, 300});
  const Raster without = put(box, {.material = Material::kPlain, .shadow = 0, .is_flat_lay = true}, {400, 300});
  const auto taken = [&](int left, int top, int right, int bottom) {
    return luma_in(without, left, top, right, bottom) - luma_in(result, left, top, right, bottom);
  };
  EXPECT_GT(taken(134, 140, 139, 180), 0.1) << "away from the light";
  EXPECT_GT(taken(261, 140, 263, 180), 0.02) << "and close by towards it";
  EXPECT_GT(taken(160, 226, 240, 229), 0.1);
  EXPECT_LT(taken(20, 20, 60, 280), 0.01);
}

// As of a car seen from one corner: its lower edge rises steeply to both ends, and its bonnet is low.
TEST(Shadow, IsNotAboveWhatStands) {
  const CutOut car = test_subject(
      400, 300,
      [](float x, float y) {
        if (x < 60 || x > 340) return false;
        const float lowest = 240 - std::abs(x - 220) * (x < 220 ? 0.3F : 0.5F), highest = x < 200 ? 130.0F : 95.0F;
        return y > highest && y < lowest;
      },
      [](float, float) { return 0.5F; });
  const Extent sides{400, 300};
  const Raster shaded = put(car, {.material = Material::kGradient}, sides),
               plain = put(car, {.material = Material::kGradient, .shadow = 0}, sides);
  for (const int left : {70, 100, 130, 160}) {
    EXPECT_GT(luma_in(shaded, left, 105, left + 20, 120), 0.97 * luma_in(plain, left, 105, left + 20, 120)) << left;
  }
  EXPECT_LT(luma_in(shaded, 200, 243, 240, 250), 0.7 * luma_in(plain, 200, 243, 240, 250));
}

TEST(Reflection, IsStrongOnGlassAndFadesFromTheContact) {
  // A bright box above dark glass: what is bright below it is its reflection.
  const CutOut box = test_subject(
      300, 300, [](float x, float y) { return x > 100 && x < 200 && y > 60 && y < 200; },
      [](float, float) { return 1.0F; });
  const Backdrop glass{.material = Material::kGlass, .tone = Tone::kDark, .shadow = 0};
  Backdrop dull = glass;
  dull.reflection = 0;
  const Raster bright = put(box, glass, {300, 300}), dark = put(box, dull, {300, 300});
  const auto added = [&](int top) {
    return luma_in(bright, 130, top, 170, top + 4) - luma_in(dark, 130, top, 170, top + 4);
  };
  EXPECT_GT(added(203), 0.1);
  EXPECT_GT(added(203), added(260) + 0.03);
  const double beside = luma_in(bright, 60, 203, 90, 207);
  EXPECT_GT(luma_in(bright, 130, 203, 170, 207), beside + 0.1);
}

TEST(Canvas, IsNeverSmallerThanThePicture) {
  Work work;
  const auto result = on_backdrop(test_ball(100), {}, {100, 99}, 1, work.task());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidInput);
}

TEST(Canvas, WhatIsCutBelowHasTheSurfaceBehindIt) {
  const CutOut bust = test_subject(
      200, 200, [](float x, float y) { return std::abs(x - 100) < 60 && y > 60; }, [](float, float) { return 0.5F; });
  const Raster result = put(bust, {.material = Material::kWood}, {300, 260});
  EXPECT_NEAR(result.at(150, 259)[0], 128, 1);
}

TEST(Canvas, ACancelledJobEnds) {
  Work work;
  work.cancel = true;
  const auto result = on_backdrop(test_ball(100), {.material = Material::kMarble}, {100, 100}, 1, work.task());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(Canvas, TwelveMegapixelsFit) {
  EXPECT_LT(on_backdrop_bytes_max({4'000, 3'000}), 1LL << 30);
}

}  // namespace
}  // namespace tintype::engine
