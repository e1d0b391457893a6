#include "engine/studio/metal.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 1'000'000;
constexpr float kColouredShareMin = 0.18F;  // of a subject whose metal is yellow or red
constexpr float kMetalShareMin = 0.02F;

// How a metal reflects at normal incidence, in linear light: what it makes of white.
Colour reflectance_of(Metal metal) {
  switch (metal) {
    case Metal::kGold: return {1.0F, 0.69F, 0.29F};
    case Metal::kRoseGold: return {0.96F, 0.68F, 0.55F};
    case Metal::kSilver: return {0.97F, 0.96F, 0.93F};
    case Metal::kPlatinum: return {0.80F, 0.785F, 0.76F};
    case Metal::kCopper: return {0.95F, 0.56F, 0.40F};
  }
  return {1, 1, 1};
}

float smoothstep(float from, float to, float value) {
  const float t = std::clamp((value - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

Colour light_at(const std::uint8_t* pixel) {
  return {linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])};
}

// How much a colour is that of gold, brass, copper or rose gold.
float colouredness(const Colour& oklab) {
  const float chroma = std::hypot(oklab[1], oklab[2]);
  const float hue = std::atan2(oklab[2], oklab[1]) * 57.29578F;
  const float is_hue = smoothstep(18, 36, hue) * (1 - smoothstep(104, 118, hue));
  // Chroma grows with light: dark gold has little of it.
  const float relative = chroma / std::max(oklab[0], 0.15F);
  return is_hue * smoothstep(0.035F, 0.075F, relative) * (1 - smoothstep(0.32F, 0.42F, relative));
}

float greyness(const Colour& oklab) {
  const float relative = std::hypot(oklab[1], oklab[2]) / std::max(oklab[0], 0.2F);
  return 1 - smoothstep(0.05F, 0.11F, relative);
}

struct Found {
  bool is_coloured = false;  // the metal is yellow or red
  Field metal;               // at reduced size, 0 to 1
  Colour tint{1, 1, 1};      // of the metal as it is, of luminance 1
};

Result<Found> find_metal(const Raster& picture, const Field& subject) {
  const Extent sides = extent_within(picture.extent(), kLookedAtPixelsMax);
  const Raster small = resized(picture, sides);
  const Field alpha = resized(subject, sides);
  Field coloured(sides.width_px, sides.height_px), grey = coloured;
  double sum = 0, coloured_sum = 0, grey_sum = 0;
  for (std::size_t at = 0; at < alpha.values.size(); ++at) {
    const Colour oklab = oklab_of(light_at(small.rgba.data() + at * 4));
    coloured.values[at] = alpha.values[at] * colouredness(oklab);
    grey.values[at] = alpha.values[at] * greyness(oklab);
    sum += alpha.values[at];
    coloured_sum += coloured.values[at];
    grey_sum += grey.values[at];
  }
  Found found;
  found.is_coloured = coloured_sum > kColouredShareMin * sum;
  const double share = (found.is_coloured ? coloured_sum : grey_sum) / std::max(sum, 1.0);
  if (share < kMetalShareMin) {
    return fail(ErrorCode::kInvalidInput, "There is no metal to be seen in the picture's subject",
                "Please leave the metal out of the prompt, or send a picture of a piece of metal");
  }
  Field& metal = found.is_coloured ? coloured : grey;
  // Dark and white places in the midst of metal are metal too: their own colour does not tell.
  const Field guide = luma_of(small);
  const int radius = std::max(2, sides.width_px / 200);
  Field filled = dilated(box_blur(metal, radius), radius / 2);
  for (std::size_t at = 0; at < metal.values.size(); ++at) {
    const Colour oklab = oklab_of(light_at(small.rgba.data() + at * 4));
    const bool is_dumb = oklab[0] < 0.25F || std::hypot(oklab[1], oklab[2]) < 0.02F;
    const float around = std::clamp((filled.values[at] - 0.35F) / 0.3F, 0.0F, 1.0F) * alpha.values[at];
    if (is_dumb) metal.values[at] = std::max(metal.values[at], around);
  }
  Colour light{};
  for (std::size_t at = 0; at < metal.values.size(); ++at) {
    const Colour here = light_at(small.rgba.data() + at * 4);
    if (luminance_of(here) > 0.85F) continue;
    for (int channel = 0; channel < 3; ++channel) light[channel] += metal.values[at] * here[channel];
  }
  const float luminance = std::max(luminance_of(light), 1e-6F);
  for (int channel = 0; channel < 3; ++channel) found.tint[channel] = std::max(light[channel] / luminance, 0.05F);
  found.metal = guided_filter(guide, metal, 2, 1e-3F);
  return found;
}

// What a metal makes of light of this luminance; `wanted` has luminance 1.
Colour mirrored(float luminance, const Colour& wanted) {
  const float root = std::sqrt(std::clamp(luminance, 0.0F, 1.0F));
  // Light that was mirrored several times is darker, and coloured as often.
  const float times = 1.55F - 0.65F * root;
  Colour colour{};
  for (int channel = 0; channel < 3; ++channel) colour[channel] = std::pow(wanted[channel], times);
  const float own = luminance_of(colour);
  const float whiteness = 0.85F * smoothstep(0.62F, 1.0F, luminance);
  for (float& channel : colour) channel = luminance * (channel / own + whiteness * (1 - channel / own));
  // A colour that would be brighter than white pales, and stays as bright.
  const float most = std::max({colour[0], colour[1], colour[2]});
  if (most > 1) {
    const float share = (1 - luminance) / std::max(most - luminance, 1e-6F);
    for (float& channel : colour) channel = luminance + share * (channel - luminance);
  }
  return colour;
}

}  // namespace

Result<void> recolour_metal(Raster& picture, const Field& subject, Metal metal, float amount, const Task& task) {
  const auto found = find_metal(picture, subject);
  if (!found) return std::unexpected(found.error());
  if (auto wanted = task.check(); !wanted) return wanted;
  task.done(0.3);
  Colour wanted = reflectance_of(metal);
  const float bright = luminance_of(wanted);
  for (float& channel : wanted) channel /= bright;
  // Half of the difference in brightness is seen: the rest is what the camera's exposure would have made up for.
  const float before = found->is_coloured ? 0.76F : 0.9F;
  const float gain = std::sqrt(bright / before);
  const float across = static_cast<float>(found->metal.width) / static_cast<float>(picture.width);
  const float down = static_cast<float>(found->metal.height) / static_cast<float>(picture.height);
  return task.part(0.3, 1).rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      std::uint8_t* pixel = picture.row(y);
      for (int x = 0; x < picture.width; ++x, pixel += 4) {
        const float there = sample(found->metal, (static_cast<float>(x) + 0.5F) * across - 0.5F,
                                   (static_cast<float>(y) + 0.5F) * down - 0.5F);
        const Colour light = light_at(pixel);
        // The small picture says where metal is, the pixel's own colour how far its edge goes.
        const Colour oklab = oklab_of(light);
        const float own = found->is_coloured ? colouredness(oklab) : greyness(oklab);
        const bool is_dumb = oklab[0] < 0.25F || std::hypot(oklab[1], oklab[2]) < 0.03F;
        const float weight = amount * std::clamp(there, 0.0F, 1.0F) * (is_dumb ? 1 : std::min(1.0F, own * 1.5F));
        if (weight <= 0.004F) continue;
        const float luminance = luminance_of(light);
        const float changed =
            gain > 1 ? gain * luminance / std::sqrt(1 + (gain * gain - 1) * luminance * luminance) : gain * luminance;
        const Colour after = mirrored(changed, wanted);
        for (int channel = 0; channel < 3; ++channel) {
          const float mixed = light[channel] + weight * (after[channel] - light[channel]);
          pixel[channel] = dithered_byte(coded_of(mixed), x, y, channel);
        }
      }
    }
  });
}

std::int64_t recolour_metal_bytes_max(const Extent& picture) {
  static_cast<void>(picture);
  return 24 * kLookedAtPixelsMax * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace tintype::engine
