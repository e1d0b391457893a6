#include "engine/studio/expand.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/floor_continuation.h"
#include "engine/studio/patch_fill.h"
#include "engine/studio/picture_frame.h"
#include "engine/studio/seam.h"
#include "engine/studio/soft_continuation.h"

namespace tintype::engine {

namespace {

std::unexpected<Error> refused(std::string field, std::string message, std::string suggestion) {
  auto error = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  error.error().field = std::move(field);
  return error;
}

std::string sides_text(const Extent& sides) {
  return std::to_string(sides.width_px) + " x " + std::to_string(sides.height_px);
}

// The smallest extent of this shape that holds the picture.
Extent around(const Extent& picture, const AspectRatio& aspect) {
  const std::int64_t width = picture.width_px, height = picture.height_px;
  const auto side = [](std::int64_t other, int own_part, int other_part) {
    return static_cast<int>(std::min<std::int64_t>((other * own_part + other_part / 2) / other_part, 1 << 30));
  };
  if (width * aspect.height < height * aspect.width) {
    return {std::max(picture.width_px, side(height, aspect.width, aspect.height)), picture.height_px};
  }
  return {picture.width_px, std::max(picture.height_px, side(width, aspect.height, aspect.width))};
}

// ---- What stands whole within a picture

constexpr float kSubject = 0.25F;      // of a trimap: what may be subject
constexpr int kSparedStep = 4;         // pixels of the canvas, of which it is said at once whether they may be a source
constexpr double kTouchShare = 0.45;   // of a thing's size: what touches an edge less stands whole
constexpr double kAroundPart = 0.015;  // of the shorter side: what is so near one may be a part of it

// 1 where subjects are that no edge cuts off at which the picture grows: they are not to appear twice.
Field whole_subjects(const Field& subject, bool grows_across, bool grows_down) {
  const int width = subject.width, height = subject.height;
  Field whole(width, height), seen(width, height);
  std::vector<std::pair<int, int>> thing;
  const auto see = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= height || seen.at(x, y) != 0 || subject.at(x, y) <= kSubject) return;
    seen.at(x, y) = 1;
    thing.emplace_back(x, y);
  };
  for (int from_y = 0; from_y < height; ++from_y) {
    for (int from_x = 0; from_x < width; ++from_x) {
      thing.clear();
      see(from_x, from_y);
      double touching = 0;
      for (std::size_t at = 0; at < thing.size(); ++at) {
        const auto [x, y] = thing[at];
        const bool is_at_edge =
            (grows_across && (x == 0 || x == width - 1)) || (grows_down && (y == 0 || y == height - 1));
        touching += is_at_edge ? 1 : 0;
        see(x - 1, y), see(x + 1, y), see(x, y - 1), see(x, y + 1);
      }
      if (touching > kTouchShare * std::sqrt(static_cast<double>(thing.size()))) continue;
      for (const auto& [x, y] : thing) whole.at(x, y) = 1;
    }
  }
  return dilated(whole, std::max(1, static_cast<int>(std::lround(kAroundPart * std::min(width, height)))));
}

// ---- What goes on sharply

// Fills what lies around the picture, which lies in the canvas so far from its left upper corner.
Result<Raster> continue_sharply(Raster picture, const CutSubject& cut, bool has_subject, int left, int top,
                                std::uint32_t seed, const Task& task, Raster canvas) {
  const int below = canvas.height - top - picture.height;
  const bool grows_across = canvas.width > picture.width, grows_down = canvas.height > picture.height;
  Field hole(canvas.width, canvas.height, 1), whole, spared;
  for (int y = 0; y < picture.height; ++y) std::fill_n(hole.row(top + y) + left, picture.width, 0.0F);
  if (has_subject) {
    whole = whole_subjects(cut.subject, grows_across, grows_down);
    spared = Field((canvas.width + kSparedStep - 1) / kSparedStep, (canvas.height + kSparedStep - 1) / kSparedStep);
    for (int y = 0; y < spared.height; ++y) {
      for (int x = 0; x < spared.width; ++x) {
        const int in_x = x * canvas.width / spared.width - left, in_y = y * canvas.height / spared.height - top;
        if (in_x < 0 || in_y < 0 || in_x >= picture.width || in_y >= picture.height) continue;
        spared.at(x, y) = whole.at(in_x * whole.width / picture.width, in_y * whole.height / picture.height);
      }
    }
  }
  if (below > 0 && cut.share[kBottomEdge] <= 0 && !grows_across && is_opaque(picture)) {
    if (const auto floor = find_floor(picture, whole, below)) {
      const auto done = continue_floor(picture, *floor, left, top, task.part(0, 0.1), canvas);
      if (!done) return std::unexpected(done.error());
      std::fill_n(hole.row(top + picture.height), static_cast<std::size_t>(canvas.width) * below, 0.0F);
    }
  }
  picture = {};  // it is in the canvas
  const PatchFill fill{.seed = seed, .spared = spared.values.empty() ? nullptr : &spared};
  return patch_filled(canvas, hole, fill, task.part(0.1, 1));
}

// ---- Whether it shows

constexpr float kLineShare = 0.3F;            // of an edge: where so much shows, it had better go on out of focus,
constexpr float kCutMuch = 0.35F;             // as it does where so much of it cuts a subject off,
constexpr float kLineShareAtSubject = 0.12F;  // or less, and so much shows

// ---- Where the picture lies

constexpr float kCutMore = 0.1F;  // of an edge: what one has to cut off more than the other to be laid at the canvas's

struct Side {
  PictureEdge edge;
  Placement placement;
};

// How much of the room there is lies before the picture.
int place_in(int room, Placement wanted, const Side& before, const Side& behind, const CutSubject& cut) {
  if (wanted == before.placement) return 0;
  if (wanted == behind.placement) return room;
  const float more = wanted == Placement::kAuto ? cut.share[before.edge] - cut.share[behind.edge] : 0;
  return more > kCutMore ? 0 : more < -kCutMore ? room : room / 2;
}

}  // namespace

Result<Extent> expanded_sides(const Extent& picture, const WantedSides& wanted) {
  if (!wanted.extent && !wanted.aspect) {
    return refused("aspect_ratio", "It is not said how large the result is to be",
                   "Please give aspect_ratio, image_size, or width and height");
  }
  const Extent sides = wanted.extent ? *wanted.extent : around(picture, *wanted.aspect);
  for (const auto& [name, side, own] : {std::tuple{"width", sides.width_px, picture.width_px},
                                        std::tuple{"height", sides.height_px, picture.height_px}}) {
    if (side < own) {
      return refused(name, "The picture is " + sides_text(picture) + " pixels, and expanding cuts nothing off",
                     std::string("Please ask for a ") + name + " of " + std::to_string(own) + " or more");
    }
    if (side > kStudioSideMaxPx) {
      return refused(wanted.extent ? name : "aspect_ratio",
                     "The result would be " + sides_text(sides) + " pixels, and no side may have over " +
                         std::to_string(kStudioSideMaxPx),
                     "Please ask for another shape, or send a smaller picture");
    }
  }
  return sides;
}

Result<Raster> expand(const Raster& whole_picture, const Expand& how, const Saliency& network, const Task& task) {
  constexpr double kLooked = 0.1, kFilled = 0.9;
  const auto sides = expanded_sides(whole_picture.extent(), how.sides);
  if (!sides) return std::unexpected(sides.error());
  if (*sides == whole_picture.extent()) return whole_picture;
  const bool grows_across = sides->width_px > whole_picture.width, grows_down = sides->height_px > whole_picture.height;
  auto [picture, off_left, off_top] = without_frame(whole_picture, grows_across, grows_down);
  const Extent own = picture.extent();
  auto cut = find_cut_subject(picture, network, task.part(0, kLooked));
  if (!cut) return std::unexpected(cut.error());
  Raster canvas(sides->width_px, sides->height_px);
  const int room_across = canvas.width - whole_picture.width, room_down = canvas.height - whole_picture.height;
  const int left =
      place_in(room_across, how.placement, {kLeftEdge, Placement::kLeft}, {kRightEdge, Placement::kRight}, *cut) +
      off_left;
  const int top =
      place_in(room_down, how.placement, {kTopEdge, Placement::kTop}, {kBottomEdge, Placement::kBottom}, *cut) +
      off_top;
  for (int y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), static_cast<std::size_t>(picture.width) * Raster::kChannels, canvas.at(left, top + y));
  }
  const std::array<bool, 4> grows{left > 0, canvas.width > left + picture.width, top > 0,
                                  canvas.height > top + picture.height};
  const auto grows_at = [&](PictureEdge edge) { return grows[edge]; };
  std::vector<PictureEdge> sharp;
  for (const PictureEdge edge : kPictureEdges) {
    if (grows_at(edge) && cut->share[edge] <= (edge < kTopEdge ? 0 : kCutMuch)) sharp.push_back(edge);
  }
  // Without a network textures are taken for subjects.
  const bool has_subject = network && !cut->subject.values.empty();
  if (!sharp.empty()) {
    auto filled = continue_sharply(std::move(picture), *cut, has_subject, left, top, how.seed,
                                   task.part(kLooked, kFilled), std::move(canvas));
    if (!filled) return filled;
    canvas = std::move(*filled);
    picture = cropped(canvas, {left, top, own.width_px, own.height_px});
    for (const PictureEdge edge : sharp) {
      if (!has_subject) break;        // a texture goes on as it is,
      if (edge < kTopEdge) continue;  // and beside the picture a mirror hides the line
      const float most = cut->share[edge] > 0 ? kLineShareAtSubject : kLineShare;
      const CanvasSide side(edge, own, left, top, canvas.extent());
      cut->share[edge] = seam_share(canvas, side, {}) > most ? 1 : 0;
    }
  }
  const bool is_soft =
      std::ranges::any_of(kPictureEdges, [&](PictureEdge edge) { return grows_at(edge) && cut->share[edge] > 0; });
  if (is_soft) {
    if (const auto done = continue_softly(picture, *cut, left, top, task.part(kFilled, 1), canvas); !done) {
      return std::unexpected(done.error());
    }
  }
  task.done(1);
  return canvas;
}

std::int64_t expand_bytes_max(const Extent& picture, const Extent& expanded) {
  const std::int64_t pixels = std::int64_t{expanded.width_px} * expanded.height_px;
  const std::int64_t without_frame = std::int64_t{picture.width_px} * picture.height_px * Raster::kChannels;
  const std::int64_t hole = pixels * static_cast<std::int64_t>(sizeof(float));
  return std::max(hole + patch_filled_bytes_max(expanded, picture),
                  without_frame + continue_softly_bytes_max(picture, expanded));
}

}  // namespace tintype::engine
