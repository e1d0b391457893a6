// Renditions that are made when they are asked for: from what a client wishes to the one name under which it is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "domain/image.h"
#include "domain/variant.h"

namespace tintype {

struct RenditionWish {
  std::optional<int> width_px;  // the other side follows by the aspect; both absent: as large as it may be
  std::optional<int> height_px;
  Fit fit = Fit::kContain;
  int quality = Recipe().quality;
  int dpr_percent = 100;  // pixels of a screen for each of these, in hundredths
};

// The recipe that makes it of a picture of this size: the device's pixels multiplied in, no side longer than the
// picture's or than `side_max_px` (at most kRecipeSideMaxPx). Wishes that give the same pixels get the same recipe as
// far as that can be known before. kInvalidInput for a cover without both sides.
Result<Recipe> recipe_for(const RenditionWish& wish, const Extent& picture, int side_max_px);

// What a client reads beside JPEG and PNG.
struct FormatsRead {
  bool webp = false;
  bool avif = false;
};

// The smallest format that the client reads: AVIF before WebP before JPEG, or before PNG where alpha has to be kept.
// AVIF only up to `avif_pixels_max`, as it takes long to write.
ImageFormat best_format(const FormatsRead& read, bool has_alpha, const Extent& extent, std::int64_t avif_pixels_max);

// A variant's name and format, or "auto" where the format is found when it is fetched: "640x480-cover-q80.auto",
// "published.jpeg".
struct RenditionSpec {
  std::string name;
  std::optional<ImageFormat> format;
  bool operator==(const RenditionSpec&) const = default;
};

std::string spec_text(const RenditionSpec& spec);
// Nothing for what spec_text() does not write.
std::optional<RenditionSpec> parse_spec(std::string_view text);

// What the copy of an original for those who are not its owner is kept as.
VariantKey published_key(const Image& image);

}  // namespace tintype
