#include "engine/studio/stage.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kAnalysedPixelsMax = 512LL * 512;
constexpr float kOpaque = 0.5F;
constexpr float kCutShare = 0.04F;      // of a side that the subject fills where that side cuts it
constexpr float kNearlyShare = 0.012F;  // of the height
constexpr float kBelowShare = 0.42F;    // of what is free above and below
constexpr float kFocalShare = 2.2F;     // of the longer side: a short telephoto lens
constexpr float kUsualSine = 0.34F;     // about 20 degrees from above
constexpr float kSineMin = 0.2F, kSineMax = 0.55F;
constexpr float kBaseRiseMax = 0.5F;      // a round base seen from 35 degrees above
constexpr float kEllipseRise = 1.3F;      // of an ellipse at its end, by what is seen a little before
constexpr float kFlatRise = 0.1F;         // less tells nothing of the camera
constexpr float kApertureShare = 0.017F;  // of the shorter side: the blur at infinity
constexpr float kSharpDepth = 0.03F;      // around the contact, as a share of the distance
constexpr float kBendShare = 0.21F;       // of the height, half of what cloth needs to bend up

// What the small alpha says of the subject, in shares of its sides.
struct Outline {
  Field alpha;
  int left = 0, top = 0, right = -1, bottom = -1;  // the box of what is opaque, inclusive
  bool cut_left = false, cut_right = false, cut_top = false, cut_bottom = false;
  std::vector<float> lowest;  // of each column: the row below its lowest opaque pixel; -1: none
};

Outline outline_of(const Field& alpha) {
  Outline outline;
  outline.alpha = resized(alpha, extent_within({alpha.width, alpha.height}, kAnalysedPixelsMax));
  const Field& small = outline.alpha;
  outline.left = small.width;
  outline.top = small.height;
  outline.lowest.assign(static_cast<std::size_t>(small.width), -1);
  int at_left = 0, at_right = 0, at_top = 0, at_bottom = 0;
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      if (small.at(x, y) < kOpaque) continue;
      outline.left = std::min(outline.left, x);
      outline.right = std::max(outline.right, x);
      outline.top = std::min(outline.top, y);
      outline.bottom = y;
      outline.lowest[static_cast<std::size_t>(x)] = static_cast<float>(y + 1);
      at_left += x == 0;
      at_right += x == small.width - 1;
      at_top += y == 0;
    }
  }
  // Cut-outs may end a little before the picture does, where they fade.
  const int nearly = static_cast<int>(static_cast<float>(small.height) * (1 - kNearlyShare));
  for (const float lowest : outline.lowest) at_bottom += lowest > static_cast<float>(nearly);
  outline.cut_left = static_cast<float>(at_left) > kCutShare * static_cast<float>(small.height);
  outline.cut_right = static_cast<float>(at_right) > kCutShare * static_cast<float>(small.height);
  outline.cut_top = static_cast<float>(at_top) > kCutShare * static_cast<float>(small.width);
  outline.cut_bottom = static_cast<float>(at_bottom) > kCutShare * static_cast<float>(small.width);
  return outline;
}

// The picture's place on one side of the canvas: at the end that cuts the subject, else where `wanted` says.
int placed(int free, bool cut_before, bool cut_behind, float wanted) {
  if (cut_behind && !cut_before) return free;
  if (cut_before && !cut_behind) return 0;
  return std::clamp(static_cast<int>(std::lround(wanted)), 0, free);
}

// How far, in half widths, the lower edge rises from its lowest point to its ends: the sine of the angle from above
// where that edge is a round base's, about 0.7 where all is round. Nothing where the edge arches anywhere, as between
// legs, or between a hand and a foot.
std::optional<float> rise_of(const Outline& outline) {
  const float half = 0.5F * static_cast<float>(outline.right - outline.left + 1);
  const int inset = static_cast<int>(0.03F * half);
  const auto lowest = [&](int x) { return outline.lowest[static_cast<std::size_t>(x)]; };
  const float left = lowest(outline.left + inset), right = lowest(outline.right - inset);
  std::vector<float> from_right(outline.lowest.begin(), outline.lowest.begin() + outline.right - inset + 1);
  for (int x = outline.right - inset; x-- > outline.left;) {
    float& value = from_right[static_cast<std::size_t>(x)];
    value = std::max(value, from_right[static_cast<std::size_t>(x) + 1]);
  }
  float from_left = left;
  for (int x = outline.left + inset; x <= outline.right - inset; ++x) {
    from_left = std::max(from_left, lowest(x));
    if (lowest(x) < std::min(from_left, from_right[static_cast<std::size_t>(x)]) - 0.03F * half) return std::nullopt;
  }
  return (static_cast<float>(outline.bottom + 1) - 0.5F * (left + right)) / half;
}

// Runs of columns whose lowest pixels are the lowest of their surroundings and near the ground.
std::vector<Foot> feet_of(const Outline& outline, float sine) {
  const float width = static_cast<float>(outline.right - outline.left + 1);
  const float height = static_cast<float>(outline.bottom - outline.top + 1);
  const float size = std::sqrt(width * height);
  const int around = std::max(2, static_cast<int>(0.06F * width));
  const float ground = static_cast<float>(outline.bottom + 1) - 0.16F * std::min(size, width);
  const auto touches = [&](int x) {
    const float own = outline.lowest[static_cast<std::size_t>(x)];
    if (own < ground) return false;
    float lowest = own;
    for (int near = std::max(outline.left, x - around); near <= std::min(outline.right, x + around); ++near) {
      lowest = std::max(lowest, outline.lowest[static_cast<std::size_t>(near)]);
    }
    return own >= lowest - 0.012F * size;
  };
  std::vector<Foot> feet;
  for (int x = outline.left; x <= outline.right; ++x) {
    if (!touches(x)) continue;
    int end = x;
    float lowest = 0;
    // Steps between pixels do not part a foot.
    for (int at = x; at <= outline.right && at <= end + around / 2; ++at) {
      if (!touches(at)) continue;
      lowest = std::max(lowest, outline.lowest[static_cast<std::size_t>(at)]);
      end = at + 1;
    }
    const float half = 0.5F * static_cast<float>(end - x);
    const float depth = std::max(1.0F, half * sine);
    feet.push_back({static_cast<float>(x) + half, lowest - depth, half, depth});
    x = end;
  }
  return feet;
}

// From where light comes: how much brighter the subject is on its right than on its left. From the left where it does
// not say.
float light_of(const Raster& foreground, const Outline& outline) {
  const Raster small = resized(foreground, {outline.alpha.width, outline.alpha.height});
  const float middle = 0.5F * static_cast<float>(outline.left + outline.right);
  const float half = 0.5F * static_cast<float>(outline.right - outline.left + 1);
  double weight = 0, square = 0, brightness = 0, slope = 0;
  for (int y = outline.top; y <= outline.bottom; ++y) {
    for (int x = outline.left; x <= outline.right; ++x) {
      if (outline.alpha.at(x, y) < 0.9F) continue;
      const std::uint8_t* pixel = small.at(x, y);
      const double luma = (0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2]) / 255;
      const double across = (static_cast<float>(x) - middle) / half;
      weight += 1;
      square += across * across;
      brightness += luma;
      slope += across * luma;
    }
  }
  if (weight == 0 || square == 0 || brightness == 0) return -0.6F;
  const double relative = slope / square / (brightness / weight);
  return static_cast<float>(std::clamp(4 * relative - 0.35, -1.0, 1.0));
}

// Of each column of the canvas from `first` on, the row at which the subject begins, looked at from above, or from
// below.
std::vector<float> edge_of(const Field& alpha, const Stage& stage, int first, int last, bool from_above) {
  std::vector<float> edge(static_cast<std::size_t>(last - first), -1);
  int left_to_find = last - first;
  for (int row = 0; row < alpha.height && left_to_find > 0; ++row) {
    const int y = from_above ? row : alpha.height - 1 - row;
    for (int x = first; x < last; ++x) {
      float& found = edge[static_cast<std::size_t>(x - first)];
      if (found >= 0 || alpha.at(x, y) < kOpaque) continue;
      found = static_cast<float>((from_above ? y : y + 1) + stage.top);
      --left_to_find;
    }
  }
  return edge;
}

// By the alpha at full size, so that what is mirrored begins where the subject ends.
Base base_of(const Field& alpha, const Stage& stage, float rise) {
  Base base;
  base.left = static_cast<int>(stage.subject_left);
  const int first = std::clamp(base.left - stage.left, 0, alpha.width - 1);
  const int last = std::clamp(static_cast<int>(stage.subject_right) - stage.left, first + 1, alpha.width);
  base.front = edge_of(alpha, stage, first, last, false);
  const std::vector<float> highest = edge_of(alpha, stage, first, last, true);
  const float depth = std::max(kEllipseRise * rise, 0.5F * kUsualSine) * base.half_width();
  base.middle_y = stage.subject_bottom - depth;
  // Its far side, which is its front turned by half a turn, is nowhere above the subject that hides it.
  const std::size_t count = base.front.size(), inset = count / 32;
  for (std::size_t x = inset; x + inset < count; ++x) {
    const float turned = base.front[count - 1 - x];
    if (highest[x] >= 0 && turned >= 0) base.middle_y = std::max(base.middle_y, (highest[x] + turned) / 2);
  }
  base.middle_y = std::min(base.middle_y, stage.subject_bottom - 1);
  // The upright sides of what stands are no part of its base.
  for (float& front : base.front) front = std::max(front, base.middle_y);
  return base;
}

Direction unit(float u, float v, float w) {
  const float length = std::sqrt(u * u + v * v + w * w);
  return {u / length, v / length, w / length};
}

void place(Stage& stage, const Outline& outline, const Extent& picture) {
  const float ratio_x = static_cast<float>(picture.width_px) / static_cast<float>(outline.alpha.width);
  const float ratio_y = static_cast<float>(picture.height_px) / static_cast<float>(outline.alpha.height);
  const float left = static_cast<float>(outline.left) * ratio_x,
              right = static_cast<float>(outline.right + 1) * ratio_x;
  const float top = static_cast<float>(outline.top) * ratio_y;
  const float bottom = static_cast<float>(outline.bottom + 1) * ratio_y;
  const auto width = static_cast<float>(stage.sides.width_px), height = static_cast<float>(stage.sides.height_px);
  stage.left = placed(stage.sides.width_px - picture.width_px, outline.cut_left, outline.cut_right,
                      width / 2 - (left + right) / 2);
  stage.top = placed(stage.sides.height_px - picture.height_px, outline.cut_top, outline.cut_bottom,
                     (stage.stands() ? 1 - kBelowShare : 0.5F) * (height - (bottom - top)) - top);
  stage.subject_left = static_cast<float>(stage.left) + left;
  stage.subject_right = static_cast<float>(stage.left) + right;
  stage.subject_top = static_cast<float>(stage.top) + top;
  stage.subject_bottom = static_cast<float>(stage.top) + bottom;
  for (Foot& foot : stage.feet) {
    foot.x = foot.x * ratio_x + static_cast<float>(stage.left);
    foot.y = foot.y * ratio_y + static_cast<float>(stage.top);
    foot.half_width *= ratio_x;
    foot.half_depth *= ratio_y;
  }
}

}  // namespace

float Base::front_at(float x) const {
  const auto last = static_cast<std::ptrdiff_t>(front.size()) - 1;
  const auto at = static_cast<std::ptrdiff_t>(std::floor(x)) - left;
  return front[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, last))];
}

float Stage::size() const {
  return std::sqrt((subject_right - subject_left) * (subject_bottom - subject_top));
}

float Stage::middle() const {
  return 0.5F * static_cast<float>(sides.width_px);
}

Stage stage_for(const CutOut& subject, const Extent& sides, bool is_flat_lay) {
  const Outline outline = outline_of(subject.alpha);
  Stage stage{.sides = sides};
  const auto width = static_cast<float>(sides.width_px), height = static_cast<float>(sides.height_px);
  stage.unit = std::min(width, height);
  stage.sine = kUsualSine;
  if (outline.cut_bottom || outline.right < outline.left) stage.pose = Pose::kIsCut;
  if (is_flat_lay) stage.pose = Pose::kLies;
  if (outline.right >= outline.left) {
    const std::optional<float> rise = rise_of(outline);
    const bool has_base = stage.stands() && rise && *rise < kBaseRiseMax;
    if (has_base && *rise > kFlatRise) stage.sine = std::clamp(kEllipseRise * *rise, kSineMin, kSineMax);
    if (stage.stands() && !has_base) stage.feet = feet_of(outline, stage.sine);
    stage.light_x = light_of(subject.foreground, outline);
    place(stage, outline, subject.foreground.extent());
    if (has_base) stage.base = base_of(subject.alpha, stage, *rise);
  }
  stage.contact_y = stage.stands() ? stage.subject_bottom : height;
  const float tangent = stage.sine / std::sqrt(1 - stage.sine * stage.sine);
  stage.focal = kFocalShare * std::max(width, height);
  stage.horizon_y = stage.contact_y - stage.focal * tangent;
  const float usual = std::min(0.38F * height, stage.contact_y - 0.2F * height);
  stage.far_y = stage.contact_y - (stage.contact_y - usual) * std::max(1.0F, stage.sine / kUsualSine);
  return stage;
}

std::vector<StageRow> rows_of(const Stage& stage, bool bends) {
  const int height = stage.sides.height_px;
  const float below = stage.contact_y - stage.horizon_y;
  const float far_scale = below / (stage.far_y - stage.horizon_y);
  const float cosine = std::sqrt(1 - stage.sine * stage.sine);
  const float bend = bends ? kBendShare * static_cast<float>(height) : 0.5F;
  std::vector<StageRow> rows(static_cast<std::size_t>(height));
  for (int y = 0; y < height; ++y) {
    StageRow& row = rows[static_cast<std::size_t>(y)];
    const float place = static_cast<float>(y) + 0.5F;
    row.upright = stage.stands() ? 1 - smooth_step(stage.far_y - bend, stage.far_y + bend, place) : 1;
    const float floor_scale = below / (std::max(place, stage.far_y) - stage.horizon_y);
    row.scale = stage.stands() ? std::lerp(floor_scale, far_scale, row.upright) : 1;
    row.step_u = row.scale / stage.unit;
    row.step_v = std::lerp(stage.focal / below * row.scale, 1.0F, row.upright) * row.step_u;
    const float away = 1 - 1 / row.scale;
    row.blur =
        kApertureShare * stage.unit * std::max(0.0F, away > 0 ? away - kSharpDepth : -0.35F * away - kSharpDepth);
    if (!stage.stands()) row.blur = stage.pose == Pose::kIsCut ? 0.3F * kApertureShare * stage.unit : 0;
    row.light = unit(0.55F * stage.light_x, std::lerp(0.3F, 0.6F, row.upright), std::lerp(0.75F, 0.6F, row.upright));
    row.view = unit(0, std::lerp(-cosine, 0.12F, row.upright), std::lerp(stage.sine, 1.0F, row.upright));
  }
  // Depths add up from the contact, so that cloth runs on where it bends.
  const int contact = std::clamp(static_cast<int>(stage.contact_y), 0, height - 1);
  for (int y = contact - 1; y >= 0; --y) {
    rows[static_cast<std::size_t>(y)].v =
        rows[static_cast<std::size_t>(y) + 1].v + rows[static_cast<std::size_t>(y)].step_v;
  }
  for (int y = contact + 1; y < height; ++y) {
    rows[static_cast<std::size_t>(y)].v =
        rows[static_cast<std::size_t>(y) - 1].v - rows[static_cast<std::size_t>(y)].step_v;
  }
  return rows;
}

}  // namespace tintype::engine
