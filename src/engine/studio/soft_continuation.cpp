#include "engine/studio/soft_continuation.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/dither.h"
#include "engine/studio/matting.h"
#include "engine/studio/subject_mask.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixels = 160'000;
constexpr float kSubject = 0.5F;
// Parts of the shorter side: what is so near an edge reaches it, what reaches it along less is nothing, and so deep it
// has to stay as it is at the edge, up to so many levels, to go on straight. As far as most of it does: an outline that
// runs aslant is a small part of a body.
constexpr float kReachPart = 0.05F, kRunPart = 0.02F, kDepthPart = 0.1F;
constexpr float kChangeMax = 16, kMost = 0.9F;
// Without a network textures are taken for subjects. They are seen where the picture is so small: most pixels there
// have neighbours that differ by so many levels.
constexpr int kTextureSide = 96, kTextureReach = 2;
constexpr float kRough = 40, kTextureShare = 0.7F;

// How the picture goes on, in parts of its shorter side: so deep at most it is seen in a mirror, and from so far on the
// blur has grown to its share of the distance. A body in a mirror is seen at once, so of subjects it is next to
// nothing.
struct Manner {
  float mirror, blur;
};
constexpr Manner kOfBackground{0.012F, 0.03F}, kOfSubject{0.004F, 0.003F};
constexpr float kBesidePart = 0.03F;  // what is so near a subject goes on like it
constexpr float kBlurGrowth = 0.35F;
constexpr float kFadePart = 0.06F;  // the distance at which a third of the subject is left
constexpr float kWeightMin = 0.01F;
// What differs by so many levels from most of what is around it, within a part of the shorter side, soon becomes like
// that, and at which distance: a glint at the edge is not to become a glow.
constexpr float kUnusualFrom = 50, kUnusualFull = 130, kAroundPart = 0.15F, kUsualPart = 0.012F;
constexpr float kLayerSigma = 2;  // pixels of each layer
constexpr int kLayerSideMin = 3;

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

// Red, green and blue times a weight, and the weight.
using Weighted = std::array<float, 4>;
using Layer = std::array<Field, 4>;

// What most of a small picture is around each pixel.
Raster usual_around(const Raster& picture) {
  const int reach = static_cast<int>(part_of(picture.extent(), kAroundPart / 2));
  cv::Mat own(picture.height, picture.width, CV_8UC4), usual;
  for (int y = 0; y < picture.height; ++y) std::copy_n(picture.row(y), own.step, own.ptr(y));
  cv::medianBlur(own, usual, 2 * reach + 1);
  Raster around(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) std::copy_n(usual.ptr(y), own.step, around.row(y));
  return around;
}

// The canvas at any sharpness: a layer of half the sides after the other.
class SoftCanvas {
 public:
  SoftCanvas(const Raster& picture, const CutSubject& cut, int left, int top, const Extent& canvas)
      : picture_(picture),
        cut_(cut),
        left_(left),
        top_(top),
        canvas_(canvas),
        side_(part_of(picture.extent(), 1)),
        beside_(dilated(cut.subject, reach_of(cut.subject))),
        usual_(coded_colours(usual_around(resized(picture, {cut.subject.width, cut.subject.height})))) {
    beside_ = gaussian_blur(beside_, reach_of(beside_));
  }

  Result<void> prepare(const Task& task) {
    Extent sides{(canvas_.width_px + 1) / 2, (canvas_.height_px + 1) / 2};
    Layer layer;
    layer.fill(Field(sides.width_px, sides.height_px));
    const auto done = task.rows(sides.height_px, [&](int begin, int end) {
      for (int y = begin; y < end; ++y) {
        for (int x = 0; x < sides.width_px; ++x) {
          for (const int from_y : {2 * y, std::min(2 * y + 1, canvas_.height_px - 1)}) {
            for (const int from_x : {2 * x, std::min(2 * x + 1, canvas_.width_px - 1)}) {
              const Weighted own = sharp(from_x, from_y);
              for (std::size_t at = 0; at < own.size(); ++at) layer[at].at(x, y) += own[at] / 4;
            }
          }
        }
      }
    });
    if (!done) return done;
    while (true) {
      if (const auto wanted = task.check(); !wanted) return wanted;
      Layer& soft = layers_.emplace_back();
      for (std::size_t at = 0; at < layer.size(); ++at) soft[at] = gaussian_blur(layer[at], kLayerSigma);
      if (std::min(sides.width_px, sides.height_px) < 2 * kLayerSideMin) return {};
      sides = {(sides.width_px + 1) / 2, (sides.height_px + 1) / 2};
      for (Field& field : layer) field = resized(field, sides);
    }
  }

  // Between 0 and 1: how much of it is seen there.
  float share(int x, int y) const {
    const auto across = static_cast<float>(std::abs(beyond_x(x))), down = static_cast<float>(std::abs(beyond_y(y)));
    if (across + down == 0) return 0;
    const bool is_soft_across = cut_.share[beyond_x(x) < 0 ? kLeftEdge : kRightEdge] > 0;
    const bool is_soft_down = cut_.share[beyond_y(y) < 0 ? kTopEdge : kBottomEdge] > 0;
    return ((is_soft_across ? across : 0) + (is_soft_down ? down : 0)) / (across + down);
  }

  // A colour of three levels.
  std::array<float, 3> look_up(int x, int y) const {
    const float away = std::hypot(static_cast<float>(beyond_x(x)), static_cast<float>(beyond_y(y)));
    const float sigma = kBlurGrowth * away * away / (away + manner(x, y).blur);
    const float halvings = std::clamp(std::log2(1 + sigma / kLayerSigma), 0.0F, static_cast<float>(layers_.size()));
    const auto sharper = std::min(static_cast<std::size_t>(halvings), layers_.size() - 1);
    const Weighted one = in_layer(x, y, sharper), other = in_layer(x, y, sharper + 1);
    // Colours, not sums: the softer layer would outweigh the sharper one at once where weights fall.
    const float share = smooth_step(0, 1, halvings - static_cast<float>(sharper));
    const auto mixed = [&](std::size_t at) { return std::lerp(one[at] / one[3], other[at] / other[3], share); };
    return {mixed(0), mixed(1), mixed(2)};
  }

 private:
  static int reach_of(const Field& subject) {
    return std::max(1, static_cast<int>(part_of({subject.width, subject.height}, kBesidePart)));
  }
  static int beyond(int at, int length) { return at < 0 ? at : std::max(0, at - length + 1); }
  int beyond_x(int x) const { return beyond(x - left_, picture_.width); }
  int beyond_y(int y) const { return beyond(y - top_, picture_.height); }
  // In pixels.
  Manner manner(int x, int y) const {
    const float share = at_picture(beside_, edge_x(x), edge_y(y));
    return {side_ * std::lerp(kOfBackground.mirror, kOfSubject.mirror, share),
            side_ * std::lerp(kOfBackground.blur, kOfSubject.blur, share)};
  }
  // In a mirror at the edge, which shows less and less the farther away.
  static int mirrored(int at, int length, float depth_max) {
    const int away = beyond(at, length);
    if (away == 0) return at;
    const float depth = depth_max * (1 - std::exp(static_cast<float>(1 - std::abs(away)) / depth_max));
    const int inwards = std::min(static_cast<int>(depth), length - 1);
    return away < 0 ? inwards : length - 1 - inwards;
  }
  int edge_x(int x) const { return std::clamp(x - left_, 0, picture_.width - 1); }
  int edge_y(int y) const { return std::clamp(y - top_, 0, picture_.height - 1); }
  // Of a field as large as the small picture, at a pixel of the picture.
  float at_picture(const Field& field, int x, int y) const {
    const float across = static_cast<float>(field.width) / static_cast<float>(picture_.width);
    const float down = static_cast<float>(field.height) / static_cast<float>(picture_.height);
    return sample(field, (static_cast<float>(x) + 0.5F) * across - 0.5F, (static_cast<float>(y) + 0.5F) * down - 0.5F);
  }
  Weighted sharp(int x, int y) const {
    const float away = std::hypot(static_cast<float>(beyond_x(x)), static_cast<float>(beyond_y(y)));
    const float mirror = away > 0 ? manner(x, y).mirror : 0;
    const int seen_x = mirrored(x - left_, picture_.width, mirror);
    const int seen_y = mirrored(y - top_, picture_.height, mirror);
    float weight = 1;
    if (away > 0) {
      // What the edge does not cut off is not seen beyond it.
      const float seen = at_picture(cut_.subject, edge_x(x), edge_y(y)) * std::exp(-away / (kFadePart * side_));
      weight = 1 - at_picture(cut_.subject, seen_x, seen_y) * (1 - seen);
      weight = std::max(kWeightMin, weight);
    }
    const std::uint8_t* pixel = picture_.at(seen_x, seen_y);
    std::array<float, 3> colour{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]),
                                static_cast<float>(pixel[2])};
    if (away > 0) make_usual(seen_x, seen_y, away, colour);
    return {weight * colour[0], weight * colour[1], weight * colour[2], weight};
  }
  void make_usual(int x, int y, float away, std::array<float, 3>& colour) const {
    const std::array<float, 3> usual{255 * at_picture(usual_.first, x, y), 255 * at_picture(usual_.second, x, y),
                                     255 * at_picture(usual_.third, x, y)};
    float unlike = 0;
    for (std::size_t at = 0; at < 3; ++at) unlike = std::max(unlike, std::abs(usual[at] - colour[at]));
    const float share = smooth_step(kUnusualFrom, kUnusualFull, unlike) * (1 - std::exp(-away / (kUsualPart * side_)));
    for (std::size_t at = 0; at < 3; ++at) colour[at] = std::lerp(colour[at], usual[at], share);
  }
  Weighted in_layer(int x, int y, std::size_t halvings) const {
    if (halvings == 0) return sharp(x, y);
    const Layer& layer = layers_[halvings - 1];
    const float across = static_cast<float>(layer[0].width) / static_cast<float>(canvas_.width_px);
    const float down = static_cast<float>(layer[0].height) / static_cast<float>(canvas_.height_px);
    const float at_x = (static_cast<float>(x) + 0.5F) * across - 0.5F;
    const float at_y = (static_cast<float>(y) + 0.5F) * down - 0.5F;
    return {sample(layer[0], at_x, at_y), sample(layer[1], at_x, at_y), sample(layer[2], at_x, at_y),
            sample(layer[3], at_x, at_y)};
  }

  const Raster& picture_;
  const CutSubject& cut_;
  int left_, top_;
  Extent canvas_;
  float side_;                 // the picture's shorter one
  Field beside_;               // how near a subject is, 0 to 1
  Field3 usual_;               // what most is around each place
  std::vector<Layer> layers_;  // the first is half as large as the canvas
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
  SoftCanvas soft(picture, cut, left, top, canvas.extent());
  if (const auto done = soft.prepare(task.part(0, 0.5)); !done) return done;
  return task.part(0.5, 1).rows(canvas.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      std::uint8_t* out = canvas.row(y);
      for (int x = 0; x < canvas.width; ++x, out += Raster::kChannels) {
        const float share = soft.share(x, y);
        if (share <= 0) continue;
        const auto colour = soft.look_up(x, y);
        for (int channel = 0; channel < 3; ++channel) {
          const auto own = static_cast<float>(out[channel]);
          const float mixed = own + share * (colour[static_cast<std::size_t>(channel)] - own);
          out[channel] = dithered_byte(mixed / 255, x, y, channel);
        }
        out[3] = 255;
      }
    }
  });
}

std::int64_t continue_softly_bytes_max(const Extent& canvas) {
  // Of layers, the first takes a quarter of the canvas' pixels, all together a third; one is halved, one field blurred.
  constexpr std::int64_t kLayerBytes = sizeof(Weighted);
  return std::int64_t{canvas.width_px} * canvas.height_px * kLayerBytes;
}

}  // namespace tintype::engine
