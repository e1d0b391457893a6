#include "engine/studio/soft_continuation.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/body_continuation.h"
#include "engine/studio/dither.h"
#include "engine/studio/edge_texture.h"
#include "engine/studio/matting.h"
#include "engine/studio/patch_fill.h"
#include "engine/studio/seam.h"
#include "engine/studio/subject_mask.h"

namespace tintype::engine {

namespace {

constexpr float kSubject = 0.5F, kSubjectMin = 0.1F;
// Parts of the shorter side: what is so near an edge reaches it, what reaches it along less is nothing, and so deep it
// has to stay as it is at the edge, up to so many levels, to go on straight. As far as most of it does: an outline that
// runs aslant is a small part of a body.
constexpr float kReachPart = 0.05F, kRunPart = 0.02F, kDepthPart = 0.1F;
constexpr float kChangeMax = 16, kMost = 0.9F, kStraight = 0.05F;
// Of scenery: how low it is at the sides, in parts of the height; so near them, in pixels, a network may miss it.
constexpr float kLowPart = 0.33F;
constexpr int kSceneryInwards = 3;
// Without a network textures are taken for subjects. They are seen where the picture is so small: most pixels there
// have neighbours that differ by so many levels.
constexpr int kTextureSide = 96, kTextureReach = 2;
constexpr float kRough = 40, kTextureShare = 0.7F;

// Of the background, in parts of the picture's shorter side: what is so near the subject may be a part of it; so far
// beyond an edge it is seen in a mirror; within so much of the edge most of its tone is seen; so far the tiles of its
// texture lie apart.
constexpr float kBesidePart = 0.01F, kMirrorPart = 0.05F, kTonePart = 0.5F, kTilePart = 0.07F;

// Where so much of what lies so deep beside an edge is background, pieces of it go on beyond: of less they would become
// rows. Near the edge what the subject hides is made up as well, as deep as this; and none where a line would show
// along so much of the edge, by so many levels more than neighbours differ.
constexpr float kSeenMuch = 0.57F, kBesideDepth = 0.35F, kMadeUpPart = 0.25F;
constexpr int kLineParts = 64;
constexpr float kLineShare = 0.13F;
constexpr std::int64_t kFilledPixelsMax = 4'000'000;  // of larger canvases pieces are laid in a smaller one
constexpr int kStep = 4;                              // pixels, of which it is said at once whether they are known

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
      const bool goes_on = end - begin < run_ || is_texture(begin, end) || goes_on_straight(begin, end);
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
  // As a wall does that stays as it is on its way inwards, and a tower whose sides are lines.
  bool goes_on_straight(int begin, int end) const {
    const bool is_even = most_change(begin - run_, end + run_) <= kChangeMax / 255;
    const bool is_tower =
        which_ == kTopEdge && begin > 0 && end < length_ && leaning(begin, end, 2 * depth_) <= kStraight;
    return is_even || is_tower;
  }
  // How far the outline of what reaches the edge moves along it on its way inwards, of that way.
  float leaning(int begin, int end, int deep) const {
    const auto moved = [&](int from, int towards_body) {
      const auto is_in = [&](int along, int inwards) {
        return along >= 0 && along < length_ && at(subject_, along, inwards) > kSubject;
      };
      int along = from, most = 0;
      for (int inwards = reach_ / 2; inwards < std::min(deep, depth_max()); ++inwards) {
        while (std::abs(along - from) < deep && !is_in(along, inwards)) along += towards_body;
        while (std::abs(along - from) < deep && is_in(along - towards_body, inwards)) along -= towards_body;
        most = std::max(most, std::abs(along - from));
      }
      return static_cast<float>(most) / static_cast<float>(deep);
    };
    return std::max(begin > 0 ? moved(begin, 1) : 0, end < length_ ? moved(end - 1, -1) : 0);
  }
  int depth_max() const { return which_ < kTopEdge ? subject_.width : subject_.height; }
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

// What lies beyond the edges that cut a subject off, without the subject.
class Background {
 public:
  Background(const Raster& picture, const CutSubject& cut, int left, int top, Raster& canvas)
      : picture_(picture.extent()), cut_(cut), left_(left), top_(top), canvas_(canvas) {
    const Extent small{cut.subject.width, cut.subject.height};
    subject_ = dilated(cut.subject, std::max(1, static_cast<int>(part_of(small, kBesidePart))));
  }

  Result<void> go_on(const Task& task) {
    std::vector<CanvasSide> sides;
    // Beside the picture all that is above and below it goes on too.
    for (const PictureEdge edge : {kTopEdge, kBottomEdge, kLeftEdge, kRightEdge}) {
      const CanvasSide side(edge, picture_, left_, top_, canvas_.extent());
      if (cut_.share[edge] > 0 && side.growth() > 0) sides.push_back(side);
    }
    Raster pieces;
    if (std::ranges::any_of(sides, [&](const CanvasSide& side) { return seen_beside(side) > kSeenMuch; })) {
      auto filled = filled_with_pieces(task.part(0, 0.8));
      if (!filled) return std::unexpected(filled.error());
      pieces = std::move(*filled);
    }
    for (const CanvasSide& side : sides) {
      const auto is_known = [&](int along) { return known(side.x(along, -1), side.y(along, -1)) > 0; };
      if (seen_beside(side) > kSeenMuch && seam_share(pieces, side, {kLineParts, 2, is_known}) <= kLineShare) {
        const auto piece = [&](int along, int outwards) {
          const std::uint8_t* pixel = pieces.at(side.x(along, outwards), side.y(along, outwards));
          return std::array{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2])};
        };
        if (const auto done = lay(side, piece, task.part(0.8, 1)); !done) return done;
        continue;
      }
      const EdgeTexture texture(
          canvas_, side,
          [&](int along, int outwards) { return known(side.x(along, outwards), side.y(along, outwards)); },
          {part_of(picture_, 1), kMirrorPart, kTonePart, kTilePart, 0, side.length(), side.edge()});
      const auto done =
          lay(side, [&](int along, int outwards) { return texture.at(along, outwards); }, task.part(0.8, 1));
      if (!done) return done;
    }
    return {};
  }

 private:
  int beyond_x(int x) const { return beyond(x - left_, picture_.width_px); }
  int beyond_y(int y) const { return beyond(y - top_, picture_.height_px); }
  static int beyond(int at, int length) { return at < 0 ? at : std::max(0, at - length + 1); }

  // Whether an edge beyond which a place lies, to the side of the picture, cuts a subject off.
  bool is_cut_across(int x) const {
    const int across = beyond_x(x);
    return across != 0 && cut_.share[across < 0 ? kLeftEdge : kRightEdge] > 0;
  }
  // 1 where something is that goes on.
  float known(int x, int y) const {
    const int down = beyond_y(y);
    if (down != 0) return 1;  // it has been made
    if (beyond_x(x) != 0) return is_cut_across(x) ? 0 : 1;
    const float across = static_cast<float>(subject_.width) / static_cast<float>(picture_.width_px);
    const float to_y = static_cast<float>(subject_.height) / static_cast<float>(picture_.height_px);
    const float subject = sample(subject_, (static_cast<float>(x - left_) + 0.5F) * across - 0.5F,
                                 (static_cast<float>(y - top_) + 0.5F) * to_y - 0.5F);
    return subject > kSubjectMin ? 0 : 1;
  }
  // How much of a place is an edge's: at a corner two of them share it.
  float share_of(PictureEdge edge, int x, int y) const {
    const auto across = static_cast<float>(std::abs(beyond_x(x))), down = static_cast<float>(std::abs(beyond_y(y)));
    if (edge < kTopEdge) return across / (across + down);
    return is_cut_across(x) ? 1 : down / (across + down);
  }
  template <class ColourAt>
  Result<void> lay(const CanvasSide& side, ColourAt colour_at, const Task& task) {
    return task.rows(side.length(), [&](int begin, int end) {
      for (int along = begin; along < end; ++along) {
        for (int outwards = 0; outwards < side.growth(); ++outwards) {
          const int x = side.x(along, outwards), y = side.y(along, outwards);
          const float share = share_of(side.edge(), x, y);
          if (share <= 0) continue;
          const auto colour = colour_at(along, outwards);
          std::uint8_t* to = canvas_.at(x, y);
          for (int channel = 0; channel < 3; ++channel) {
            const float level =
                std::lerp(static_cast<float>(to[channel]), colour[static_cast<std::size_t>(channel)], share);
            to[channel] = dithered_byte(std::clamp(level, 0.0F, 255.0F) / 255, x, y, channel);
          }
          to[3] = 255;
        }
      }
    });
  }

  // The share of what lies beside an edge that is not hidden.
  float seen_beside(const CanvasSide& side) const {
    const int deep = std::min(side.depth(), static_cast<int>(part_of(picture_, kBesideDepth)));
    float seen = 0, count = 0;
    for (int along = side.begin(); along < side.end(); along += kStep) {
      for (int inwards = 1; inwards <= deep; inwards += kStep, ++count) {
        seen += known(side.x(along, -inwards), side.y(along, -inwards));
      }
    }
    return seen / std::max(1.0F, count);
  }

  // The canvas with patches of the background beyond all edges that cut a subject off.
  Result<Raster> filled_with_pieces(const Task& task) const {
    const Extent sides = extent_within(canvas_.extent(), kFilledPixelsMax);
    const bool is_smaller = sides != canvas_.extent();
    const Axis across(canvas_.width, sides.width_px), down(canvas_.height, sides.height_px);
    Field hole(sides.width_px, sides.height_px);
    Field spared((hole.width + kStep - 1) / kStep, (hole.height + kStep - 1) / kStep);
    for (int y = 0; y < hole.height; ++y) {
      for (int x = 0; x < hole.width; ++x) {
        const int at_x = across.middle(x), at_y = down.middle(y);
        if (!is_within(across.first(x), down.first(y)) || !is_within(across.last(x), down.last(y))) {
          hole.at(x, y) = is_cut(across.first(x), down.first(y)) || is_cut(across.last(x), down.last(y)) ? 1 : 0;
        } else if (known(at_x, at_y) <= 0) {
          (is_near_cut(at_x, at_y) ? hole.at(x, y) : spared.at(x / kStep, y / kStep)) = 1;
        }
      }
    }
    auto made = patch_filled(is_smaller ? resized(canvas_, sides) : canvas_, hole, {.spared = &spared}, task);
    if (made && is_smaller) made = resized(*made, canvas_.extent());
    return made;
  }
  bool is_within(int x, int y) const { return beyond_x(x) == 0 && beyond_y(y) == 0; }
  // Whether a place lies beyond an edge that cuts a subject off.
  bool is_cut(int x, int y) const {
    const int down = beyond_y(y);
    return is_cut_across(x) || (down != 0 && cut_.share[down < 0 ? kTopEdge : kBottomEdge] > 0);
  }
  bool is_near_cut(int x, int y) const {
    const std::array<int, 4> deep{x - left_, left_ + picture_.width_px - 1 - x, y - top_,
                                  top_ + picture_.height_px - 1 - y};
    return std::ranges::any_of(kPictureEdges, [&](PictureEdge edge) {
      return cut_.share[edge] > 0 && static_cast<float>(deep[edge]) < part_of(picture_, kMadeUpPart);
    });
  }

  Extent picture_;
  const CutSubject& cut_;
  int left_, top_;
  Raster& canvas_;
  Field subject_;  // and what is right beside it
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
  const Extent sides = extent_within(picture.extent(), kSubjectPixelsMax);
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
  Background background(picture, cut, left, top, canvas);
  if (const auto done = background.go_on(task.part(0, 0.7)); !done) return done;
  return continue_bodies(picture.extent(), cut, left, top, task.part(0.7, 1), canvas);
}

std::int64_t continue_softly_bytes_max(const Extent& picture, const Extent& canvas) {
  const auto pixels_of = [](const Extent& sides) { return std::int64_t{sides.width_px} * sides.height_px; };
  const Extent filled = extent_within(canvas, kFilledPixelsMax);
  const std::int64_t subject = 2 * kSubjectPixelsMax * static_cast<std::int64_t>(sizeof(float));
  const std::int64_t hole = pixels_of(filled) * static_cast<std::int64_t>(sizeof(float) + 1);
  const std::int64_t smaller = pixels_of(filled) * Raster::kChannels, pieces = pixels_of(canvas) * Raster::kChannels;
  const std::int64_t background = std::max(hole + smaller + patch_filled_bytes_max(filled, picture) + pieces,
                                           pieces + edge_texture_bytes_max(picture, canvas));
  return std::max(subject + background, continue_bodies_bytes_max(picture, canvas));
}

}  // namespace tintype::engine
