#include "engine/studio/backdrop.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/raster/colour.h"
#include "engine/raster/resample.h"
#include "engine/studio/defocus.h"
#include "engine/studio/ground_light.h"
#include "engine/studio/material.h"
#include "engine/studio/stage.h"

namespace tintype::engine {

namespace {

constexpr float kNoiseMax = 0.012F;  // of coded values: a noisier subject would need a denoiser, not more noise
constexpr int kNoiseBlockPx = 16;
constexpr float kNoisePercentile = 0.2F;  // of blocks: those that hold little but noise

Colour mixed(const Colour& a, const Colour& b, float share) {
  return {between(a[0], b[0], share), between(a[1], b[1], share), between(a[2], b[2], share)};
}

// The standard deviation of the subject's noise, coded (Immerkaer, 1996), where it is calmest.
float noise_of(const CutOut& subject) {
  const Raster& picture = subject.foreground;
  const Field luma = luma_of(picture);
  std::vector<float> blocks;
  for (int top = 1; top + kNoiseBlockPx < picture.height; top += 2 * kNoiseBlockPx) {
    for (int left = 1; left + kNoiseBlockPx < picture.width; left += 2 * kNoiseBlockPx) {
      float sum = 0, least = 1;
      for (int y = top; y < top + kNoiseBlockPx; ++y) {
        for (int x = left; x < left + kNoiseBlockPx; ++x) {
          least = std::min(least, subject.alpha.at(x, y));
          sum += std::abs(luma.at(x - 1, y - 1) + luma.at(x + 1, y - 1) + luma.at(x - 1, y + 1) +
                          luma.at(x + 1, y + 1) + 4 * luma.at(x, y) - 2 * luma.at(x - 1, y) - 2 * luma.at(x + 1, y) -
                          2 * luma.at(x, y - 1) - 2 * luma.at(x, y + 1));
        }
      }
      if (least > 0.98F) blocks.push_back(sum);
    }
  }
  if (blocks.empty()) return 0;
  const auto chosen =
      blocks.begin() + static_cast<std::ptrdiff_t>(kNoisePercentile * static_cast<float>(blocks.size()));
  std::ranges::nth_element(blocks, chosen);
  return std::min(kNoiseMax, *chosen * 1.2533F / (6.0F * kNoiseBlockPx * kNoiseBlockPx));
}

// The room behind a table's end, and what polished ground mirrors of it.
class Room {
 public:
  Room(const Stage& stage, const MaterialLook& look) : stage_(stage) {
    Colour lab = oklab_of(look.base());
    // Dark tables stand before dark walls, all others before light ones.
    const float light = smooth_step(0.28F, 0.62F, lab[0]);
    lab[0] = between(0.27F, 0.90F, light);
    glow_ = between(1.25F, 0.64F, light);
    lab[1] *= 0.14F;
    lab[2] *= 0.14F;
    wall_ = linear_of_oklab(lab);
  }

  Colour wall(float x, float y) const {
    const float short_side = stage_.unit;
    const float across = (x - stage_.middle() - 0.22F * stage_.light_x * short_side) / (0.95F * short_side);
    const float down = (y - stage_.far_y + 0.06F * short_side) / (0.75F * short_side);
    const float glow = std::exp(-across * across - down * down);
    const float level = 0.46F + glow_ * glow;
    return {wall_[0] * level, wall_[1] * level, wall_[2] * level};
  }

 private:
  const Stage& stage_;
  Colour wall_;
  float glow_;  // how much brighter it is behind the subject
};

// Everything that is the same for all pixels of a picture.
struct Setting {
  Stage stage;
  MaterialLook look;
  std::vector<StageRow> rows;
  Room room;
  float polish;  // the share that is mirrored where one looks along the ground

  Setting(const CutOut& subject, const Backdrop& backdrop, const Extent& sides, std::uint32_t seed)
      : stage(stage_for(subject, sides, backdrop.is_flat_lay)),
        look(backdrop, seed),
        rows(rows_of(stage, look.is_cloth())),
        room(stage, look),
        polish(static_cast<float>(backdrop.reflection.value_or(usual_reflection(backdrop.material)))) {}

  // Of light that meets the ground at the angle under which this row is seen (after Schlick, 1994).
  float mirrored_share(float y) const {
    const float below = y - stage.horizon_y;
    const float sine = below / std::sqrt(stage.focal * stage.focal + below * below);
    const float grazing = 1 - sine;
    return polish * (0.25F + 0.75F * grazing * grazing * grazing);
  }
};

// A pool of light around the subject, from the side that lights it; towards the corners it falls off.
float pool_of(const Setting& setting, float x, float y) {
  const Stage& stage = setting.stage;
  const float reach =
      0.62F * std::sqrt(static_cast<float>(stage.sides.width_px) * static_cast<float>(stage.sides.width_px) +
                        static_cast<float>(stage.sides.height_px) * static_cast<float>(stage.sides.height_px));
  const float middle = 0.5F * (stage.subject_left + stage.subject_right);
  const float across = (x - middle - 0.16F * stage.light_x * stage.unit) / reach;
  const float down = (y - stage.contact_y + 0.16F * stage.unit) / reach;
  const float depth = setting.look.material() == Material::kPlain ? 0.2F : 0.42F;
  return 1.04F - depth + depth * std::exp(-1.1F * (across * across + down * down));
}

// How much light a sweep gets on its way up: a gradient's wall falls off into the dark.
float sweep_of(const Setting& setting, float y, float upright) {
  if (!setting.look.is_cloth() || setting.stage.pose == Pose::kLies) return 1;
  const Stage& stage = setting.stage;
  const float up = std::clamp((stage.far_y - y) / std::max(1.0F, stage.far_y), -1.0F, 1.0F);
  if (setting.look.material() == Material::kGradient) {
    return 1.06F - 0.66F * smooth_step(-0.35F, 1.1F, up);
  }
  const float darker = setting.look.material() == Material::kPlain ? 0.5F : 1.0F;
  return 1 - darker * (0.12F * upright + 0.10F * smooth_step(0, 1, up));
}

Colour ground_at(const Setting& setting, const StageRow& row, float x, float y) {
  const Stage& stage = setting.stage;
  const Spot spot{.place = {(x - stage.middle()) * row.step_u, row.v},
                  .footprint = std::sqrt(row.step_u * row.step_v),
                  .depth_step = row.step_v,
                  .light = row.light,
                  .view = row.view};
  Colour colour = setting.look.lit(spot);
  const float level = pool_of(setting, x, y) * sweep_of(setting, y, row.upright);
  for (float& channel : colour) channel *= level;
  if (setting.look.is_cloth() || setting.polish <= 0 || !stage.stands()) return colour;
  return mixed(colour, setting.room.wall(x, 2 * stage.far_y - y), setting.mirrored_share(y));
}

Result<Field3> surface_of(const Setting& setting, const Task& task) {
  const Extent& sides = setting.stage.sides;
  Field3 light(sides.width_px, sides.height_px);
  auto ran = task.rows(sides.height_px, [&](int begin, int end) {
    for (int y = begin; y < end && !task.is_cancelled(); ++y) {
      const StageRow& row = setting.rows[static_cast<std::size_t>(y)];
      const bool is_wall = setting.stage.stands() && !setting.look.is_cloth() && row.upright > 0.5F;
      for (int x = 0; x < sides.width_px; ++x) {
        const float middle_x = static_cast<float>(x) + 0.5F, middle_y = static_cast<float>(y) + 0.5F;
        const Colour colour =
            is_wall ? setting.room.wall(middle_x, middle_y) : ground_at(setting, row, middle_x, middle_y);
        light.first.at(x, y) = colour[0];
        light.second.at(x, y) = colour[1];
        light.third.at(x, y) = colour[2];
      }
    }
  });
  if (!ran) return std::unexpected(ran.error());
  return light;
}

Result<void> defocus(const Setting& setting, Field3& light, const Task& task) {
  std::vector<float> blur;
  for (const StageRow& row : setting.rows) blur.push_back(row.blur);
  double done = 0;
  for (Field* field : {&light.first, &light.second, &light.third}) {
    if (auto blurred = blur_by_rows(*field, blur, blur, task.part(done, done + 0.33)); !blurred) return blurred;
    done += 0.33;
  }
  return {};
}

// All that is laid over the surface, and the subject over all.
struct Composition {
  const CutOut& subject;
  const Setting& setting;
  Field3 light;
  Field shadow;  // at reduced size
  Mirrored mirror;
  Field inside;  // the subject's alpha, blurred as far as light wraps around it
  float darkness = 1, noise = 0;
  std::uint32_t seed = 0;
};

// How much of the subject's mirror image is at a place, and what it sends.
struct Reflected {
  float hidden = 0;
  Colour light{};
};

Reflected reflected_at(const Mirrored& mirror, int x, int y) {
  const int at_x = x - mirror.left, at_y = y - mirror.top;
  if (at_x < 0 || at_y < 0 || at_x >= mirror.alpha.width || at_y >= mirror.alpha.height) return {};
  return {mirror.alpha.at(at_x, at_y),
          {mirror.light.first.at(at_x, at_y), mirror.light.second.at(at_x, at_y), mirror.light.third.at(at_x, at_y)}};
}

// The light of the surface under the subject's shade: what it scatters gets darker, what it mirrors of the room is
// where the subject's own image does not hide it.
Colour surface_at(const Composition& composition, int x, int y) {
  const Setting& setting = composition.setting;
  const Extent& sides = setting.stage.sides;
  Colour colour{composition.light.first.at(x, y), composition.light.second.at(x, y), composition.light.third.at(x, y)};
  const float middle_x = static_cast<float>(x) + 0.5F, middle_y = static_cast<float>(y) + 0.5F;
  const float to_shadow_x = static_cast<float>(composition.shadow.width) / static_cast<float>(sides.width_px);
  const float to_shadow_y = static_cast<float>(composition.shadow.height) / static_cast<float>(sides.height_px);
  const float shade =
      composition.darkness * sample(composition.shadow, middle_x * to_shadow_x - 0.5F, middle_y * to_shadow_y - 0.5F);
  const Reflected reflected = reflected_at(composition.mirror, x, y);
  if (shade <= 0 && reflected.hidden <= 0) return colour;
  const bool mirrors = setting.polish > 0 && setting.stage.stands();
  const float share = mirrors ? setting.mirrored_share(middle_y) : 0;
  const Colour room = mirrors ? setting.room.wall(middle_x, 2 * setting.stage.far_y - middle_y) : Colour{};
  const float most = std::max({colour[0], colour[1], colour[2], 1e-4F});
  for (std::size_t channel = 0; channel < 3; ++channel) {
    // In the shade light has met the ground more than once, and has more of its colour.
    const float left = (1 - shade) * (1 - 0.14F * shade * (1 - colour[channel] / most));
    const float mirrored_room = std::min(share * room[channel], 0.9F * colour[channel]);
    colour[channel] = (colour[channel] - mirrored_room) * left + mirrored_room * (1 - reflected.hidden) +
                      share * reflected.light[channel];
  }
  return colour;
}

// About normal, mean 0, standard deviation 1.
float grain_at(int x, int y, std::uint32_t seed) {
  const std::uint32_t bits = cell_bits(x, y, seed);
  const std::uint32_t sum = (bits & 0xFFU) + (bits >> 8U & 0xFFU) + (bits >> 16U & 0xFFU) + (bits >> 24U);
  return (static_cast<float>(sum) - 510.0F) / 147.8F;
}

// Highlights roll off instead of ending in a flat white, and keep their hue.
Colour rolled_off(const Colour& linear) {
  constexpr float kKnee = 0.82F;
  const float most = std::max({linear[0], linear[1], linear[2]});
  if (most <= kKnee) return linear;
  const float over = (most - kKnee) / (1 - kKnee);
  const float by = (kKnee + (1 - kKnee) * over / (1 + over)) / most;
  return {linear[0] * by, linear[1] * by, linear[2] * by};
}

void compose_row(const Composition& composition, int y, Raster& result) {
  const Stage& stage = composition.setting.stage;
  const Raster& picture = composition.subject.foreground;
  const int from_y = y - stage.top;
  for (int x = 0; x < result.width; ++x) {
    const Colour light = rolled_off(surface_at(composition, x, y));
    Colour coded{coded_of(light[0]), coded_of(light[1]), coded_of(light[2])};
    // At least half a step of noise, so that nothing bands.
    const float grain = std::max(composition.noise, 0.5F / 255) * grain_at(x, y, composition.seed);
    for (float& channel : coded) channel += grain;
    std::uint8_t* out = result.at(x, y);
    out[3] = 255;
    const int from_x = x - stage.left;
    const bool is_inside = from_x >= 0 && from_y >= 0 && from_x < picture.width && from_y < picture.height;
    const float alpha = is_inside ? composition.subject.alpha.at(from_x, from_y) : 0;
    if (alpha <= 0) {
      for (int channel = 0; channel < 3; ++channel) out[channel] = byte_of(coded[channel]);
      continue;
    }
    const std::uint8_t* pixel = picture.at(from_x, from_y);
    const float outside = std::max(0.0F, 1 - composition.inside.at(from_x, from_y) - 1e-5F);
    const float wrap = kLightWrapMost * std::min(1.0F, 2 * outside);
    for (int channel = 0; channel < 3; ++channel) {
      const float own = static_cast<float>(pixel[channel]) / 255.0F;
      const float wrapped = between(own, coded[channel], wrap);
      out[channel] = byte_of(between(coded[channel], wrapped, alpha));
    }
  }
}

}  // namespace

int light_wrap_px(const Extent& sides) {
  return std::max(2, std::min(sides.width_px, sides.height_px) / 400);
}

Result<Raster> on_backdrop(const CutOut& subject, const Backdrop& backdrop, const Extent& sides, std::uint32_t seed,
                           const Task& task) {
  const Raster& picture = subject.foreground;
  if (sides.width_px < picture.width || sides.height_px < picture.height) {
    return fail(ErrorCode::kInvalidInput, "The canvas is smaller than the picture");
  }
  const Setting setting(subject, backdrop, sides, seed);
  auto light = surface_of(setting, task.part(0, 0.6));
  if (!light) return std::unexpected(light.error());
  if (auto done = defocus(setting, *light, task.part(0.6, 0.7)); !done) return std::unexpected(done.error());
  auto shadow = shadow_of(subject, setting.stage, task.part(0.7, 0.75));
  if (!shadow) return std::unexpected(shadow.error());
  Mirrored mirror;
  if (setting.polish > 0 && setting.stage.stands()) {
    auto made = mirrored(subject, setting.stage, setting.look.roughness(), task.part(0.75, 0.85));
    if (!made) return std::unexpected(made.error());
    mirror = std::move(*made);
  }
  // Two boxes reach as far as twice half their length: no farther than light wraps.
  Field inside = subject.alpha;
  const float wrap = static_cast<float>(light_wrap_px(picture.extent())) / 3;
  const std::vector<float> blur(static_cast<std::size_t>(picture.height), wrap);
  if (auto done = blur_by_rows(inside, blur, blur, task.part(0.85, 0.9)); !done) return std::unexpected(done.error());
  const Composition composition{.subject = subject,
                                .setting = setting,
                                .light = std::move(*light),
                                .shadow = std::move(*shadow),
                                .mirror = std::move(mirror),
                                .inside = std::move(inside),
                                .darkness = static_cast<float>(std::clamp(backdrop.shadow, 0.0, 1.0)),
                                .noise = noise_of(subject),
                                .seed = cell_bits(1, 2, seed)};
  Raster result(sides.width_px, sides.height_px);
  auto ran = task.part(0.9, 1).rows(sides.height_px, [&](int begin, int end) {
    for (int y = begin; y < end && !task.is_cancelled(); ++y) compose_row(composition, y, result);
  });
  if (!ran) return std::unexpected(ran.error());
  return result;
}

std::int64_t on_backdrop_bytes_max(const Extent& sides) {
  const std::int64_t pixels = std::int64_t{sides.width_px} * sides.height_px;
  // Three fields of light, at most four of what is mirrored, two of alpha and luma, and the result.
  return pixels * (9 * static_cast<std::int64_t>(sizeof(float)) + Raster::kChannels) + (64LL << 20);
}

}  // namespace tintype::engine
