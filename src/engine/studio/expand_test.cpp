#include "engine/studio/expand.h"

#include <gtest/gtest.h>

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

WantedSides shape(int width, int height) {
  WantedSides sides;
  sides.aspect = AspectRatio{width, height};
  return sides;
}

TEST(Expand, PeriodicTextureGoesOnInPhase) {
  const Raster picture = painted(180, 150, tile), truth = painted_around(180, 150, 36, tile);
  const auto expanded = expand(picture, to(252, 222), Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_LT(mean_error(*expanded, truth), 4);
}

TEST(Expand, SmoothGradientGoesOnAsAGradient) {
  const Raster picture = painted(180, 150, slope), truth = painted_around(180, 150, 30, slope);
  const auto expanded = expand(picture, to(240, 210), Attempt().task);
  ASSERT_TRUE(expanded);
  EXPECT_LT(mean_error(*expanded, truth), 3);
}

TEST(Expand, ThePictureStaysToTheBitWhateverTheThreads) {
  Raster picture = painted(121, 90, tile);
  for (std::size_t at = 3; at < picture.rgba.size(); at += 4) picture.rgba[at] = static_cast<std::uint8_t>(at % 251);
  Attempt run;
  const auto expanded = expand(picture, to(160, 97), run.task), again = expand(picture, to(160, 97), Attempt(1).task);
  ASSERT_TRUE(expanded && again);
  EXPECT_TRUE(*expanded == *again);
  EXPECT_EQ(run.permille, 1'000);
  for (int y = 0; y < picture.height; ++y) {
    ASSERT_TRUE(std::equal(picture.row(y), picture.row(y) + picture.width * 4, expanded->at(19, 3 + y))) << y;
  }
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
    const auto expanded = expand(picture, to(width, height), Attempt().task);
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
  const auto expanded = expand(painted(64, 48, tile), to(100, 100), run.task);
  ASSERT_FALSE(expanded);
  EXPECT_EQ(expanded.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tintype::engine
