#include "domain/rendition.h"

#include <algorithm>
#include <cmath>

namespace tintype {

namespace {

constexpr const char* kAuto = "auto";

// A side of the screen's pixels; `fallback` when it is not given.
int side_of(const std::optional<int>& wished, int dpr_percent, int fallback, int side_max_px) {
  if (!wished) return std::min(fallback, side_max_px);
  const std::int64_t pixels = (std::int64_t{*wished} * dpr_percent + 50) / 100;
  return static_cast<int>(std::clamp<std::int64_t>(pixels, 1, side_max_px));
}

}  // namespace

Result<Recipe> recipe_for(const RenditionWish& wish, const Extent& picture, int side_max_px) {
  if (wish.fit == Fit::kCover && (!wish.width_px || !wish.height_px)) {
    return fail(ErrorCode::kInvalidInput, "fit=cover needs both w and h", "Please give both, or use fit=contain");
  }
  const int side_px = std::min(side_max_px, kRecipeSideMaxPx);
  Box box{side_of(wish.width_px, wish.dpr_percent, picture.width_px, side_px),
          side_of(wish.height_px, wish.dpr_percent, picture.height_px, side_px), wish.fit};
  if (wish.fit == Fit::kContain) {
    box.width_px = std::min(box.width_px, picture.width_px);
    box.height_px = std::min(box.height_px, picture.height_px);
  }
  // The box of the result itself, unless rounding would make another result of it.
  const Extent extent = extent_in(box, picture);
  const Box tight{extent.width_px, extent.height_px, wish.fit};
  if (extent_in(tight, picture) == extent) box = tight;
  // All of the picture is the same by either fit.
  if (box.width_px == picture.width_px && box.height_px == picture.height_px) box.fit = Fit::kContain;
  return Recipe{box, wish.quality};
}

ImageFormat best_format(const FormatsRead& read, bool has_alpha, const Extent& extent, std::int64_t avif_pixels_max) {
  const std::int64_t pixels = std::int64_t{extent.width_px} * extent.height_px;
  if (read.avif && pixels <= avif_pixels_max) return ImageFormat::kAvif;
  if (read.webp) return ImageFormat::kWebp;
  return has_alpha ? ImageFormat::kPng : ImageFormat::kJpeg;
}

std::string spec_text(const RenditionSpec& spec) {
  return spec.name + "." + (spec.format ? image_format_name(*spec.format) : kAuto);
}

std::optional<RenditionSpec> parse_spec(std::string_view text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  RenditionSpec spec{std::string(text.substr(0, dot)), std::nullopt};
  const std::string format(text.substr(dot + 1));
  if (format != kAuto) {
    spec.format = parse_image_format(format);
    if (!spec.format) return std::nullopt;
  }
  const bool is_known = parse_recipe(spec.name) || (spec.name == kPublished && spec.format);
  return is_known && spec_text(spec) == text ? std::optional(spec) : std::nullopt;
}

VariantKey published_key(const Image& image) {
  return {kPublished, result_format(image.format, image.has_alpha)};
}

}  // namespace tintype
