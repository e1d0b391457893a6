#include "engine/studio/expand.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "engine/studio/patch_fill.h"
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

Result<Raster> expand(const Raster& picture, const Expand& how, const Saliency& network, const Task& task) {
  constexpr double kLooked = 0.1, kFilled = 0.9;
  const auto sides = expanded_sides(picture.extent(), how.sides);
  if (!sides) return std::unexpected(sides.error());
  if (*sides == picture.extent()) return picture;
  Raster canvas(sides->width_px, sides->height_px);
  Field hole(sides->width_px, sides->height_px, 1);
  const int left = (canvas.width - picture.width) / 2, top = (canvas.height - picture.height) / 2;
  for (int y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), static_cast<std::size_t>(picture.width) * Raster::kChannels, canvas.at(left, top + y));
    std::fill_n(hole.row(top + y) + left, picture.width, 0.0F);
  }
  const auto cut = find_cut_subject(picture, network, task.part(0, kLooked));
  if (!cut) return std::unexpected(cut.error());
  const bool grows_across = canvas.width > picture.width, grows_down = canvas.height > picture.height;
  const bool is_soft =
      (grows_across && (cut->at_left || cut->at_right)) || (grows_down && (cut->at_top || cut->at_bottom));
  const bool is_soft_all_round =
      (!grows_across || (cut->at_left && cut->at_right)) && (!grows_down || (cut->at_top && cut->at_bottom));
  if (!is_soft_all_round) {
    auto filled = patch_filled(canvas, hole, {.seed = how.seed}, task.part(kLooked, kFilled));
    if (!filled) return filled;
    canvas = std::move(*filled);
  }
  if (is_soft) {
    if (const auto done = continue_softly(picture, *cut, left, top, task.part(kFilled, 1), canvas); !done) {
      return std::unexpected(done.error());
    }
  }
  task.done(1);
  return canvas;
}

std::int64_t expand_bytes_max(const Extent& picture, const Extent& expanded) {
  const std::int64_t hole = std::int64_t{expanded.width_px} * expanded.height_px * sizeof(float);
  return hole + std::max(patch_filled_bytes_max(expanded, picture), continue_softly_bytes_max(expanded));
}

}  // namespace tintype::engine
