#include "engine/studio/body_continuation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/raster/resample.h"
#include "engine/studio/dither.h"
#include "engine/studio/edge_texture.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr float kBody = 0.5F;
// Parts of the picture's shorter side: what reaches an edge along less is nothing, and a gap as narrow is none; so far
// inwards outlines are followed, to go on as they run; so soft its outline is.
constexpr float kRunPart = 0.02F, kOutlinePart = 0.06F, kSoftPart = 0.0012F;
constexpr float kSoftGrowth = 0.02F;  // pixels for each that it is away from the edge
// How far an outline goes on until it has turned to where the body is heavy, if the body does not narrow: that of a
// shoulder, in parts of its height; that of what is round, of half its width, but beside the picture no farther than a
// part of the shorter side; that of a head above it.
constexpr float kShoulder = 1.3F, kRound = 1, kRoundPart = 0.12F, kHead = 0.6F;
// So far beyond an edge a body is seen in a mirror; within so much of the edge most of its tone is seen; so far the
// tiles of its texture lie apart.
constexpr float kMirrorPart = 0.02F, kTonePart = 0.05F, kTilePart = 0.06F;
constexpr float kWideningMax = 0.5F, kNarrowingMax = 3, kLeaningMax = 0.4F;
constexpr float kStraightPart = 0.25F;  // so far on an outline that runs on below has lost most of its slope

// What of a side bodies may reach: beside the picture all of the canvas, as they have gone on below it already.
int begin_of(const CanvasSide& side) {
  return side.edge() < kTopEdge ? 0 : side.begin();
}
int end_of(const CanvasSide& side) {
  return side.edge() < kTopEdge ? side.length() : side.end();
}

// A body where it reaches an edge. Lengths are of pixels along the edge.
struct Body {
  float begin = 0, end = 0;                               // along the edge
  float begin_slope = 0, end_slope = 0;                   // along it, for each pixel outwards
  bool is_open_at_begin = false, is_open_at_end = false;  // a corner of the picture is within it
};

// What a body's outline is beyond an edge.
class Outline {
 public:
  Outline(const Body& body, const CanvasSide& at, float side) : body_(body), straight_(kStraightPart * side) {
    const PictureEdge edge = at.edge();
    const bool is_open = body.is_open_at_begin || body.is_open_at_end;
    const float narrowing = (body.begin_slope - body.end_slope) / 2;
    goes_on_ = (body.is_open_at_begin && body.is_open_at_end) || (edge == kBottomEdge && narrowing < kLeaningMax);
    if (goes_on_) return;
    if (body.is_open_at_end) {
      middle_ = static_cast<float>(end_of(at)), half_ = middle_ - body.begin, widening_ = -body.begin_slope;
    } else if (body.is_open_at_begin) {
      middle_ = static_cast<float>(begin_of(at)), half_ = body.end - middle_, widening_ = body.end_slope;
    } else {
      middle_ = (body.begin + body.end) / 2, half_ = (body.end - body.begin) / 2;
      widening_ = -narrowing;
      leaning_ = std::clamp((body.begin_slope + body.end_slope) / 2, -kLeaningMax, kLeaningMax);
    }
    widening_ = std::clamp(widening_, -kNarrowingMax, kWideningMax);
    const float reach = is_open ? kShoulder : edge == kTopEdge ? kHead : std::min(kRound, kRoundPart * side / half_);
    turning_ = std::max(1 / (kShoulder * kShoulder), (1 + 2 * widening_ * reach) / (reach * reach));
  }

  // How far within the outline a place is, about; negative outside.
  float depth(float along, float outwards) const {
    if (goes_on_) {
      const float run = straight_ * (1 - std::exp(-outwards / straight_));
      const float from_begin = along - body_.begin - body_.begin_slope * run;
      const float from_end = body_.end + body_.end_slope * run - along;
      return std::min(body_.is_open_at_begin ? 1e6F : from_begin, body_.is_open_at_end ? 1e6F : from_end);
    }
    // An ellipse, or what of a hyperbola begins like it: it is as wide as the body at the edge, and widens as it does.
    const float aside = along - middle_ - leaning_ * outwards;
    const float inside =
        half_ * half_ + 2 * half_ * widening_ * outwards - turning_ * outwards * outwards - aside * aside;
    const float steep = std::hypot(2 * aside, 2 * half_ * widening_ - 2 * turning_ * outwards);
    return inside / std::max(steep, 1e-3F);
  }

  // How far outwards it may reach.
  int reach(int growth) const {
    if (goes_on_) return growth;
    const float root = std::sqrt(widening_ * widening_ + turning_);
    return std::clamp(static_cast<int>(half_ * (widening_ + root) / turning_ * 1.15F) + 2, 1, growth);
  }

 private:
  Body body_;
  bool goes_on_ = false;
  float straight_, middle_ = 0, half_ = 0, widening_ = 0, leaning_ = 0, turning_ = 0;
};

// How much of each pixel is body, of a canvas seen small.
class Bodies {
 public:
  Bodies(const CutSubject& cut, const Extent& picture, int left, int top, const Extent& canvas)
      : scale_(static_cast<float>(cut.subject.width) / static_cast<float>(picture.width_px)),
        share_(small(canvas.width_px), small(canvas.height_px)) {
    const int to_x = small(left), to_y = small(top);
    for (int y = 0; y < cut.subject.height && to_y + y < share_.height; ++y) {
      std::copy_n(cut.subject.row(y), std::min(cut.subject.width, share_.width - to_x), share_.row(to_y + y) + to_x);
    }
  }

  float at(int x, int y) const {
    return sample(share_, (static_cast<float>(x) + 0.5F) * scale_ - 0.5F,
                  (static_cast<float>(y) + 0.5F) * scale_ - 0.5F);
  }
  int step() const { return std::max(1, static_cast<int>(1 / scale_)); }

  // What is drawn of a body beyond an edge, for the edges beside it.
  template <class Depth>
  void add(const CanvasSide& side, Depth depth) {
    const int step = this->step();
    for (int along = begin_of(side); along < end_of(side); along += step) {
      for (int outwards = 0; outwards < side.growth(); outwards += step) {
        if (depth(along, outwards) <= 0) continue;
        const int x = static_cast<int>(static_cast<float>(side.x(along, outwards)) * scale_);
        const int y = static_cast<int>(static_cast<float>(side.y(along, outwards)) * scale_);
        share_.at(std::min(x, share_.width - 1), std::min(y, share_.height - 1)) = 1;
      }
    }
  }

 private:
  int small(int length) const {
    return std::max(1, static_cast<int>(std::lround(static_cast<float>(length) * scale_)));
  }

  float scale_;
  Field share_;
};

// Finds the bodies at an edge.
class Finder {
 public:
  Finder(const Bodies& bodies, const CanvasSide& side, float shorter)
      : bodies_(bodies),
        side_(side),
        run_(static_cast<int>(kRunPart * shorter)),
        step_(bodies.step()),
        depth_(static_cast<int>(kOutlinePart * shorter)) {}

  std::vector<Body> found() const {
    std::vector<Body> found;
    for (int along = begin_of(side_); along < end_of(side_); ++along) {
      if (!is_body(along, 0)) continue;
      int end = along;
      for (int at = along; at < end_of(side_) && at < end + run_; ++at) {
        if (is_body(at, 0)) end = at + 1;
      }
      if (end - along > run_) {
        Body body{static_cast<float>(along), static_cast<float>(end)};
        body.is_open_at_begin = along < begin_of(side_) + run_;
        body.is_open_at_end = end > end_of(side_) - run_;
        if (!body.is_open_at_begin) body.begin_slope = slope(along, 1);
        if (!body.is_open_at_end) body.end_slope = slope(end, -1);
        found.push_back(body);
      }
      along = end;
    }
    return found;
  }

 private:
  // So deep that a network that leaves out what is right at the border does no harm.
  bool is_body(int along, int inwards) const {
    const int outwards = -1 - inwards - 2 * step_;
    return bodies_.at(side_.x(along, outwards), side_.y(along, outwards)) > kBody;
  }
  // By least squares of where the outline is, from the edge inwards.
  float slope(int from, int towards_body) const {
    double sum = 0, weights = 0;
    int at = from;
    for (int inwards = step_; inwards < depth_; inwards += step_) {
      const int slack = 3 * step_;
      int moved = 0;
      const auto is_in = [&](int along) {
        return along >= begin_of(side_) && along < end_of(side_) && is_body(along, inwards);
      };
      while (moved < slack && !is_in(at)) at += towards_body, ++moved;
      while (moved < slack && is_in(at - towards_body)) at -= towards_body, ++moved;
      if (moved >= slack) break;
      sum += static_cast<double>(inwards) * (from - at), weights += static_cast<double>(inwards) * inwards;
    }
    return weights > 0 ? static_cast<float>(sum / weights) : 0;
  }

  const Bodies& bodies_;
  const CanvasSide& side_;
  int run_, step_, depth_;
};

// Lays a body on the canvas beyond an edge.
Result<void> lay_body(const CanvasSide& side, const Body& body, const Outline& outline, const Bodies& bodies,
                      float shorter, const Task& task, Raster& canvas) {
  const int rim = 2 * bodies.step();  // that the outline is sure by
  const int begin = std::max(begin_of(side), static_cast<int>(body.begin) - static_cast<int>(kRunPart * shorter));
  const int end = std::min(end_of(side), static_cast<int>(body.end) + static_cast<int>(kRunPart * shorter));
  const auto known = [&](int along, int outwards) {
    const int seen = std::min(outwards, -1 - rim);
    const auto is_body = [&](int at) {
      const int clamped = std::clamp(at, begin_of(side), end_of(side) - 1);
      return bodies.at(side.x(clamped, seen), side.y(clamped, seen)) > kBody;
    };
    return is_body(along - rim) && is_body(along) && is_body(along + rim) ? 1.0F : 0.0F;
  };
  const float tile_part = std::clamp((body.end - body.begin) / shorter / 4, kTilePartMin, kTilePart);
  const EdgeTexture texture(canvas, side, known,
                            {shorter, kMirrorPart, kTonePart, tile_part, begin, end, 4U + side.edge()});
  const int out = outline.reach(side.growth());
  const float soft = std::max(0.7F, kSoftPart * shorter);
  return task.rows(end_of(side) - begin_of(side), [&](int first, int last) {
    for (int along = begin_of(side) + first; along < begin_of(side) + last; ++along) {
      for (int outwards = 0; outwards < out; ++outwards) {
        const float width = soft + kSoftGrowth * static_cast<float>(outwards);
        const float depth = outline.depth(static_cast<float>(along), static_cast<float>(outwards));
        const float share = smooth_step(-width, width, depth);
        if (share <= 0) continue;
        const auto own = texture.at(along, outwards);
        const int x = side.x(along, outwards), y = side.y(along, outwards);
        std::uint8_t* to = canvas.at(x, y);
        for (int channel = 0; channel < 3; ++channel) {
          const float level = std::lerp(static_cast<float>(to[channel]), own[static_cast<std::size_t>(channel)], share);
          to[channel] = dithered_byte(std::clamp(level, 0.0F, 255.0F) / 255, x, y, channel);
        }
        to[3] = 255;
      }
    }
  });
}

}  // namespace

Result<void> continue_bodies(const Extent& picture, const CutSubject& cut, int left, int top, const Task& task,
                             Raster& canvas) {
  const auto shorter = static_cast<float>(std::min(picture.width_px, picture.height_px));
  Bodies bodies(cut, picture, left, top, canvas.extent());
  // Beside the picture bodies are already seen that go on below it.
  for (const PictureEdge edge : {kBottomEdge, kTopEdge, kLeftEdge, kRightEdge}) {
    const CanvasSide side(edge, picture, left, top, canvas.extent());
    if (side.growth() <= 0 || cut.share[edge] <= 0) continue;
    for (const Body& body : Finder(bodies, side, shorter).found()) {
      const Outline outline(body, side, shorter);
      if (const auto done = lay_body(side, body, outline, bodies, shorter, task, canvas); !done) return done;
      bodies.add(side, [&](int along, int outwards) {
        return outline.depth(static_cast<float>(along), static_cast<float>(outwards));
      });
    }
  }
  return {};
}

std::int64_t continue_bodies_bytes_max(const Extent& picture, const Extent& canvas) {
  const auto pixels = [](const Extent& sides) { return std::int64_t{sides.width_px} * sides.height_px; };
  // Which pixels are body is seen as small as the subject was; twice while it is read.
  const std::int64_t seen =
      pixels(canvas) * std::min<std::int64_t>(kSubjectPixelsMax, pixels(picture)) / pixels(picture);
  return seen * static_cast<std::int64_t>(sizeof(float)) + edge_texture_bytes_max(picture, canvas);
}

}  // namespace tintype::engine
