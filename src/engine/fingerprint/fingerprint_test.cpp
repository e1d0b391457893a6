#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "base/bytes.h"
#include "engine/fingerprint/perceptual_hash.h"
#include "engine/fingerprint/thumb_hash.h"

namespace tintype::engine {
namespace {

std::vector<std::uint8_t> drawn_rgba(int width, int height, bool has_alpha) {
  std::vector<std::uint8_t> rgba;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {x * 7 + y * 3, x * x + y * 5, 200 - y * 2 + x, has_alpha ? (x + y) * 9 : 255}) {
        rgba.push_back(static_cast<std::uint8_t>(value & 255));
      }
    }
  }
  return rgba;
}

// What the npm package thumbhash 0.1.1 says of the same pixels.
TEST(ThumbHash, IsThatOfItsInventor) {
  struct Case {
    int width, height;
    bool has_alpha;
    const char* expected;
  };
  for (const Case& c :
       {Case{40, 30, false, "5PUJLY4EaHZIh5V3eIh3dwlCd5CG"}, Case{30, 40, false, "pBYGNQggVxdYWHl4d3eId0ZABqJk"},
        Case{100, 100, false, "oPcFPwJld4avdmiUdldpV3mHpwmkZY8E"},
        Case{61, 13, true, "5eSFCYInRYCJl3hPdPmDm2gIZ1d3eHc="}, Case{33, 100, true, "X/iFKgIHdY+EZHeIcBj3jBmGd4emkEY="},
        Case{100, 3, false, "XwcKgYIfcHN3eHeHkHiHoJg="}}) {
    const std::string hash = thumb_hash(c.width, c.height, drawn_rgba(c.width, c.height, c.has_alpha));
    EXPECT_EQ(base64_encode(hash), c.expected) << c.width << " x " << c.height;
    EXPECT_LE(hash.size(), 25u);
  }
  EXPECT_EQ(base64_encode(thumb_hash(8, 8, std::vector<std::uint8_t>(256))), "AAiCBQAAAAAAAAAAAAAAAAAAAAAAAAAAAA==");
}

std::vector<std::uint8_t> scene(double gain, double noise, double phase) {
  std::vector<std::uint8_t> light;
  for (int y = 0; y < kPerceptualHashSidePx; ++y) {
    for (int x = 0; x < kPerceptualHashSidePx; ++x) {
      const double wave = std::sin(x * 0.31 + phase) * std::cos(y * 0.23) + std::sin((x + 2 * y) * 0.11 * (1 + phase));
      const double grain = noise * ((x * 31 + y * 17) % 7 - 3);
      light.push_back(static_cast<std::uint8_t>(std::clamp(120 + gain * 45 * wave + grain, 0.0, 255.0)));
    }
  }
  return light;
}

TEST(PerceptualHash, AlikePicturesDifferInFewBitsAndOthersInMany) {
  const std::uint64_t hash = perceptual_hash(scene(1, 0, 0));
  EXPECT_LE(std::popcount(hash ^ perceptual_hash(scene(1.1, 0, 0))), 6);
  EXPECT_LE(std::popcount(hash ^ perceptual_hash(scene(1, 1, 0))), 10);
  EXPECT_GE(std::popcount(hash ^ perceptual_hash(scene(1, 0, 2))), 16);
  EXPECT_GE(std::popcount(hash), 24);
  EXPECT_LE(std::popcount(hash), 40);
}

TEST(PerceptualHash, OfAFlatPictureIsNoAccident) {
  EXPECT_EQ(perceptual_hash(std::vector<std::uint8_t>(1'024, 0)), 0u);
}

}  // namespace
}  // namespace tintype::engine
