#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/raster/task.h"

namespace tintype::engine {
namespace {

Field ramp(int width, int height) {
  Field field(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) field.at(x, y) = static_cast<float>(x) / static_cast<float>(width - 1);
  }
  return field;
}

double sum_of(const Field& field) {
  double sum = 0;
  for (const float value : field.values) sum += value;
  return sum;
}

TEST(Colour, CodedValuesComeBack) {
  for (int coded = 0; coded < 256; ++coded) {
    EXPECT_EQ(byte_of(coded_of(linear_of(static_cast<std::uint8_t>(coded)))), coded);
  }
}

TEST(Colour, OklabOfWhiteIsLightAlone) {
  const Colour white = oklab_of({1, 1, 1});
  EXPECT_NEAR(white[0], 1, 1e-4);
  EXPECT_NEAR(white[1], 0, 1e-4);
  EXPECT_NEAR(white[2], 0, 1e-4);
  const Colour orange{0.8F, 0.3F, 0.05F}, back = linear_of_oklab(oklab_of(orange));
  for (int channel = 0; channel < 3; ++channel) EXPECT_NEAR(back[channel], orange[channel], 1e-4);
}

TEST(Colour, LightGetsBluerWithTemperature) {
  const Colour candle = light_of_kelvins(1'900), noon = light_of_kelvins(6'504), shade = light_of_kelvins(12'000);
  for (const Colour& light : {candle, noon, shade}) EXPECT_NEAR(luminance_of(light), 1, 1e-4);
  for (const float channel : noon) EXPECT_NEAR(channel, 1, 0.05);
  EXPECT_GT(candle[0], noon[0]);
  EXPECT_LT(candle[2], 0.2);
  EXPECT_GT(shade[2], noon[2]);
}

TEST(Colour, NamesAndDigitsAreRead) {
  using Bytes = std::array<std::uint8_t, 3>;
  EXPECT_EQ(parse_colour("#f08"), (Bytes{0xff, 0x00, 0x88}));
  EXPECT_EQ(parse_colour("#0a0B0c"), (Bytes{10, 11, 12}));
  EXPECT_EQ(parse_colour("white"), (Bytes{255, 255, 255}));
  for (const char* wrong : {"", "#", "#12", "#12345g", "whitish", "#1234567"}) EXPECT_FALSE(parse_colour(wrong));
}

TEST(Filter, BlursKeepTheMeanInside) {
  Field dot(65, 65);
  dot.at(32, 32) = 1;
  for (const double sigma : {0.8, 1.5, 3.0, 6.0}) {
    const Field blurred = gaussian_blur(dot, sigma);
    EXPECT_NEAR(sum_of(blurred), 1, 1e-3) << sigma;
    double variance = 0;
    for (int y = 0; y < 65; ++y) {
      for (int x = 0; x < 65; ++x) variance += blurred.at(x, y) * (x - 32) * (x - 32);
    }
    EXPECT_NEAR(std::sqrt(variance), sigma, 0.06 * sigma) << sigma;
  }
  EXPECT_NEAR(box_blur(dot, 2).at(34, 30), 1.0 / 25, 1e-6);
  EXPECT_EQ(box_blur(dot, 2).at(35, 32), 0);
}

TEST(Filter, GuidedFilterKeepsWhatIsAnEdgeInTheGuide) {
  Field guide(64, 64), noisy(64, 64);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      guide.at(x, y) = x < 32 ? 0.1F : 0.9F;
      noisy.at(x, y) = (x < 32 ? 0.0F : 1.0F) + ((x * 7 + y * 13) % 5 - 2) * 0.1F;
    }
  }
  Field3 colours(64, 64);
  colours.second = guide;
  for (const Field& smooth : {guided_filter(guide, noisy, 4, 1e-3F), guided_filter(colours, noisy, 4, 1e-3F)}) {
    EXPECT_NEAR(smooth.at(16, 32), 0, 0.02);
    EXPECT_NEAR(smooth.at(48, 32), 1, 0.02);
    EXPECT_GT(smooth.at(32, 32) - smooth.at(31, 32), 0.8F);
  }
}

TEST(Filter, ExtremesAreThoseOfTheWindow) {
  Field field(23, 11);
  for (std::size_t at = 0; at < field.values.size(); ++at) field.values[at] = static_cast<float>((at * 37) % 101);
  for (const int radius : {1, 2, 5, 30}) {
    const Field most = dilated(field, radius), least = eroded(field, radius);
    for (int y = 0; y < field.height; ++y) {
      for (int x = 0; x < field.width; ++x) {
        float greatest = -1, smallest = 1e9F;
        for (int j = std::max(0, y - radius); j <= std::min(field.height - 1, y + radius); ++j) {
          for (int i = std::max(0, x - radius); i <= std::min(field.width - 1, x + radius); ++i) {
            greatest = std::max(greatest, field.at(i, j));
            smallest = std::min(smallest, field.at(i, j));
          }
        }
        ASSERT_EQ(most.at(x, y), greatest) << radius << " at " << x << ", " << y;
        ASSERT_EQ(least.at(x, y), smallest) << radius << " at " << x << ", " << y;
      }
    }
  }
}

TEST(Resample, MeansAndRampsSurvive) {
  const Field field = ramp(64, 16);
  const Field smaller = resized(field, {16, 4}), larger = resized(field, {256, 40});
  EXPECT_NEAR(sum_of(smaller) * 16, sum_of(field), 1e-2);
  for (int x = 1; x < 256; ++x) EXPECT_GE(larger.at(x, 20), larger.at(x - 1, 20));
  EXPECT_NEAR(larger.at(128, 20), 0.5, 0.01);
  EXPECT_NEAR(sample(field, 31.5F, 3.25F), 0.5, 1e-5);
}

TEST(Resample, WhatIsTransparentDoesNotColourItsNeighbours) {
  Raster picture(4, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) {
      std::uint8_t* pixel = picture.at(x, y);
      pixel[x < 1 ? 0 : 2] = 255;  // red alone is opaque
      pixel[3] = x < 1 ? 255 : 0;
    }
  }
  const Raster half = resized(picture, {2, 2});
  EXPECT_EQ(half.at(0, 0)[0], 255);
  EXPECT_EQ(half.at(0, 0)[2], 0);
  EXPECT_EQ(half.at(0, 0)[3], 128);
}

TEST(Resample, ExtentsWithinKeepTheirShape) {
  EXPECT_EQ(extent_within({4'000, 3'000}, 1'000'000).width_px, 1'154);
  EXPECT_EQ(extent_within({400, 300}, 1'000'000).width_px, 400);
}

TEST(Mask, IsWhatIsWhiteOrWhatIsOpaque) {
  Raster white_on_black(2, 1), drawn(2, 1);
  white_on_black.rgba = {0, 0, 0, 255, 255, 255, 255, 255};
  drawn.rgba = {9, 9, 9, 0, 9, 9, 9, 255};
  for (const Raster& mask : {white_on_black, drawn}) {
    const Field field = mask_of(mask, {2, 1});
    EXPECT_EQ(field.at(0, 0), 0);
    EXPECT_NEAR(field.at(1, 0), 1, 1e-6);
  }
}

TEST(Task, RowsAreAllDoneOnceWhateverTheThreads) {
  for (const int threads : {1, 2, 7}) {
    std::atomic<int> permille{0};
    const std::atomic<bool> cancel{false};
    const Task whole(permille, cancel, threads);
    std::vector<std::atomic<int>> seen(1'000);
    ASSERT_TRUE(whole.part(0.2, 0.5).rows(1'000, [&](int begin, int end) {
      for (int y = begin; y < end; ++y) ++seen[static_cast<std::size_t>(y)];
    }));
    EXPECT_TRUE(std::ranges::all_of(seen, [](const auto& count) { return count == 1; }));
    EXPECT_EQ(permille, 500);
    whole.done(0.1);
    EXPECT_EQ(permille, 500);
  }
}

TEST(Task, CancelIsHeardBetweenBands) {
  std::atomic<int> permille{0};
  std::atomic<bool> cancel{false};
  const auto done = Task(permille, cancel, 1).rows(100, [&](int, int) { cancel = true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kCancelled);
  EXPECT_LT(permille, 1'000);
}

}  // namespace
}  // namespace tintype::engine
