#include "engine/studio/clip_frame.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/resample.h"
#include "engine/studio/expand.h"
#include "engine/studio/surface.h"

namespace tintype::engine {

namespace {

constexpr int kLongSidePx = 1'280, kShortSidePx = 720;  // where nobody wants other sides
constexpr int kSideMinPx = 16;
constexpr std::int64_t kLookedAtPixelsMax = 250'000;   // the subject is found at this size
constexpr double kSameShape = 0.01;                    // shapes that differ by less are cut without a look
constexpr double kMayBeCut = 0.04;                     // of the subject's extent
constexpr double kAroundSubject = 0.06;                // of its extent, left on each side
constexpr double kAtEdge = 0.02;                       // of the picture: what comes so near goes on outside
constexpr double kUpperPart = 0.6;                     // of what goes on below the picture: a head and shoulders
constexpr float kSubject = 0.3F;                       // of alpha: what must not be cut off
constexpr std::int64_t kContinuedPixelsMax = 250'000;  // what goes on outside is made in this size
constexpr double kFeather = 0.012;                     // of the picture's longer side
constexpr double kRim = 0.012;                         // of the same: where it goes on, lines at its edge would be seen

int even(double side) {
  return std::max(kSideMinPx, 2 * static_cast<int>(std::lround(side / 2)));
}

int even_below(double side) {
  constexpr double kRounding = 1e-6;
  return std::max(kSideMinPx, 2 * static_cast<int>(side / 2 + kRounding));
}

// Along one side of the picture, as shares of it.
struct Span {
  double begin = 0, end = 1;
  double length() const { return end - begin; }
};

struct Bounds {
  Span across, down;
};

// Of the subject; where nothing stands out, of nothing in the middle.
Bounds bounds_of(const Field& subject) {
  Bounds bounds{{1, 0}, {1, 0}};
  for (int y = 0; y < subject.height; ++y) {
    for (int x = 0; x < subject.width; ++x) {
      if (subject.at(x, y) < kSubject) continue;
      bounds.across = {std::min(bounds.across.begin, static_cast<double>(x) / subject.width),
                       std::max(bounds.across.end, (x + 1.0) / subject.width)};
      bounds.down = {std::min(bounds.down.begin, static_cast<double>(y) / subject.height),
                     std::max(bounds.down.end, (y + 1.0) / subject.height)};
    }
  }
  if (bounds.across.end <= 0) return {{0.5, 0.5}, {0.5, 0.5}};
  return bounds;
}

// What has to be seen of the subject: of one that the picture cuts off below, its upper part.
Bounds needed_of(Bounds subject) {
  Span& down = subject.down;
  if (down.end >= 1 - kAtEdge && down.begin > kAtEdge) down.end = down.begin + kUpperPart * down.length();
  return subject;
}

// Where a window of `length` best shows the span.
double window_begin(const Span& span, double length) {
  return std::clamp((span.begin + span.end - length) / 2, 0.0, 1 - length);
}

Raster cut(const Raster& picture, int left, int top, const Extent& sides) {
  Raster result(sides.width_px, sides.height_px);
  for (int y = 0; y < sides.height_px; ++y) {
    std::copy_n(picture.at(left, top + y), static_cast<std::size_t>(sides.width_px) * Raster::kChannels, result.row(y));
  }
  return result;
}

Extent scaled(const Extent& sides, double ratio) {
  return {std::max(1, static_cast<int>(std::lround(sides.width_px * ratio))),
          std::max(1, static_cast<int>(std::lround(sides.height_px * ratio)))};
}

// How much of the picture there is so near its edges, 0 to 1; an edge of the frame's own is none.
float share_inside(int at, int length, bool goes_on, double feather) {
  if (!goes_on) return 1;
  return static_cast<float>(std::clamp((std::min(at, length - 1 - at) + 0.5) / feather, 0.0, 1.0));
}

// In the middle of larger sides. What goes on outside is made less fine than the picture, so that nobody looks there;
// what is transparent goes on as nothing.
Result<Raster> continued(const Raster& picture, const Extent& sides, const Saliency& network, const Task& task) {
  const int left = (sides.width_px - picture.width) / 2, top = (sides.height_px - picture.height) / 2;
  const bool is_cut_out = !is_opaque(picture);
  Raster result(sides.width_px, sides.height_px);
  if (!is_cut_out) {
    const Extent canvas = extent_within(sides, kContinuedPixelsMax);
    const double ratio = static_cast<double>(canvas.width_px) / sides.width_px;
    Extent inner = scaled(picture.extent(), ratio);
    inner = {std::min(inner.width_px, canvas.width_px), std::min(inner.height_px, canvas.height_px)};
    const auto grown =
        expand(resized(picture, inner), {.sides = {.extent = canvas}, .placement = Placement::kCenter}, network, task);
    if (!grown) return std::unexpected(grown.error());
    result = resized(*grown, sides);
  }
  const double feather = 1 + kFeather * std::max(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    const float down = is_cut_out ? 1 : share_inside(y, picture.height, top > 0, feather);
    const std::uint8_t* in = picture.row(y);
    std::uint8_t* out = result.at(left, top + y);
    for (int x = 0; x < picture.width; ++x, in += Raster::kChannels, out += Raster::kChannels) {
      const float share = is_cut_out ? 1 : down * share_inside(x, picture.width, left > 0, feather);
      for (int channel = 0; channel < Raster::kChannels; ++channel) {
        const float mix = share * static_cast<float>(in[channel]) + (1 - share) * static_cast<float>(out[channel]);
        out[channel] = static_cast<std::uint8_t>(std::lround(mix));
      }
    }
  }
  return result;
}

// The share of the picture's width and height that a window of this shape takes.
Extent window_in(const Extent& picture, double shape) {
  const double width = std::min<double>(picture.width_px, picture.height_px * shape);
  return {std::max(1, static_cast<int>(std::lround(width))), std::max(1, static_cast<int>(std::lround(width / shape)))};
}

// The width of the least window of this shape that shows the subject with a little around it, and no less of the
// picture than fills it.
double width_around(const Bounds& subject, const Extent& picture, double shape) {
  const double wanted = (1 + 2 * kAroundSubject) * std::max(subject.across.length() * picture.width_px,
                                                            subject.down.length() * picture.height_px * shape);
  const auto [least, most] =
      std::minmax({static_cast<double>(picture.width_px), static_cast<double>(picture.height_px) * shape});
  return std::clamp(wanted, least, most);
}

}  // namespace

Extent clip_sides(const Extent& picture, const WantedSides& wanted) {
  if (wanted.extent) return {even(wanted.extent->width_px), even(wanted.extent->height_px)};
  const double shape = wanted.aspect ? static_cast<double>(wanted.aspect->width) / wanted.aspect->height
                                     : static_cast<double>(picture.width_px) / picture.height_px;
  const Extent room = shape >= 1 ? Extent{kLongSidePx, kShortSidePx} : Extent{kShortSidePx, kLongSidePx};
  const double width = std::min({static_cast<double>(room.width_px), room.height_px * shape,
                                 static_cast<double>(picture.width_px), picture.height_px * shape});
  return {even_below(width), even_below(width / shape)};
}

Extent framed_sides_max(const Extent& frame, double finer) {
  return scaled(frame, finer);
}

Result<Raster> framed(const Raster& picture, const Extent& frame, double finer, const Saliency& network,
                      const Task& task) {
  const double shape = static_cast<double>(frame.width_px) / frame.height_px;
  const double own_shape = static_cast<double>(picture.width) / picture.height;
  Bounds subject{{0.5, 0.5}, {0.5, 0.5}};
  if (std::abs(shape / own_shape - 1) > kSameShape) {
    const Raster small = resized(picture, extent_within(picture.extent(), kLookedAtPixelsMax));
    const auto found = subject_of(small, network, task.part(0, 0.7));
    if (!found) return std::unexpected(found.error());
    subject = needed_of(bounds_of(found->alpha));
  }
  const Extent inside = window_in(picture.extent(), shape);
  const bool fits = subject.across.length() * (1 - kMayBeCut) * picture.width <= inside.width_px &&
                    subject.down.length() * (1 - kMayBeCut) * picture.height <= inside.height_px;
  const double width = fits ? inside.width_px : width_around(subject, picture.extent(), shape);
  const double scale = std::min(1.0, finer * frame.width_px / width);
  const Raster reduced = resized(picture, scaled(picture.extent(), scale));
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  const Extent sides = fits ? window_in(reduced.extent(), shape) : scaled(frame, width * scale / frame.width_px);
  const Extent part{std::min(sides.width_px, reduced.width), std::min(sides.height_px, reduced.height)};
  const auto begin_of = [](const Span& span, int length, int whole) {
    const double begin = window_begin(span, static_cast<double>(length) / whole) * whole;
    return std::min(static_cast<int>(std::lround(begin)), whole - length);
  };
  const int left = begin_of(subject.across, part.width_px, reduced.width);
  const int top = begin_of(subject.down, part.height_px, reduced.height);
  if (part == sides) {
    task.done(1);
    return cut(reduced, left, top, part);
  }
  const auto rim = static_cast<int>(std::lround(kRim * std::max(reduced.width, reduced.height)));
  const int across = part.width_px < sides.width_px ? std::min(rim, part.width_px / 4) : 0;
  const int down = part.height_px < sides.height_px ? std::min(rim, part.height_px / 4) : 0;
  const Extent inner{part.width_px - 2 * across, part.height_px - 2 * down};
  return continued(cut(reduced, left + across, top + down, inner), sides, network, task.part(0.7, 1));
}

}  // namespace tintype::engine
