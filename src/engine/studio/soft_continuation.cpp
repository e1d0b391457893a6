#include "engine/studio/soft_continuation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/body_continuation.h"
#include "engine/studio/matting.h"
#include "engine/studio/patch_fill.h"
#include "engine/studio/smooth_fill.h"
#include "engine/studio/soften.h"
#include "engine/studio/subject_mask.h"
#include "engine/studio/texture.h"
#include "engine/studio/usual_colour.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixels = 160'000;
constexpr float kSubject = 0.5F, kSubjectMin = 0.1F;
// Parts of the shorter side: what is so near an edge reaches it, what reaches it along less is nothing, and so deep it
// has to stay as it is at the edge, up to so many levels, to go on straight. As far as most of it does: an outline that
// runs aslant is a small part of a body.
constexpr float kReachPart = 0.05F, kRunPart = 0.02F, kDepthPart = 0.1F;
constexpr float kChangeMax = 16, kMost = 0.9F;
// Of scenery: how low it is at the sides, in parts of the height; so near them, in pixels, a network may miss it.
constexpr float kLowPart = 0.33F;
constexpr int kSceneryInwards = 3;
// Without a network textures are taken for subjects. They are seen where the picture is so small: most pixels there
// have neighbours that differ by so many levels.
constexpr int kTextureSide = 96, kTextureReach = 2;
constexpr float kRough = 40, kTextureShare = 0.7F;

// Of the background, in parts of the picture's shorter side. Near an edge that cuts a subject off what the subject
// hides is made up as well, as deep as this. Beyond the edge it gets this soft, most of it within such a distance.
constexpr float kMadeUpPart = 0.25F, kBesidePart = 0.01F;
constexpr float kSoftMost = 0.006F, kSoftWithin = 0.15F;
// Where a line shows along so much of what is background at the edge, it goes on as a fog instead: so deep at most it
// is seen in a mirror, and from so far on its softness has grown to its share of the distance.
constexpr int kLineParts = 64;
constexpr float kLineShare = 0.13F, kLineStep = 8;
constexpr float kMirrorPart = 0.6F, kBlurPart = 0.03F, kBlurGrowth = 0.2F;
// What is unlike most of what is around it, within a part of the shorter side, becomes like that at such a distance.
constexpr float kAroundPart = 0.15F, kUsualPart = 0.012F;
// A small picture is squeezed by so much sideways, where places count of which so much at least is seen.
constexpr int kSqueezed = 8;
constexpr float kKnownMin = 0.1F;
constexpr float kJoinPart = 0.06F;  // of the shorter side: within so much what is beyond an edge joins it
// Of larger canvases the background is made smaller: it is out of focus anyway.
constexpr std::int64_t kFilledPixelsMax = 4'000'000;
constexpr int kSparedStep = 4;  // pixels of the canvas, of which it is said at once whether they may be a source

float part_of(const Extent& sides, float part) {
  return part * static_cast<float>(std::min(sides.width_px, sides.height_px));
}

// A small picture as one of its edges sees it.
class Edge {
 public:
  Edge(const Field3& colours, const Field& subject, const Field* texture, PictureEdge which)
      : colours_(colours),
        subject_(subject),
        texture_(texture),
        which_(which),
        length_(which < kTopEdge ? subject.height : subject.width) {
    const Extent sides{subject.width, subject.height};
    reach_ = std::max(1, static_cast<int>(std::lround(part_of(sides, kReachPart))));
    depth_ = std::max(2, static_cast<int>(std::lround(part_of(sides, kDepthPart))));
    run_ = std::max(2, static_cast<int>(std::lround(part_of(sides, kRunPart))));
  }

  float share_that_cuts_subject() const {
    int cut = 0;
    for (int begin = 0; begin < length_;) {
      int end = begin;
      while (end < length_ && reaches(end)) ++end;
      const bool goes_on =
          end - begin < run_ || is_texture(begin, end) || most_change(begin - run_, end + run_) <= kChangeMax / 255;
      if (!goes_on) cut += end - begin;
      begin = std::max(end, begin + 1);
    }
    return static_cast<float>(cut) / static_cast<float>(length_);
  }

 private:
  float at(const Field& field, int along, int inwards) const {
    switch (which_) {
      case kLeftEdge: return field.at(inwards, along);
      case kRightEdge: return field.at(field.width - 1 - inwards, along);
      case kTopEdge: return field.at(along, inwards);
      case kBottomEdge: return field.at(along, field.height - 1 - inwards);
    }
    return 0;
  }
  bool reaches(int along) const {
    for (int inwards = 0; inwards < reach_; ++inwards) {
      if (at(subject_, along, inwards) > kSubject) return true;
    }
    return false;
  }
  bool is_texture(int begin, int end) const {
    if (texture_ == nullptr) return false;
    float sum = 0;
    for (int along = begin; along < end; ++along) {
      for (int inwards = 0; inwards < depth_; ++inwards) sum += at(*texture_, along, inwards);
    }
    return sum > kTextureShare * static_cast<float>((end - begin) * depth_);
  }
  // How much the picture differs on its way inwards from what it is at the edge.
  float change(int along) const {
    float sum = 0;
    for (const Field* field : {&colours_.first, &colours_.second, &colours_.third}) {
      for (int inwards = 1; inwards < depth_; ++inwards) {
        sum += std::abs(at(*field, along, inwards) - at(*field, along, 0));
      }
    }
    return sum / static_cast<float>(3 * (depth_ - 1));
  }
  float most_change(int begin, int end) const {
    std::vector<float> changes;
    for (int along = std::max(0, begin); along < std::min(length_, end); ++along) changes.push_back(change(along));
    const auto most = changes.begin() + static_cast<std::ptrdiff_t>(kMost * static_cast<float>(changes.size() - 1));
    std::ranges::nth_element(changes, most);
    return *most;
  }

  const Field3& colours_;
  const Field& subject_;
  const Field* texture_;  // null: none is taken for a subject
  PictureEdge which_;
  int length_, reach_ = 0, depth_ = 0, run_ = 0;
};

// Which pixels of a canvas one stands for where it is seen smaller.
class Axis {
 public:
  Axis(int length, int seen) : scale_(static_cast<double>(length) / seen) {}
  int middle(int at) const { return static_cast<int>((at + 0.5) * scale_); }
  int first(int at) const { return static_cast<int>(at * scale_); }
  int last(int at) const { return static_cast<int>(std::ceil((at + 1) * scale_)) - 1; }

 private:
  double scale_;
};

// A picture without its subject, which lies in a canvas.
class Background {
 public:
  Background(const Raster& picture, const CutSubject& cut, int left, int top, const Extent& canvas)
      : picture_(picture), cut_(cut), left_(left), top_(top), canvas_(canvas), side_(part_of(picture.extent(), 1)) {
    const Extent small{cut.subject.width, cut.subject.height};
    subject_ = dilated(cut.subject, std::max(1, static_cast<int>(part_of(small, kBesidePart))));
    const Raster seen_small = resized(picture, small);
    colours_ = coded_colours(seen_small);
    usual_ = usual_colours(seen_small, static_cast<int>(part_of(small, kAroundPart / 2)));
    for (Field3* colours : {&colours_, &usual_}) {
      for (Field* field : {&colours->first, &colours->second, &colours->third}) *field = without_subject(*field);
    }
  }

  // Between 0 and 1: how much of what lies there is beyond edges that cut a subject off.
  float share(int x, int y) const { return share_of(cut_.share, x, y); }

  // The canvas with what goes on beyond such edges.
  Result<Raster> continued(const Raster& canvas, const Task& task) const {
    auto made = filled(canvas, task.part(0, 0.8));
    if (!made) return made;
    std::array<float, 4> foggy{};
    for (const PictureEdge edge : kPictureEdges) {
      foggy[edge] = cut_.share[edge] > 0 && line_share(*made, edge) > kLineShare ? 1.0F : 0.0F;
    }
    for (int y = 0; y < canvas_.height_px; ++y) {
      for (int x = 0; x < canvas_.width_px; ++x) {
        const float fog = is_within(x, y) ? 0 : share_of(foggy, x, y);
        if (fog <= 0) continue;
        const auto colour = mirrored(x, y);
        std::uint8_t* to = made->at(x, y);
        for (std::size_t at = 0; at < colour.size(); ++at) {
          to[at] = static_cast<std::uint8_t>(std::lround(std::lerp(static_cast<float>(to[at]), colour[at], fog)));
        }
        to[3] = 255;
      }
    }
    for (const PictureEdge edge : kPictureEdges) {
      if (cut_.share[edge] > 0) join(edge, *made);
    }
    const auto softness = [&](int x, int y) {
      if (share(x, y) <= 0) return 0.0F;
      const float away = std::hypot(static_cast<float>(beyond_x(x)), static_cast<float>(beyond_y(y)));
      const float fog = kBlurGrowth * away * away / (away + kBlurPart * side_);
      return std::lerp(kSoftMost * side_ * (1 - std::exp(-away / (kSoftWithin * side_))), fog, share_of(foggy, x, y));
    };
    if (const auto done = soften(*made, softness, task.part(0.8, 1)); !done) return std::unexpected(done.error());
    return made;
  }

 private:
  // What the subject hides becomes like what is beside it rather than like what is above it: as skies, hills and floors
  // lie.
  Field without_subject(const Field& values) const {
    Field known = subject_, weighted = values;
    for (std::size_t at = 0; at < known.values.size(); ++at) {
      known.values[at] = subject_.values[at] > kSubjectMin ? 0.0F : 1.0F, weighted.values[at] *= known.values[at];
    }
    const Extent squeezed{std::max(1, values.width / kSqueezed), values.height};
    Field seen = resized(weighted, squeezed), parts = resized(known, squeezed);
    for (std::size_t at = 0; at < seen.values.size(); ++at) {
      seen.values[at] /= std::max(parts.values[at], 1e-3F),
          parts.values[at] = parts.values[at] > kKnownMin ? 1.0F : 0.0F;
    }
    const Field around = resized(smoothly_filled(seen, parts), {values.width, values.height});
    Field filled = values;
    for (std::size_t at = 0; at < filled.values.size(); ++at) {
      filled.values[at] = std::lerp(around.values[at], values.values[at], known.values[at]);
    }
    return filled;
  }

  static int beyond(int at, int length) { return at < 0 ? at : std::max(0, at - length + 1); }
  int beyond_x(int x) const { return beyond(x - left_, picture_.width); }
  int beyond_y(int y) const { return beyond(y - top_, picture_.height); }
  bool is_within(int x, int y) const { return beyond_x(x) == 0 && beyond_y(y) == 0; }

  // Of what edges have, what a place beyond them gets.
  float share_of(const std::array<float, 4>& edges, int x, int y) const {
    const auto across = static_cast<float>(std::abs(beyond_x(x))), down = static_cast<float>(std::abs(beyond_y(y)));
    if (across + down == 0) return 0;
    const bool is_across = edges[beyond_x(x) < 0 ? kLeftEdge : kRightEdge] > 0;
    const bool is_down = edges[beyond_y(y) < 0 ? kTopEdge : kBottomEdge] > 0;
    return ((is_across ? across : 0) + (is_down ? down : 0)) / (across + down);
  }
  // Of a field as large as the small picture, at a pixel of the picture.
  float at_picture(const Field& field, int x, int y) const {
    const float across = static_cast<float>(field.width) / static_cast<float>(picture_.width);
    const float down = static_cast<float>(field.height) / static_cast<float>(picture_.height);
    return sample(field, (static_cast<float>(x) + 0.5F) * across - 0.5F, (static_cast<float>(y) + 0.5F) * down - 0.5F);
  }
  bool is_subject(int x, int y) const { return at_picture(subject_, x, y) > kSubjectMin; }
  bool is_near_cut(int x, int y) const {
    const std::array<int, 4> deep{x, picture_.width - 1 - x, y, picture_.height - 1 - y};
    return std::ranges::any_of(kPictureEdges, [&](PictureEdge edge) {
      return cut_.share[edge] > 0 && static_cast<float>(deep[edge]) < kMadeUpPart * side_;
    });
  }

  // Of patches of the background.
  Result<Raster> filled(const Raster& canvas, const Task& task) const {
    const Extent sides = extent_within(canvas_, kFilledPixelsMax);
    const bool is_smaller = sides != canvas_;
    const Axis across(canvas.width, sides.width_px), down(canvas.height, sides.height_px);
    Field hole(sides.width_px, sides.height_px);
    Field spared((hole.width + kSparedStep - 1) / kSparedStep, (hole.height + kSparedStep - 1) / kSparedStep);
    for (int y = 0; y < hole.height; ++y) {
      for (int x = 0; x < hole.width; ++x) {
        const int at_x = across.middle(x), at_y = down.middle(y);
        if (!is_within(across.first(x), down.first(y)) || !is_within(across.last(x), down.last(y))) {
          const bool is_cut = share(across.first(x), down.first(y)) + share(across.last(x), down.last(y)) > 0;
          hole.at(x, y) = is_cut ? 1 : 0;
        } else if (is_subject(at_x - left_, at_y - top_)) {
          (is_near_cut(at_x - left_, at_y - top_) ? hole.at(x, y) : spared.at(x / kSparedStep, y / kSparedStep)) = 1;
        }
      }
    }
    auto made = patch_filled(is_smaller ? resized(canvas, sides) : canvas, hole, {.spared = &spared}, task);
    if (made && is_smaller) made = resized(*made, canvas_);
    return made;
  }

  // A pixel so far along an edge and so far outwards from the middle of the line beside it: from 1 on beyond, to -1
  // inside.
  std::pair<int, int> place(PictureEdge edge, int along, int outwards) const {
    const int deep = outwards > 0 ? outwards - 1 : outwards;
    switch (edge) {
      case kLeftEdge: return {left_ - 1 - deep, top_ + along};
      case kRightEdge: return {left_ + picture_.width + deep, top_ + along};
      case kTopEdge: return {left_ + along, top_ - 1 - deep};
      case kBottomEdge: return {left_ + along, top_ + picture_.height + deep};
    }
    return {};
  }
  int length(PictureEdge edge) const { return edge < kTopEdge ? picture_.height : picture_.width; }
  int growth(PictureEdge edge) const {
    switch (edge) {
      case kLeftEdge: return left_;
      case kRightEdge: return canvas_.width_px - left_ - picture_.width;
      case kTopEdge: return top_;
      case kBottomEdge: return canvas_.height_px - top_ - picture_.height;
    }
    return 0;
  }
  bool is_subject_at(PictureEdge edge, int along) const {
    const auto [x, y] = place(edge, along, -1);
    return is_subject(x - left_, y - top_);
  }

  // The share of an edge's background at which a line shows to what is beyond it.
  float line_share(const Raster& canvas, PictureEdge edge) const {
    constexpr int kReach = 5;
    if (growth(edge) == 0 || std::min(picture_.width, picture_.height) < kReach) return 0;
    const auto difference = [&](int along, int one, int other) {
      const auto [one_x, one_y] = place(edge, along, one);
      const auto [other_x, other_y] = place(edge, along, other);
      const std::uint8_t *first = canvas.at(one_x, one_y), *second = canvas.at(other_x, other_y);
      return static_cast<float>(std::abs(first[0] - second[0]) + std::abs(first[1] - second[1]) +
                                std::abs(first[2] - second[2])) /
             3;
    };
    int shown = 0, seen = 0;
    for (int part = 0; part < kLineParts; ++part) {
      float step = 0, inside = 0, count = 0;
      for (int along = length(edge) * part / kLineParts; along < length(edge) * (part + 1) / kLineParts; ++along) {
        if (is_subject_at(edge, along)) continue;
        step += difference(along, 1, -1);
        inside += (difference(along, -1, -3) + difference(along, -3, -kReach)) / 2, ++count;
      }
      if (count == 0) continue;
      ++seen, shown += step > 1.5F * inside + kLineStep * count ? 1 : 0;
    }
    return seen > 0 ? static_cast<float>(shown) / static_cast<float>(seen) : 0;
  }

  // Lets what is beyond an edge begin as bright, and of the colour, as the background ends there.
  void join(PictureEdge edge, Raster& made) const {
    if (growth(edge) == 0) return;
    const float within = kJoinPart * side_;
    Field weights(length(edge), 1);
    std::array<Field, 3> steps;
    steps.fill(Field(length(edge), 1));
    for (int along = 0; along < length(edge); ++along) {
      if (is_subject_at(edge, along)) continue;
      const auto [in_x, in_y] = place(edge, along, -1);
      const auto [out_x, out_y] = place(edge, along, 1);
      weights.at(along, 0) = 1;
      for (std::size_t channel = 0; channel < steps.size(); ++channel) {
        steps[channel].at(along, 0) = static_cast<float>(made.at(in_x, in_y)[channel] - made.at(out_x, out_y)[channel]);
      }
    }
    weights = gaussian_blur(weights, within / 2);
    for (Field& step : steps) step = gaussian_blur(step, within / 2);
    for (int along = 0; along < length(edge); ++along) {
      for (int outwards = 1; outwards <= growth(edge); ++outwards) {
        const float share =
            std::exp(static_cast<float>(1 - outwards) / within) / std::max(weights.at(along, 0), kKnownMin);
        const auto [x, y] = place(edge, along, outwards);
        for (std::size_t channel = 0; channel < steps.size(); ++channel) {
          const float joined = static_cast<float>(made.at(x, y)[channel]) + share * steps[channel].at(along, 0);
          made.at(x, y)[channel] = static_cast<std::uint8_t>(std::lround(std::clamp(joined, 0.0F, 255.0F)));
        }
      }
    }
  }

  // In a mirror at the edge, which shows less and less the farther away.
  static int mirrored(int at, int length, float depth_max) {
    const int away = beyond(at, length);
    if (away == 0) return at;
    const float depth = depth_max * (1 - std::exp(static_cast<float>(1 - std::abs(away)) / depth_max));
    const int inwards = std::min(static_cast<int>(depth), length - 1);
    return away < 0 ? inwards : length - 1 - inwards;
  }
  // Levels of three channels.
  std::array<float, 3> mirrored(int x, int y) const {
    const float away = std::hypot(static_cast<float>(beyond_x(x)), static_cast<float>(beyond_y(y)));
    const int seen_x = mirrored(x - left_, picture_.width, kMirrorPart * side_);
    const int seen_y = mirrored(y - top_, picture_.height, kMirrorPart * side_);
    const std::uint8_t* pixel = picture_.at(seen_x, seen_y);
    const float hidden = at_picture(subject_, seen_x, seen_y);
    std::array<float, 3> colour{};
    const auto level = [&](const Field3& of, std::size_t at) {
      return 255 * at_picture(at == 0 ? of.first : at == 1 ? of.second : of.third, seen_x, seen_y);
    };
    std::array<float, 3> usual{};
    for (std::size_t at = 0; at < colour.size(); ++at) {
      colour[at] = std::lerp(static_cast<float>(pixel[at]), level(colours_, at), hidden), usual[at] = level(usual_, at);
    }
    const float share = unusual_share(colour, usual) * (1 - std::exp(-away / (kUsualPart * side_)));
    for (std::size_t at = 0; at < colour.size(); ++at) colour[at] = std::lerp(colour[at], usual[at], share);
    return colour;
  }

  const Raster& picture_;
  const CutSubject& cut_;
  int left_, top_;
  Extent canvas_;
  float side_;      // the picture's shorter one
  Field subject_;   // and what is right beside it
  Field3 colours_;  // of the background, seen small; what the subject hides is as what is around it
  Field3 usual_;    // what most of the background is around each place
};

// 1 where a picture, seen small, is a texture.
Field texture_of(const Raster& picture) {
  const double scale = std::min(1.0, static_cast<double>(kTextureSide) / std::min(picture.width, picture.height));
  const Field luma = luma_of(resized(picture, {static_cast<int>(std::lround(scale * picture.width)),
                                               static_cast<int>(std::lround(scale * picture.height))}));
  Field texture = dilated(luma, kTextureReach);
  const Field least = eroded(luma, kTextureReach);
  for (std::size_t at = 0; at < luma.values.size(); ++at) {
    texture.values[at] = texture.values[at] - least.values[at] > kRough / 255 ? 1 : 0;
  }
  return resized(texture, picture.extent());
}

// Whether what is taken for a subject runs through a picture from side to side, low at both and clear of what is below,
// as a skyline and a range of hills do: that goes on as any background does.
bool is_scenery(const Field& subject) {
  const int first = kSceneryInwards, last = subject.width - 1 - kSceneryInwards;
  for (int x = first; x <= last; ++x) {
    int rows = 0;
    for (int y = 0; y < subject.height; ++y) rows += subject.at(x, y) > kSubject ? 1 : 0;
    const bool is_high = static_cast<float>(rows) > kLowPart * static_cast<float>(subject.height);
    if (rows == 0 || subject.at(x, subject.height - 1) > kSubject) return false;
    if ((x == first || x == last) && is_high) return false;
  }
  return true;
}

}  // namespace

Result<CutSubject> find_cut_subject(const Raster& picture, const Saliency& network, const Task& task) {
  CutSubject cut;
  const Extent sides = extent_within(picture.extent(), kLookedAtPixels);
  if (!is_opaque(picture) || std::min(sides.width_px, sides.height_px) < 2 / kReachPart) return cut;
  const Raster small = resized(picture, sides);
  auto subject = subject_trimap(small, network, task);
  if (!subject) {
    if (subject.error().code != ErrorCode::kInvalidInput) return std::unexpected(subject.error());
    return cut;
  }
  if (is_scenery(*subject)) return cut;
  cut.subject = gaussian_blur(*subject, 1);
  Field3 colours = coded_colours(small);
  for (Field* field : {&colours.first, &colours.second, &colours.third}) *field = gaussian_blur(*field, 2);
  const Field texture = network ? Field() : texture_of(small);
  for (const PictureEdge edge : kPictureEdges) {
    cut.share[edge] = Edge(colours, cut.subject, network ? nullptr : &texture, edge).share_that_cuts_subject();
  }
  return cut;
}

Result<void> continue_softly(const Raster& picture, const CutSubject& cut, int left, int top, const Task& task,
                             Raster& canvas) {
  {
    const Background background(picture, cut, left, top, canvas.extent());
    const auto made = background.continued(canvas, task.part(0, 0.7));
    if (!made) return std::unexpected(made.error());
    for (int y = 0; y < canvas.height; ++y) {
      for (int x = 0; x < canvas.width; ++x) {
        const float share = background.share(x, y);
        if (share <= 0) continue;
        std::uint8_t* to = canvas.at(x, y);
        const std::uint8_t* from = made->at(x, y);
        for (int channel = 0; channel < Raster::kChannels; ++channel) {
          const float mixed = std::lerp(static_cast<float>(to[channel]), static_cast<float>(from[channel]), share);
          to[channel] = static_cast<std::uint8_t>(std::lround(mixed));
        }
      }
    }
  }
  return continue_bodies(picture.extent(), cut, left, top, task.part(0.7, 1), canvas);
}

std::int64_t continue_softly_bytes_max(const Extent& picture, const Extent& canvas) {
  const auto pixels_of = [](const Extent& sides) { return std::int64_t{sides.width_px} * sides.height_px; };
  const Extent filled = extent_within(canvas, kFilledPixelsMax);
  const std::int64_t hole = pixels_of(filled) * static_cast<std::int64_t>(sizeof(float) + 1);
  const std::int64_t smaller = pixels_of(filled) * Raster::kChannels, made = pixels_of(canvas) * Raster::kChannels;
  const std::int64_t background =
      std::max(hole + smaller + patch_filled_bytes_max(filled, picture), made + soften_bytes_max(canvas));
  return std::max(background + made, continue_bodies_bytes_max(picture, canvas));
}

}  // namespace tintype::engine
