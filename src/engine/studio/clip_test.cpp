#include "engine/studio/clip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/studio/clip_frame.h"

namespace tintype::engine {
namespace {

constexpr int kFrames = 48;

// A red disc before a wall of soft checks.
Raster disc_at(const Extent& sides, double middle_x, double middle_y, double radius) {
  Raster picture(sides.width_px, sides.height_px);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double inside = radius + 0.5 - std::hypot(x + 0.5 - middle_x, y + 0.5 - middle_y);
      const double share = std::clamp(inside, 0.0, 1.0);
      const double wall = 150 + 30 * std::sin(x * 0.3) * std::sin(y * 0.3);
      std::uint8_t* pixel = picture.at(x, y);
      pixel[0] = static_cast<std::uint8_t>(wall + share * (220 - wall));
      pixel[1] = static_cast<std::uint8_t>(wall + share * (30 - wall));
      pixel[2] = static_cast<std::uint8_t>(wall + share * (40 - wall));
      pixel[3] = 255;
    }
  }
  return picture;
}

Raster disc() {
  return disc_at({160, 120}, 80, 64, 30);
}

// What a network would say.
Result<Field> redness(const Raster& picture, const std::atomic<bool>&) {
  Field field(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = picture.at(x, y);
      field.at(x, y) = std::clamp((static_cast<float>(pixel[0]) - static_cast<float>(pixel[1])) / 190.0F, 0.0F, 1.0F);
    }
  }
  return field;
}

VideoReplicate wish(ClipMotion motion, double strength = 0.5) {
  return {.motion = motion, .strength = strength, .duration_seconds = 2, .fps = kFrames / 2};
}

double difference(const Raster& a, const Raster& b) {
  double sum = 0;
  for (std::size_t at = 0; at < a.rgba.size(); ++at) sum += std::abs(int{a.rgba[at]} - int{b.rgba[at]});
  return sum / static_cast<double>(a.rgba.size());
}

struct Red {
  double middle_x = 0, width = 0, height = 0;
};

// Where the disc is seen.
Red red_of(const Raster& frame) {
  int left = frame.width, right = 0, top = frame.height, bottom = 0;
  for (int y = 0; y < frame.height; ++y) {
    for (int x = 0; x < frame.width; ++x) {
      if (frame.at(x, y)[0] < frame.at(x, y)[1] + 90) continue;
      left = std::min(left, x), right = std::max(right, x + 1), top = std::min(top, y),
      bottom = std::max(bottom, y + 1);
    }
  }
  return {(left + right) / 2.0, static_cast<double>(right - left), static_cast<double>(bottom - top)};
}

class Clips : public testing::Test {
 protected:
  std::vector<Raster> frames_of(const Raster& picture, const VideoReplicate& how, int threads = 2) {
    std::vector<Raster> frames;
    const auto keep = [&](const Raster& frame) -> Result<void> {
      frames.push_back(frame);
      return {};
    };
    const auto made = make_clip(picture, how, redness, keep, Task(permille_, cancel_, threads));
    EXPECT_TRUE(made) << made.error().message << made.error().cause;
    return frames;
  }

  std::atomic<int> permille_{0};
  std::atomic<bool> cancel_{false};
};

class Motions : public Clips, public testing::WithParamInterface<ClipMotion> {};

constexpr ClipMotion kMotions[] = {ClipMotion::kOrbit, ClipMotion::kPushIn, ClipMotion::kLightSweep};

TEST_P(Motions, GoSmoothlyAndShowNoBareEdge) {
  const auto frames = frames_of(disc(), wish(GetParam(), 1));
  ASSERT_EQ(frames.size(), static_cast<std::size_t>(kFrames));
  double sum = 0, most = 0;
  for (std::size_t at = 0; at < frames.size(); ++at) {
    ASSERT_EQ(frames[at].extent(), (Extent{160, 120}));
    for (std::size_t alpha = 3; alpha < frames[at].rgba.size(); alpha += 4) ASSERT_EQ(frames[at].rgba[alpha], 255);
    for (const auto& [x, y] : {std::pair(0, 0), std::pair(159, 0), std::pair(0, 119), std::pair(159, 119)}) {
      EXPECT_GT(frames[at].at(x, y)[1], 40) << "frame " << at;
    }
    if (at == 0) continue;
    const double step = difference(frames[at], frames[at - 1]);
    sum += step, most = std::max(most, step);
  }
  EXPECT_GT(sum, 5);
  EXPECT_LT(most, 5 * sum / kFrames);
  EXPECT_EQ(permille_.load(), 1'000);
}

TEST_P(Motions, AreTheSameOnAnyNumberOfThreads) {
  const auto one = frames_of(disc(), wish(GetParam()), 1), three = frames_of(disc(), wish(GetParam()), 3);
  EXPECT_EQ(one, three);
}

TEST_P(Motions, HearACancelWithinAFrame) {
  int taken = 0;
  const auto sink = [&](const Raster&) -> Result<void> {
    if (++taken == 3) cancel_ = true;
    return {};
  };
  const auto made = make_clip(disc(), wish(GetParam()), redness, sink, Task(permille_, cancel_, 2));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kCancelled);
  EXPECT_LE(taken, 4);
}

TEST_P(Motions, EndWithWhatTheSinkFailsWith) {
  const auto sink = [](const Raster&) -> Result<void> { return fail_internal("full"); };
  const auto made = make_clip(disc(), wish(GetParam()), redness, sink, Task(permille_, cancel_, 2));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().cause, "full");
}

INSTANTIATE_TEST_SUITE_P(All, Motions, testing::ValuesIn(kMotions), [](const auto& motion) {
  return motion.param == ClipMotion::kOrbit ? "Orbit" : motion.param == ClipMotion::kPushIn ? "PushIn" : "LightSweep";
});

TEST_F(Clips, AnOrbitsLastFrameLeadsIntoItsFirst) {
  const auto frames = frames_of(disc(), wish(ClipMotion::kOrbit));
  const double over = difference(frames.back(), frames.front());
  EXPECT_GT(over, 0);
  EXPECT_LT(over, 2 * difference(frames[1], frames[0]));
  const VideoReplicate how = wish(ClipMotion::kOrbit, 1);
  EXPECT_NEAR(orbit_at(1, how).yaw_degrees, 0, 1e-9);
  EXPECT_NEAR(orbit_at(1, how).pitch_degrees, 0, 1e-9);
  EXPECT_GT(orbit_at(0.25, how).yaw_degrees, 5);
  EXPECT_LT(orbit_at(0.75, how).yaw_degrees, -5);
}

TEST_F(Clips, StrengthScalesAndAnOddSeedTurnsRound) {
  VideoReplicate how = wish(ClipMotion::kOrbit, 1);
  const double yaw = orbit_at(0.2, how).yaw_degrees;
  how.seed = 7;
  EXPECT_NEAR(orbit_at(0.2, how).yaw_degrees, -yaw, 1e-9);
  how.strength = 0.5;
  EXPECT_NEAR(orbit_at(0.2, how).yaw_degrees, -yaw / 2, 1e-9);
  how.strength = 0;
  EXPECT_EQ(push_in_at(1, how).dolly, 0);
  EXPECT_EQ(light_sweep_at(0.5, how).share, 0);
}

TEST_F(Clips, PushingInComesCloserFromRestToRest) {
  const VideoReplicate how = wish(ClipMotion::kPushIn);
  EXPECT_EQ(push_in_at(0, how).dolly, 0);
  for (double time = 0.02; time <= 1; time += 0.02) {
    EXPECT_GE(push_in_at(time, how).dolly, push_in_at(time - 0.02, how).dolly);
  }
  EXPECT_LT(push_in_at(0.05, how).dolly, 0.02 * push_in_at(1, how).dolly);
  EXPECT_GT(push_in_at(0.95, how).dolly, 0.98 * push_in_at(1, how).dolly);
  const auto frames = frames_of(disc(), how);
  EXPECT_GT(red_of(frames.back()).width, 1.1 * red_of(frames.front()).width);
  EXPECT_LT(difference(frames.front(), disc()), 3);
}

// A lens that made room for it by itself would hop.
TEST_F(Clips, ASubjectAtTheEdgeIsLookedAtAsSmoothly) {
  for (const ClipMotion motion : {ClipMotion::kOrbit, ClipMotion::kPushIn}) {
    const auto frames = frames_of(disc_at({320, 240}, 104, 128, 100), wish(motion, 1));
    double step = 0;
    for (std::size_t at = 1; at < frames.size(); ++at) {
      const double next = red_of(frames[at]).middle_x - red_of(frames[at - 1]).middle_x;
      if (at == 1) step = next;
      EXPECT_LE(std::abs(next - step), 1.5) << "frame " << at;
      step = next;
    }
  }
}

TEST_F(Clips, SweepingLightBeginsAndEndsAsThePictureIsLit) {
  const Raster picture = disc();
  const auto frames = frames_of(picture, wish(ClipMotion::kLightSweep, 1));
  EXPECT_EQ(frames.front(), picture);
  EXPECT_EQ(frames.back(), picture);
  // The light comes from the left first.
  const auto left_over_right = [](const Raster& frame) { return int{frame.at(62, 64)[0]} - int{frame.at(98, 64)[0]}; };
  EXPECT_GT(left_over_right(frames[kFrames / 4]), left_over_right(frames[3 * kFrames / 4]) + 10);
}

TEST_F(Clips, WhatIsTransparentShowsWhite) {
  Raster picture = disc();
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (std::hypot(x + 0.5 - 80, y + 0.5 - 64) > 30) picture.at(x, y)[3] = 0;
    }
  }
  const auto frames = frames_of(picture, wish(ClipMotion::kOrbit));
  const std::uint8_t* corner = frames[kFrames / 4].at(2, 2);
  for (int channel = 0; channel < 4; ++channel) EXPECT_EQ(corner[channel], 255);
  EXPECT_GT(red_of(frames[kFrames / 4]).width, 40);
}

// ---- Frames

TEST(ClipSides, AreEvenAndWithin720UnlessWanted) {
  EXPECT_EQ(clip_sides({4'000, 3'000}, {}), (Extent{960, 720}));
  EXPECT_EQ(clip_sides({3'000, 4'000}, {}), (Extent{720, 960}));
  EXPECT_EQ(clip_sides({3'840, 2'160}, {}), (Extent{1'280, 720}));
  EXPECT_EQ(clip_sides({768, 512}, {}), (Extent{768, 512}));
  EXPECT_EQ(clip_sides({401, 301}, {}), (Extent{400, 300}));
  EXPECT_EQ(clip_sides({5'000, 5'000}, {}), (Extent{720, 720}));
  EXPECT_EQ(clip_sides({5, 3}, {}), (Extent{16, 16}));
  EXPECT_EQ(clip_sides({4'000, 3'000}, {.aspect = AspectRatio{16, 9}}), (Extent{1'280, 720}));
  EXPECT_EQ(clip_sides({4'000, 3'000}, {.aspect = AspectRatio{9, 16}}), (Extent{720, 1'280}));
  EXPECT_EQ(clip_sides({400, 300}, {.aspect = AspectRatio{1, 1}}), (Extent{300, 300}));
  EXPECT_EQ(clip_sides({400, 300}, {.extent = Extent{1'920, 1'080}}), (Extent{1'920, 1'080}));
}

class ClipFraming : public Clips {
 protected:
  Raster frame(const Raster& picture, const Extent& sides) {
    auto made = framed(picture, sides, 1, redness, Task(permille_, cancel_, 2));
    EXPECT_TRUE(made);
    return std::move(*made);
  }
};

TEST_F(ClipFraming, CutsAroundTheSubjectAndDistortsNothing) {
  const Raster picture = disc_at({400, 200}, 330, 100, 50);
  const Raster square = frame(picture, {200, 200});
  ASSERT_EQ(square.extent(), (Extent{200, 200}));
  const Red red = red_of(square);
  EXPECT_NEAR(red.width, 100, 3);
  EXPECT_NEAR(red.height, 100, 3);
  EXPECT_GT(red.middle_x, 100);  // as near the middle as the picture's edge lets it
  EXPECT_LT(red.middle_x, 150);
}

TEST_F(ClipFraming, GoesOnOutsideWhereTheSubjectWouldBeCut) {
  Raster picture = disc_at({300, 200}, 150, 100, 90);
  for (const int y : {0, 199}) std::fill_n(picture.row(y), 4 * 300, std::uint8_t{0});
  for (int x = 0; x < 300; ++x) picture.at(x, 0)[3] = picture.at(x, 199)[3] = 255;
  const Raster upright = frame(picture, {150, 300});
  ASSERT_EQ(upright.extent(), (Extent{150, 300}));
  const Red red = red_of(upright);
  EXPECT_NEAR(red.width, 134, 4) << "all of it, with little around";
  EXPECT_NEAR(red.height, red.width, 2);
  EXPECT_NEAR(red.middle_x, 75, 2);
  for (int y = 0; y < upright.height; ++y) {
    EXPECT_GT(upright.at(0, y)[1], 90) << y;
    EXPECT_EQ(upright.at(75, y)[3], 255);
  }
  // Without a step where the picture ends, or the line that it has there.
  for (int y = 1; y < upright.height; ++y) EXPECT_LT(std::abs(upright.at(2, y)[1] - upright.at(2, y - 1)[1]), 30) << y;
}

TEST_F(ClipFraming, OfWhatGoesOnBelowThePictureTheUpperPartIsEnough) {
  const Raster upright = disc_at({200, 400}, 100, 300, 130);
  const Raster wide = frame(upright, {320, 180});
  EXPECT_LT(wide.width, 300) << "of 711 if all of the height were shown";
  EXPECT_NEAR(static_cast<double>(wide.width) / wide.height, 320.0 / 180, 0.02);
  const Red red = red_of(wide);
  EXPECT_GE(red.width, 196);
  EXPECT_LT(red.height, wide.height) << "its top is seen";
}

TEST_F(ClipFraming, NeverEnlargesWhatItHandsOn) {
  const Raster small = frame(disc(), {640, 480});
  EXPECT_EQ(small, disc());
}

}  // namespace
}  // namespace tintype::engine
