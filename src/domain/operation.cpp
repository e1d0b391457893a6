#include "domain/operation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/bytes.h"

namespace tintype {

namespace {

constexpr std::array<int, 4> kUpscaleScales = {2, 3, 4, 8};
constexpr int kQualityMax = 100;
constexpr std::size_t kModelNameMax = 64;
constexpr int kStrengthSteps = 1'000;

std::optional<int> whole_number(const std::string& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Kept in thousandths, so that equal strengths are equal text.
std::string strength_text(double strength) {
  return std::to_string(std::lround(strength * kStrengthSteps));
}

// Sets one field of `upscale`; false when there is no such parameter or it holds something else.
bool set_parameter(Upscale& upscale, const std::string& name, const std::string& text) {
  if (name == "scale") {
    upscale.scale = whole_number(text).value_or(0);
    return is_upscale_scale(upscale.scale);
  }
  if (name == "face" || name == "denoise") {
    const auto strength = kept_strength(text);
    (name == "face" ? upscale.face_strength : upscale.denoise) = strength.value_or(0);
    return strength.has_value();
  }
  if (name == "model") {
    upscale.model = text;
    return !text.empty() && text.size() <= kModelNameMax;
  }
  if (name == "format") {
    upscale.output_format = parse_image_format(text);
    return upscale.output_format && is_upscale_format(*upscale.output_format);
  }
  if (name == "quality") {
    upscale.quality = whole_number(text);
    return upscale.quality && *upscale.quality >= 1 && *upscale.quality <= kQualityMax;
  }
  if (name == "fidelity_min") {
    upscale.fidelity_min_db = whole_number(text).value_or(0);
    return upscale.fidelity_min_db >= 1 && upscale.fidelity_min_db <= kFidelityMaxDb;
  }
  upscale.is_test = text == "1";
  return name == "test" && upscale.is_test;
}

}  // namespace

std::optional<double> kept_strength(const std::string& text) {
  const auto steps = whole_number(text);
  if (!steps || *steps < 0 || *steps > kStrengthSteps) return std::nullopt;
  return static_cast<double>(*steps) / kStrengthSteps;
}

int tier_longest_side_px(Tier tier) {
  switch (tier) {
    case Tier::k1K: return 1024;
    case Tier::k2K: return 2048;
    case Tier::k4K: return 4096;
  }
  return 1024;
}

const char* tier_name(Tier tier) {
  switch (tier) {
    case Tier::k1K: return "TIER_1K";
    case Tier::k2K: return "TIER_2K";
    case Tier::k4K: return "TIER_4K";
  }
  return "TIER_1K";
}

std::optional<Tier> parse_tier(const std::string& name) {
  for (const Tier tier : {Tier::k1K, Tier::k2K, Tier::k4K}) {
    if (name == tier_name(tier)) return tier;
  }
  return std::nullopt;
}

Tokens price_of(Tier tier, const Prices& prices) {
  switch (tier) {
    case Tier::k1K: return prices.tier_1k;
    case Tier::k2K: return prices.tier_2k;
    case Tier::k4K: return prices.tier_4k;
  }
  return prices.tier_4k;
}

const char* operation_name(OperationKind kind) {
  switch (kind) {
    case OperationKind::kEnhance: return "enhance";
    case OperationKind::kUpscale: return "upscale";
    case OperationKind::kProbe: return "probe";
    case OperationKind::kVariants: return "variants";
    case OperationKind::kGenerate: return "generate";
    case OperationKind::kEdit: return "edit";
    case OperationKind::kRemoveBackground: return "remove-background";
    case OperationKind::kRelight: return "relight";
    case OperationKind::kExpand: return "expand";
    case OperationKind::kMagicPrompt: return "magic-prompt";
    case OperationKind::kMagicEdit: return "magic-edit";
    case OperationKind::kFluxLora: return "flux-lora";
    case OperationKind::kCameraControl: return "camera-control";
    case OperationKind::kVideoReplicate: return "video-replicate";
  }
  return "enhance";
}

std::optional<OperationKind> parse_operation(const std::string& name) {
  for (const OperationKind kind : kOperationKinds) {
    if (name == operation_name(kind)) return kind;
  }
  return std::nullopt;
}

Parameters to_parameters(const Enhance& enhance) {
  return {{"tier", tier_name(enhance.tier)}};
}

Result<Enhance> enhance_from(const Parameters& parameters) {
  const auto found = parameters.find("tier");
  const auto tier = found == parameters.end() ? std::nullopt : parse_tier(found->second);
  if (!tier || parameters.size() != 1) {
    return fail(ErrorCode::kInvalidInput, "enhance takes one parameter, tier: TIER_1K, TIER_2K or TIER_4K");
  }
  return Enhance{*tier};
}

bool is_upscale_scale(int scale) {
  return std::ranges::find(kUpscaleScales, scale) != kUpscaleScales.end();
}

bool is_upscale_format(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg:
    case ImageFormat::kPng:
    case ImageFormat::kWebp:
    case ImageFormat::kAvif:
    case ImageFormat::kTiff: return true;
    case ImageFormat::kHeic:
    case ImageFormat::kGif: break;
  }
  return false;
}

ImageFormat upscale_format(ImageFormat original, bool has_alpha) {
  return original == ImageFormat::kTiff ? ImageFormat::kTiff : result_format(original, has_alpha);
}

Parameters to_parameters(const Upscale& upscale) {
  Parameters parameters{{"scale", std::to_string(upscale.scale)}};
  if (upscale.face_strength > 0) parameters["face"] = strength_text(upscale.face_strength);
  if (upscale.denoise > 0) parameters["denoise"] = strength_text(upscale.denoise);
  if (!upscale.model.empty()) parameters["model"] = upscale.model;
  if (upscale.output_format) parameters["format"] = image_format_name(*upscale.output_format);
  if (upscale.quality) parameters["quality"] = std::to_string(*upscale.quality);
  if (upscale.fidelity_min_db > 0) parameters["fidelity_min"] = std::to_string(upscale.fidelity_min_db);
  if (upscale.is_test) parameters["test"] = "1";
  return parameters;
}

Result<Upscale> upscale_from(const Parameters& parameters) {
  Upscale upscale;
  for (const auto& [name, text] : parameters) {
    if (!set_parameter(upscale, name, text)) {
      return fail(ErrorCode::kInvalidInput, "'" + text + "' is nothing that " + name + " can be when upscaling");
    }
  }
  if (!parameters.contains("scale")) return fail(ErrorCode::kInvalidInput, "upscale needs a scale: 2, 3, 4 or 8");
  return upscale;
}

std::string encode_parameters(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    if (!text.empty()) text.push_back('&');
    text += percent_encode(name) + "=" + percent_encode(value);
  }
  return text;
}

Result<Parameters> decode_parameters(const std::string& text) {
  Parameters parameters;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('&', begin), text.size());
    const std::string_view pair = std::string_view(text).substr(begin, end - begin);
    const std::size_t equals = pair.find('=');
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value =
        equals == std::string_view::npos ? std::optional<std::string>() : percent_decode(pair.substr(equals + 1), true);
    if (!name || !value || !parameters.emplace(*name, *value).second) {
      return fail(ErrorCode::kInvalidInput, "The parameters are not form-urlencoded pairs with unique names");
    }
    begin = end + 1;
  }
  return parameters;
}

}  // namespace tintype
