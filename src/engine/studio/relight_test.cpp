#include "engine/studio/relight.h"

#include <gtest/gtest.h>

#include "engine/raster/colour.h"
#include "engine/studio/test_ball.h"

namespace tintype::engine {
namespace {

Relight from(double azimuth, double elevation, double ambient = 0.3) {
  return {.azimuth_degrees = azimuth, .elevation_degrees = elevation, .ambient = ambient};
}

// On the ball: the error by the mean, when both are as bright.
double shading_error(const Ball& ball, const Raster& lit, const Lamp& lamp) {
  double made = 0, truth = 0;
  const auto each = [&](auto take) {
    for (int y = 0; y < ball.side; ++y) {
      for (int x = 0; x < ball.side; ++x) {
        if (std::hypot(ball.across(x), ball.across(y)) < 0.95) {
          take(linear_of(lit.at(x, y)[1]), ball.seen(x, y, 1, lamp));
        }
      }
    }
  };
  each([&](double a, double b) { made += a, truth += b; });
  double square = 0, pixels = 0;
  each([&](double a, double b) {
    square += std::pow(a / made - b / truth, 2);
    ++pixels;
  });
  return std::sqrt(square / pixels) * pixels;
}

Raster lit(const Raster& picture, const Relight& how, const Saliency& saliency, int threads = 2) {
  const Attempt attempt(threads);
  auto made = relight(picture, how, nullptr, saliency, attempt.task);
  EXPECT_TRUE(made) << made.error().message;
  EXPECT_EQ(attempt.permille, 1'000);
  return made ? std::move(*made) : Raster();
}

TEST(Light, IsToldFromABall) {
  const Ball ball;
  const Lamp lamp = lamp_of(from(50, 30, 0.25));
  Field shading(ball.side, ball.side);
  Field3 normals(ball.side, ball.side);
  for (int y = 0; y < ball.side; ++y) {
    for (int x = 0; x < ball.side; ++x) {
      const Direction normal = ball.normal(x, y);
      normals.first.at(x, y) = normal[0], normals.second.at(x, y) = normal[1], normals.third.at(x, y) = normal[2];
      shading.at(x, y) = static_cast<float>(Ball::light_on(normal, lamp));
    }
  }
  const Light light = light_of(shading, normals, ball.outline());
  EXPECT_GT(light.certainty, 0.97);
  EXPECT_TRUE(light.is_lamp);
  const double same = light.lamp.direction[0] * lamp.direction[0] + light.lamp.direction[1] * lamp.direction[1] +
                      light.lamp.direction[2] * lamp.direction[2];
  EXPECT_GT(same, std::cos(4 * std::numbers::pi / 180));
  EXPECT_NEAR(light.lamp.ambient, lamp.ambient, 0.03);
  Light harmonics = light;
  harmonics.is_lamp = false;
  for (const Direction& normal : {Direction{0, 0, 1}, Direction{0.6F, 0, 0.8F}, Direction{0, 0.6F, 0.8F}}) {
    EXPECT_NEAR(harmonics.on(normal), Ball::light_on(normal, lamp), 0.1);
  }
}

// Patches of paint under a light that grows to the right: of the two the light is told.
TEST(Light, ShadingIsToldFromPaint) {
  const auto light_at = [](int x) { return 0.25 + 0.5 * x / 255; };
  const Raster picture = painted(256, 192, [&](int x, int y, int channel) {
    const int patch = (x / 32 * 7 + y / 32 * 5) % 11;
    const double paint = 0.25 + 0.06 * ((patch * (channel + 2)) % 11);
    return 255 * coded_of(static_cast<float>(paint * light_at(x)));
  });
  const Field shading = shading_of(picture);
  double error = 0, mean = 0;
  for (int x = 0; x < 256; ++x) mean += light_at(x) / 256;
  for (int y = 0; y < 192; ++y) {
    for (int x = 0; x < 256; ++x) error += std::abs(shading.at(x, y) - light_at(x) / mean) / (256 * 192);
  }
  RecordProperty("mean_error", std::to_string(error));
  EXPECT_LT(error, 0.08);
}

TEST(Relight, BallIsLitAsTheOtherLampWouldLightIt) {
  const Ball ball;
  const Relight before = from(40, 25), after = from(-60, 40);
  const Raster picture = ball.picture(lamp_of(before));
  const Raster made = lit(picture, after, ball.saliency());
  const double error = shading_error(ball, made, lamp_of(after));
  const double untouched = shading_error(ball, picture, lamp_of(after));
  RecordProperty("error", std::to_string(error));
  RecordProperty("error_of_the_source", std::to_string(untouched));
  EXPECT_LT(error, 0.15);
  EXPECT_GT(untouched, 3 * error);
}

TEST(Relight, IsAsBrightAsBeforeAndMoreWithIntensity) {
  const Ball ball;
  const Raster picture = ball.picture(lamp_of(from(40, 25)));
  const auto mean = [](const Raster& raster) {
    double sum = 0;
    for (std::size_t at = 1; at < raster.rgba.size(); at += 4) sum += linear_of(raster.rgba[at]);
    return sum * 4 / static_cast<double>(raster.rgba.size());
  };
  Relight how = from(-40, 30);
  const double own = mean(picture), same = mean(lit(picture, how, ball.saliency()));
  EXPECT_NEAR(same / own, 1, 0.15);
  how.intensity = 2;
  EXPECT_GT(mean(lit(picture, how, ball.saliency())), 1.3 * same);
  how.intensity = 0;
  const double dim = mean(lit(picture, how, ball.saliency()));
  EXPECT_LT(dim, 0.6 * same);
  EXPECT_GT(dim, 0.1 * same);
}

// As a pepper's: white within, and softly red around.
TEST(Relight, AHighlightStaysOneInTheShade) {
  const Ball ball;
  const int middle = ball.side / 2, wide = ball.side / 10;
  const Raster picture = painted(ball.side, ball.side, [&](int x, int y, int channel) {
    const auto of = [&](double red, double green, double blue) { return std::array{red, green, blue}[channel]; };
    if (!ball.is_on(x, y)) return of(200, 200, 205);
    const double white = std::clamp(2 - std::hypot(x - middle, y - middle) / wide, 0.0, 1.0);
    return of(225 + 30 * white, 30 + 225 * white, 15 + 240 * white);
  });
  Relight how = from(150, 30, 0.3);
  const Raster made = lit(picture, how, ball.saliency());
  const std::uint8_t *highlight = made.at(middle, middle), *body = made.at(middle - 2 * wide, middle);
  EXPECT_GT(highlight[1], 225);
  EXPECT_LT(highlight[0] - highlight[1], 10);
  EXPECT_LT(body[0], 190);
  // Nowhere on the way from the one to the other is there a grey rim.
  for (int x = middle - 2 * wide; x <= middle; ++x) {
    const std::uint8_t *before = picture.at(x, middle), *after = made.at(x, middle);
    EXPECT_GE(1.0 * after[0] * before[1], 0.97 * before[0] * after[1]) << x;
    EXPECT_GE(after[0], body[0] - 4) << x;
  }
  how.temperature_k = 3'000;
  const Raster warm = lit(picture, how, ball.saliency());
  EXPECT_GT(warm.at(middle, middle)[0], 1.15 * warm.at(middle, middle)[2]) << "the lamp's colour";
}

TEST(Relight, TemperatureColoursTheLight) {
  const Ball ball;
  const Raster picture = ball.picture(lamp_of(from(0, 20)));
  Relight how = from(0, 20);
  const auto blueness = [&](double kelvins) {
    how.temperature_k = kelvins;
    const Raster made = lit(picture, how, ball.saliency());
    const std::uint8_t* middle = made.at(ball.side / 2, ball.side / 2);
    return linear_of(middle[2]) / linear_of(middle[0]);
  };
  EXPECT_LT(blueness(2'700), 0.8 * blueness(6'500));
  EXPECT_GT(blueness(12'000), 1.1 * blueness(6'500));
}

TEST(Relight, BesideAWarmLampTheShadeIsNoGrey) {
  const Ball ball;
  const Raster picture = ball.picture(lamp_of(from(0, 20)));
  Relight how = from(80, 10);
  const auto warmth_in_shade = [&] {
    const Raster made = lit(picture, how, ball.saliency());
    const std::uint8_t* shade = made.at(ball.side / 2 - static_cast<int>(ball.radius * 0.6), ball.side / 2);
    return linear_of(shade[0]) / linear_of(shade[2]);
  };
  const float before = warmth_in_shade();
  how.temperature_k = 3'000;
  EXPECT_GT(warmth_in_shade(), 1.3 * before);
}

// A leaf's pale gleam between a red thing and a green one may be either's.
TEST(Relight, BetweenTwoColoursAHighlightTakesNeither) {
  const Ball ball;
  const int middle = ball.side / 2, wide = ball.side / 10;
  const Raster picture = painted(ball.side, ball.side, [&](int x, int y, int channel) {
    const auto of = [&](double red, double green, double blue) { return std::array{red, green, blue}[channel]; };
    if (!ball.is_on(x, y)) return of(200, 200, 205);
    if (std::abs(x - middle) < wide && std::abs(y - middle) < wide) return of(236, 236, 232);
    return x < middle ? of(225, 30, 15) : of(60, 190, 20);
  });
  const Raster made = lit(picture, from(150, 30, 0.3), ball.saliency());
  const std::uint8_t* gleam = made.at(middle, middle);
  EXPECT_LT(std::abs(gleam[0] - gleam[2]), 20);
  EXPECT_LT(std::abs(gleam[1] - gleam[2]), 20);
}

TEST(Relight, ReferenceLendsItsDirectionAndColour) {
  const Ball ball;
  const Raster picture = ball.picture(lamp_of(from(60, 10)));
  Raster reference = ball.picture(lamp_of(from(-60, 10)));
  for (std::size_t at = 2; at < reference.rgba.size(); at += 4) reference.rgba[at] = reference.rgba[at] * 3 / 4;
  const Attempt attempt;
  const auto made = relight(picture, {}, &reference, ball.saliency(), attempt.task);
  ASSERT_TRUE(made);
  const int middle = ball.side / 2, aside = static_cast<int>(ball.radius * 0.7);
  EXPECT_LT(picture.at(middle - aside, middle)[1], picture.at(middle + aside, middle)[1]);
  EXPECT_GT(made->at(middle - aside, middle)[1], made->at(middle + aside, middle)[1]);
  EXPECT_LT(1.0 * made->at(5, 5)[2] / made->at(5, 5)[0], 0.95 * picture.at(5, 5)[2] / picture.at(5, 5)[0]);
}

TEST(Relight, AnOrangeReferenceMakesNothingPink) {
  const Ball ball;
  const Raster picture = ball.picture(lamp_of(from(0, 20)));
  Raster reference = picture;
  for (std::size_t at = 0; at < reference.rgba.size(); at += 4) {
    reference.rgba[at + 1] = reference.rgba[at + 1] / 2;
    reference.rgba[at + 2] = reference.rgba[at + 2] / 20;
  }
  const Attempt attempt;
  const auto made = relight(picture, {}, &reference, ball.saliency(), attempt.task);
  ASSERT_TRUE(made);
  const std::uint8_t* wall = made->at(5, 5);
  const Colour oklab = oklab_of({linear_of(wall[0]), linear_of(wall[1]), linear_of(wall[2])});
  const double hue = std::atan2(oklab[2], oklab[1]) * 180 / std::numbers::pi;
  EXPECT_GT(hue, 50);  // as oranges are
  EXPECT_LT(hue, 85);
  EXPECT_GT(std::hypot(oklab[1], oklab[2]), 0.04);
}

// A printed card, before a wall: whatever the lamp, its light is even. A corner of it is nearer than the others.
TEST(Relight, ACardStaysEvenlyLit) {
  constexpr int kWidth = 400, kHeight = 320;
  constexpr double kLean = 0.06, kRound = 10;
  const auto inside = [](double x, double y) {
    const double left = 100 + kLean * y, right = 300 + kLean * y / 2, top = 60 + kLean * x, bottom = 250;
    const double across = std::max({left + kRound - x, x - right + kRound, 0.0});
    const double down = std::max({top + kRound - y, y - bottom + kRound, 0.0});
    return kRound - std::hypot(across, down);
  };
  const auto print = [](int x, int y, int channel) {
    const bool is_letter = y / 6 % 3 == 0 && (x * 7 / 4 + y / 6 * 5) % 11 < 6;
    return is_letter ? 60.0 : 190.0 + 0.15 * (tile(x, y, channel) - 128);
  };
  const Raster picture = painted(kWidth, kHeight, [&](int x, int y, int channel) {
    return inside(x + 0.5, y + 0.5) > 0 ? print(x, y, channel) : 90 + 10 * channel;
  });
  Field outline(kWidth, kHeight);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) outline.at(x, y) = inside(x + 0.5, y + 0.5) > 0 ? 1.0F : 0.0F;
  }
  Raster card = picture;
  set_alpha(card, outline);
  for (const double azimuth : {-60.0, 60.0, 150.0}) {
    const Raster made = lit(card, from(azimuth, 45), {});
    double sum = 0, square = 0, count = 0;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        if (inside(x + 0.5, y + 0.5) < 3) continue;
        const double gain = linear_of(made.at(x, y)[1]) / linear_of(picture.at(x, y)[1]);
        sum += gain, square += gain * gain, ++count;
      }
    }
    const double mean = sum / count, deviation = std::sqrt(std::max(0.0, square / count - mean * mean));
    RecordProperty("deviation", std::to_string(deviation / mean));
    EXPECT_LT(deviation / mean, 0.03) << azimuth;
    EXPECT_NEAR(mean, std::abs(azimuth) > 90 ? 0.6 : 1, 0.15) << azimuth;
  }
}

TEST(Relight, KeepsAlphaAndIsTheSameWhateverTheThreads) {
  const Ball ball;
  Raster picture = ball.picture(lamp_of(from(40, 25)));
  set_alpha(picture, ball.outline());
  const Raster alone = lit(picture, from(-90, 0), {}, 1), together = lit(picture, from(-90, 0), {}, 6);
  EXPECT_EQ(alone, together);
  EXPECT_EQ(alpha_of(alone).values, alpha_of(picture).values);
  EXPECT_NE(alone, picture);
}

TEST(Relight, CancelIsHeard) {
  const Ball ball;
  Attempt attempt;
  attempt.cancel = true;
  const auto made = relight(ball.picture(Lamp{}), {}, nullptr, ball.saliency(), attempt.task);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace tintype::engine
