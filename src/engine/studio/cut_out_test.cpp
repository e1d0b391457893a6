#include "engine/studio/cut_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/remove_background.h"
#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

using Bytes = std::array<std::uint8_t, 3>;
constexpr Bytes kRed = {190, 40, 60};

// A picture of which is known how much of each pixel is subject: kRed, over a gradient.
struct Scene {
  Raster picture;
  Field alpha;
};

Bytes gradient_at(const Extent& sides, int x, int y) {
  const double across = static_cast<double>(x) / sides.width_px, down = static_cast<double>(y) / sides.height_px;
  return {static_cast<std::uint8_t>(std::lround(120 + 70 * across)),
          static_cast<std::uint8_t>(std::lround(150 + 60 * down)),
          static_cast<std::uint8_t>(std::lround(220 - 60 * across * down))};
}

// A lawn of patches, over that gradient.
Bytes texture_at(const Extent& sides, int x, int y) {
  Bytes bytes = gradient_at(sides, x, y);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const double level = bytes[channel] + 0.1 * (tile(x, y, static_cast<int>(channel)) - 128);
    bytes[channel] = static_cast<std::uint8_t>(std::lround(std::clamp(level, 0.0, 255.0)));
  }
  return bytes;
}

// `inside`: how far inside the subject a place is, in pixels; the edge is `soft` pixels wide.
template <class Inside>
Scene scene_of(const Extent& sides, double soft, Inside inside,
               Bytes behind_at(const Extent&, int, int) = gradient_at) {
  Scene scene{Raster(sides.width_px, sides.height_px), Field(sides.width_px, sides.height_px)};
  for (int y = 0; y < sides.height_px; ++y) {
    for (int x = 0; x < sides.width_px; ++x) {
      const double alpha = std::clamp(inside(x + 0.5, y + 0.5) / soft + 0.5, 0.0, 1.0);
      const Bytes behind = behind_at(sides, x, y);
      std::uint8_t* pixel = scene.picture.at(x, y);
      for (std::size_t i = 0; i < 3; ++i) {
        pixel[i] = static_cast<std::uint8_t>(std::lround(alpha * kRed[i] + (1 - alpha) * behind[i]));
      }
      pixel[3] = 255;
      scene.alpha.at(x, y) = static_cast<float>(alpha);
    }
  }
  return scene;
}

Scene disc(const Extent& sides, double soft) {
  const double radius = sides.height_px * 0.3;
  return scene_of(sides, soft, [=](double x, double y) {
    return radius - std::hypot(x - sides.width_px * 0.5, y - sides.height_px * 0.52);
  });
}

Scene ring(const Extent& sides) {
  const double radius = sides.height_px * 0.3, thick = sides.height_px * 0.06;
  return scene_of(sides, 1.5, [=](double x, double y) {
    return thick - std::abs(radius - std::hypot(x - sides.width_px * 0.5, y - sides.height_px * 0.5));
  });
}

// A disc with hairs of this width all around, as long as a third of its radius; and how far from a hair is each place
// around the disc.
struct Hairs {
  static constexpr int kCount = 72;
  Extent sides;
  double width;

  double radius() const { return sides.height_px * 0.24; }
  double from_disc(double x, double y) const { return std::hypot(x - middle_x(), y - middle_y()) - radius(); }
  double inside(double x, double y) const {
    const double out = from_disc(x, y);
    if (out < 0 || out > radius() / 3) return -out;
    const double turn = std::atan2(y - middle_y(), x - middle_x()) * kCount / (2 * std::numbers::pi);
    const double across = std::abs(turn - std::round(turn)) * 2 * std::numbers::pi / kCount * (radius() + out);
    return std::max(-out, width / 2 - across);
  }

 private:
  double middle_x() const { return sides.width_px * 0.5; }
  double middle_y() const { return sides.height_px * 0.5; }
};

class Running {
 public:
  explicit Running(int threads = 2) : task(permille, cancel, threads) {}
  std::atomic<int> permille{0};
  std::atomic<bool> cancel{false};
  Task task;
};

Result<CutOut> cut(const Raster& picture, const Saliency& network = {}, int threads = 2) {
  Running running(threads);
  return cut_out(picture, network, running.task);
}

// Away from the edge to 2 of 255, and along it to 3 in the mean.
void expect_alpha(const Scene& scene, const Field& alpha) {
  double edge_error = 0;
  int edge = 0, wrong = 0;
  for (std::size_t at = 0; at < alpha.values.size(); ++at) {
    const float truth = scene.alpha.values[at], error = std::abs(alpha.values[at] - truth);
    if (truth > 0 && truth < 1) {
      edge_error += error;
      ++edge;
    } else if (error > 2.0F / 255) {
      ++wrong;
    }
  }
  EXPECT_EQ(wrong, 0);
  ASSERT_GT(edge, 0);
  EXPECT_LT(edge_error / edge * 255, 3);
}

struct Case {
  Extent sides;
  double soft;
};
class Disc : public testing::TestWithParam<Case> {};

TEST_P(Disc, IsCutOutExactly) {
  const Scene scene = disc(GetParam().sides, GetParam().soft);
  const auto made = cut(scene.picture);
  ASSERT_TRUE(made) << made.error().message << made.error().cause;
  expect_alpha(scene, made->alpha);
  for (std::size_t at = 0; at < scene.alpha.values.size(); ++at) {
    const std::uint8_t* pixel = made->foreground.rgba.data() + at * Raster::kChannels;
    ASSERT_EQ(pixel[3], static_cast<std::uint8_t>(std::lround(made->alpha.values[at] * 255)));
    if (scene.alpha.values[at] < 0.25F) continue;
    // No colour of the background is left along the edge.
    for (std::size_t channel = 0; channel < 3; ++channel) ASSERT_NEAR(pixel[channel], kRed[channel], 12) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(OfAllSizes, Disc,
                         testing::Values(Case{{320, 240}, 1}, Case{{640, 480}, 1.5}, Case{{640, 480}, 8},
                                         Case{{900, 1'000}, 3}, Case{{2'000, 1'500}, 2}, Case{{2'400, 1'600}, 12}));

TEST(CutOut, WhatIsSeenThroughARingIsBackground) {
  const Scene scene = ring({800, 600});
  const auto made = cut(scene.picture);
  ASSERT_TRUE(made) << made.error().message;
  expect_alpha(scene, made->alpha);
}

TEST(CutOut, ASoftShadowIsBackground) {
  Scene scene = disc({800, 600}, 1.5);
  for (int y = 0; y < 600; ++y) {
    for (int x = 0; x < 800; ++x) {
      const double away = std::hypot((x - 420) / 200.0, (y - 500) / 45.0);
      const double light = 1 - 0.35 * std::exp(-away * away) * (1 - scene.alpha.at(x, y));
      for (int channel = 0; channel < 3; ++channel) {
        std::uint8_t& value = scene.picture.at(x, y)[channel];
        value = static_cast<std::uint8_t>(std::lround(value * light));
      }
    }
  }
  const auto made = cut(scene.picture);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_LT(made->alpha.at(420, 515), 0.01);
  EXPECT_LT(made->alpha.at(560, 500), 0.01);
  EXPECT_GT(made->alpha.at(400, 300), 0.99);
}

TEST(CutOut, ANetworkSaysWhereAndThePictureSaysHowFar) {
  const Scene scene = ring({800, 600});
  const Saliency network = [&](const Raster&, const std::atomic<bool>&) { return resized(scene.alpha, {64, 64}); };
  const auto made = cut(scene.picture, network);
  ASSERT_TRUE(made) << made.error().message;
  expect_alpha(scene, made->alpha);
}

// Black with glints that are as bright as the dark wall behind.
TEST(CutOut, WhatIsLikeTheBackgroundGetsNoHoles) {
  const Scene scene = disc({800, 600}, 1.5);
  Raster picture = scene.picture;
  for (int y = 0; y < 600; ++y) {
    for (int x = 0; x < 800; ++x) {
      const double glint = std::max(0.0, std::sin(x * 0.11 + std::sin(y * 0.07)) * std::sin(y * 0.13));
      for (int channel = 0; channel < 3; ++channel) {
        const double wall = 36 + channel + y * 0.005, own = 10 + 30 * glint;
        const double level = wall + scene.alpha.at(x, y) * (own - wall);
        picture.at(x, y)[channel] = static_cast<std::uint8_t>(std::lround(level));
      }
    }
  }
  const Saliency network = [&](const Raster&, const std::atomic<bool>&) { return resized(scene.alpha, {320, 320}); };
  const auto made = cut(picture, network);
  ASSERT_TRUE(made) << made.error().message;
  const Field inside = eroded(scene.alpha, 15), outside = dilated(scene.alpha, 15);
  double least = 1, most = 0;
  for (std::size_t at = 0; at < inside.values.size(); ++at) {
    if (inside.values[at] >= 1) least = std::min<double>(least, made->alpha.values[at]);
    if (outside.values[at] <= 0) most = std::max<double>(most, made->alpha.values[at]);
  }
  EXPECT_GT(least, 0.98);
  EXPECT_LT(most, 0.02);
}

struct Sum {
  double all = 0, count = 0;
  void add(double value) {
    all += value;
    ++count;
  }
  double mean() const { return all / count; }
};

// A ring with spokes before a wall.
double inside_wheel(double x, double y, double wide) {
  constexpr int kSpokes = 12;
  const double out = std::hypot(x - 256, y - 256), turn = std::atan2(y - 256, x - 256) * kSpokes / std::numbers::pi / 2;
  const double across = std::abs(turn - std::round(turn)) * 2 * std::numbers::pi / kSpokes * out;
  return std::max(15 - std::abs(170 - out), out < 170 ? wide / 2 - across : -1e6);
}

// A network's answer is small and soft.
Saliency softly_saying(const Field& said) {
  return [&said](const Raster&, const std::atomic<bool>&) { return gaussian_blur(resized(said, {320, 320}), 2); };
}

class Wheel : public testing::TestWithParam<double> {};

TEST_P(Wheel, HasItsSpokesAndNoWallBetweenThem) {
  const double wide = GetParam();  // a spoke, in pixels
  const auto inside = [=](double x, double y) { return inside_wheel(x, y, wide); };
  const Scene wheel = scene_of({512, 512}, 1, inside, [](const Extent&, int x, int y) {
    const auto rough = [&](int channel) { return 0.13 * (tile(x, y, channel) - 128); };
    return Bytes{static_cast<std::uint8_t>(70 + rough(0)), static_cast<std::uint8_t>(110 + rough(1)),
                 static_cast<std::uint8_t>(60 + rough(2))};
  });
  // As networks do, it is not sure of what is between them.
  const Saliency network = [&](const Raster&, const std::atomic<bool>&) {
    Field said = resized(wheel.alpha, {320, 320});
    for (int y = 0; y < 320; ++y) {
      for (int x = 0; x < 320; ++x) {
        if (std::hypot(x - 160, y - 160) < 100) said.at(x, y) = std::max(said.at(x, y), 0.7F);
      }
    }
    return said;
  };
  const auto made = cut(wheel.picture, network);
  ASSERT_TRUE(made) << made.error().message;
  const Field outside = dilated(wheel.alpha, 4), rim = eroded(wheel.alpha, 4);
  Sum wall, kept, spokes;
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x) {
      const double out = std::hypot(x - 256, y - 256), alpha = made->alpha.at(x, y);
      if (outside.at(x, y) <= 0 && out < 150) wall.add(alpha);
      if (rim.at(x, y) >= 1) kept.add(alpha);
      if (wheel.alpha.at(x, y) >= 1 && out > 40 && out < 150) spokes.add(alpha);
    }
  }
  EXPECT_LT(wall.mean(), 0.02);
  EXPECT_GT(kept.mean(), 0.98);
  EXPECT_GT(spokes.mean(), 0.9);
}

INSTANTIATE_TEST_SUITE_P(OfThickAndThinSpokes, Wheel, testing::Values(5, 3));

// As white as the wall that is out of focus behind it is grey; a network is not sure of it.
TEST(CutOut, AKnittedHatBeforeAPaleWallIsSolid) {
  const Extent sides{560, 480};
  const auto from_head = [](double x, double y) { return std::hypot(x - 280, y - 300); };
  const auto from_hat = [](double x, double y) { return std::hypot((x - 250) / 1.4, y - 170); };
  Raster picture(sides.width_px, sides.height_px);
  Field said(sides.width_px, sides.height_px);
  for (int y = 0; y < sides.height_px; ++y) {
    for (int x = 0; x < sides.width_px; ++x) {
      const double knit = std::sin(0.9 * x) * std::sin(0.7 * y), wall = 200 + 0.05 * x;
      const bool is_head = from_head(x, y) < 110, is_hat = from_hat(x, y) < 70;
      const Bytes wool = {176, 120, 78};
      for (std::size_t i = 0; i < 3; ++i) {
        const double level = is_hat ? 236 + 14 * knit : is_head ? wool[i] + 14 * knit : wall;
        picture.at(x, y)[i] = static_cast<std::uint8_t>(std::lround(level));
      }
      picture.at(x, y)[3] = 255;
      said.at(x, y) = is_hat ? 0.66F : is_head ? 1.0F : 0.0F;
    }
  }
  const auto made = cut(picture, softly_saying(said));
  ASSERT_TRUE(made) << made.error().message;
  Sum hat, wall;
  for (int y = 0; y < sides.height_px; ++y) {
    for (int x = 0; x < sides.width_px; ++x) {
      if (from_hat(x, y) < 60) hat.add(made->alpha.at(x, y));
      if (from_hat(x, y) > 84 && from_head(x, y) > 124) wall.add(made->alpha.at(x, y));
    }
  }
  EXPECT_GT(hat.mean(), 0.98);
  EXPECT_LT(wall.mean(), 0.01);
}

// Petals on it are about as white as the wall; a network is sure of the cake alone.
TEST(CutOut, APlateBeforeAWallOfItsColourIsWhole) {
  constexpr int kSide = 480;
  const auto from_middle = [](double x, double y) { return std::hypot(x - 240, (y - 280) / 0.7); };
  Raster picture(kSide, kSide);
  Field said(kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double out = from_middle(x, y);
      const bool is_cake = out < 70, is_plate = out < 190;
      const bool is_rim = is_plate && out > 180;
      const bool is_petal = std::sin(6 * std::atan2((y - 280) / 0.7, x - 240)) > 0;
      const auto grey = static_cast<std::uint8_t>(!is_plate ? 222 : is_rim ? 150 : is_petal ? 234 : 190);
      const Bytes colour = is_cake ? Bytes{170, 40, 50} : Bytes{grey, grey, grey};
      std::copy_n(colour.begin(), 3, picture.at(x, y));
      picture.at(x, y)[3] = 255;
      said.at(x, y) = is_cake ? 1.0F : is_plate ? 0.7F : 0.0F;
    }
  }
  const auto made = cut(picture, softly_saying(said));
  ASSERT_TRUE(made) << made.error().message;
  Sum plate, wall;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      if (from_middle(x, y) < 175) plate.add(made->alpha.at(x, y));
      if (from_middle(x, y) > 205) wall.add(made->alpha.at(x, y));
    }
  }
  EXPECT_GT(plate.mean(), 0.98);
  EXPECT_LT(wall.mean(), 0.01);
}

// Half of what networks see of hair that fills the frame; it is as dark as the wood behind it.
TEST(CutOut, HairThatIsLikeTheBackgroundStays) {
  const Extent sides{480, 400};
  const auto from_face = [](double x, double y) { return std::hypot((x - 240) / 0.8, y - 210); };
  Raster picture(sides.width_px, sides.height_px);
  Field said(sides.width_px, sides.height_px);
  for (int y = 0; y < sides.height_px; ++y) {
    for (int x = 0; x < sides.width_px; ++x) {
      const double out = from_face(x, y), strand = 4 * std::sin(0.45 * x + 0.1 * y) * std::sin(0.02 * y);
      const bool is_face = out < 90, is_hair = out < 190;
      const Bytes face = {205, 160, 135}, behind = texture_at(sides, x, y);
      for (std::size_t i = 0; i < 3; ++i) {
        constexpr std::array kHair = {44, 35, 32};
        const double hair = kHair[i] + strand, wood = 0.22 * behind[i] - 4.0 * static_cast<double>(i);
        picture.at(x, y)[i] = static_cast<std::uint8_t>(is_face ? face[i] : is_hair ? hair : wood);
      }
      picture.at(x, y)[3] = 255;
      said.at(x, y) = is_face ? 1.0F : is_hair ? 0.62F : 0.02F;
    }
  }
  const Saliency network = [&](const Raster&, const std::atomic<bool>&) { return resized(said, {320, 320}); };
  const auto made = cut(picture, network);
  ASSERT_TRUE(made) << made.error().message;
  double sum = 0, count = 0;
  for (int y = 0; y < sides.height_px; ++y) {
    for (int x = 0; x < sides.width_px; ++x) {
      if (from_face(x, y) < 100 || from_face(x, y) > 160) continue;
      sum += made->alpha.at(x, y);
      ++count;
    }
  }
  EXPECT_GT(sum / count, 0.97);
}

struct HairCase {
  Extent sides;
  double width;
  bool is_textured;
};
class Hair : public testing::TestWithParam<HairCase> {};

TEST_P(Hair, IsKeptAsThinAsItIs) {
  const auto& [sides, width, is_textured] = GetParam();
  const Hairs hairs{sides, width};
  const Scene scene = scene_of(
      sides, 1, [&](double x, double y) { return hairs.inside(x, y); }, is_textured ? texture_at : gradient_at);
  // As networks do, it says little of what is thin.
  const Saliency network = [&](const Raster&, const std::atomic<bool>&) {
    return gaussian_blur(resized(scene.alpha, {320, 320}), 1.5);
  };
  const auto made = cut(scene.picture, network);
  ASSERT_TRUE(made) << made.error().message << made.error().cause;
  double error = 0, truth = 0, made_sum = 0, colour_error = 0;
  for (int y = 0; y < sides.height_px; ++y) {
    for (int x = 0; x < sides.width_px; ++x) {
      const double out = hairs.from_disc(x + 0.5, y + 0.5);
      if (out < 3 || out > hairs.radius() * 0.3) continue;
      error += std::abs(made->alpha.at(x, y) - scene.alpha.at(x, y));
      truth += scene.alpha.at(x, y);
      made_sum += made->alpha.at(x, y);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        colour_error += made->alpha.at(x, y) * std::abs(made->foreground.at(x, y)[channel] - kRed[channel]) / 3;
      }
    }
  }
  RecordProperty("error_of_alpha", std::to_string(error / truth));
  RecordProperty("error_of_colour", std::to_string(colour_error / made_sum));
  EXPECT_LT(error / truth, 0.35);
  EXPECT_LT(colour_error / made_sum, 18);
}

INSTANTIATE_TEST_SUITE_P(OfAllWidths, Hair,
                         testing::Values(HairCase{{900, 700}, 1, false}, HairCase{{900, 700}, 2, true},
                                         HairCase{{2'400, 1'800}, 1, false}, HairCase{{2'400, 1'800}, 1, true},
                                         HairCase{{2'400, 1'800}, 2, true}, HairCase{{2'400, 1'800}, 3, false},
                                         HairCase{{2'400, 1'800}, 3, true}, HairCase{{4'000, 3'000}, 2, false}));

TEST(CutOut, WithoutASubjectItIsRefused) {
  const Extent sides{320, 240};
  Raster plain(320, 240), noise(320, 240);
  for (std::size_t at = 0; at < plain.rgba.size(); ++at) {
    plain.rgba[at] = at % 4 == 3 ? 255 : 180;
    noise.rgba[at] = at % 4 == 3 ? 255 : static_cast<std::uint8_t>(120 + (at * 2'654'435'761U >> 13) % 16);
  }
  const Raster gradient = scene_of(sides, 1, [](double, double) { return -1e6; }).picture;
  for (const Raster* picture : std::initializer_list<const Raster*>{&plain, &noise, &gradient}) {
    const auto made = cut(*picture);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kInvalidInput);
  }
  EXPECT_EQ(cut(disc({12, 300}, 1).picture).error().code, ErrorCode::kInvalidInput);
  const Saliency unsure = [](const Raster&, const std::atomic<bool>&) { return Field(32, 32, 0.2F); };
  EXPECT_EQ(cut(disc(sides, 1).picture, unsure).error().code, ErrorCode::kInvalidInput);
}

TEST(CutOut, WhatHasAlphaHasBeenCutOut) {
  Raster picture = disc({64, 64}, 1).picture;
  picture.at(3, 3)[3] = 77;
  const auto made = cut(picture);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->foreground, picture);
  EXPECT_NEAR(made->alpha.at(3, 3), 77 / 255.0, 1e-6);
}

TEST(CutOut, IsTheSameInAnyNumberOfThreads) {
  const Raster picture = disc({1'300, 900}, 4).picture;
  const auto one = cut(picture, {}, 1), many = cut(picture, {}, 5);
  ASSERT_TRUE(one && many);
  EXPECT_EQ(one->foreground, many->foreground);
  EXPECT_EQ(one->alpha.values, many->alpha.values);
}

TEST(CutOut, EndsWhenItIsNotWantedAnyMore) {
  Running running;
  running.cancel = true;
  EXPECT_EQ(cut_out(disc({640, 480}, 1).picture, {}, running.task).error().code, ErrorCode::kCancelled);
}

TEST(RemoveBackground, LeavesTheSubjectAlone) {
  const Scene scene = disc({320, 240}, 1.5);
  Running running;
  const auto made = remove_background(scene.picture, {}, {}, running.task);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->at(0, 0)[3], 0);
  EXPECT_TRUE(std::equal(made->at(160, 125), made->at(160, 125) + 4, scene.picture.at(160, 125)));
  EXPECT_EQ(running.permille, 1'000);
}

TEST(RemoveBackground, PutsTheSubjectOnAColour) {
  const Scene scene = disc({320, 240}, 3);
  Running running;
  const auto made = remove_background(scene.picture, {"#fff", {}}, {}, running.task);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(is_opaque(*made));
  for (std::size_t at = 0; at < scene.alpha.values.size(); ++at) {
    const float share = scene.alpha.values[at];
    for (std::size_t channel = 0; channel < 3; ++channel) {
      ASSERT_NEAR(made->rgba[at * 4 + channel], share * kRed[channel] + (1 - share) * 255, 12) << at << " " << share;
    }
  }
}

TEST(RemoveBackground, OnTheColourItHadThePictureStaysAsItWas) {
  const Hairs hairs{{800, 600}, 2};
  const auto white = [](const Extent&, int, int) { return Bytes{255, 255, 255}; };
  const Scene scene = scene_of(hairs.sides, 1, [&](double x, double y) { return hairs.inside(x, y); }, white);
  Running running;
  const auto made = remove_background(scene.picture, {"white", {}}, {}, running.task);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_LT(mean_error(*made, scene.picture), 0.3);
}

}  // namespace
}  // namespace tintype::engine
