#include "engine/studio/tone.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tintype::engine {

namespace {

constexpr std::uint8_t kOpaqueMin = 128;
constexpr int kPower = 6;                                  // of Minkowski's mean, for shades of grey
constexpr std::uint8_t kCutOff = 250, kTooDark = 8;        // coded: pixels that tell nothing of the light
constexpr double kBrightShare = 0.05;                      // of the pixels, for the light by bright places
constexpr double kAgreeDegrees = 3, kDisagreeDegrees = 9;  // between what three ways say
constexpr double kSlightDegrees = 2.5, kNoticedDegrees = 6.5;
constexpr double kStrongDegrees = 14, kMeantDegrees = 22;
// Coded levels: where the lightest should be, and beneath which it tells of too little light.
constexpr float kLightest = 0.92F, kLightestMin = 0.78F, kLightestSure = 0.68F, kStopsMax = 2, kStopsSeen = 0.15F;
constexpr double kLowKey = 0.015, kCommonKey = 0.08;  // the middle's light as a part of the lightest
constexpr float kBlackMin = 0.1F, kBlackSure = 0.2F, kBlackLeft = 0.05F, kBlackShare = 0.8F, kBlackMax = 0.25F,
                kBlackSeen = 0.01F;  // haze lifts the darkest
constexpr float kMiddleLow = 0.24F, kMiddleMax = 0.2F;
// Skin, in Oklab: its hues and chromas, how much of a picture counts, and how pale it may get.
constexpr float kSkinHueMin = 0.3F, kSkinHueMax = 1.08F, kSkinChromaMin = 0.03F, kSkinChromaMax = 0.16F;
constexpr float kSkinLightMin = 0.35F, kSkinLightMax = 0.92F;
constexpr double kSkinShareMin = 0.05;
constexpr float kSkinPale = 0.05F;
// Leaves, in Oklab: their hues and chroma, and how much of a picture counts.
constexpr float kLeafHueMin = 2.0F, kLeafHueMax = 2.75F, kLeafChromaMin = 0.1F;
constexpr double kLeavesFrom = 0.1, kLeavesFull = 0.2;
constexpr double kDarkestShare = 0.004, kLightestShare = 0.9985;

double degrees_between(const Colour& one, const Colour& other) {
  double dot = 0, ones = 0, others = 0;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    dot += one[channel] * other[channel], ones += one[channel] * one[channel],
        others += other[channel] * other[channel];
  }
  return std::acos(std::clamp(dot / std::sqrt(ones * others), -1.0, 1.0)) * 180 / 3.14159265358979;
}

Colour of_luminance_1(Colour colour) {
  const float luminance = std::max(luminance_of(colour), 1e-6F);
  for (float& channel : colour) channel /= luminance;
  return colour;
}

bool tells(const std::uint8_t* pixel) {
  const auto [least, most] = std::minmax({pixel[0], pixel[1], pixel[2]});
  return pixel[3] >= kOpaqueMin && most < kCutOff && least >= kTooDark;
}

Colour linear_at(const Raster& picture, int x, int y) {
  const std::uint8_t* pixel = picture.at(x, y);
  return {linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])};
}

Colour by_edges(const Raster& picture) {
  std::array<double, 3> sums{};
  for (int y = 1; y + 1 < picture.height; ++y) {
    for (int x = 1; x + 1 < picture.width; ++x) {
      if (!tells(picture.at(x - 1, y)) || !tells(picture.at(x + 1, y)) || !tells(picture.at(x, y - 1)) ||
          !tells(picture.at(x, y + 1))) {
        continue;
      }
      const Colour left = linear_at(picture, x - 1, y), right = linear_at(picture, x + 1, y);
      const Colour above = linear_at(picture, x, y - 1), below = linear_at(picture, x, y + 1);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        sums[channel] += std::hypot(right[channel] - left[channel], below[channel] - above[channel]);
      }
    }
  }
  return of_luminance_1({static_cast<float>(sums[0]), static_cast<float>(sums[1]), static_cast<float>(sums[2])});
}

Colour by_shades(const Raster& picture) {
  std::array<double, 3> sums{};
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (!tells(picture.at(x, y))) continue;
      const Colour colour = linear_at(picture, x, y);
      for (std::size_t channel = 0; channel < 3; ++channel) sums[channel] += std::pow(colour[channel], kPower);
    }
  }
  Colour light;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    light[channel] = static_cast<float>(std::pow(sums[channel], 1.0 / kPower));
  }
  return of_luminance_1(light);
}

Colour by_bright_places(const Raster& picture) {
  std::vector<std::pair<float, Colour>> pixels;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (!tells(picture.at(x, y))) continue;
      const Colour colour = linear_at(picture, x, y);
      pixels.emplace_back(luminance_of(colour), colour);
    }
  }
  const auto count = static_cast<std::ptrdiff_t>(kBrightShare * static_cast<double>(pixels.size())) + 1;
  if (count >= std::ssize(pixels)) return {1, 1, 1};
  std::ranges::nth_element(pixels, pixels.begin() + count,
                           [](const auto& a, const auto& b) { return a.first > b.first; });
  Colour sum{};
  for (auto pixel = pixels.begin(); pixel != pixels.begin() + count; ++pixel) {
    for (std::size_t channel = 0; channel < 3; ++channel) sum[channel] += pixel->second[channel];
  }
  return of_luminance_1(sum);
}

// 1 up to `from`, 0 from `to` on.
double fading(double value, double from, double to) {
  return std::clamp((to - value) / (to - from), 0.0, 1.0);
}

float chroma_of(const Colour& oklab) {
  return std::hypot(oklab[1], oklab[2]);
}

bool is_leaf(const Colour& oklab) {
  const float hue = std::atan2(oklab[2], oklab[1]);
  return chroma_of(oklab) > kLeafChromaMin && hue > kLeafHueMin && hue < kLeafHueMax;
}

// How much of a picture is leaves and grass, 0 to 1.
double share_of_leaves(const Raster& picture) {
  double leaves = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (picture.at(x, y)[3] >= kOpaqueMin && is_leaf(oklab_of(linear_at(picture, x, y)))) leaves += 1;
    }
  }
  return leaves / (static_cast<double>(picture.width) * picture.height);
}

// The mean chroma of such colours, coded, seen through curves.
double mean_chroma(const std::vector<std::array<std::uint8_t, 3>>& colours, const Curves& curves) {
  double sum = 0;
  for (const auto& colour : colours) {
    sum += chroma_of(oklab_of({linear_of(curves.values[0][colour[0]]), linear_of(curves.values[1][colour[1]]),
                               linear_of(curves.values[2][colour[2]])}));
  }
  return sum / static_cast<double>(colours.size());
}

// How often each coded level is there.
class Levels {
 public:
  void add(float coded) { counts_[byte_of(coded)] += 1, count_ += 1; }
  // The level beneath which such a share of all is.
  float at(double share) const {
    double sum = 0;
    for (std::size_t level = 0; level < counts_.size(); ++level) {
      sum += counts_[level];
      if (sum >= share * count_) return static_cast<float>(level) / 255;
    }
    return 1;
  }

 private:
  std::array<double, 256> counts_{};
  double count_ = 0;
};

}  // namespace

bool is_skin(const Colour& oklab) {
  const float chroma = chroma_of(oklab), hue = std::atan2(oklab[2], oklab[1]);
  return oklab[0] > kSkinLightMin && oklab[0] < kSkinLightMax && chroma > kSkinChromaMin && chroma < kSkinChromaMax &&
         hue > kSkinHueMin && hue < kSkinHueMax;
}

Curves plain_curves() {
  Curves curves;
  for (auto& channel : curves.values) {
    for (std::size_t at = 0; at < channel.size(); ++at) channel[at] = static_cast<float>(at) / 255;
  }
  return curves;
}

Illuminant illuminant_of(const Raster& picture) {
  const Colour ways[] = {by_edges(picture), by_shades(picture), by_bright_places(picture)};
  Illuminant light{{0, 0, 0}, 0};
  double apart = 0;
  for (const Colour& way : ways) {
    for (std::size_t channel = 0; channel < 3; ++channel) light.colour[channel] += way[channel] / 3;
    for (const Colour& other : ways) apart = std::max(apart, degrees_between(way, other));
  }
  if (!(luminance_of(light.colour) > 0.5F)) return {};
  light.colour = of_luminance_1(light.colour);
  const double strong = degrees_between(light.colour, {1, 1, 1});
  light.sureness = static_cast<float>(fading(apart, kAgreeDegrees, kDisagreeDegrees) *
                                      (1 - fading(strong, kSlightDegrees, kNoticedDegrees)) *
                                      fading(strong, kStrongDegrees, kMeantDegrees));
  const bool is_warm = light.colour[0] > light.colour[1] && light.colour[1] > light.colour[2];
  if (is_warm && light.sureness > 0) {
    light.sureness *= static_cast<float>(fading(share_of_leaves(picture), kLeavesFrom, kLeavesFull));
  }
  return light;
}

Tone tone_of(const Raster& picture, const Curves& seen_through) {
  Levels brightness, strongest;
  for (std::size_t at = 0; at < picture.rgba.size(); at += Raster::kChannels) {
    const std::uint8_t* pixel = picture.rgba.data() + at;
    if (pixel[3] < kOpaqueMin) continue;
    const Colour colour{seen_through.values[0][pixel[0]], seen_through.values[1][pixel[1]],
                        seen_through.values[2][pixel[2]]};
    brightness.add(luminance_of(colour));
    strongest.add(std::max({colour[0], colour[1], colour[2]}));
  }
  const float darkest = brightness.at(kDarkestShare), middle = brightness.at(0.5);
  const float lightest = strongest.at(kLightestShare);  // a deep orange has all the light that it can have
  Tone tone;
  if (lightest - darkest < 0.1F) return tone;  // a plain surface: there is nothing to measure by
  if (lightest < kLightestMin && middle < 0.5F) {
    const float lacking = std::log2(linear_of(kLightest) / linear_of(std::max(lightest, 0.02F)));
    // A dark middle under few lights is a low key, and meant.
    const float key = linear_of(middle) / linear_of(std::max(lightest, 0.02F));
    const double sure = fading(lightest, kLightestSure, kLightestMin) * (1 - fading(key, kLowKey, kCommonKey));
    tone.stops = std::min(kStopsMax, static_cast<float>(sure) * lacking);
    if (tone.stops < kStopsSeen) tone.stops = 0;
  }
  if (darkest > kBlackMin) {
    const double sure = 1 - fading(darkest, kBlackMin, kBlackSure);
    tone.black = std::min(kBlackMax, static_cast<float>(sure) * kBlackShare * (darkest - kBlackLeft));
  }
  if (tone.black < kBlackSeen) tone.black = 0;
  // A middle that more light does not bring up is raised, and by no more than the light was.
  const float gained = coded_of(linear_of(middle) * std::exp2(tone.stops));
  const float seen = (gained - tone.black) / (1 - tone.black);
  if (seen < kMiddleLow) tone.middle = std::min(kMiddleMax, kMiddleLow - seen) * std::min(1.0F, tone.stops);
  return tone;
}

void balance(const Illuminant& light, float share, Curves& curves) {
  Colour gains;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    gains[channel] = std::pow(1 / std::max(light.colour[channel], 0.05F), share);
  }
  gains = of_luminance_1(gains);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (float& value : curves.values[channel]) {
      const float linear = linear_of(value);
      // What is cut off at white is white whatever the light.
      const float full = linear * linear * linear * linear;
      value = coded_of(linear * (gains[channel] + (1 - gains[channel]) * full));
    }
  }
}

float share_that_keeps_skin(const Raster& picture, const Illuminant& light, float share) {
  std::vector<std::array<std::uint8_t, 3>> skin;
  for (std::size_t at = 0; at < picture.rgba.size(); at += Raster::kChannels) {
    const std::uint8_t* pixel = picture.rgba.data() + at;
    if (!tells(pixel) || !is_skin(oklab_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])}))) continue;
    skin.push_back({pixel[0], pixel[1], pixel[2]});
  }
  if (static_cast<double>(skin.size()) < kSkinShareMin * static_cast<double>(picture.rgba.size() / Raster::kChannels)) {
    return share;
  }
  const double least = std::min<double>(kSkinPale, mean_chroma(skin, plain_curves()));
  constexpr int kSteps = 8;
  for (int step = 0; step < kSteps; ++step) {
    const float tried = share * static_cast<float>(kSteps - step) / kSteps;
    Curves curves = plain_curves();
    balance(light, tried, curves);
    if (mean_chroma(skin, curves) >= least) return tried;
  }
  return 0;
}

void correct(const Tone& tone, float share, Curves& curves) {
  const float gain = std::exp2(tone.stops * share), black = tone.black * share, middle = tone.middle * share;
  for (auto& channel : curves.values) {
    for (float& value : channel) {
      float linear = linear_of(value) * gain;
      // Above the knee light is pressed together, so that nothing is cut off that was not.
      constexpr float kKnee = 0.75F;
      if (gain > 1 && linear > kKnee) {
        const float over = (linear - kKnee) / (gain - kKnee);
        linear = kKnee + (1 - kKnee) * (1 - (1 - std::min(over, 1.0F)) * (1 - std::min(over, 1.0F)));
      }
      float coded = std::max(0.0F, (coded_of(linear) - black) / (1 - black));
      coded = std::pow(coded, std::exp2(-2 * middle));
      value = std::clamp(coded, 0.0F, 1.0F);
    }
  }
}

}  // namespace tintype::engine
