// Smaller renditions of an image for display, and the copy of its original for those who are not its owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "domain/image.h"
#include "domain/operation.h"

namespace tintype {

enum class Fit {
  kContain,  // all of the picture inside the box, aspect kept
  kCover,    // cut around its middle to the box's aspect
};

struct Box {
  int width_px = 0;
  int height_px = 0;
  Fit fit = Fit::kContain;
  bool operator==(const Box&) const = default;
};

struct Extent {
  int width_px = 0;
  int height_px = 0;
  bool operator==(const Extent&) const = default;
};

// What a picture measures once it fits the box. Never larger than it was: a small picture keeps its size, and of one
// that cannot cover the box the largest part of the box's aspect is taken.
Extent extent_in(const Box& box, const Extent& picture);

// The part of a picture that a box shows, around the middle, in the picture's own pixels; all of it for kContain.
Extent part_shown(const Box& box, const Extent& picture);

// How a rendition is made, apart from its format.
struct Recipe {
  Box box;
  int quality = 80;  // 1 to 100
  bool operator==(const Recipe&) const = default;
};

inline constexpr int kRecipeSideMaxPx = 8'192;

// One name for each recipe: "640x480-cover-q80".
std::string recipe_name(const Recipe& recipe);
// The recipe of such a name, or of "thumb" (200), "medium" (1280) and "large" (2048, the longest side each). Nothing
// for any other text, for sides over kRecipeSideMaxPx, and for another spelling of the same recipe.
std::optional<Recipe> parse_recipe(std::string_view name);

// The copy of the original without location and other metadata.
inline constexpr const char* kPublished = "published";

// Which rendition of an image: a recipe's name or kPublished, and a format that is written.
struct VariantKey {
  std::string name;
  ImageFormat format = ImageFormat::kWebp;
  bool operator==(const VariantKey&) const = default;
};

// Every image has these: thumb, medium and large, as WebP and as JPEG.
const std::vector<VariantKey>& display_variants();
bool is_display_variant(std::string_view name);

enum class VariantState { kProcessing, kReady, kFailed };

struct Variant {
  std::string image_id;
  std::string name;
  ImageFormat format = ImageFormat::kWebp;
  VariantState state = VariantState::kProcessing;
  int width_px = 0;  // known before it is made
  int height_px = 0;
  std::int64_t size_bytes = 0;  // 0 until it is ready
  std::string object_key;       // empty until it is ready
  UnixMs created_at_ms = 0;
  UnixMs used_at_ms = 0;  // when it was last asked for, roughly

  VariantKey key() const { return {name, format}; }
};

const char* variant_state_name(VariantState state);  // "processing" | "ready" | "failed"
std::optional<VariantState> parse_variant_state(const std::string& name);

// The parameters of an OperationKind::kVariants job: "variants" with "thumb:webp,thumb:jpeg".
Parameters to_parameters(const std::vector<VariantKey>& variants);
// kInvalidInput when they name none, one twice, or one that cannot be made.
Result<std::vector<VariantKey>> variants_from(const Parameters& parameters);

}  // namespace tintype
