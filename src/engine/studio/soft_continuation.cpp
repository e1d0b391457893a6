#include "engine/studio/soft_continuation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/body_continuation.h"
#include "engine/studio/dither.h"
#include "engine/studio/edge_texture.h"
#include "engine/studio/matting.h"
#include "engine/studio/subject_mask.h"

namespace tintype::engine {

namespace {

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

// Of the background, in parts of the picture's shorter side: what is so near the subject may be a part of it; so far
// beyond an edge it is seen in a mirror; within so much of the edge most of its tone is seen; so far the tiles of its
// texture lie apart.
constexpr float kBesidePart = 0.01F, kMirrorPart = 0.05F, kTonePart = 0.5F, kTilePart = 0.07F;

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

// What lies beyond the edges that cut a subject off, without the subject.
class Background {
 public:
  Background(const Raster& picture, const CutSubject& cut, int left, int top, Raster& canvas)
      : picture_(picture.extent()), cut_(cut), left_(left), top_(top), canvas_(canvas) {
    const Extent small{cut.subject.width, cut.subject.height};
    subject_ = dilated(cut.subject, std::max(1, static_cast<int>(part_of(small, kBesidePart))));
  }

  Result<void> go_on(const Task& task) {
    // Beside the picture all that is above and below it goes on too.
    for (const PictureEdge edge : {kTopEdge, kBottomEdge, kLeftEdge, kRightEdge}) {
      const CanvasSide side(edge, picture_, left_, top_, canvas_.extent());
      if (cut_.share[edge] <= 0 || side.growth() <= 0) continue;
      const EdgeTexture texture(
          canvas_, side,
          [&](int along, int outwards) { return known(side.x(along, outwards), side.y(along, outwards)); },
          {part_of(picture_, 1), kMirrorPart, kTonePart, kTilePart, 0, side.length(), edge});
      const auto done = task.rows(side.length(), [&](int begin, int end) {
        for (int along = begin; along < end; ++along) {
          for (int outwards = 0; outwards < side.growth(); ++outwards) {
            const int x = side.x(along, outwards), y = side.y(along, outwards);
            const float share = share_of(edge, x, y);
            if (share > 0) lay(texture.at(along, outwards), share, x, y);
          }
        }
      });
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
  void lay(const std::array<float, 3>& colour, float share, int x, int y) {
    std::uint8_t* to = canvas_.at(x, y);
    for (int channel = 0; channel < 3; ++channel) {
      const float level = std::lerp(static_cast<float>(to[channel]), colour[static_cast<std::size_t>(channel)], share);
      to[channel] = dithered_byte(std::clamp(level, 0.0F, 255.0F) / 255, x, y, channel);
    }
    to[3] = 255;
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
  const std::int64_t subject = 2 * kSubjectPixelsMax * static_cast<std::int64_t>(sizeof(float));
  return subject + edge_texture_bytes_max(picture, canvas) + continue_bodies_bytes_max(picture, canvas);
}

}  // namespace tintype::engine
