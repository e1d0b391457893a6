#include "engine/codec/row_resizer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstring>
#include <numbers>

#include "engine/codec/test_pictures.h"

namespace tintype::engine {
namespace {

double sample(const Pixels& pixels, int x, int y, int channel) {
  const std::size_t at =
      (static_cast<std::size_t>(y) * static_cast<std::size_t>(pixels.width) + static_cast<std::size_t>(x)) *
          static_cast<std::size_t>(pixels.channels) +
      static_cast<std::size_t>(channel);
  if (pixels.bytes_per_sample == 1) return pixels.data[at];
  std::uint16_t value = 0;
  std::memcpy(&value, pixels.data.data() + 2 * at, sizeof value);
  return value;
}

double lanczos3(double x) {
  const double angle = std::numbers::pi * x;
  if (std::abs(x) < 1e-12) return 1;
  return std::abs(x) < 3 ? 3 * std::sin(angle) * std::sin(angle / 3) / (angle * angle) : 0;
}

// The sum that the kernel's definition says, over one axis: `at(i)` is the i-th sample of it.
template <class At>
double resampled(int from, int to, int out, double white, At at) {
  const double factor = static_cast<double>(from) / to, stretch = std::max(1.0, factor);
  const double centre = (out + 0.5) * factor - 0.5;
  double sum = 0, weights = 0;
  for (int i = static_cast<int>(centre - 3 * stretch) - 1; i <= centre + 3 * stretch + 1; ++i) {
    const double weight = lanczos3((i - centre) / stretch);
    sum += weight * at(std::clamp(i, 0, from - 1));
    weights += weight;
  }
  return std::clamp(sum / weights, 0.0, white);
}

double reference(const Pixels& from, int width, int height, int x, int y, int channel) {
  const double white = from.bytes_per_sample == 1 ? 255 : 65'535;
  return resampled(from.width, width, x, white, [&](int column) {
    return resampled(from.height, height, y, white, [&](int row) { return sample(from, column, row, channel); });
  });
}

Pixels pushed(const Pixels& picture, int width, int height, int rows_at_once, int bytes_per_sample_out) {
  RowResizer resizer(picture.shape(), width, height, bytes_per_sample_out);
  Pixels out{width, height, picture.channels, bytes_per_sample_out, {}};
  for (std::size_t at = 0; at < picture.data.size();) {
    const std::size_t bytes =
        std::min(picture.row_bytes() * static_cast<std::size_t>(rows_at_once), picture.data.size() - at);
    resizer.push(std::span(picture.data).subspan(at, bytes), out.data);
    at += bytes;
  }
  return out;
}

Pixels pushed(const Pixels& picture, int width, int height, int rows_at_once) {
  return pushed(picture, width, height, rows_at_once, picture.bytes_per_sample);
}

RC_GTEST_PROP(RowResizer, IsTheKernelsDefinition, ()) {
  Pixels noise{
      *rc::gen::inRange(1, 60), *rc::gen::inRange(1, 60), *rc::gen::inRange(1, 5), *rc::gen::inRange(1, 3), {}};
  noise.data =
      *rc::gen::container<std::vector<std::uint8_t>>(noise.shape().size_bytes(), rc::gen::arbitrary<std::uint8_t>());
  const int width = *rc::gen::inRange(1, noise.width + 1), height = *rc::gen::inRange(1, noise.height + 1);
  const int bytes_out = *rc::gen::inRange(noise.bytes_per_sample, 3);
  const Pixels reduced = pushed(noise, width, height, *rc::gen::inRange(1, 70), bytes_out);
  const double scale = bytes_out > noise.bytes_per_sample ? 257 : 1;
  RC_ASSERT(reduced.data.size() == reduced.shape().size_bytes());
  const double allowed = bytes_out == 1 ? 0.51 : 0.6;  // it rounds once
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < noise.channels; ++channel) {
        const double wanted = scale * reference(noise, width, height, x, y, channel);
        RC_ASSERT(std::abs(sample(reduced, x, y, channel) - wanted) <= allowed);
      }
    }
  }
}

TEST(RowResizer, OneSideMayGrow) {
  const Pixels picture = drawn({40, 30, 3, 1});
  const Pixels resized = pushed(picture, 20, 45, 7);
  for (int y = 0; y < 45; ++y) EXPECT_NEAR(sample(resized, 9, y, 1), reference(picture, 20, 45, 9, y, 1), 0.51);
}

TEST(RowResizer, HowRowsAreCutDoesNotMatter) {
  const Pixels picture = drawn({210, 150, 4, 1});
  const Pixels whole = *resize(picture, 105, 70);
  EXPECT_EQ(whole.width, 105);
  EXPECT_EQ(whole.height, 70);
  for (const int rows : {1, 2, 16, 149, 150}) EXPECT_TRUE(pushed(picture, 105, 70, rows).data == whole.data) << rows;
}

TEST(RowResizer, TheSameSizeIsTheSamePicture) {
  const Pixels picture = drawn({50, 40, 3, 2});
  EXPECT_TRUE(pushed(picture, 50, 40, 3).data == picture.data);
}

TEST(RowResizer, GivesRowsOutAsSoonAsTheirKernelIsIn) {
  const Pixels picture = drawn({64, 400, 3, 1});
  RowResizer resizer(picture.shape(), 32, 200);
  std::vector<std::uint8_t> out;
  resizer.push(std::span(picture.data).first(100 * picture.row_bytes()), out);
  EXPECT_GE(out.size() / resizer.shape().row_bytes(), 46U);
}

TEST(RowResizer, HoldsWhatTheKernelNeeds) {
  const std::int64_t low = RowResizer::bytes_max({7'680, 4'320, 3, 1}, 3'840, 2'160);
  EXPECT_LT(low, 2 << 20);
  const std::int64_t tall = RowResizer::bytes_max({7'680, 43'200, 3, 1}, 3'840, 21'600);
  EXPECT_LT(tall - low, 2 << 20) << "the weights alone grow";
}

}  // namespace
}  // namespace tintype::engine
