#include "engine/studio/layers.h"

#include <gtest/gtest.h>

#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

TEST(Continued, HoldsThePictureAndGoesOnWithoutAStep) {
  const Raster picture = painted(320, 200, [](int x, int y, int channel) -> double {
    constexpr double kTable[] = {190, 130, 80}, kWall[] = {20, 90, 100};
    return y < 120 ? kWall[channel] + x * 0.06 : kTable[channel] + 6 * std::sin(y * 0.9);
  });
  const auto around = continued(picture, 0.1, {}, Attempt().task);
  ASSERT_TRUE(around);
  EXPECT_EQ(around->scale, 1);
  const int border = static_cast<int>(around->left);
  EXPECT_EQ(border, 32);
  ASSERT_EQ(around->picture.extent(), (Extent{320 + 2 * border, 200 + 2 * border}));
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 320; ++x) {
      ASSERT_TRUE(std::equal(picture.at(x, y), picture.at(x, y) + 4, around->picture.at(x + border, y + border)));
    }
    // The wall goes on as a wall, the table as a table.
    if (y > 110 && y < 130) continue;
    for (const int x : {4, 315 + 2 * border}) {
      EXPECT_NEAR(around->picture.at(x, y + border)[0], picture.at(x < border ? 0 : 319, y)[0], 40) << x << " " << y;
    }
  }
}

TEST(Continued, OfALargePictureIsLessFine) {
  const auto around = continued(painted(1'600, 1'200, [](int, int, int) { return 90; }), 0.12, {}, Attempt().task);
  ASSERT_TRUE(around);
  EXPECT_LT(around->scale, 0.5);
  EXPECT_NEAR(around->left / around->scale, 0.12 * 1'600, 2);
}

}  // namespace
}  // namespace tintype::engine
