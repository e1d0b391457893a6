#include "engine/studio/metal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/colour.h"
#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

constexpr int kSide = 160;

// How far a place is around a ring of metal, which mirrors a window and a dark room; nothing: beside it.
std::optional<double> on_ring(int x, int y) {
  const double radius = std::hypot(x - kSide / 2, y - kSide / 2);
  if (radius < 40 || radius > 66) return std::nullopt;
  return std::atan2(y - kSide / 2, x - kSide / 2);
}

// Such a ring of a metal that makes this of white, on grey, with a blue stone in it.
Raster ring(const Colour& metal) {
  return painted(kSide, kSide, [&](int x, int y, int channel) {
    if (std::hypot(x - 80, y - 27) < 9) return channel == 2 ? 200.0 : 30.0;
    const auto angle = on_ring(x, y);
    if (!angle) return 235.0;
    const double light =
        0.04 + 0.5 * std::pow(0.5 + 0.5 * std::sin(*angle * 3), 2) + (std::sin(*angle * 5) > 0.97 ? 0.5 : 0);
    return 255.0 * coded_of(static_cast<float>(light * metal[static_cast<std::size_t>(channel)]));
  });
}

Field ring_alpha() {
  Field alpha(kSide, kSide);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      alpha.at(x, y) = on_ring(x, y) || std::hypot(x - 80, y - 27) < 9 ? 1 : 0;
    }
  }
  return alpha;
}

struct Look {
  double hue = 0, chroma = 0;  // degrees of Oklab
};

// Of the ring's middle tones.
Look look_of(const Raster& picture) {
  double a = 0, b = 0;
  int count = 0;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      if (!on_ring(x, y) || std::hypot(x - 80, y - 27) < 12) continue;
      const std::uint8_t* pixel = picture.at(x, y);
      const Colour oklab = oklab_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])});
      if (oklab[0] < 0.4 || oklab[0] > 0.75) continue;
      a += oklab[1];
      b += oklab[2];
      ++count;
    }
  }
  return {std::atan2(b, a) * 57.3, std::hypot(a, b) / std::max(count, 1)};
}

const Colour kSilverLike{0.95F, 0.95F, 0.94F}, kGoldLike{1.0F, 0.7F, 0.3F};

Raster recoloured(Raster picture, Metal metal, float amount = 1) {
  EXPECT_TRUE(recolour_metal(picture, ring_alpha(), metal, amount, Attempt().task));
  return picture;
}

TEST(Metal, SilverBecomesGoldCopperAndRoseGold) {
  EXPECT_LT(look_of(ring(kSilverLike)).chroma, 0.01);
  const Look gold = look_of(recoloured(ring(kSilverLike), Metal::kGold));
  EXPECT_GT(gold.chroma, 0.06);
  EXPECT_NEAR(gold.hue, 78, 14);
  const Look rose = look_of(recoloured(ring(kSilverLike), Metal::kRoseGold));
  EXPECT_GT(rose.chroma, 0.03);
  EXPECT_LT(rose.hue, gold.hue - 15);
  const Look copper = look_of(recoloured(ring(kSilverLike), Metal::kCopper));
  EXPECT_GT(copper.chroma, rose.chroma);
}

TEST(Metal, GoldBecomesSilver) {
  EXPECT_GT(look_of(ring(kGoldLike)).chroma, 0.06);
  EXPECT_LT(look_of(recoloured(ring(kGoldLike), Metal::kSilver)).chroma, 0.02);
  EXPECT_LT(look_of(recoloured(ring(kGoldLike), Metal::kPlatinum)).chroma, 0.02);
}

TEST(Metal, CopperBecomesSilver) {
  const Colour copper{0.95F, 0.56F, 0.40F};
  EXPECT_GT(look_of(ring(copper)).chroma, 0.04);
  EXPECT_LT(look_of(recoloured(ring(copper), Metal::kSilver)).chroma, 0.02);
}

TEST(Metal, StonesAndSurroundingsStay) {
  for (const auto& [metal, wanted] : {std::pair(kSilverLike, Metal::kGold), {kGoldLike, Metal::kSilver}}) {
    const Raster before = ring(metal), after = recoloured(before, wanted);
    for (const auto& [x, y] : {std::pair(80, 27), {84, 25}, {5, 5}, {80, 80}, {155, 90}}) {
      EXPECT_TRUE(std::equal(before.at(x, y), before.at(x, y) + 4, after.at(x, y))) << x << ", " << y;
    }
  }
}

TEST(Metal, HighlightsStayNearWhiteAndOrderOfLightIsKept) {
  const Raster before = ring(kSilverLike), after = recoloured(before, Metal::kGold);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      if (!on_ring(x, y) || before.at(x, y)[1] < 250) continue;
      EXPECT_GT(after.at(x, y)[2], 150) << "a highlight is nearly white";
    }
  }
  const auto light_at = [](const Raster& picture, int x, int y) {
    const std::uint8_t* pixel = picture.at(x, y);
    return luminance_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])});
  };
  for (int x = 22; x < 138; x += 3) {
    for (int y = 81; y < 138; y += 9) {
      if (!on_ring(x, y) || !on_ring(x, y + 1)) continue;
      const float one = light_at(before, x, y), other = light_at(before, x, y + 1);
      if (one > other + 0.05F) {
        EXPECT_GT(light_at(after, x, y), light_at(after, x, y + 1));
      }
    }
  }
}

TEST(Metal, StrengthIsHowMuchOfItIsSeen) {
  const Look half = look_of(recoloured(ring(kSilverLike), Metal::kGold, 0.5F));
  const Look whole = look_of(recoloured(ring(kSilverLike), Metal::kGold));
  EXPECT_GT(half.chroma, 0.2 * whole.chroma);
  EXPECT_LT(half.chroma, 0.8 * whole.chroma);
  EXPECT_EQ(recoloured(ring(kSilverLike), Metal::kGold, 0), ring(kSilverLike));
}

// A place on the ring where a smaller one is worn in the middle of a hand.
int larger(int at) {
  return std::clamp(kSide / 2 + 3 * (at - kSide / 2), 0, kSide - 1);
}

// That hand, which is as matt and reddish all over, in a blue sleeve.
Raster worn(const Colour& metal) {
  const Raster alone = ring(metal);
  return painted(kSide, kSide, [&](int x, int y, int channel) {
    if (on_ring(larger(x), larger(y))) return static_cast<double>(alone.at(larger(x), larger(y))[channel]);
    if (y > 110) return channel == 2 ? 120.0 : 40.0;
    const double light = 0.42 + 0.1 * x / kSide + 0.02 * std::sin(x * 0.7) * std::sin(y * 0.5);
    return 255.0 * coded_of(static_cast<float>(light * std::array{1.0, 0.62, 0.47}[static_cast<std::size_t>(channel)]));
  });
}

TEST(Metal, SkinThatWearsItStays) {
  const Field all(kSide, kSide, 1);
  for (const auto& [metal, wanted] : {std::pair(kSilverLike, Metal::kGold), {kGoldLike, Metal::kSilver}}) {
    const Raster before = worn(metal);
    Raster after = before, closer = before;
    ASSERT_TRUE(recolour_metal(after, all, wanted, 1, Attempt().task));
    for (const auto& [x, y] : {std::pair(6, 6), {150, 12}, {10, 150}, {80, 30}, {152, 152}}) {
      for (int channel = 0; channel < 3; ++channel) {
        EXPECT_NEAR(after.at(x, y)[channel], before.at(x, y)[channel], 3) << x << ", " << y;
      }
    }
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        std::copy_n(after.at(kSide / 2 + (x - kSide / 2) / 3, kSide / 2 + (y - kSide / 2) / 3), 4, closer.at(x, y));
      }
    }
    EXPECT_GT(std::abs(look_of(closer).chroma - look_of(ring(metal)).chroma), 0.03) << metal_name(wanted);
  }
}

// A face, matt and lit from the left, of light that is this grey or coloured; below hair, above a dark coat with folds.
Raster portrait(const Colour& skin) {
  return painted(kSide, kSide, [&](int x, int y, int channel) {
    const double folds = 0.02 + 0.015 * std::sin(0.5 * x + 0.3 * y);
    const double hair = 0.10 + 0.09 * std::sin(0.9 * x);
    const double face = (0.2 + 0.25 * (kSide - x) / kSide) * skin[static_cast<std::size_t>(channel)];
    return 255.0 * coded_of(static_cast<float>(y < 40 ? hair : y < 110 ? face : folds));
  });
}

TEST(Metal, SomebodyWithoutAnyIsNotGilded) {
  const Field all(kSide, kSide, 1);
  for (const Colour& skin : {Colour{1.0F, 0.62F, 0.47F}, Colour{0.7F, 0.7F, 0.7F}}) {
    Raster picture = portrait(skin);
    EXPECT_FALSE(recolour_metal(picture, all, Metal::kGold, 1, Attempt().task));
    EXPECT_EQ(picture, portrait(skin));
  }
}

TEST(Metal, ADarkPhotographOfSomebodyIsNotGilded) {
  const Field all(kSide, kSide, 1);
  Raster picture = painted(kSide, kSide, [](int x, int y, int) {
    return 255.0 * coded_of(static_cast<float>(0.004 + 0.03 * std::pow(0.5 + 0.5 * std::sin(0.3 * x + 0.1 * y), 4)));
  });
  EXPECT_FALSE(recolour_metal(picture, all, Metal::kGold, 1, Attempt().task));
}

TEST(Metal, MattPaintIsNone) {
  Raster picture = painted(kSide, kSide, [](int x, int, int channel) {
    return 255.0 * coded_of(static_cast<float>((0.5 + 0.1 * x / kSide) *
                                               std::array{1.0, 0.6, 0.2}[static_cast<std::size_t>(channel)]));
  });
  EXPECT_FALSE(recolour_metal(picture, ring_alpha(), Metal::kSilver, 1, Attempt().task));
}

// As polished as metal, with the sky in it, and black where it mirrors nothing bright.
TEST(Metal, BlackPaintIsNone) {
  const auto car = [](int x, int y, int) {
    const double sky = std::pow(0.5 + 0.5 * std::sin(0.07 * x + 0.04 * y), 8);
    return 255.0 * coded_of(static_cast<float>(0.003 + 0.3 * sky + (sky > 0.97 ? 0.6 : 0)));
  };
  Raster picture = painted(kSide, kSide, car);
  EXPECT_FALSE(recolour_metal(picture, ring_alpha(), Metal::kGold, 1, Attempt().task));
  EXPECT_EQ(picture, painted(kSide, kSide, car));
}

TEST(Metal, WhereThereIsNoneItSaysSo) {
  Raster picture = painted(kSide, kSide, [](int, int, int channel) { return channel == 2 ? 220.0 : 40.0; });
  const auto refused = recolour_metal(picture, ring_alpha(), Metal::kGold, 1, Attempt().task);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace tintype::engine
