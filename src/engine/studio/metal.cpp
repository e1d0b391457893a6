#include "engine/studio/metal.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 1'000'000;
constexpr float kColouredShareMin = 0.18F;  // of a subject whose metal is yellow or red
constexpr float kPersonShareMin = 0.1F;     // of skin, in a subject that wears its metal
constexpr float kMetalShareMin = 0.02F, kWornShareMin = 0.003F;
constexpr float kPieceShareMax = 0.1F;  // of what is grey on somebody: more is cloth, hair or a beard as well
constexpr float kPolishMin = 0.5F;      // of metal on the whole; paint, cloth and faces have less

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

Colour light_at(const std::uint8_t* pixel) {
  return {linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])};
}

// How much a colour is that of gold, brass, copper or rose gold.
float colouredness(const Colour& oklab) {
  const float chroma = std::hypot(oklab[1], oklab[2]);
  const float hue = std::atan2(oklab[2], oklab[1]) * 57.29578F;
  const float is_hue = smooth_step(18, 36, hue) * (1 - smooth_step(104, 118, hue));
  // Chroma grows with light: dark gold has little of it.
  const float relative = chroma / std::max(oklab[0], 0.15F);
  return is_hue * smooth_step(0.035F, 0.075F, relative) * (1 - smooth_step(0.32F, 0.42F, relative));
}

// How much of that is beyond the hues of skin, which copper and rose gold share.
float goldenness(const Colour& oklab) {
  return smooth_step(60, 70, std::atan2(oklab[2], oklab[1]) * 57.29578F);
}

float greyness(const Colour& oklab) {
  const float relative = std::hypot(oklab[1], oklab[2]) / std::max(oklab[0], 0.2F);
  return 1 - smooth_step(0.05F, 0.11F, relative);
}

int radius_near(const Raster& small) {
  return std::max(3, std::max(small.width, small.height) / 24);
}

// How much light varies around a place among what is coloured there: what is polished mirrors bright and dark things
// side by side.
Field contrast_among(const Field& lightness, const Field& weights, int radius) {
  Field first = weights, second = weights;
  for (std::size_t at = 0; at < weights.values.size(); ++at) {
    first.values[at] *= lightness.values[at];
    second.values[at] *= lightness.values[at] * lightness.values[at];
  }
  const Field total = box_blur(weights, radius);
  first = box_blur(first, radius);
  second = box_blur(second, radius);
  for (std::size_t at = 0; at < weights.values.size(); ++at) {
    const float count = std::max(total.values[at], 1e-3F), mean = first.values[at] / count;
    first.values[at] = std::sqrt(std::max(0.0F, second.values[at] / count - mean * mean));
  }
  return first;
}

// The logarithm of lightness.
Field lightness_of(const Raster& small) {
  Field lightness(small.width, small.height);
  for (std::size_t at = 0; at < lightness.values.size(); ++at) {
    lightness.values[at] = std::log(std::max(oklab_of(light_at(small.rgba.data() + at * 4))[0], 0.05F));
  }
  return lightness;
}

// 1 where what counts by `weights` mirrors, 0 where it is matt.
Field polish_of(const Raster& small, const Field& weights, int radius) {
  constexpr float kMattMax = 0.12F, kPolishedMin = 0.22F;  // the deviation of logarithms of lightness near
  Field polish = contrast_among(lightness_of(small), weights, radius);
  for (float& value : polish.values) value = smooth_step(kMattMax, kPolishedMin, value);
  return polish;
}

double sum_of(const Field& field) {
  return std::accumulate(field.values.begin(), field.values.end(), 0.0);
}

// The mean of polish, seen from farther away: what is smooth and bent mirrors bright and dark things far apart.
double polish_on_the_whole(const Raster& small, const Field& weights) {
  const Field polish = polish_of(small, weights, 3 * radius_near(small));
  double sum = 0;
  for (std::size_t at = 0; at < weights.values.size(); ++at) sum += double{weights.values[at]} * polish.values[at];
  return sum / std::max(sum_of(weights), 1.0);
}

// Metal has highlights somewhere; a suit has none, nor has somebody in a dim black-and-white photograph.
bool has_highlights(const Raster& small, const Field& weights) {
  constexpr float kHighlight = 0.85F;  // lightness
  constexpr double kShareMin = 0.004;
  double shining = 0;
  for (std::size_t at = 0; at < weights.values.size(); ++at) {
    if (oklab_of(light_at(small.rgba.data() + at * 4))[0] > kHighlight) shining += weights.values[at];
  }
  return shining > kShareMin * sum_of(weights);
}

// What is dark on the whole is rather black paint, which mirrors as well: a car.
bool is_dark(const Raster& small, const Field& weights) {
  constexpr float kDark = 0.3F;  // lightness
  double dark = 0;
  for (std::size_t at = 0; at < weights.values.size(); ++at) {
    if (oklab_of(light_at(small.rgba.data() + at * 4))[0] < kDark) dark += weights.values[at];
  }
  return dark > 0.5 * sum_of(weights);
}

// Leaves of what is coloured as metal what is no skin. Skin is reddish all over; gold is yellower somewhere near, and a
// subject that is reddish and nothing else is rather a piece of copper. Answers how much of it was skin. `subject` is
// the sum of its alpha.
double leave_skin(const Raster& small, double subject, Field& coloured) {
  constexpr float kGoldenMin = 0.25F, kGolden = 0.5F;       // of what is coloured near
  constexpr double kCopperMin = 0.7, kGoldenOnSkin = 0.03;  // of the subject; of what is reddish
  constexpr double kCopperPolishMin = 0.7;                  // a face that is lit from the side has some
  Field golden = coloured;
  for (std::size_t at = 0; at < coloured.values.size(); ++at) {
    golden.values[at] *= goldenness(oklab_of(light_at(small.rgba.data() + at * 4)));
  }
  const Field near = box_blur(coloured, radius_near(small));
  golden = box_blur(golden, radius_near(small));
  double reddish = 0, yellow = 0;
  for (std::size_t at = 0; at < coloured.values.size(); ++at) {
    float& share = golden.values[at];
    share = smooth_step(kGoldenMin, kGolden, share / std::max(near.values[at], 1e-3F));
    yellow += coloured.values[at] * share;
    reddish += coloured.values[at] * (1 - share);
  }
  const bool is_gold = yellow > reddish;  // that has reddish places too
  const bool is_copper = reddish > kCopperMin * subject && yellow < kGoldenOnSkin * reddish &&
                         polish_on_the_whole(small, coloured) > kCopperPolishMin;
  if (is_gold || is_copper) return 0;
  for (std::size_t at = 0; at < coloured.values.size(); ++at) coloured.values[at] *= golden.values[at];
  return reddish;
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
  double sum = 0, plain = 0;  // what is grey and no pale skin
  for (std::size_t at = 0; at < alpha.values.size(); ++at) {
    const Colour oklab = oklab_of(light_at(small.rgba.data() + at * 4));
    plain += alpha.values[at] * greyness(oklab) * (1 - colouredness(oklab));
    coloured.values[at] = alpha.values[at] * colouredness(oklab);
    grey.values[at] = alpha.values[at] * greyness(oklab);
    sum += alpha.values[at];
  }
  // Who has skin wears cloth, which is matt as well.
  const bool is_worn = leave_skin(small, sum, coloured) > kPersonShareMin * sum;
  const bool is_grey =
      polish_on_the_whole(small, grey) > kPolishMin && has_highlights(small, grey) && !is_dark(small, grey);
  if (is_worn) {
    const Field polish = polish_of(small, grey, radius_near(small));
    for (std::size_t at = 0; at < grey.values.size(); ++at) grey.values[at] *= polish.values[at];
  }
  const double coloured_sum = sum_of(coloured), grey_sum = sum_of(grey);
  Found found;
  found.is_coloured = coloured_sum > (is_worn ? grey_sum : kColouredShareMin * sum);
  const bool may_be = found.is_coloured ? polish_on_the_whole(small, coloured) > kPolishMin
                      : is_worn         ? plain < kPieceShareMax * sum
                                        : is_grey;
  const double share = (found.is_coloured ? coloured_sum : grey_sum) / std::max(sum, 1.0);
  if (!may_be || share < (is_worn ? kWornShareMin : kMetalShareMin)) {
    return fail(ErrorCode::kInvalidInput, "There is no metal to be seen in the picture's subject",
                "Please leave the metal out of the prompt, or send a picture of the piece of metal alone");
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
  const float whiteness = 0.85F * smooth_step(0.62F, 1.0F, luminance);
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
