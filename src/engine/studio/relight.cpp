#include "engine/studio/relight.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"
#include "engine/studio/layers.h"
#include "engine/studio/surface.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 600'000;
constexpr std::int64_t kShadowPixelsMax = 60'000;

// Of the light that it was taken in.
constexpr float kOldLightMin = 0.4F;                   // of its mean
constexpr double kUncertain = 0.15, kCertain = 0.55;   // from where on its estimate counts, and counts whole
constexpr float kSure = 0.95F;                         // of the subject's alpha
constexpr float kTooDark = 0.04F, kTooBright = 0.97F;  // of luma: what is outside tells nothing of the light

// Of the new one.
constexpr float kAmbientMin = 0.05F;
constexpr float kWrapMin = 0.08F, kWrapMax = 0.6F;    // how far around shapes light reaches: the less certain, the more
constexpr double kLevelShare = 0.8, kLevelMax = 1.9;  // how far the brightness is brought back to what it was
constexpr float kWallShare = 0.6F;                    // of the lamp's light on the background, wherever it faces
constexpr float kFallOff = 0.9F;                      // of logarithms across the picture, for a lamp right beside it

constexpr int kShadowSteps = 12;
constexpr float kShadowLength = 0.2F;   // of the longer side
constexpr float kShadowDepth = 0.65F;   // of the lamp's light, where it is deepest
constexpr double kShadowBlur = 0.02;    // of the longer side
constexpr float kShadowOnWall = 0.25F;  // of that on the ground at the subject's foot
constexpr double kShadowRise = 0.3;     // of the height, over which it gets so

// Of highlights.
constexpr float kWhiteFrom = 0.12F, kWhiteTo = 0.45F;       // of linear light, in the least channel,
constexpr float kStandsOutFrom = 0.05F, kStandsOut = 0.2F;  // over what is around it,
constexpr double kAroundShare = 0.06;                       // so much of the longer side,
constexpr float kPeakFrom = 0.75F, kPeak = 0.95F;           // where some of it is as white as that,
constexpr double kPeakReach = 0.05, kPeakSoft = 0.003;      // within so much, and no mere spark;
constexpr float kClippedFrom = 0.94F;                       // or, wherever it is
constexpr double kHighlightSoft = 0.01;                     // of the longer side
constexpr float kHighlightKept = 0.85F;                     // of its light, where shade falls on it

constexpr double kNormalsSoft = 0.004;                 // of the longer side: hairs and pores are no hills
constexpr float kBounced = 0.55F, kBouncedMax = 1.6F;  // of the light in the shade, and by how much it colours
constexpr float kBouncedDarkest = 0.02F;               // of linear light: what is darker is noise

// Of a reference: how far its brightness is taken over, in logarithms, and bounds.
constexpr double kReferenceShare = 0.7, kBrighterMax = 2.5;
constexpr float kTintMin = 0.4F, kTintMax = 1.6F;
constexpr double kGlowingKelvins = 2'900;

constexpr float kKnee = 0.6F;  // of linear light: what is brightened beyond bends

// The change from a light of colour `from` to one of colour `to`, within the bounds. Beyond them a warm light is as
// warm as what glows; others get as much white as it takes. Each channel held for itself would make pink of orange, and
// so does white in linear light.
Colour tint_between(const Colour& from, const Colour& to) {
  Colour light{};
  for (std::size_t channel = 0; channel < 3; ++channel) light[channel] = to[channel] / from[channel];
  float share = 1;
  for (const float channel : light) {
    if (channel > kTintMax) share = std::min(share, (kTintMax - 1) / (channel - 1));
    if (channel < kTintMin) share = std::min(share, (1 - kTintMin) / (1 - channel));
  }
  if (share < 1 && to[0] > to[1] && to[1] > to[2]) return seen_by_camera(light_of_kelvins(kGlowingKelvins));
  Colour pale{};
  for (std::size_t channel = 0; channel < 3; ++channel) pale[channel] = 1 + share * (light[channel] - 1);
  return seen_by_camera(pale);
}

// Bends what is brighter than the knee so that the whitest becomes 1 (after Reinhard et al. 2002).
float toned(float bright, float whitest) {
  if (whitest <= 1 || bright <= kKnee) return bright;
  const float white = (whitest - kKnee) / (1 - kKnee), over = (bright - kKnee) / (1 - kKnee);
  return kKnee + (1 - kKnee) * over * (1 + over / (white * white)) / (1 + over);
}

// coded_of() by a table.
float quickly_coded(float linear) {
  struct Table {
    std::array<float, 4'098> levels{};
    Table() {
      for (std::size_t at = 0; at < levels.size(); ++at) levels[at] = coded_of(static_cast<float>(at) / 4'096);
    }
  };
  static const Table table;
  const float place = std::clamp(linear, 0.0F, 1.0F) * 4'096;
  const auto at = static_cast<std::size_t>(place);
  return table.levels[at] + (place - static_cast<float>(at)) * (table.levels[at + 1] - table.levels[at]);
}

// 1 where a highlight is, and softly around it, else 0: the image of a lamp, a window or the sky, which is far brighter
// than white is, and stays so in the shade. What is clipped is one, and close to it what is whiter than the rest of its
// layer nearby.
Field highlights_of(const Raster& picture, const Field& subject) {
  const double longer = std::max(picture.width, picture.height);
  Field white(picture.width, picture.height), on_subject(picture.width, picture.height);
  for (std::size_t at = 0; at < white.values.size(); ++at) {
    const std::uint8_t* in = picture.rgba.data() + at * Raster::kChannels;
    white.values[at] = linear_of(std::min({in[0], in[1], in[2]}));
    on_subject.values[at] = white.values[at] * subject.values[at];
  }
  const Field around = gaussian_blur(white, kAroundShare * longer);
  const Field around_on_subject = gaussian_blur(on_subject, kAroundShare * longer);
  const Field share = gaussian_blur(subject, kAroundShare * longer);
  const int reach = 1 + static_cast<int>(kPeakReach * longer);
  const Field peaks = gaussian_blur(dilated(gaussian_blur(white, kPeakSoft * longer), reach), reach / 2.0);
  Field highlights(picture.width, picture.height);
  for (std::size_t at = 0; at < white.values.size(); ++at) {
    const float own = around_on_subject.values[at], of = share.values[at];
    const float within = own / std::max(of, 0.01F), without = (around.values[at] - own) / std::max(1 - of, 0.01F);
    const float usual = without + subject.values[at] * (within - without);
    const float stands_out = smooth_step(kStandsOutFrom, kStandsOut, white.values[at] - usual) *
                             smooth_step(kWhiteFrom, kWhiteTo, white.values[at]) *
                             smooth_step(kPeakFrom, kPeak, peaks.values[at]);
    highlights.values[at] = std::max(stands_out, smooth_step(kClippedFrom, 1, white.values[at]));
  }
  highlights = gaussian_blur(highlights, kHighlightSoft * longer);
  for (float& value : highlights.values) value = smooth_step(0, 0.6F, value);
  return highlights;
}

// In a light of so much for what it was, `full` where most falls. In the shade a highlight stays, and light comes from
// the thing itself, in its colour. What gets too bright goes half the way to white: each channel bent by itself makes
// yellow of skin, all by the same share make paint of it.
Colour in_light(const Colour& linear, Colour gain, float full, float highlight) {
  if (const float brightness = luminance_of(gain); brightness < full) {
    const float more = 1 + kHighlightKept * highlight * (full / std::max(brightness, 1e-3F) - 1);
    const float shade = 1 - brightness * more / full, luminance = luminance_of(linear) + kBouncedDarkest;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const float own = std::min((linear[channel] + kBouncedDarkest) / luminance, kBouncedMax);
      gain[channel] *= more * (1 + kBounced * shade * (own - 1));
    }
  }
  Colour bright{};
  for (std::size_t channel = 0; channel < 3; ++channel) bright[channel] = linear[channel] * gain[channel];
  const float whitest = std::max({gain[0], gain[1], gain[2]}), peak = std::max({bright[0], bright[1], bright[2]});
  if (whitest <= 1 || peak <= kKnee) return bright;
  const float share = toned(peak, whitest) / peak;
  for (float& channel : bright) channel = (toned(channel, whitest) + share * channel) / 2;
  return bright;
}

// 1 where a pixel tells of the light on the subject.
Field telling(const Raster& picture, const Field& subject) {
  const Field luma = luma_of(picture);
  Field weights(subject.width, subject.height);
  for (std::size_t at = 0; at < weights.values.size(); ++at) {
    const bool tells = subject.values[at] > kSure && luma.values[at] > kTooDark && luma.values[at] < kTooBright;
    weights.values[at] = tells ? 1 : 0;
  }
  return weights;
}

double mean_on(const Field& field, const Field& weights) {
  double sum = 0, total = 0;
  for (std::size_t at = 0; at < field.values.size(); ++at) {
    sum += static_cast<double>(field.values[at]) * weights.values[at];
    total += weights.values[at];
  }
  return total > 0 ? sum / total : 0;
}

// As far as the estimate is certain; its mean on the subject is about 1.
Field light_on(const Light& light, const Field3& normals, const Field& weights) {
  Field field(normals.width(), normals.height());
  for (std::size_t at = 0; at < field.values.size(); ++at) {
    field.values[at] = light.on({normals.first.values[at], normals.second.values[at], normals.third.values[at]});
  }
  const auto mean = static_cast<float>(std::max(mean_on(field, weights), 1e-3));
  const float trust = smooth_step(kUncertain, kCertain, static_cast<float>(light.certainty));
  for (float& value : field.values) value = std::pow(std::max(value / mean, kOldLightMin), trust);
  return field;
}

double mean_logarithm(const Raster& picture) {
  double sum = 0;
  for (std::size_t at = 0; at < picture.rgba.size(); at += Raster::kChannels) {
    const std::uint8_t* in = picture.rgba.data() + at;
    sum += std::log(luminance_of({linear_of(in[0]), linear_of(in[1]), linear_of(in[2])}) + 0.01F);
  }
  return sum * Raster::kChannels / static_cast<double>(picture.rgba.size());
}

// Where the subject keeps a lamp's light from what is behind it, 0 to 1: it is drawn out away from the lamp, fading,
// and softly.
Field shadow_of(const Field& subject, const Lamp& lamp) {
  const Field small = resized(subject, extent_within({subject.width, subject.height}, kShadowPixelsMax));
  const auto longer = static_cast<float>(std::max(small.width, small.height));
  const float before = std::max(std::abs(lamp.direction[2]), 0.4F);
  const float across = lamp.direction[0] / before, down = -lamp.direction[1] / before;
  const float stretch = kShadowLength * longer / std::max(1.0F, std::hypot(across, down)) / kShadowSteps;
  Field shadow(small.width, small.height);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      float deepest = 0;
      for (int step = 0; step < kShadowSteps; ++step) {
        const float way = static_cast<float>(step) * stretch;
        const float there = sample(small, static_cast<float>(x) + across * way, static_cast<float>(y) + down * way);
        deepest = std::max(deepest, there * (1 - static_cast<float>(step) / kShadowSteps));
      }
      shadow.at(x, y) = deepest;
    }
  }
  return resized(gaussian_blur(shadow, kShadowBlur * longer), {subject.width, subject.height});
}

}  // namespace

Result<LightStage> LightStage::prepare(const Raster& picture, const Saliency& network, const Task& task) {
  LightStage stage;
  {
    auto cut = subject_of(picture, network, task.part(0, 0.6));
    if (!cut) return std::unexpected(cut.error());
    stage.alpha_ = std::move(cut->alpha);
  }
  if (is_opaque(picture)) {
    if (auto settled = settle_layer(stage.alpha_, task.part(0.6, 0.7)); !settled) {
      return std::unexpected(settled.error());
    }
  }
  stage.picture_ = picture;
  const Raster small = resized(picture, extent_within(picture.extent(), kLookedAtPixelsMax));
  auto surface = estimate_surface(small, resized(stage.alpha_, small.extent()), task.part(0.7, 0.9));
  if (!surface) return std::unexpected(surface.error());
  stage.subject_ = std::move(surface->subject);
  stage.normals_ = std::move(surface->normals);
  for (Field* field : {&stage.normals_.first, &stage.normals_.second, &stage.normals_.third}) {
    *field = gaussian_blur(*field, kNormalsSoft * std::max(small.width, small.height));
  }
  stage.ground_ = surface->ground;
  const Field weights = telling(small, stage.subject_);
  stage.highlights_ = highlights_of(small, stage.subject_);
  stage.light_ = light_of(shading_of(small), stage.normals_, weights);
  stage.old_light_ = light_on(stage.light_, stage.normals_, weights);
  stage.cast_ = cast_of(small);
  stage.level_ = mean_logarithm(small);
  task.done(1);
  return stage;
}

Result<Raster> LightStage::lit(const Relight& how, const Task& task) const {
  return lit_by(lamp_of(how), task);
}

Result<Raster> LightStage::lit_as(const LightStage& reference, const Relight& how, const Task& task) const {
  Lamp lamp = reference.light_.lamp;
  // What is uncertain of its direction comes from around.
  const float trust = std::min(1.0F, 2 * static_cast<float>(reference.light_.certainty));
  lamp.ambient = 1 - (1 - lamp.ambient) * trust;
  const double brighter =
      std::clamp(std::exp(kReferenceShare * (reference.level_ - level_)), 1 / kBrighterMax, kBrighterMax);
  const Colour tint = tint_between(cast_, reference.cast_);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    lamp.around[channel] = tint[channel] * static_cast<float>(brighter);
    lamp.light[channel] = lamp.around[channel] * static_cast<float>(how.intensity);
  }
  return lit_by(lamp, task);
}

Result<LightStage::Sheet> LightStage::shares_by(const Lamp& lamp, const Task& task) const {
  Sheet sheet{subject_.width, subject_.height, std::vector<Shares>(subject_.values.size())};
  const float ambient = std::max(lamp.ambient, kAmbientMin);
  const float trust = smooth_step(kUncertain, kCertain, static_cast<float>(light_.certainty));
  const float wrap = kWrapMax + trust * (kWrapMin - kWrapMax);
  const Field shadow = shadow_of(subject_, lamp);
  const Direction& to = lamp.direction;
  const float longer = static_cast<float>(std::max(sheet.width, sheet.height));
  const auto done = task.rows(sheet.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const float row = (static_cast<float>(y) + 0.5F) / static_cast<float>(sheet.height);
      const auto tilt = static_cast<float>(ground_.tilt(row, {sheet.width, sheet.height}));
      const float turned = std::max(0.0F, tilt * to[1] + std::sqrt(1 - tilt * tilt) * to[2]);
      const float wall = kWallShare + (1 - kWallShare) * turned;
      const float ground =
          smooth_step(static_cast<float>(ground_.foot - kShadowRise), static_cast<float>(ground_.foot), row);
      const float shadow_depth = kShadowDepth * (kShadowOnWall + (1 - kShadowOnWall) * ground);
      for (int x = 0; x < sheet.width; ++x) {
        const std::size_t at = static_cast<std::size_t>(y) * sheet.width + x;
        const float faces =
            normals_.first.values[at] * to[0] + normals_.second.values[at] * to[1] + normals_.third.values[at] * to[2];
        const float nearer = (static_cast<float>(x) - static_cast<float>(sheet.width) / 2) / longer * to[0] +
                             (static_cast<float>(sheet.height) / 2 - static_cast<float>(y)) / longer * to[1];
        Shares& shares = sheet.shares[at];
        shares.subject_around = ambient / old_light_.values[at];
        // The power lets light end without an edge.
        const float reached = std::pow(std::max(0.0F, (faces + wrap) / (1 + wrap)), 1 + wrap);
        shares.subject_lamp = (1 - ambient) * reached / old_light_.values[at];
        shares.background_around = ambient;
        shares.background_lamp =
            (1 - ambient) * wall * std::exp(kFallOff * nearer) * (1 - shadow_depth * shadow.values[at]);
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  level(sheet);
  return sheet;
}

// Brings subject and background each to about the brightness that they had, by a lamp of intensity 1.
void LightStage::level(Sheet& sheet) const {
  double subject = 0, background = 0, subject_sum = 0, background_sum = 0;
  for (std::size_t at = 0; at < sheet.shares.size(); ++at) {
    const Shares& shares = sheet.shares[at];
    const double share = subject_.values[at];
    subject += share, background += 1 - share;
    subject_sum += share * (shares.subject_around + shares.subject_lamp);
    background_sum += (1 - share) * (shares.background_around + shares.background_lamp);
  }
  const auto factor = [](double pixels, double sum) {
    if (pixels <= 0 || sum <= 0) return 1.0F;
    return static_cast<float>(std::min(std::pow(pixels / sum, kLevelShare), kLevelMax));
  };
  const float of_subject = factor(subject, subject_sum), of_background = factor(background, background_sum);
  for (Shares& shares : sheet.shares) {
    shares.subject_around *= of_subject, shares.subject_lamp *= of_subject;
    shares.background_around *= of_background, shares.background_lamp *= of_background;
  }
}

LightStage::Shares LightStage::Sheet::at(float x, float y) const {
  const float inside_x = std::clamp(x, 0.0F, static_cast<float>(width - 1));
  const float inside_y = std::clamp(y, 0.0F, static_cast<float>(height - 1));
  const int left = static_cast<int>(inside_x), top = static_cast<int>(inside_y);
  const int right = std::min(left + 1, width - 1), bottom = std::min(top + 1, height - 1);
  const float across = inside_x - static_cast<float>(left), down = inside_y - static_cast<float>(top);
  const auto of = [&](int column, int row) -> const Shares& {
    return shares[static_cast<std::size_t>(row) * width + column];
  };
  const auto between = [](float a, float b, float share) { return a + share * (b - a); };
  const auto mix = [&](const Shares& a, const Shares& b, float share) {
    return Shares{between(a.subject_around, b.subject_around, share), between(a.subject_lamp, b.subject_lamp, share),
                  between(a.background_around, b.background_around, share),
                  between(a.background_lamp, b.background_lamp, share)};
  };
  return mix(mix(of(left, top), of(right, top), across), mix(of(left, bottom), of(right, bottom), across), down);
}

Result<Raster> LightStage::lit_by(const Lamp& lamp, const Task& task) const {
  const auto sheet = shares_by(lamp, task.part(0, 0.3));
  if (!sheet) return std::unexpected(sheet.error());
  Raster result = picture_;
  const auto done =
      task.part(0.3, 1).rows(result.height, [&](int begin, int end) { apply(lamp, *sheet, begin, end, result); });
  if (!done) return std::unexpected(done.error());
  return result;
}

void LightStage::apply(const Lamp& lamp, const Sheet& sheet, int begin, int end, Raster& result) const {
  const float to_x = static_cast<float>(sheet.width) / static_cast<float>(result.width);
  const float to_y = static_cast<float>(sheet.height) / static_cast<float>(result.height);
  const float full =
      std::min(1.0F, lamp.ambient * luminance_of(lamp.around) + (1 - lamp.ambient) * luminance_of(lamp.light));
  for (int y = begin; y < end; ++y) {
    const float from_y = (static_cast<float>(y) + 0.5F) * to_y - 0.5F;
    const float* alpha = alpha_.row(y);
    for (int x = 0; x < result.width; ++x) {
      const float from_x = (static_cast<float>(x) + 0.5F) * to_x - 0.5F;
      std::uint8_t* pixel = result.at(x, y);
      const Shares shares = sheet.at(from_x, from_y);
      const float around = shares.background_around + alpha[x] * (shares.subject_around - shares.background_around);
      const float direct = shares.background_lamp + alpha[x] * (shares.subject_lamp - shares.background_lamp);
      Colour gain{};
      for (std::size_t channel = 0; channel < 3; ++channel) {
        gain[channel] = around * lamp.around[channel] + direct * lamp.light[channel];
      }
      const Colour lit = in_light({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])}, gain, full,
                                  sample(highlights_, from_x, from_y));
      for (int channel = 0; channel < 3; ++channel) {
        pixel[channel] = dithered_byte(quickly_coded(lit[channel]), x, y, channel);
      }
    }
  }
}

Result<Raster> relight(const Raster& picture, const Relight& how, const Raster* reference, const Saliency& network,
                       const Task& task) {
  const double prepared = reference != nullptr ? 0.4 : 0.8;
  auto stage = LightStage::prepare(picture, network, task.part(0, prepared));
  if (!stage) return std::unexpected(stage.error());
  if (reference == nullptr) return stage->lit(how, task.part(prepared, 1));
  // Its light is the same when it is looked at smaller.
  auto other = LightStage::prepare(resized(*reference, extent_within(reference->extent(), kLookedAtPixelsMax)), network,
                                   task.part(prepared, 0.8));
  if (!other) return std::unexpected(other.error());
  return stage->lit_as(*other, how, task.part(0.8, 1));
}

std::int64_t relight_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  const std::int64_t field = pixels * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t raster = pixels * Raster::kChannels;
  return std::max(cut_out_bytes_max(picture), field + 2 * raster) + kLookedAtPixelsMax * 160;
}

}  // namespace tintype::engine
