#include "engine/studio/body_continuation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/raster/resample.h"
#include "engine/studio/patch_fill.h"
#include "engine/studio/soften.h"
#include "engine/studio/texture.h"
#include "engine/studio/usual_colour.h"

namespace tintype::engine {

namespace {

constexpr float kBody = 0.5F;
// Parts of the picture's shorter side: what reaches an edge along less is nothing, and a gap as narrow is none; so far
// inwards outlines are followed, to go on as they run; so deep a body shows what it is made of; so soft its outline is.
constexpr float kRunPart = 0.02F, kOutlinePart = 0.06F, kDepthPart = 0.15F, kSoftPart = 0.0012F;
constexpr float kSoftGrowth = 0.02F;  // pixels for each that it is away from the edge
// How far an outline goes on until it has turned to where the body is heavy, if the body does not narrow: that of a
// shoulder, in parts of its height; that of what is round, of half its width, but beside the picture no farther than a
// part of the shorter side; that of a head above it.
constexpr float kShoulder = 1.3F, kRound = 1, kRoundPart = 0.12F, kHead = 0.6F;
// What is unlike most of what is around it, within a part of the shorter side, is gone at such a distance.
constexpr float kAroundPart = 0.15F, kUsualPart = 0.012F;
// How soft it gets, and within what most of that, in parts of the shorter side.
constexpr float kSoftMost = 0.004F, kSoftWithin = 0.15F;
constexpr float kWideningMax = 0.5F, kNarrowingMax = 3, kLeaningMax = 0.4F;
constexpr int kPatchMargin = 16;        // pixels
constexpr float kStraightPart = 0.25F;  // so far on an outline that runs on below has lost most of its slope

// A canvas as an edge of the picture sees it: so far along the edge, and outwards from it; what is negative is inside.
class Side {
 public:
  Side(PictureEdge edge, const Extent& picture, int left, int top, const Extent& canvas)
      : edge_(edge), begin_(edge < kTopEdge ? 0 : left) {
    length_ = edge < kTopEdge ? canvas.height_px : picture.width_px;
    depth_max_ = edge < kTopEdge ? picture.width_px : picture.height_px;
    first_ = edge == kLeftEdge    ? left - 1
             : edge == kRightEdge ? left + picture.width_px
             : edge == kTopEdge   ? top - 1
                                  : top + picture.height_px;
    growth_ = edge == kLeftEdge || edge == kTopEdge ? first_ + 1
              : edge == kRightEdge                  ? canvas.width_px - first_
                                                    : canvas.height_px - first_;
  }

  int length() const { return length_; }
  int growth() const { return growth_; }
  int depth_max() const { return depth_max_; }  // the picture's, inwards
  PictureEdge edge() const { return edge_; }
  int x(int along, int outwards) const { return edge_ < kTopEdge ? across(outwards) : begin_ + along; }
  int y(int along, int outwards) const { return edge_ < kTopEdge ? begin_ + along : across(outwards); }

 private:
  int across(int outwards) const {
    return edge_ == kLeftEdge || edge_ == kTopEdge ? first_ - outwards : first_ + outwards;
  }

  PictureEdge edge_;
  int begin_, length_ = 0, depth_max_ = 0, first_ = 0, growth_ = 0;
};

// A body where it reaches an edge. Lengths are of pixels along the edge.
struct Body {
  float begin = 0, end = 0;                               // along the edge
  float begin_slope = 0, end_slope = 0;                   // along it, for each pixel outwards
  bool is_open_at_begin = false, is_open_at_end = false;  // a corner of the picture is within it
};

// What a body's outline is beyond an edge.
class Outline {
 public:
  Outline(const Body& body, PictureEdge edge, int length, float side) : body_(body), straight_(kStraightPart * side) {
    const bool is_open = body.is_open_at_begin || body.is_open_at_end;
    const float narrowing = (body.begin_slope - body.end_slope) / 2;
    goes_on_ = (body.is_open_at_begin && body.is_open_at_end) || (edge == kBottomEdge && narrowing < kLeaningMax);
    if (goes_on_) return;
    if (body.is_open_at_end) {
      middle_ = static_cast<float>(length), half_ = middle_ - body.begin, widening_ = -body.begin_slope;
    } else if (body.is_open_at_begin) {
      middle_ = 0, half_ = body.end, widening_ = body.end_slope;
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
  void add(const Side& side, Depth depth) {
    const int step = this->step();
    for (int along = 0; along < side.length(); along += step) {
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
  Finder(const Bodies& bodies, const Side& side, float shorter)
      : bodies_(bodies),
        side_(side),
        run_(static_cast<int>(kRunPart * shorter)),
        step_(bodies.step()),
        depth_(static_cast<int>(kOutlinePart * shorter)) {}

  std::vector<Body> found() const {
    std::vector<Body> found;
    for (int along = 0; along < side_.length(); ++along) {
      if (!is_body(along, 0)) continue;
      int end = along;
      for (int at = along; at < side_.length() && at < end + run_; ++at) {
        if (is_body(at, 0)) end = at + 1;
      }
      if (end - along > run_) {
        Body body{static_cast<float>(along), static_cast<float>(end)};
        body.is_open_at_begin = along<run_, body.is_open_at_end = end> side_.length() - run_;
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
      const auto is_in = [&](int along) { return along >= 0 && along < side_.length() && is_body(along, inwards); };
      while (moved < slack && !is_in(at)) at += towards_body, ++moved;
      while (moved < slack && is_in(at - towards_body)) at -= towards_body, ++moved;
      if (moved >= slack) break;
      sum += static_cast<double>(inwards) * (from - at), weights += static_cast<double>(inwards) * inwards;
    }
    return weights > 0 ? static_cast<float>(sum / weights) : 0;
  }

  const Bodies& bodies_;
  const Side& side_;
  int run_, step_, depth_;
};

// What a body is made of beside an edge, as far as `deep` inside, and room for what goes on so far out. What is beside
// the body is hidden by the body itself in a mirror, so that it alone goes on.
Raster strip_of(const Side& side, const Body& body, const Bodies& bodies, int begin, int end, int deep, int out,
                const Raster& canvas) {
  Raster strip(deep + out, end - begin);
  const int step = bodies.step();
  int run_begin = static_cast<int>(body.begin), run_end = static_cast<int>(body.end);
  for (int outwards = -1; outwards >= -deep; --outwards) {
    const int seen = std::min(outwards, -1 - 2 * step);
    const auto is_body = [&](int along) {
      return along >= 0 && along < side.length() && bodies.at(side.x(along, seen), side.y(along, seen)) > kBody;
    };
    if (const int middle = (run_begin + run_end) / 2; is_body(middle)) {
      run_begin = run_end = middle;
      while (is_body(run_begin - 1)) --run_begin;
      while (is_body(run_end)) ++run_end;
    }
    const int margin = std::min(2 * step, (run_end - run_begin) / 3);
    const int first = run_begin > 0 ? run_begin + margin : 0;
    const int count = std::max(1, (run_end < side.length() ? run_end - margin : side.length()) - first);
    for (int along = begin; along < end; ++along) {
      int at = std::abs(along - first) % (2 * count);
      if (along < first) at = (at + 2 * count - 1) % (2 * count);
      if (at >= count) at = 2 * count - 1 - at;
      std::copy_n(canvas.at(side.x(first + at, outwards), side.y(first + at, outwards)), Raster::kChannels,
                  strip.at(deep + outwards, along - begin));
    }
  }
  return strip;
}

// Takes what is unlike the rest of it out of what a strip shows; the rest of each pixel is returned.
std::vector<float> unusual_taken(const Bodies& bodies, int deep, float shorter, Raster& strip) {
  Raster shown(deep, strip.height);
  for (int y = 0; y < strip.height; ++y) std::copy_n(strip.row(y), shown.width * Raster::kChannels, shown.row(y));
  const int step = bodies.step();
  const Extent small{std::max(1, deep / step), std::max(1, strip.height / step)};
  const int reach = static_cast<int>(kAroundPart / 2 * shorter / static_cast<float>(step));
  const Field3 usual = usual_colours(resized(shown, small), std::max(1, reach));
  const float across = static_cast<float>(small.width_px) / static_cast<float>(deep);
  const float down = static_cast<float>(small.height_px) / static_cast<float>(strip.height);
  std::vector<float> taken(static_cast<std::size_t>(deep) * strip.height * 3);
  for (int y = 0; y < strip.height; ++y) {
    for (int x = 0; x < deep; ++x) {
      const float at_x = (static_cast<float>(x) + 0.5F) * across - 0.5F,
                  at_y = (static_cast<float>(y) + 0.5F) * down - 0.5F;
      std::uint8_t* pixel = strip.at(x, y);
      const std::array own{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2])};
      const std::array most{255 * sample(usual.first, at_x, at_y), 255 * sample(usual.second, at_x, at_y),
                            255 * sample(usual.third, at_x, at_y)};
      const float share = unusual_share(own, most);
      for (std::size_t channel = 0; channel < own.size(); ++channel) {
        pixel[channel] = static_cast<std::uint8_t>(std::lround(std::lerp(own[channel], most[channel], share)));
        taken[(static_cast<std::size_t>(y) * deep + x) * 3 + channel] =
            own[channel] - static_cast<float>(pixel[channel]);
      }
    }
  }
  return taken;
}

// How deep it is looked into a picture with such a shorter side, at most.
int depth_of(float shorter) {
  return std::max(kPatchMargin, static_cast<int>(kDepthPart * shorter));
}

// Lays a body on the canvas beyond an edge.
Result<void> lay_body(const Side& side, const Body& body, const Outline& outline, const Bodies& bodies, float shorter,
                      const Task& task, Raster& canvas) {
  const int deep = std::min(side.depth_max(), depth_of(shorter));
  const int out = outline.reach(side.growth());
  int begin = static_cast<int>(body.begin), end = static_cast<int>(body.end);
  for (int along = 0; along < side.length(); ++along) {
    for (int outwards = 0; outwards < out; outwards += kPatchMargin / 4) {
      if (outline.depth(static_cast<float>(along), static_cast<float>(outwards)) < -kPatchMargin) continue;
      begin = std::min(begin, along), end = std::max(end, along + 1);
      break;
    }
  }
  Raster strip = strip_of(side, body, bodies, begin, end, deep, out, canvas);
  const std::vector<float> taken = unusual_taken(bodies, deep, shorter, strip);
  Field hole(strip.width, strip.height);
  for (int y = 0; y < strip.height; ++y) std::fill_n(hole.row(y) + deep, out, 1.0F);
  auto filled = patch_filled(strip, hole, {}, task.part(0, 0.9));
  if (!filled) return std::unexpected(filled.error());
  const auto softness = [&](int x, int) {
    return kSoftMost * shorter * (1 - std::exp(-static_cast<float>(x - deep) / (kSoftWithin * shorter)));
  };
  if (const auto done = soften(*filled, softness, task.part(0.9, 1)); !done) return done;
  const float soft = std::max(0.7F, kSoftPart * shorter);
  for (int y = 0; y < strip.height; ++y) {
    for (int outwards = 0; outwards < out; ++outwards) {
      const float width = soft + kSoftGrowth * static_cast<float>(outwards);
      const float depth = outline.depth(static_cast<float>(begin + y), static_cast<float>(outwards));
      const float share = smooth_step(-width, width, depth);
      if (share <= 0) continue;
      std::uint8_t* to = canvas.at(side.x(begin + y, outwards), side.y(begin + y, outwards));
      const std::uint8_t* from = filled->at(deep + outwards, y);
      const int seen = std::max(0, deep - 1 - outwards);
      const float left = std::exp(-static_cast<float>(outwards) / (kUsualPart * shorter));
      for (int channel = 0; channel < 3; ++channel) {
        const float rest =
            left * taken[(static_cast<std::size_t>(y) * deep + seen) * 3 + static_cast<std::size_t>(channel)];
        const float own = std::clamp(static_cast<float>(from[channel]) + rest, 0.0F, 255.0F);
        const float mixed = std::lerp(static_cast<float>(to[channel]), own, share);
        to[channel] = static_cast<std::uint8_t>(std::lround(mixed));
      }
      to[3] = 255;
    }
  }
  return {};
}

}  // namespace

Result<void> continue_bodies(const Extent& picture, const CutSubject& cut, int left, int top, const Task& task,
                             Raster& canvas) {
  const auto shorter = static_cast<float>(std::min(picture.width_px, picture.height_px));
  Bodies bodies(cut, picture, left, top, canvas.extent());
  // Beside the picture bodies are already seen that go on below it.
  for (const PictureEdge edge : {kBottomEdge, kTopEdge, kLeftEdge, kRightEdge}) {
    const Side side(edge, picture, left, top, canvas.extent());
    if (side.growth() <= 0 || cut.share[edge] <= 0) continue;
    for (const Body& body : Finder(bodies, side, shorter).found()) {
      const Outline outline(body, edge, side.length(), shorter);
      if (const auto done = lay_body(side, body, outline, bodies, shorter, task, canvas); !done) return done;
      bodies.add(side, [&](int along, int outwards) {
        return outline.depth(static_cast<float>(along), static_cast<float>(outwards));
      });
    }
  }
  return {};
}

std::int64_t continue_bodies_bytes_max(const Extent& picture, const Extent& canvas) {
  // A strip is as long as the canvas at most, as deep as lay_body() looks into the picture, and as far as it grows.
  constexpr std::int64_t kStripBytes = Raster::kChannels + sizeof(float), kTakenBytes = 3 * sizeof(float);
  const int deep = depth_of(static_cast<float>(std::min(picture.width_px, picture.height_px)));
  const auto bytes = [&](int length, int growth) {
    const std::int64_t strip = std::int64_t{length} * (growth + deep), known = std::int64_t{length} * deep;
    return strip * kStripBytes + known * kTakenBytes + patch_filled_bytes_max({growth + deep, length}, {deep, length});
  };
  return std::max(bytes(canvas.height_px, canvas.width_px - picture.width_px),
                  bytes(canvas.width_px, canvas.height_px - picture.height_px));
}

}  // namespace tintype::engine
