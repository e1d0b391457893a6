#include "engine/studio/layers.h"

#include <gtest/gtest.h>

#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

constexpr int kWidth = 320, kHeight = 256, kTableTop = 165;
constexpr double kWood[] = {190, 130, 80};

// A teal wall above a wooden table, and to the right something on the table that hides where they meet.
Raster wall_and_table() {
  return painted(kWidth, kHeight, [](int x, int y, int channel) -> double {
    constexpr double kWall[] = {20, 90, 100}, kHeap[] = {230, 190, 60};
    if (x > 170 && y < kTableTop + 20 && y > kTableTop - 40 + 30 * std::sin(x / 9.0)) {
      return kHeap[channel] + 25 * std::sin((x + y) / 4.0 + channel);
    }
    return y < kTableTop ? kWall[channel] + x * 0.06 : kWood[channel] + 6 * std::sin(y * 0.9);
  });
}

// Stands on the table, close to the picture's left edge.
Field standing() {
  Field subject(kWidth, kHeight);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) subject.at(x, y) = std::hypot(x - 90.0, y - 110.0) < 84 ? 1.0F : 0.0F;
  }
  return subject;
}

bool is_wood(const std::uint8_t* pixel) {
  return std::abs(pixel[0] - kWood[0]) + std::abs(pixel[1] - kWood[1]) + std::abs(pixel[2] - kWood[2]) < 50;
}

// What share of the places that the subject hides in these rows is wood.
double share_of_wood(const Raster& background, const Field& subject, int top, int bottom) {
  double wood = 0, hidden = 0;
  for (int y = top; y < bottom; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      if (subject.at(x, y) == 0) continue;
      hidden += 1, wood += is_wood(background.at(x, y)) ? 1 : 0;
    }
  }
  return wood / hidden;
}

TEST(Background, WhatIsHiddenStaysAtItsOwnHeight) {
  const Field subject = standing();
  Raster picture = wall_and_table();
  for (std::size_t at = 0; at < subject.values.size(); ++at) {
    if (subject.values[at] > 0)
      picture.rgba[at * 4] = 220, picture.rgba[at * 4 + 1] = 40, picture.rgba[at * 4 + 2] = 160;
  }
  const auto background = background_of(picture, subject, 0.12, Attempt().task);
  ASSERT_TRUE(background);
  EXPECT_LT(share_of_wood(background->picture, subject, 0, kTableTop - 6), 0.06);
  EXPECT_GT(share_of_wood(background->picture, subject, kTableTop + 6, kHeight), 0.8);
}

}  // namespace
}  // namespace tintype::engine
