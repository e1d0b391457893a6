#include "engine/studio/finish.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/detail.h"
#include "engine/studio/dither.h"
#include "engine/studio/noise.h"

namespace tintype::engine {

namespace {

constexpr float kWhite = 255.0F;
constexpr double kBlurShare = 0.02;  // of the diagonal, at full strength
constexpr std::int64_t kBlurPixelsMax = 2'000'000;
constexpr float kHighlightBoost = 1.5F;  // of what shines: out of focus it keeps its light
constexpr float kCornerStops = 2;
constexpr float kSharpeningMax = 2.4F;

double diagonal_of(const Raster& picture) {
  return std::hypot(picture.width, picture.height);
}

float weight_at(const Field* weights, int x, int y) {
  return weights != nullptr ? std::clamp(weights->at(x, y), 0.0F, 1.0F) : 1;
}

// Light by its alpha in a picture of these sides, with what shines made brighter; where `share` is given, by that too.
Field light_of(const Raster& picture, int channel, const Field* share, float boost) {
  Field light(picture.width, picture.height);
  for (std::size_t at = 0; at < light.values.size(); ++at) {
    const float alpha = static_cast<float>(picture.rgba[at * 4 + 3]) / kWhite;
    const float weight = alpha * (share != nullptr ? share->values[at] : 1);
    const float value = linear_of(picture.rgba[at * 4 + static_cast<std::size_t>(channel)]);
    light.values[at] = weight * value * (1 + boost * value * value * value);
  }
  return light;
}

// The inverse of the boost, by Newton's steps.
float unboosted(float value, float boost) {
  float x = std::min(value, 1.0F);
  for (int round = 0; round < 6; ++round) {
    const float cubed = x * x * x;
    x -= (x * (1 + boost * cubed) - value) / (1 + 4 * boost * cubed);
  }
  return std::clamp(x, 0.0F, 1.0F);
}

// A disc, as lenses draw points: a box blur along four directions makes an octagon of it. Here two boxes of different
// sizes in one field come near enough.
Field out_of_focus(const Field& field, double sigma) {
  const int radius = static_cast<int>(std::lround(sigma * 1.2));
  if (radius < 2) return gaussian_blur(field, sigma);
  return box_blur(box_blur(field, radius), std::max(1, radius / 2));
}

// The picture out of focus, of the pixels that `share` counts alone; three fields of light at reduced size.
struct Unfocused {
  std::array<Field, 3> light;
  Extent sides;
};

Result<Unfocused> unfocused(const Raster& picture, const Field* share, double sigma, float boost, const Task& task) {
  // A blurred picture has no small things: it is made of a smaller one, which still has each blur in several pixels.
  const double diagonal = diagonal_of(picture);
  Extent sides = extent_within(picture.extent(), kBlurPixelsMax);
  if (sigma * sides.width_px / picture.width < 2) sides = picture.extent();
  const double scale = static_cast<double>(sides.width_px) / picture.width;
  const Raster small = resized(picture, sides);
  Field small_share;
  if (share != nullptr) small_share = resized(*share, sides);
  const Field* const weights = share != nullptr ? &small_share : nullptr;
  Field sum(sides.width_px, sides.height_px);
  for (std::size_t at = 0; at < sum.values.size(); ++at) {
    sum.values[at] =
        static_cast<float>(small.rgba[at * 4 + 3]) / kWhite * (weights != nullptr ? weights->values[at] : 1);
  }
  const Field blurred_sum = out_of_focus(sum, sigma * scale);
  // Deep inside of what does not count, light comes from farther away.
  const Field far_sum = share != nullptr ? box_blur(sum, std::max(2, static_cast<int>(diagonal * scale / 8))) : Field();
  Unfocused result;
  result.sides = sides;
  for (int channel = 0; channel < 3; ++channel) {
    if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
    const Field light = light_of(small, channel, weights, boost);
    Field near = out_of_focus(light, sigma * scale);
    const Field far = share != nullptr ? box_blur(light, std::max(2, static_cast<int>(diagonal * scale / 8))) : Field();
    for (std::size_t at = 0; at < near.values.size(); ++at) {
      float value = near.values[at], weight = blurred_sum.values[at];
      if (share != nullptr) {
        value += 0.02F * far.values[at];
        weight += 0.02F * far_sum.values[at];
      }
      near.values[at] = unboosted(value / std::max(weight, 1e-5F), boost);
    }
    result.light[static_cast<std::size_t>(channel)] = std::move(near);
    task.done((channel + 1) / 3.0);
  }
  return result;
}

// Changes each pixel in linear light; `change` gets the place and the light.
Result<void> change_light(Raster& picture, const Task& task,
                          const std::function<Colour(int x, int y, const Colour& light)>& change) {
  return task.rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      std::uint8_t* pixel = picture.row(y);
      for (int x = 0; x < picture.width; ++x, pixel += 4) {
        const Colour light{linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])};
        const Colour changed = change(x, y, light);
        if (changed == light) continue;
        for (int channel = 0; channel < 3; ++channel) {
          pixel[channel] = dithered_byte(coded_of(changed[channel]), x, y, channel);
        }
      }
    }
  });
}

Colour sampled(const Unfocused& from, const Raster& picture, int x, int y) {
  const float across = static_cast<float>(from.sides.width_px) / static_cast<float>(picture.width);
  const float down = static_cast<float>(from.sides.height_px) / static_cast<float>(picture.height);
  const float there_x = (static_cast<float>(x) + 0.5F) * across - 0.5F;
  const float there_y = (static_cast<float>(y) + 0.5F) * down - 0.5F;
  return {sample(from.light[0], there_x, there_y), sample(from.light[1], there_x, there_y),
          sample(from.light[2], there_x, there_y)};
}

Colour mixed(const Colour& from, const Colour& to, float share) {
  return {from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1]),
          from[2] + share * (to[2] - from[2])};
}

// What was made of the picture, as far as it is wanted.
void take(Raster made, const Field* weights, Raster& picture) {
  if (weights == nullptr) {
    picture = std::move(made);
    return;
  }
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      std::uint8_t* pixel = picture.at(x, y);
      const std::uint8_t* to = made.at(x, y);
      const float weight = weight_at(weights, x, y);
      for (int channel = 0; channel < 3; ++channel) {
        const float before = static_cast<float>(pixel[channel]);
        pixel[channel] = byte_of((before + weight * (static_cast<float>(to[channel]) - before)) / kWhite);
      }
    }
  }
}

}  // namespace

Result<void> denoise(Raster& picture, float amount, const Field* weights, const Task& task) {
  Noise noise = noise_of(picture);
  // Who asks for it sees noise where little can be measured.
  for (float* levels : {&noise.luma, &noise.blue, &noise.red})
    *levels = std::max(*levels, 1.0F) * (0.7F + 0.8F * amount);
  auto smooth = denoised(picture, noise, std::min(1.0F, 0.5F + amount), task);
  if (!smooth) return std::unexpected(smooth.error());
  take(std::move(*smooth), weights, picture);
  return {};
}

Result<void> sharpen(Raster& picture, float amount, const Field* weights, const Task& task) {
  const Finish how{.sharpening = kSharpeningMax * amount,
                   .radius = static_cast<float>(std::clamp(diagonal_of(picture) / 2'000, 1.3, 2.5)),
                   .noise = noise_of(picture).luma};
  auto sharp = finished(picture, how, task);
  if (!sharp) return std::unexpected(sharp.error());
  take(std::move(*sharp), weights, picture);
  return {};
}

Result<void> blur(Raster& picture, float amount, const Field* weights, const Task& task) {
  const double sigma = std::max(0.6, amount * kBlurShare * diagonal_of(picture));
  const auto soft = unfocused(picture, nullptr, sigma, 0, task.part(0, 0.6));
  if (!soft) return std::unexpected(soft.error());
  return change_light(picture, task.part(0.6, 1), [&](int x, int y, const Colour& light) {
    return mixed(light, sampled(*soft, picture, x, y), weight_at(weights, x, y));
  });
}

Result<void> blur_background(Raster& picture, const CutOut& subject, float amount, const Task& task) {
  const double sigma = std::max(0.6, amount * kBlurShare * diagonal_of(picture));
  Field share = subject.alpha;
  for (float& value : share.values) value = std::pow(1 - std::clamp(value, 0.0F, 1.0F), 2.0F);
  const auto soft = unfocused(picture, &share, sigma, kHighlightBoost, task.part(0, 0.6));
  if (!soft) return std::unexpected(soft.error());
  return change_light(picture, task.part(0.6, 1), [&](int x, int y, const Colour& light) {
    const float alpha = std::clamp(subject.alpha.at(x, y), 0.0F, 1.0F);
    if (alpha >= 1) return light;
    const Colour behind = sampled(*soft, picture, x, y);
    if (alpha <= 0) return behind;
    // Along the edge coded values are mixed, as alpha was solved for: what is thin does not get thinner.
    const std::uint8_t* own = subject.foreground.at(x, y);
    Colour light_there{};
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float coded = coded_of(behind[channel]);
      light_there[channel] = linear_of(coded + alpha * (static_cast<float>(own[channel]) / kWhite - coded));
    }
    return light_there;
  });
}

Result<void> vignette(Raster& picture, float amount, const Task& task) {
  const float strength = std::exp2(kCornerStops * amount / 2) - 1;
  const float half_width = static_cast<float>(picture.width) / 2, half_height = static_cast<float>(picture.height) / 2;
  return change_light(picture, task, [&](int x, int y, const Colour& light) {
    const float across = (static_cast<float>(x) + 0.5F - half_width) / half_width;
    const float down = (static_cast<float>(y) + 0.5F - half_height) / half_height;
    const float radius = (across * across + down * down) / 2;
    const float fall = 1 + strength * std::pow(radius, 1.3F);
    const float gain = 1 / (fall * fall);
    return Colour{light[0] * gain, light[1] * gain, light[2] * gain};
  });
}

std::int64_t finish_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  constexpr std::int64_t kFields = 14;  // of a guided filter, and its results
  return kFields * pixels * static_cast<std::int64_t>(sizeof(float)) + (64LL << 20);
}

}  // namespace tintype::engine
