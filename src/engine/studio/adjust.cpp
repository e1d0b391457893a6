#include "engine/studio/adjust.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 256LL * 256;
constexpr float kDaylightKelvins = 6'504;
constexpr float kWarmthOctaves = 0.7F;  // of temperature, at full warmth
constexpr float kTintStops = 0.35F;
constexpr float kDarkerShare = 0.85F;     // of the way back to what can be shown, in stops
constexpr float kLuminanceShare = 0.45F;  // of what the shoulder goes by
constexpr float kPaleChroma = 0.22F;      // what is more colourful than this, vibrance leaves
constexpr float kSepiaHue = 1.22F, kSepiaChroma = 0.052F;

// Coded values of linear ones by a table, which is close where it is steep as it goes by square roots.
class Coder {
 public:
  Coder() {
    for (int at = 0; at <= kSteps; ++at) {
      const float root = static_cast<float>(at) / kSteps;
      values_[static_cast<std::size_t>(at)] = coded_of(root * root);
    }
  }
  float operator()(float linear) const {
    const float place = std::sqrt(std::clamp(linear, 0.0F, 1.0F)) * kSteps;
    const int below = std::min(static_cast<int>(place), kSteps - 1);
    const float part = place - static_cast<float>(below);
    const auto at = static_cast<std::size_t>(below);
    return values_[at] + part * (values_[at + 1] - values_[at]);
  }

 private:
  static constexpr int kSteps = 4'096;
  std::array<float, kSteps + 1> values_{};
};

const Coder& coder() {
  static const Coder made;
  return made;
}

// What depends on the dials alone.
struct Curves {
  Tones tones;
  Colour gains{1, 1, 1};  // of warmth and tint
  float gain = 1;         // of exposure
  float pivot = 0.55F;    // the lightness that contrast leaves
  float gamma = 1;        // of contrast

  Curves(const Tones& wanted, float mean_lightness) : tones(wanted) {
    gain = std::exp2(tones.exposure);
    pivot = std::clamp(mean_lightness, 0.45F, 0.65F);
    gamma = 1 + 0.9F * std::max(tones.contrast, 0.0F);
    const Colour from = light_of_kelvins(kDaylightKelvins);
    const Colour to = light_of_kelvins(kDaylightKelvins * std::exp2(-kWarmthOctaves * tones.warmth));
    for (int channel = 0; channel < 3; ++channel) {
      gains[channel] = to[channel] / from[channel] * std::exp2(kTintStops * tones.tint * (channel == 1 ? -1 : 0.5F));
    }
    const float luminance = luminance_of(gains);
    for (float& channel : gains) channel /= luminance;
  }

  // Light that white balance and exposure have changed. It bends into a shoulder that ends at white, by its luminance
  // and its brightest channel together: what is colourful gets brighter too, and pales where it must (see shown()).
  Colour exposed(Colour linear) const {
    const float before = std::max({linear[0], linear[1], linear[2]});
    for (int channel = 0; channel < 3; ++channel) linear[channel] *= gains[channel];
    const float most = std::max({linear[0], linear[1], linear[2]});
    if (most <= 0) return linear;
    // White that takes a colour would leave the range: its brightest channel stays where it was.
    const float kept = std::min(most, std::max(before, 0.0F) + (most - before) * (1 - smooth_step(0.5F, 1, before)));
    for (float& channel : linear) channel *= kept / most;
    if (gain == 1) return linear;
    const float norm = (1 - kLuminanceShare) * kept + kLuminanceShare * luminance_of(linear);
    const float ratio = gain > 1 ? gain / std::sqrt(1 + (gain * gain - 1) * norm * norm) : gain;
    for (float& channel : linear) channel *= ratio;
    return linear;
  }

  float contrasted(float lightness) const {
    const float x = std::clamp(lightness, 0.0F, 1.0F);
    if (tones.contrast == 0) return x;
    if (tones.contrast < 0) return pivot + (x - pivot) * (1 + 0.6F * tones.contrast);
    if (x < pivot) return pivot * std::pow(x / pivot, gamma);
    return 1 - (1 - pivot) * std::pow((1 - x) / (1 - pivot), gamma);
  }

  // How a lightness moves whose surroundings are this light.
  float lifted(float base) const {
    const float x = std::clamp(base, 0.0F, 1.0F), rest = 1 - x;
    const float shadows = tones.shadows * (tones.shadows > 0 ? 1.3F : 0.8F) * x * rest * rest;
    const float highlights = tones.highlights * (tones.highlights < 0 ? 1.6F : 0.9F) * x * x * x * rest;
    return std::clamp(x + shadows + highlights, 0.0F, 1.0F);
  }

  void coloured(float& a, float& b, float lightness) const {
    const float chroma = std::hypot(a, b);
    float factor = 1 + tones.saturation;
    // Skin, of hues from red to orange, is not made gaudy.
    const float skin = smooth_step(0.25F, 0.55F, std::atan2(b, a)) * (1 - smooth_step(1.1F, 1.4F, std::atan2(b, a)));
    const float pale = std::max(0.0F, 1 - chroma / kPaleChroma);
    factor *= 1 + tones.vibrance * pale * (tones.vibrance > 0 ? 1.4F - 0.7F * skin : 1);
    factor *= 1 - tones.black_and_white;
    a *= factor;
    b *= factor;
    if (tones.sepia <= 0) return;
    const float most = kSepiaChroma * 4 * lightness * (1 - lightness) + 0.3F * kSepiaChroma * lightness;
    a += tones.sepia * (most * std::cos(kSepiaHue) - a);
    b += tones.sepia * (most * std::sin(kSepiaHue) - b);
  }
};

bool is_shown(const Colour& linear) {
  return std::ranges::all_of(linear, [](float channel) { return channel >= 0 && channel <= 1; });
}

// Light within what sRGB shows. What is too bright and colourful gets darker rather than pale: paled by as much as it
// would have to be, orange turns to salmon. The rest of the way colour goes, and hue and lightness stay: mixed with
// grey light instead, a full red turns to crimson.
Colour shown(const Colour& wanted) {
  constexpr int kHalvings = 10;
  if (is_shown(wanted)) return wanted;
  Colour linear = wanted;
  const float most = std::max({linear[0], linear[1], linear[2]});
  if (most > 1) {
    const float gain = std::pow(most, -kDarkerShare);
    for (float& channel : linear) channel *= gain;
  }
  const Colour full = oklab_of(linear);
  const float lightness = std::clamp(full[0], 0.0F, 1.0F);
  float share = 0, step = 0.5F;
  for (int halving = 0; halving < kHalvings; ++halving, step /= 2) {
    const float tried = share + step;
    if (is_shown(linear_of_oklab({lightness, tried * full[1], tried * full[2]}))) share = tried;
  }
  linear = linear_of_oklab({lightness, share * full[1], share * full[2]});
  for (float& channel : linear) channel = std::clamp(channel, 0.0F, 1.0F);
  return linear;
}

Colour light_at(const std::uint8_t* pixel) {
  return {linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])};
}

float mean_lightness(const Raster& picture, const Curves& curves) {
  const Raster small = resized(picture, extent_within(picture.extent(), kLookedAtPixelsMax));
  double sum = 0, weight = 0;
  for (std::size_t at = 0; at < small.rgba.size(); at += Raster::kChannels) {
    const float alpha = static_cast<float>(small.rgba[at + 3]) / 255.0F;
    sum += alpha * oklab_of(curves.exposed(light_at(small.rgba.data() + at)))[0];
    weight += alpha;
  }
  return weight > 0 ? static_cast<float>(sum / weight) : 0.55F;
}

// How light each pixel's surroundings are: smooth, but not across edges.
Result<Field> surroundings(const Raster& picture, const Curves& curves, const Task& task) {
  Field lightness(picture.width, picture.height);
  const auto looked = task.part(0, 0.4).rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const std::uint8_t* pixel = picture.row(y);
      float* to = lightness.row(y);
      for (int x = 0; x < picture.width; ++x, pixel += 4) to[x] = oklab_of(curves.exposed(light_at(pixel)))[0];
    }
  });
  if (!looked) return std::unexpected(looked.error());
  // Far enough to hold whole things in it; found at reduced size, as it is smooth, and laid along the edges after.
  const Extent small = extent_within(picture.extent(), 1'000'000);
  const Field guide = resized(lightness, small);
  const int radius = std::max(4, std::max(small.width_px, small.height_px) / 40);
  Field smooth = guided_filter(guide, guide, radius, 0.006F);
  task.done(0.8);
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  if (small == picture.extent()) return smooth;
  Field large = resized(smooth, picture.extent());
  const Field coarse = resized(guide, picture.extent());
  // What the small one did not see of an edge, the surroundings go along with as the small surroundings did.
  for (std::size_t at = 0; at < large.values.size(); ++at) {
    const float missed = lightness.values[at] - coarse.values[at];
    large.values[at] += missed * std::clamp(std::abs(missed) * 8 - 0.2F, 0.0F, 1.0F);
  }
  return large;
}

}  // namespace

Result<void> adjust_tones(Raster& picture, const Tones& tones, const Field* weights, const Task& task) {
  if (tones == Tones()) return {};
  Curves curves(tones, 0.55F);
  if (tones.contrast != 0) curves = Curves(tones, mean_lightness(picture, curves));
  const bool looks_around = tones.shadows != 0 || tones.highlights != 0;
  Field around;
  if (looks_around) {
    auto found = surroundings(picture, curves, task.part(0, 0.5));
    if (!found) return std::unexpected(found.error());
    around = std::move(*found);
  }
  return task.part(looks_around ? 0.5 : 0, 1).rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      std::uint8_t* pixel = picture.row(y);
      for (int x = 0; x < picture.width; ++x, pixel += 4) {
        const float weight = weights != nullptr ? weights->at(x, y) : 1;
        if (weight <= 0 || pixel[3] == 0) continue;
        const Colour before = light_at(pixel);
        Colour oklab = oklab_of(curves.exposed(before));
        const float lightness = oklab[0];
        if (looks_around && lightness > 0) {
          const float base = std::max(around.at(x, y), 1e-3F);
          oklab[0] = std::min(lightness * curves.lifted(base) / base, std::max(1.0F, lightness));
        }
        oklab[0] = curves.contrasted(oklab[0]);
        // Colour goes with light, so that what is lifted does not look washed out.
        const float ratio = lightness > 1e-3F ? std::clamp(oklab[0] / lightness, 0.5F, 2.0F) : 1;
        oklab[1] *= ratio;
        oklab[2] *= ratio;
        curves.coloured(oklab[1], oklab[2], oklab[0]);
        Colour after = shown(linear_of_oklab(oklab));
        for (int channel = 0; channel < 3; ++channel) {
          const float mixed = before[channel] + weight * (after[channel] - before[channel]);
          pixel[channel] = dithered_byte(coder()(mixed), x, y, channel);
        }
      }
    }
  });
}

std::int64_t adjust_tones_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  constexpr std::int64_t kFields = 5;
  return kFields * pixels * static_cast<std::int64_t>(sizeof(float)) + (64LL << 20);
}

}  // namespace tintype::engine
