#include "engine/studio/magic_edit.h"

#include <gtest/gtest.h>

#include "engine/raster/colour.h"
#include "engine/studio/detail.h"
#include "engine/studio/dust.h"
#include "engine/studio/noise.h"
#include "engine/studio/test_textures.h"
#include "engine/studio/tone.h"

namespace tintype::engine {
namespace {

// A scene of grey, black, white and coloured things with sharp edges, in white light and well exposed.
double scene(int x, int y, int channel) {
  static constexpr double kThings[][3] = {{240, 240, 240}, {18, 18, 18},   {128, 128, 128}, {150, 70, 60},
                                          {60, 90, 150},   {90, 130, 70},  {200, 200, 200}, {70, 70, 70},
                                          {210, 170, 90},  {160, 160, 160}};
  const int which = (x / 40 * 7 + y / 36 * 3) % 10;
  return kThings[which][channel] + 4 * std::sin(0.11 * x + 0.07 * y);
}

Raster well_made() {
  return painted(400, 288, scene);
}

template <class Spoil>  // of linear light
Raster in_other_light(const Raster& picture, Spoil spoil) {
  return painted(picture.width, picture.height, [&](int x, int y, int channel) {
    return 255 * coded_of(spoil(linear_of(picture.at(x, y)[channel]), channel));
  });
}

MagicEdited edited(const Raster& picture, double strength = 1) {
  MagicEdit how;
  how.strength = strength;
  const auto result = magic_edit(picture, how, nullptr, {}, Attempt().task);
  EXPECT_TRUE(result);
  return *result;
}

bool has(const MagicEdited& result, const std::string& step) {
  return result.details.find("\"step\":\"" + step + "\"") != std::string::npos;
}

TEST(MagicEdit, APictureThatLacksNothingComesBackAsItIs) {
  const Raster picture = well_made();
  const MagicEdited result = edited(picture);
  EXPECT_TRUE(result.picture == picture);
  EXPECT_EQ(result.details, R"({"steps":[]})");
}

TEST(MagicEdit, AColouredLightIsTakenOut) {
  const Raster truth = well_made();
  const Raster spoilt = in_other_light(truth, [](float light, int channel) {
    return light * (channel == 0 ? 1.12F : channel == 2 ? 0.72F : 0.96F);
  });
  const MagicEdited result = edited(spoilt);
  EXPECT_TRUE(has(result, "white-balance")) << result.details;
  EXPECT_LT(mean_error(result.picture, truth), 0.5 * mean_error(spoilt, truth));
}

TEST(MagicEdit, ASunsetKeepsItsColour) {
  const Raster sunset = painted(400, 288, [](int x, int y, int channel) {
    const double sky = 1 - y / 288.0;
    static constexpr double kLow[3] = {250, 150, 40}, kHigh[3] = {150, 50, 70};
    const double glow = 40 * std::exp(-(std::pow(x - 200, 2) + std::pow(y - 220, 2)) / 3'000.0);
    return y > 240 ? 12 + 3 * channel : kLow[channel] + (kHigh[channel] - kLow[channel]) * sky + glow;
  });
  EXPECT_FALSE(has(edited(sunset), "white-balance"));
}

TEST(MagicEdit, ALowSunOverGrassKeepsItsWarmth) {
  const Raster warm = in_other_light(well_made(), [](float light, int channel) {
    return light * (channel == 0 ? 1.12F : channel == 2 ? 0.72F : 0.96F);
  });
  EXPECT_TRUE(has(edited(warm), "white-balance"));
  const Raster over_grass = painted(400, 288, [&](int x, int y, int channel) -> double {
    static constexpr double kGrass[3] = {66, 112, 18};
    return y < 200 ? warm.at(x, y)[channel] : kGrass[channel] + 20 * std::sin(0.4 * x * y);
  });
  EXPECT_FALSE(has(edited(over_grass), "white-balance")) << edited(over_grass).details;
}

TEST(MagicEdit, SkinStaysSkinBeforeLeaves) {
  static constexpr double kSkin[3] = {214, 184, 172}, kLeaves[3] = {24, 96, 62}, kHair[3] = {52, 42, 42};
  const Raster portrait = painted(200, 160, [](int x, int y, int channel) {
    const double away = std::hypot(x - 100, y - 80);
    return away < 45 ? kSkin[channel] : away < 60 ? kHair[channel] : kLeaves[channel] + 6 * std::sin(0.4 * x * y);
  });
  const Illuminant reddish{{1.18F, 0.95F, 0.9F}, 1};
  EXPECT_LT(share_that_keeps_skin(portrait, reddish, 0.8F), 0.2F);
  // A warm light is taken out of skin too.
  const Raster lit_warmly =
      in_other_light(portrait, [](float light, int channel) { return light * (channel == 2 ? 0.6F : 1.0F); });
  EXPECT_GT(share_that_keeps_skin(lit_warmly, {{1.05F, 1.02F, 0.62F}, 1}, 0.8F), 0.6F);
}

TEST(MagicEdit, TooLittleLightIsMadeUpFor) {
  const Raster truth = well_made();
  const Raster spoilt = in_other_light(truth, [](float light, int) { return light * 0.3F; });
  const MagicEdited result = edited(spoilt), half = edited(spoilt, 0.5);
  EXPECT_TRUE(has(result, "exposure")) << result.details;
  const double before = mean_error(spoilt, truth), after = mean_error(result.picture, truth);
  EXPECT_LT(after, 0.4 * before);
  EXPECT_LT(mean_error(half.picture, truth), before);
  EXPECT_GT(mean_error(half.picture, truth), after);
}

TEST(MagicEdit, HazeIsLifted) {
  const Raster truth = well_made();
  const Raster spoilt = painted(400, 288, [](int x, int y, int channel) { return 0.65 * scene(x, y, channel) + 75; });
  const MagicEdited result = edited(spoilt);
  EXPECT_TRUE(has(result, "tone")) << result.details;
  EXPECT_LT(mean_error(result.picture, truth), 0.6 * mean_error(spoilt, truth));
}

TEST(MagicEdit, NoiseIsMeasuredAndTakenOut) {
  Grain grain;
  const Raster truth = well_made();
  const Raster spoilt =
      painted(400, 288, [&](int x, int y, int channel) { return scene(x, y, channel) + 8 * grain(); });
  // Three channels' noises of 8 in one brightness.
  EXPECT_NEAR(noise_of(spoilt).luma, 8 * std::sqrt(0.2126 * 0.2126 + 0.7152 * 0.7152 + 0.0722 * 0.0722), 0.9);
  EXPECT_LT(noise_of(truth).luma, 0.6);
  const MagicEdited result = edited(spoilt);
  EXPECT_TRUE(has(result, "noise")) << result.details;
  EXPECT_LT(mean_error(result.picture, truth), 0.5 * mean_error(spoilt, truth));
}

// Bark and leaves wherever one looks, rougher here than there.
TEST(MagicEdit, ATextureThatIsEverywhereIsNoNoise) {
  Grain grain;
  const Raster woods = painted(400, 288, [&](int x, int y, int) {
    return 120 + (5 + 12 * (1 + std::sin(x / 70.0) * std::sin(y / 50.0))) * grain();
  });
  EXPECT_GT(noise_of(woods).luma, 2);
  const MagicEdited result = edited(woods);
  EXPECT_FALSE(has(result, "noise")) << result.details;
}

TEST(MagicEdit, SoftnessIsMeasuredAndSharpnessComesBack) {
  const Raster truth = well_made();
  // Blurred by binomial weights, which are nearly a Gaussian of deviation 1.41.
  const Raster spoilt = painted(400, 288, [](int x, int y, int channel) {
    static constexpr double kWeights[] = {1, 8, 28, 56, 70, 56, 28, 8, 1};
    double sum = 0;
    for (int j = -4; j <= 4; ++j) {
      for (int i = -4; i <= 4; ++i) {
        sum += kWeights[i + 4] * kWeights[j + 4] * scene(std::clamp(x + i, 0, 399), std::clamp(y + j, 0, 287), channel);
      }
    }
    return sum / (256.0 * 256.0);
  });
  EXPECT_NEAR(softness_of(spoilt), 1.41, 0.2);
  EXPECT_LT(softness_of(truth), 0.8);
  const MagicEdited result = edited(spoilt);
  EXPECT_TRUE(has(result, "sharpness")) << result.details;
  EXPECT_LT(mean_error(result.picture, truth), 0.85 * mean_error(spoilt, truth));
}

TEST(MagicEdit, DustIsFoundAndFilledWhereItIsLonely) {
  const auto backdrop = [](int x, int y, int) { return 90 + 0.2 * x + 0.1 * y; };
  const Raster truth = painted(400, 288, backdrop);
  static constexpr int kSpecks[][2] = {{90, 60}, {250, 120}, {310, 220}};
  const Raster spoilt = painted(400, 288, [&](int x, int y, int channel) {
    for (const auto& [at_x, at_y] : kSpecks) {
      if (std::hypot(x - at_x, y - at_y) < 1.6) return backdrop(x, y, channel) - 60;
    }
    return backdrop(x, y, channel);
  });
  const auto specks = specks_of(spoilt, 0, Attempt().task);
  ASSERT_TRUE(specks);
  EXPECT_EQ(specks->size(), 3);
  const auto clean = without_specks(spoilt, *specks, 1, 0, Attempt().task);
  ASSERT_TRUE(clean);
  EXPECT_LT(mean_error(*clean, truth), 0.1 * mean_error(spoilt, truth));
  const auto none = specks_of(painted(400, 288, [](int x, int y, int) { return x % 9 == 0 && y % 9 == 0 ? 250 : 20; }),
                              0, Attempt().task);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());  // many specks are stars
}

// Out of focus on the sensor, so larger, round and soft; a mole is none, nor a button.
TEST(MagicEdit, SoftSpotsOfASensorAreDustAndMolesAreNot) {
  const auto spot = [](int x, int y, double softness) {
    return 1 / (1 + std::exp((std::hypot(x - 300, y - 200) - 7) / softness));
  };
  const auto count = [&](double r, double g, double b, double radius_share, double softness) {
    const Raster picture = painted(1'000, 700, [&](int x, int y, int channel) {
      const double ground = (channel == 0 ? r : channel == 1 ? g : b) + 0.02 * x;
      return ground * (1 - radius_share * spot(x, y, softness));
    });
    const auto specks = specks_of(picture, 0, Attempt().task);
    EXPECT_TRUE(specks);
    return specks->size();
  };
  EXPECT_EQ(count(120, 170, 210, 0.12, 1.5), 1);  // sky
  EXPECT_EQ(count(205, 150, 120, 0.12, 1.5), 0);  // skin
  EXPECT_EQ(count(120, 170, 210, 0.12, 0.1), 0);  // sharp
}

TEST(MagicEdit, WhatAMaskCoversGoesAndTheRestStaysToTheBit) {
  const Raster truth = painted(240, 200, tile);
  Raster picture = truth, mask(240, 200);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 240; ++x) {
      const bool is_thing = std::hypot(x - 120, y - 100) < 24;
      for (int channel = 0; channel < 3; ++channel) {
        if (is_thing) picture.at(x, y)[channel] = channel == 1 ? 0 : 255;
        mask.at(x, y)[channel] = is_thing ? 255 : 0;
      }
      mask.at(x, y)[3] = 255;
    }
  }
  const auto result = magic_edit(picture, {}, &mask, {}, Attempt().task);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->details, R"({"steps":[{"step":"remove","amount":1.00}]})");
  EXPECT_LT(mean_error(result->picture, truth), 0.02 * mean_error(picture, truth));
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 240; ++x) {
      if (std::hypot(x - 120, y - 100) < 30) continue;
      ASSERT_TRUE(std::equal(picture.at(x, y), picture.at(x, y) + 4, result->picture.at(x, y))) << x << ", " << y;
    }
  }
}

// Red things, as a network sees them that knows nothing else.
Result<Field> redness(const Raster& picture, const std::atomic<bool>&) {
  Field field(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = picture.at(x, y);
      field.at(x, y) = pixel[0] > pixel[1] + 90 ? 1.0F : 0.0F;
    }
  }
  return field;
}

bool is_red(const std::uint8_t* pixel) {
  return pixel[0] > pixel[1] + 90;
}

struct Circle {
  int x, y, radius;
  bool holds(int at_x, int at_y) const { return std::hypot(at_x - x, at_y - y) < radius; }
};

Raster with_red(Raster picture, const std::vector<Circle>& circles) {
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      for (const Circle& circle : circles) {
        if (!circle.holds(x, y)) continue;
        picture.at(x, y)[0] = static_cast<std::uint8_t>(200 + 40 * ((x / 4 + y / 4) % 2));
        picture.at(x, y)[1] = picture.at(x, y)[2] = 40;
      }
    }
  }
  return picture;
}

// The share of red in what is covered, after it has been taken away.
double red_left(const Raster& picture, const Circle& covered, const Saliency& network) {
  Raster mask(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      std::fill_n(mask.at(x, y), 3, static_cast<std::uint8_t>(covered.holds(x, y) ? 255 : 0));
      mask.at(x, y)[3] = 255;
    }
  }
  const auto result = magic_edit(picture, {}, &mask, network, Attempt().task);
  EXPECT_TRUE(result);
  int red = 0, all = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (!covered.holds(x, y)) continue;
      ++all, red += is_red(result->picture.at(x, y)) ? 1 : 0;
    }
  }
  return static_cast<double>(red) / all;
}

// Of a thing that ends right outside of the mask nothing is left, of one that goes on the rest is.
TEST(MagicEdit, WhatSticksOutOfAMaskALittleGoesToo) {
  Raster picture = painted(320, 240, [](int x, int y, int) { return 120 + 0.1 * x + 0.05 * y; }), mask(320, 240);
  for (int y = 0; y < 240; ++y) {
    for (int x = 0; x < 320; ++x) {
      const bool is_tip = std::abs(y - 120) < 2 && x >= 150 && x < 187, is_pole = std::abs(x - 140) < 2 && y >= 120;
      if (std::hypot(x - 150, y - 120) < 28 || is_tip || is_pole) {
        picture.at(x, y)[0] = 200, picture.at(x, y)[1] = picture.at(x, y)[2] = 40;
      }
      std::fill_n(mask.at(x, y), 3, static_cast<std::uint8_t>(std::hypot(x - 150, y - 120) < 32 ? 255 : 0));
      mask.at(x, y)[3] = 255;
    }
  }
  const auto result = magic_edit(picture, {}, &mask, {}, Attempt().task);
  ASSERT_TRUE(result);
  for (int x = 182; x < 190; ++x) EXPECT_FALSE(is_red(result->picture.at(x, 120))) << x;
  EXPECT_TRUE(is_red(result->picture.at(140, 160)));
}

// A wire that passes a mask closely and goes on far away from it is a thing of its own.
TEST(MagicEdit, WhatPassesAMaskAndGoesOnStays) {
  Raster picture = painted(1'280, 640, [](int x, int y, int) { return 180 + 0.01 * x + 0.02 * y; }), mask(1'280, 640);
  for (int y = 0; y < 640; ++y) {
    for (int x = 0; x < 1'280; ++x) {
      const bool is_post = x >= 600 && x < 680 && y < 400, is_wire = x == 600 - y / 6;
      if (is_post || is_wire) std::fill_n(picture.at(x, y), 3, std::uint8_t{60});
      std::fill_n(mask.at(x, y), 3, static_cast<std::uint8_t>(x >= 590 && x < 690 && y < 410 ? 255 : 0));
      mask.at(x, y)[3] = 255;
    }
  }
  const auto result = magic_edit(picture, {}, &mask, {}, Attempt().task);
  ASSERT_TRUE(result);
  for (int y = 90; y < 640; ++y) ASSERT_EQ(result->picture.at(600 - y / 6, y)[0], 60) << y;
}

TEST(MagicEdit, InTheSubjectsPlaceComesNoOtherSubject) {
  const Circle one{70, 100, 40}, other{180, 100, 40};
  const Raster two = with_red(painted(250, 200, tile), {one, other});
  EXPECT_EQ(red_left(two, {one.x, one.y, one.radius + 6}, redness), 0);
}

// Ropes that a mask around a ship leaves between its parts.
TEST(MagicEdit, WhatAMaskEnclosesIsNotRepeated) {
  const Raster picture = with_red(painted(400, 320, tile), {{200, 160, 8}});
  Raster mask(400, 320);
  for (int y = 0; y < 320; ++y) {
    for (int x = 0; x < 400; ++x) {
      const double away = std::hypot(x - 200, y - 160);
      std::fill_n(mask.at(x, y), 3, static_cast<std::uint8_t>(away > 16 && away < 50 ? 255 : 0));
      mask.at(x, y)[3] = 255;
    }
  }
  const auto result = magic_edit(picture, {}, &mask, {}, Attempt().task);
  ASSERT_TRUE(result);
  for (int y = 0; y < 320; ++y) {
    for (int x = 0; x < 400; ++x) {
      if (std::hypot(x - 200, y - 160) <= 12) continue;
      ASSERT_FALSE(is_red(result->picture.at(x, y))) << x << ", " << y;
    }
  }
}

TEST(MagicEdit, WhatIsTakenFromASubjectIsFilledWithIt) {
  const Raster one = with_red(painted(250, 200, tile), {{125, 100, 50}});
  EXPECT_EQ(red_left(one, {125, 100, 14}, redness), 1);
}

// Something thin that is taken away from before a part of a subject: the most of it stood before the background.
TEST(MagicEdit, WhatASubjectGoesOnBehindIsFilledWithIt) {
  Raster fence = painted(300, 240, tile), mask(300, 240);
  for (int y = 0; y < 240; ++y) {
    for (int x = 0; x < 300; ++x) {
      const bool is_post = x >= 140 && x < 160 && y >= 10;
      if (y >= 165 && y < 215) {
        fence.at(x, y)[0] = static_cast<std::uint8_t>(200 + 40 * (x / 4 % 2));
        fence.at(x, y)[1] = fence.at(x, y)[2] = 40;
      }
      if (is_post) std::fill_n(fence.at(x, y), 3, std::uint8_t{20});
      std::fill_n(mask.at(x, y), 3, static_cast<std::uint8_t>(is_post ? 255 : 0));
      mask.at(x, y)[3] = 255;
    }
  }
  const auto result = magic_edit(fence, {}, &mask, redness, Attempt().task);
  ASSERT_TRUE(result);
  int red = 0;
  for (int y = 170; y < 210; ++y) {
    for (int x = 140; x < 160; ++x) red += is_red(result->picture.at(x, y)) ? 1 : 0;
  }
  EXPECT_GT(red, 0.95 * 40 * 20);
}

TEST(MagicEdit, BytesDoNotDependOnThreadsAndAlphaStays) {
  Grain grain;
  Raster picture =
      painted(200, 150, [&](int x, int y, int channel) { return 0.4 * scene(x, y, channel) + 6 * grain(); });
  for (std::size_t at = 3; at < picture.rgba.size(); at += 4)
    picture.rgba[at] = static_cast<std::uint8_t>(128 + at % 100);
  Attempt one(1), many(3);
  const auto first = magic_edit(picture, {}, nullptr, {}, one.task),
             second = magic_edit(picture, {}, nullptr, {}, many.task);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(first->picture == second->picture);
  EXPECT_EQ(first->details, second->details);
  EXPECT_EQ(many.permille, 1'000);
  for (std::size_t at = 3; at < picture.rgba.size(); at += 4) ASSERT_EQ(first->picture.rgba[at], picture.rgba[at]);
}

TEST(MagicEdit, CancelIsHeard) {
  Attempt run;
  run.cancel = true;
  const auto result = magic_edit(well_made(), {}, nullptr, {}, run.task);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tintype::engine
