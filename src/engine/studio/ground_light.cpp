#include "engine/studio/ground_light.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/raster/resample.h"
#include "engine/studio/defocus.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kShadowPixelsMax = 1'000'000;
constexpr float kTowardsCamera = 0.42F, kSideways = 0.8F;  // how far a shadow falls, in heights of what casts it

// How dark, how far beyond the feet, and how soft, in sizes of the subject.
struct Occlusion {
  float darkness, beyond, softness;
};
constexpr Occlusion kOcclusions[] = {{0.80F, 0.008F, 0.009F}, {0.58F, 0.035F, 0.03F}, {0.42F, 0.10F, 0.08F}};
constexpr float kBodyDarkness = 0.42F, kBodyShare = 0.42F, kBodySoftness = 0.10F;

void draw_ellipse(Field& field, float x, float y, float half_width, float half_depth) {
  const int first = std::clamp(static_cast<int>(y - half_depth), 0, field.height);
  const int last = std::clamp(static_cast<int>(y + half_depth) + 1, 0, field.height);
  for (int row = first; row < last; ++row) {
    const float down = (static_cast<float>(row) + 0.5F - y) / half_depth;
    if (std::abs(down) >= 1) continue;
    const float reach = half_width * std::sqrt(1 - down * down);
    for (int column = std::max(0, static_cast<int>(x - reach - 1));
         column < std::min(field.width, static_cast<int>(x + reach + 2)); ++column) {
      const float covered = std::clamp(reach + 0.5F - std::abs(static_cast<float>(column) + 0.5F - x), 0.0F, 1.0F);
      float& value = field.at(column, row);
      value = std::max(value, covered);
    }
  }
}

// The base with `beyond` pixels of the canvas around it.
void draw_base(Field& field, const Base& base, float beyond, float ratio) {
  const float grows = 1 + beyond / base.half_width();
  const auto edge = [&](float x, float side) {
    const float inner = base.middle_x() + side * (x - base.middle_x()) / grows;
    return base.middle_y + side * grows * (base.front_at(inner) - base.middle_y);
  };
  for (int column = 0; column < field.width; ++column) {
    const float x = (static_cast<float>(column) + 0.5F) / ratio;
    if (std::abs(x - base.middle_x()) > grows * base.half_width()) continue;
    const float back = edge(x, -1) * ratio, front = edge(x, 1) * ratio;
    for (int row = std::max(0, static_cast<int>(back)); row < std::min<float>(static_cast<float>(field.height), front);
         ++row) {
      const auto top = static_cast<float>(row);
      field.at(column, row) = std::clamp(std::min(top + 1, front) - std::max(top, back), 0.0F, 1.0F);
    }
  }
}

Result<void> blur_evenly(Field& field, float across, float down, const Task& task) {
  const std::vector<float> all_across(static_cast<std::size_t>(field.height), across);
  const std::vector<float> all_down(static_cast<std::size_t>(field.height), down);
  return blur_by_rows(field, all_across, all_down, task);
}

// Adds a layer of shade: light passes both.
void shade(Field& shadow, const Field& layer, float darkness) {
  for (std::size_t at = 0; at < shadow.values.size(); ++at) {
    shadow.values[at] = 1 - (1 - shadow.values[at]) * (1 - std::min(1.0F, darkness * layer.values[at]));
  }
}

Result<void> add_occlusion(Field& shadow, const Stage& stage, float ratio, const Task& task) {
  const float size = stage.size() * ratio, flat = std::max(stage.sine, 0.25F);
  for (const Occlusion& occlusion : kOcclusions) {
    Field layer(shadow.width, shadow.height);
    const float beyond = std::max(0.6F, occlusion.beyond * size);
    if (!stage.base.front.empty()) draw_base(layer, stage.base, beyond / ratio, ratio);
    for (const Foot& foot : stage.feet) {
      draw_ellipse(layer, foot.x * ratio, foot.y * ratio, foot.half_width * ratio + beyond,
                   std::max(1.0F, foot.half_depth * ratio + beyond * flat));
    }
    const float soft = std::max(0.7F, occlusion.softness * size);
    if (auto done = blur_evenly(layer, soft, soft * flat, task); !done) return done;
    shade(shadow, layer, occlusion.darkness);
  }
  // The body above the feet keeps the sky away from the ground around it.
  Field body(shadow.width, shadow.height);
  const float half = kBodyShare * (stage.subject_right - stage.subject_left) * ratio;
  draw_ellipse(body, 0.5F * (stage.subject_left + stage.subject_right) * ratio,
               stage.contact_y * ratio - 0.3F * half * flat, half, std::max(1.0F, half * flat));
  const float soft = kBodySoftness * size;
  if (auto done = blur_evenly(body, soft, soft * flat, task); !done) return done;
  shade(shadow, body, kBodyDarkness);
  return {};
}

// A card that stands for a slice of the subject: narrower towards the front of a round base.
struct Card {
  float line;       // the row on which it stands
  float narrowing;  // of the silhouette, around `middle`
  float middle;
};

std::vector<Card> cards_of(const Stage& stage) {
  if (stage.base.front.empty()) {
    float line = stage.contact_y;
    for (const Foot& foot : stage.feet) line = std::min(line, foot.y);
    return {{line, 1, 0}};
  }
  std::vector<Card> cards;
  for (const float forwards : {0.0F, 0.6F, 0.92F}) {
    cards.push_back({std::lerp(stage.base.middle_y, stage.contact_y, forwards), std::sqrt(1 - forwards * forwards),
                     stage.base.middle_x()});
  }
  return cards;
}

// The card's shadow on one row of the ground, `place` rows down the canvas, into what is darker.
void throw_row(const Card& card, const Field& alpha, const Stage& stage, float place, float ratio,
               std::span<float> row) {
  const float below = stage.contact_y - stage.horizon_y, size = stage.size();
  const float scale = below / (place - stage.horizon_y), card_scale = below / (card.line - stage.horizon_y);
  const float height = stage.focal * (card_scale - scale) / kTowardsCamera;
  if (height < 0) return;
  const float fades = 0.70F * std::exp(-height / (1.1F * size));
  for (std::size_t x = 0; x < row.size(); ++x) {
    const float across = ((static_cast<float>(x) + 0.5F) / ratio - stage.middle()) * scale;
    const float thrown = across + kSideways * stage.light_x * height + stage.middle();
    const float from_x = card.middle + (thrown - card.middle) / card.narrowing - static_cast<float>(stage.left);
    const float from_y = card.line - height - static_cast<float>(stage.top);
    if (from_x < 0 || from_y < 0 || from_x >= static_cast<float>(alpha.width)) continue;
    row[x] = std::max(row[x], fades * sample(alpha, from_x, from_y));
  }
}

// The subject's shadow on the ground, towards the camera and away from the light; the farther it falls the softer.
Result<void> add_cast(Field& shadow, const Field& alpha, const Stage& stage, float ratio, const Task& task) {
  const std::vector<Card> cards = cards_of(stage);
  const float below = stage.contact_y - stage.horizon_y, size = stage.size(), line = cards.front().line;
  Field cast(shadow.width, shadow.height);
  std::vector<float> softness(static_cast<std::size_t>(cast.height));
  for (int y = 0; y < cast.height; ++y) {
    const float place = (static_cast<float>(y) + 0.5F) / ratio;
    // It is as soft above the line where it begins as below.
    const float nearest = std::max(place, line);
    const float away = stage.focal * (below / (line - stage.horizon_y) - below / (nearest - stage.horizon_y));
    softness[static_cast<std::size_t>(y)] = (0.018F * size + 0.22F * away) * ratio;
    if (place <= line) continue;
    for (const Card& card : cards) {
      throw_row(card, alpha, stage, place, ratio, {cast.row(y), static_cast<std::size_t>(cast.width)});
    }
  }
  std::vector<float> down = softness;
  for (float& value : down) value *= 0.6F;
  if (auto done = blur_by_rows(cast, softness, down, task); !done) return done;
  shade(shadow, cast, 1);
  return {};
}

// A shade of the silhouette on what is parallel to it: so many sizes of the subject away from the light, and so soft.
struct Drop {
  float darkness, away, softness;
};
constexpr Drop kBehind[] = {{0.42F, 0.10F, 0.07F}};
constexpr Drop kLying[] = {{0.60F, 0.005F, 0.006F}, {0.58F, 0.028F, 0.018F}, {0.36F, 0.06F, 0.05F}};

Result<void> add_drops(Field& shadow, const Field& alpha, const Stage& stage, float ratio, const Task& task) {
  const bool lies = stage.pose == Pose::kLies;
  const float size = stage.size();
  for (const Drop& drop : lies ? std::span<const Drop>(kLying) : std::span<const Drop>(kBehind)) {
    Field layer(shadow.width, shadow.height);
    const float across = drop.away * size * stage.light_x - static_cast<float>(stage.left);
    const float down = -0.7F * drop.away * size - static_cast<float>(stage.top);
    for (int y = 0; y < layer.height; ++y) {
      for (int x = 0; x < layer.width; ++x) {
        const float from_x = (static_cast<float>(x) + 0.5F) / ratio + across;
        const float from_y = (static_cast<float>(y) + 0.5F) / ratio + down;
        const bool is_inside = from_x >= 0 && from_y >= 0 && from_x < static_cast<float>(alpha.width) &&
                               from_y < static_cast<float>(alpha.height + (lies ? 0 : layer.height));
        if (is_inside) layer.at(x, y) = sample(alpha, from_x, from_y);
      }
    }
    const float soft = std::max(0.7F, drop.softness * size * ratio);
    if (auto done = blur_evenly(layer, soft, soft, task); !done) return done;
    shade(shadow, layer, drop.darkness);
  }
  return {};
}

}  // namespace

Result<Field> shadow_of(const CutOut& subject, const Stage& stage, const Task& task) {
  const Extent sides = extent_within(stage.sides, kShadowPixelsMax);
  const float ratio = static_cast<float>(sides.width_px) / static_cast<float>(stage.sides.width_px);
  Field shadow(sides.width_px, sides.height_px);
  const Result<void> done = stage.stands() ? add_occlusion(shadow, stage, ratio, task.part(0, 0.7))
                                           : add_drops(shadow, subject.alpha, stage, ratio, task);
  if (!done) return std::unexpected(done.error());
  if (stage.stands()) {
    if (auto cast = add_cast(shadow, subject.alpha, stage, ratio, task.part(0.7, 1)); !cast) {
      return std::unexpected(cast.error());
    }
  }
  return shadow;
}

Result<Mirrored> mirrored(const CutOut& subject, const Stage& stage, float roughness, const Task& task) {
  Mirrored mirror;
  const int top = static_cast<int>(stage.contact_y);
  const Raster& picture = subject.foreground;
  const float size = stage.size();
  const Base& base = stage.base;
  mirror.top = std::max(0, static_cast<int>(base.front.empty() ? stage.contact_y : base.middle_y) - 1);
  mirror.left = stage.left;
  const int rows = stage.stands() ? std::min(stage.sides.height_px - mirror.top, static_cast<int>(1.6F * size)) : 0;
  if (rows <= 0) return mirror;
  mirror.light = Field3(picture.width, rows);
  mirror.alpha = Field(picture.width, rows);
  std::vector<float> blur(static_cast<std::size_t>(rows));
  for (int y = 0; y < rows; ++y) {
    blur[static_cast<std::size_t>(y)] =
        0.2F + roughness * (0.008F * size + 0.3F * std::max(0.0F, static_cast<float>(mirror.top + y - top)));
  }
  // The line about which a column is mirrored: the front of a base, or the contact.
  std::vector<float> line(static_cast<std::size_t>(picture.width), stage.contact_y);
  for (int x = 0; !base.front.empty() && x < picture.width; ++x) {
    line[static_cast<std::size_t>(x)] = base.front_at(static_cast<float>(x + stage.left) + 0.5F);
  }
  auto ran = task.part(0, 0.3).rows(rows, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        const float away = static_cast<float>(mirror.top + y) + 0.5F - line[static_cast<std::size_t>(x)];
        const int from = static_cast<int>(std::floor(line[static_cast<std::size_t>(x)] - away)) - stage.top;
        if (away <= 0 || from < 0 || from >= picture.height) continue;
        const std::uint8_t* pixel = picture.at(x, from);
        const float alpha = subject.alpha.at(x, from) * std::exp(-away / (0.5F * size));
        mirror.light.first.at(x, y) = alpha * linear_of(pixel[0]);
        mirror.light.second.at(x, y) = alpha * linear_of(pixel[1]);
        mirror.light.third.at(x, y) = alpha * linear_of(pixel[2]);
        mirror.alpha.at(x, y) = alpha;
      }
    }
  });
  if (!ran) return std::unexpected(ran.error());
  double done = 0.3;
  for (Field* field : {&mirror.light.first, &mirror.light.second, &mirror.light.third, &mirror.alpha}) {
    if (auto blurred = blur_by_rows(*field, blur, blur, task.part(done, done + 0.17)); !blurred) {
      return std::unexpected(blurred.error());
    }
    done += 0.17;
  }
  return mirror;
}

}  // namespace tintype::engine
