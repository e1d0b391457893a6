#include "domain/variant.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tintype {

namespace {

struct NamedSide {
  const char* name;
  int side_px;
};

constexpr std::array kDisplaySides = {NamedSide{"thumb", 200}, NamedSide{"medium", 1'280}, NamedSide{"large", 2'048}};

int scaled(int side, double ratio) {
  return std::max(1, static_cast<int>(std::lround(side * ratio)));
}

const char* fit_name(Fit fit) {
  switch (fit) {
    case Fit::kContain: return "contain";
    case Fit::kCover: return "cover";
  }
  return "contain";
}

// Reads a number of the form that recipe_name() writes and what has to stand behind it.
std::optional<int> take_number(std::string_view& text, std::string_view behind) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with(behind)) return std::nullopt;
  text.remove_prefix(behind.size());
  return number;
}

bool is_written(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
    case ImageFormat::kPng:
    case ImageFormat::kWebp:
    case ImageFormat::kAvif: return true;
    case ImageFormat::kHeic:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: return false;
  }
  return false;
}

}  // namespace

Extent part_shown(const Box& box, const Extent& picture) {
  if (box.fit == Fit::kContain) return picture;
  const auto across = std::int64_t{picture.width_px} * box.height_px;
  const auto down = std::int64_t{picture.height_px} * box.width_px;
  if (across > down) {
    const double aspect = static_cast<double>(box.width_px) / box.height_px;
    return {std::min(picture.width_px, scaled(picture.height_px, aspect)), picture.height_px};
  }
  const double aspect = static_cast<double>(box.height_px) / box.width_px;
  return {picture.width_px, std::min(picture.height_px, scaled(picture.width_px, aspect))};
}

Extent extent_in(const Box& box, const Extent& picture) {
  const Extent part = part_shown(box, picture);
  if (box.fit == Fit::kCover) {
    const bool covers = part.width_px >= box.width_px && part.height_px >= box.height_px;
    return covers ? Extent{box.width_px, box.height_px} : part;
  }
  const double across = static_cast<double>(box.width_px) / part.width_px;
  const double down = static_cast<double>(box.height_px) / part.height_px;
  if (across >= 1 && down >= 1) return part;
  if (across < down) return {box.width_px, std::min(box.height_px, scaled(part.height_px, across))};
  return {std::min(box.width_px, scaled(part.width_px, down)), box.height_px};
}

std::string recipe_name(const Recipe& recipe) {
  return std::to_string(recipe.box.width_px) + "x" + std::to_string(recipe.box.height_px) + "-" +
         fit_name(recipe.box.fit) + "-q" + std::to_string(recipe.quality);
}

std::optional<Recipe> parse_recipe(std::string_view name) {
  for (const NamedSide& display : kDisplaySides) {
    if (name == display.name) return Recipe{{display.side_px, display.side_px, Fit::kContain}};
  }
  std::string_view left = name;
  const auto width = take_number(left, "x");
  const auto height = width ? take_number(left, "-") : std::nullopt;
  if (!height) return std::nullopt;
  const Fit fit = left.starts_with("cover-q") ? Fit::kCover : Fit::kContain;
  if (!left.starts_with(std::string(fit_name(fit)) + "-q")) return std::nullopt;
  left.remove_prefix(left.find("-q") + 2);
  const auto quality = take_number(left, "");
  if (!quality || !left.empty()) return std::nullopt;
  const auto is_side = [](int side) { return side >= 1 && side <= kRecipeSideMaxPx; };
  if (!is_side(*width) || !is_side(*height) || *quality < 1 || *quality > 100) return std::nullopt;
  const Recipe recipe{{*width, *height, fit}, *quality};
  return recipe_name(recipe) == name ? std::optional(recipe) : std::nullopt;
}

const std::vector<VariantKey>& display_variants() {
  static const std::vector<VariantKey> variants = [] {
    std::vector<VariantKey> made;
    for (const NamedSide& display : kDisplaySides) {
      made.push_back({display.name, ImageFormat::kWebp});
      made.push_back({display.name, ImageFormat::kJpeg});
    }
    return made;
  }();
  return variants;
}

bool is_display_variant(std::string_view name) {
  return std::ranges::any_of(kDisplaySides, [&](const NamedSide& display) { return name == display.name; });
}

const char* variant_state_name(VariantState state) {
  switch (state) {
    case VariantState::kProcessing: return "processing";
    case VariantState::kReady: return "ready";
    case VariantState::kFailed: return "failed";
  }
  return "failed";
}

std::optional<VariantState> parse_variant_state(const std::string& name) {
  for (const VariantState state : {VariantState::kProcessing, VariantState::kReady, VariantState::kFailed}) {
    if (name == variant_state_name(state)) return state;
  }
  return std::nullopt;
}

Parameters to_parameters(const std::vector<VariantKey>& variants) {
  std::string text;
  for (const VariantKey& variant : variants) {
    if (!text.empty()) text.push_back(',');
    text += variant.name + ":" + image_format_name(variant.format);
  }
  return {{"variants", text}};
}

Result<std::vector<VariantKey>> variants_from(const Parameters& parameters) {
  const auto wrong = [] {
    return fail(ErrorCode::kInvalidInput, "variants takes one parameter, variants: thumb:webp,published:jpeg and such");
  };
  const auto found = parameters.find("variants");
  if (found == parameters.end() || parameters.size() != 1) return wrong();
  std::vector<VariantKey> variants;
  const std::string& text = found->second;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t colon = text.find(':', begin);
    if (colon == std::string::npos || colon >= end) return wrong();
    const VariantKey variant{text.substr(begin, colon - begin),
                             parse_image_format(text.substr(colon + 1, end - colon - 1)).value_or(ImageFormat::kGif)};
    const bool is_known = variant.name == kPublished || parse_recipe(variant.name);
    if (!is_known || !is_written(variant.format) || std::ranges::find(variants, variant) != variants.end()) {
      return wrong();
    }
    variants.push_back(variant);
    begin = end + 1;
  }
  return variants;
}

}  // namespace tintype
