#include "domain/studio_operation.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

namespace tintype {

namespace {

constexpr double kPromptMax = 2'000;
constexpr double kSeedMax = 4'294'967'295.0;
constexpr int kAspectPartMax = 100;
constexpr int kClipLongSideMaxPx = 1'920, kClipShortSideMaxPx = 1'080;

constexpr ParameterRule kSeed{"seed", ParameterType::kInteger, "The same seed makes the same picture", 0, kSeedMax,
                              "0"};
constexpr ParameterRule kFreeSeed{"seed", ParameterType::kInteger,
                                  "The same seed makes the same picture; without it each one is another", 0, kSeedMax};

// In the order of Placement.
constexpr std::array<std::string_view, 6> kPlacements{"auto", "center", "left", "right", "top", "bottom"};

ParameterRule prompt(std::string_view meaning) {
  return {.name = "prompt",
          .type = ParameterType::kText,
          .meaning = meaning,
          .least = 1,
          .most = kPromptMax,
          .is_required = true};
}

ParameterRule number(std::string_view name, std::string_view meaning, double least, double most,
                     std::string_view fallback = {}) {
  return {.name = name,
          .type = ParameterType::kNumber,
          .meaning = meaning,
          .least = least,
          .most = most,
          .fallback = fallback};
}

ParameterRule integer(std::string_view name, std::string_view meaning, double least, double most,
                      std::string_view fallback = {}) {
  ParameterRule rule = number(name, meaning, least, most, fallback);
  rule.type = ParameterType::kInteger;
  return rule;
}

ParameterRule strength(std::string_view meaning, std::string_view fallback) {
  return number("strength", meaning, 0, 1, fallback);
}

ParameterRule format(std::vector<std::string_view> choices = {"jpeg", "png", "webp", "avif"}) {
  return {.name = "format",
          .type = ParameterType::kChoice,
          .meaning = "The result's format; without it that of the picture, or one that keeps what the result has",
          .choices = std::move(choices)};
}

ParameterRule side(std::string_view name, std::string_view meaning, int most = kStudioSideMaxPx) {
  return integer(name, meaning, 16, most);
}

// `rules`, and the three ways to say a result's sides.
std::vector<ParameterRule> with_sides(std::vector<ParameterRule> rules, int most = kStudioSideMaxPx) {
  rules.push_back({.name = "aspect_ratio",
                   .type = ParameterType::kAspect,
                   .meaning = "Width to height, such as 16:9; in place of width and height"});
  rules.push_back(
      {.name = "image_size",
       .type = ParameterType::kSize,
       .meaning = "A size such as 1024x768, or a name such as landscape_16_9; in place of width and height"});
  rules.push_back(side("width", "Of the result, in pixels; together with height", most));
  rules.push_back(side("height", "Of the result, in pixels; together with width", most));
  return rules;
}

std::vector<OperationRule> make_rules() {
  using enum OperationKind;
  using enum ParameterType;
  std::vector<OperationRule> rules;
  rules.push_back({.kind = kGenerate,
                   .title = "Generate",
                   .meaning = "Makes a picture from words",
                   .price = 10,
                   .picture = Need::kNone,
                   .parameters = with_sides({prompt("What is to be seen"),
                                             {.name = "negative_prompt",
                                              .type = kText,
                                              .meaning = "What is not to be seen",
                                              .least = 0,
                                              .most = kPromptMax},
                                             kFreeSeed,
                                             format()})});
  rules.push_back({.kind = kEdit,
                   .title = "Edit",
                   .meaning = "Changes a picture as an instruction says: backgrounds, light, colours, metal, crop",
                   .price = 15,
                   .parameters = with_sides({prompt("What is to be done, such as: on white marble, a little warmer"),
                                             strength("How far every step goes", "1"), kSeed, format()})});
  rules.push_back({.kind = kUpscale,
                   .title = "Upscale",
                   .meaning = "Enlarges a picture and restores what its pixels lost",
                   .price = 5,
                   .parameters = {integer("scale", "How many times each side grows: 2, 3, 4 or 8", 2, 8, "4"),
                                  {.name = "enhance_face",
                                   .type = kStrength,
                                   .meaning = "The share of restored faces; true is 0.8",
                                   .most = 1,
                                   .fallback = "0"},
                                  {.name = "denoise",
                                   .type = kStrength,
                                   .meaning = "How much noise goes; true is 0.5",
                                   .most = 1,
                                   .fallback = "0"},
                                  integer("fidelity_min",
                                          "In dB: a result that agrees less with the picture fails and costs nothing",
                                          1, kFidelityMaxDb),
                                  format({"jpeg", "png", "webp", "avif", "tiff"})}});
  rules.push_back({.kind = kRemoveBackground,
                   .title = "Remove background",
                   .meaning = "Cuts the subject out, with a soft edge, or puts it on one colour",
                   .price = 8,
                   .parameters = {{.name = "background",
                                   .type = kColour,
                                   .meaning = "A colour such as #ffffff or white, or transparent",
                                   .fallback = "transparent"},
                                  format()}});
  rules.push_back(
      {.kind = kRelight,
       .title = "Relight",
       .meaning = "Lights the subject from another side, in another colour, or as a reference is lit",
       .price = 12,
       .reference = Need::kMay,
       .parameters = {
           number("azimuth", "Where light comes from: 0 is behind the camera, 90 the right", -180, 180, "45"),
           number("elevation", "How high light stands, 90 is straight above", -90, 90, "45"),
           number("intensity", "How strong it is; 1 keeps the picture's brightness", 0, 2, "1"),
           number("temperature", "Its colour in kelvins; without it the light's colour stays", 1'500, 15'000),
           number("ambient", "The share that comes from all sides", 0, 1, "0.3"), kSeed, format()}});
  rules.push_back({.kind = kExpand,
                   .title = "Expand",
                   .meaning = "Continues a picture beyond its edges",
                   .price = 10,
                   .parameters = with_sides({{.name = "placement",
                                              .type = kChoice,
                                              .meaning = "Where the picture lies in the result; auto is the center, "
                                                         "but where one edge cuts a subject off, at that edge",
                                              .fallback = "auto",
                                              .choices = {kPlacements.begin(), kPlacements.end()}},
                                             kSeed,
                                             format()})});
  rules.push_back({.kind = kMagicPrompt,
                   .title = "Magic prompt",
                   .meaning = "Makes a photographer's prompt of a few words",
                   .price = 3,
                   .picture = Need::kNone,
                   .result = ResultKind::kText,
                   .parameters = {prompt("A few words, such as: gold ring"),
                                  integer("count", "How many variants", 1, 8, "1"), kSeed}});
  rules.push_back({.kind = kMagicEdit,
                   .title = "Magic edit",
                   .meaning = "Finds out what a picture lacks and mends it; with a mask, takes away what it covers",
                   .price = 15,
                   .mask = Need::kMay,
                   .parameters = {strength("How far it goes", "1"), kSeed, format()}});
  rules.push_back({.kind = kFluxLora,
                   .title = "Flux LoRA",
                   .meaning = "Makes a picture from words in a trained style",
                   .price = 20,
                   .picture = Need::kNone,
                   .parameters = with_sides({prompt("What is to be seen"),
                                             strength("How much of the trained style", "1"), kFreeSeed, format()})});
  rules.push_back(
      {.kind = kCameraControl,
       .title = "Camera control",
       .meaning = "Moves the camera around the subject",
       .price = 12,
       .parameters = {number("yaw", "Degrees around the subject, to its right", -45, 45, "0"),
                      number("pitch", "Degrees above the subject", -30, 30, "0"),
                      number("roll", "Degrees that the camera turns clockwise", -180, 180, "0"),
                      number("zoom", "How many times closer the lens looks", 0.5, 4, "1"),
                      number("dolly", "How far the camera moves towards the subject, 1 is half the way", -1, 1, "0"),
                      kSeed, format()}});
  rules.push_back(
      {.kind = kVideoReplicate,
       .title = "Video",
       .meaning = "Makes a short clip of a picture",
       .price = 25,
       .result = ResultKind::kClip,
       .parameters = with_sides({{.name = "motion",
                                  .type = kChoice,
                                  .meaning = "What moves: the camera around the subject or towards it, or the light",
                                  .fallback = "orbit",
                                  .choices = {"orbit", "push-in", "light-sweep"}},
                                 integer("duration_seconds", "How long the clip is", 2, 10, "4"),
                                 integer("fps", "Frames a second", 24, 60, "30"),
                                 strength("How far it moves", "0.5"),
                                 {.name = "format",
                                  .type = kChoice,
                                  .meaning = "The clip's format",
                                  .fallback = "mp4",
                                  .choices = {"mp4", "webm"}},
                                 kSeed},
                                kClipLongSideMaxPx)});
  return rules;
}

const std::vector<OperationRule>& all_rules() {
  static const std::vector<OperationRule> rules = make_rules();
  return rules;
}

// ---- Checking

std::unexpected<Error> wrong(std::string_view field, std::string message) {
  auto refused = fail(ErrorCode::kInvalidInput, std::move(message));
  refused.error().field = field;
  return refused;
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

// The shortest text that is this number again.
std::string text_of(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number + 0.0);
  return {text.data(), error == std::errc() ? end : text.data()};
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::optional<std::pair<int, int>> pair_in(std::string_view text, char between) {
  const std::size_t at = text.find(between);
  if (at == std::string_view::npos) return std::nullopt;
  const auto first = number_in(text.substr(0, at)), second = number_in(text.substr(at + 1));
  const auto whole = [](const std::optional<double>& n) { return n && *n >= 1 && *n <= 1e6 && *n == std::floor(*n); };
  if (!whole(first) || !whole(second)) return std::nullopt;
  return std::pair(static_cast<int>(*first), static_cast<int>(*second));
}

std::optional<AspectRatio> aspect_in(std::string_view text) {
  const auto parts = pair_in(text, ':');
  if (!parts) return std::nullopt;
  const int common = std::gcd(parts->first, parts->second);
  const AspectRatio aspect{parts->first / common, parts->second / common};
  if (std::max(aspect.width, aspect.height) > kAspectPartMax) return std::nullopt;
  return aspect;
}

struct NamedSize {
  std::string_view name;
  Extent extent;
};
constexpr NamedSize kNamedSizes[] = {{"square", {512, 512}},          {"square_hd", {1'024, 1'024}},
                                     {"portrait_4_3", {768, 1'024}},  {"portrait_16_9", {576, 1'024}},
                                     {"landscape_4_3", {1'024, 768}}, {"landscape_16_9", {1'024, 576}}};

std::optional<Extent> size_in(std::string_view text) {
  for (const NamedSize& named : kNamedSizes) {
    if (text == named.name) return named.extent;
  }
  const auto sides = pair_in(text, 'x');
  return sides ? std::optional(Extent{sides->first, sides->second}) : std::nullopt;
}

// What a colour may be said as, apart from names, which the engine knows.
bool is_colour(std::string_view text) {
  if (text.starts_with('#')) {
    return (text.size() == 4 || text.size() == 7) &&
           text.substr(1).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  }
  constexpr std::string_view kNames[] = {"transparent", "black", "silver", "gray",  "grey", "white",
                                         "maroon",      "red",   "purple", "green", "lime", "fuchsia",
                                         "olive",       "navy",  "yellow", "blue",  "teal", "aqua"};
  return std::ranges::find(kNames, text) != std::end(kNames);
}

std::string range_text(const ParameterRule& rule) {
  return text_of(rule.least) + " to " + text_of(rule.most);
}

// The text as it is kept.
Result<std::string> checked(const ParameterRule& rule, const std::string& text) {
  const std::string name(rule.name);
  switch (rule.type) {
    case ParameterType::kText: {
      const auto characters = static_cast<double>(characters_in(text));
      if (characters < rule.least) return wrong(rule.name, name + " must not be empty");
      if (characters > rule.most)
        return wrong(rule.name, name + " is longer than " + text_of(rule.most) + " characters");
      return text;
    }
    case ParameterType::kInteger:
    case ParameterType::kNumber: {
      const auto number = number_in(text);
      const bool is_whole = number && *number == std::floor(*number);
      if (!number || *number < rule.least || *number > rule.most ||
          (rule.type == ParameterType::kInteger && !is_whole)) {
        const char* kind =
            rule.type == ParameterType::kInteger ? " must be an integer from " : " must be a number from ";
        return wrong(rule.name, name + kind + range_text(rule));
      }
      return text_of(*number);
    }
    case ParameterType::kStrength: {
      if (text == "true" || text == "false") return text;
      const auto number = number_in(text);
      if (!number || *number < 0 || *number > 1) {
        return wrong(rule.name, name + " must be true, false or a number from 0 to 1");
      }
      return text_of(*number);
    }
    case ParameterType::kChoice: {
      if (std::ranges::find(rule.choices, text) != rule.choices.end()) return text;
      std::string all;
      for (const std::string_view choice : rule.choices) all.append(all.empty() ? "" : ", ").append(choice);
      return wrong(rule.name, name + " must be one of " + all);
    }
    case ParameterType::kColour: {
      if (is_colour(text)) return text;
      return wrong(rule.name, name + " must be a colour such as #ffffff or white, or transparent");
    }
    case ParameterType::kAspect: {
      const auto aspect = aspect_in(text);
      if (!aspect) return wrong(rule.name, name + " must be a ratio such as 16:9, of numbers up to 100");
      return std::to_string(aspect->width) + ":" + std::to_string(aspect->height);
    }
    case ParameterType::kSize: {
      if (size_in(text)) return text;
      std::string all;
      for (const NamedSize& named : kNamedSizes) all.append(", ").append(named.name);
      return wrong(rule.name, name + " must be a size such as 1024x768, or one of" + all.substr(1));
    }
  }
  return text;
}

const ParameterRule* rule_named(const OperationRule& operation, std::string_view name) {
  const auto found = std::ranges::find(operation.parameters, name, &ParameterRule::name);
  return found == operation.parameters.end() ? nullptr : &*found;
}

// One way to say sides: image_size becomes width and height.
Result<void> settle_sides(const OperationRule& operation, Parameters& kept) {
  const bool has_size = kept.contains("image_size"), has_aspect = kept.contains("aspect_ratio");
  const bool has_width = kept.contains("width"), has_height = kept.contains("height");
  if (has_width != has_height) {
    return wrong(has_width ? "height" : "width", "width and height must be given together");
  }
  if (has_size + has_aspect + has_width > 1) {
    return wrong(has_size ? "image_size" : "aspect_ratio",
                 "Please give one of aspect_ratio, image_size, and width with height");
  }
  if (has_size) {
    const Extent extent = *size_in(kept.at("image_size"));
    kept.erase("image_size");
    for (const auto& [name, side_px] : {std::pair("width", extent.width_px), std::pair("height", extent.height_px)}) {
      auto side_text = checked(*rule_named(operation, name), std::to_string(side_px));
      if (!side_text) return wrong("image_size", side_text.error().message);
      kept[name] = std::move(*side_text);
    }
  }
  return {};
}

Result<void> check_clip(const Parameters& kept) {
  if (!kept.contains("width")) return {};
  const int width = static_cast<int>(*number_in(kept.at("width")));
  const int height = static_cast<int>(*number_in(kept.at("height")));
  if (std::min(width, height) <= kClipShortSideMaxPx && width % 2 == 0 && height % 2 == 0) return {};
  return wrong("height", "A clip has even sides of at most 1920 x 1080 or 1080 x 1920 pixels");
}

double strength_of(const Parameters& kept, const char* name, double fallback) {
  const auto found = kept.find(name);
  if (found == kept.end() || found->second == "false") return 0;
  return found->second == "true" ? fallback : number_in(found->second).value_or(0);
}

// An upscale's parameters are kept as those of the upscale surface.
Result<Parameters> as_upscale(const Parameters& kept) {
  Upscale upscale;
  if (const auto scale = kept.find("scale"); scale != kept.end()) {
    upscale.scale = static_cast<int>(number_in(scale->second).value_or(0));
  }
  if (!is_upscale_scale(upscale.scale)) return wrong("scale", "scale must be 2, 3, 4 or 8");
  upscale.face_strength = strength_of(kept, "enhance_face", kFaceStrengthDefault);
  upscale.denoise = strength_of(kept, "denoise", kDenoiseStrengthDefault);
  if (const auto least = kept.find("fidelity_min"); least != kept.end()) {
    upscale.fidelity_min_db = static_cast<int>(number_in(least->second).value_or(0));
  }
  if (const auto format = kept.find("format"); format != kept.end()) {
    upscale.output_format = parse_image_format(format->second);
  }
  return to_parameters(upscale);
}

// ---- Reading

// What was kept, name by name; remembers the first fault.
class Reader {
 public:
  Reader(OperationKind kind, const Parameters& parameters)
      : operation_(*studio_operation(kind)), parameters_(parameters) {
    const auto checked = studio_parameters(kind, parameters);
    if (!checked) fault_ = checked.error();
  }

  std::string text(const char* name) const {
    const auto found = parameters_.find(name);
    return found == parameters_.end() ? std::string(rule_named(operation_, name)->fallback) : found->second;
  }
  double number(const char* name) const { return number_in(text(name)).value_or(0); }
  std::optional<double> optional_number(const char* name) const { return number_in(text(name)); }
  int integer(const char* name) const { return static_cast<int>(number(name)); }
  std::uint32_t seed() const { return static_cast<std::uint32_t>(number("seed")); }
  std::optional<ImageFormat> format() const { return parse_image_format(text("format")); }
  WantedSides sides() const {
    WantedSides sides;
    if (parameters_.contains("width")) sides.extent = Extent{integer("width"), integer("height")};
    sides.aspect = aspect_in(text("aspect_ratio"));
    return sides;
  }

  template <class T>
  Result<T> finish(T read) const {
    if (fault_) return std::unexpected(*fault_);
    return read;
  }

 private:
  const OperationRule& operation_;
  const Parameters& parameters_;
  std::optional<Error> fault_;
};

}  // namespace

std::span<const OperationRule> studio_operations() {
  return all_rules();
}

const OperationRule* studio_operation(OperationKind kind) {
  const auto& rules = all_rules();
  const auto found = std::ranges::find(rules, kind, &OperationRule::kind);
  return found == rules.end() ? nullptr : &*found;
}

bool takes_picture(OperationKind kind) {
  const OperationRule* rule = studio_operation(kind);
  return rule != nullptr ? rule->picture != Need::kNone : kind != OperationKind::kProbe;
}

bool has_preview(OperationKind kind) {
  const OperationRule* rule = studio_operation(kind);
  const bool is_picture_of_picture =
      rule != nullptr && rule->picture == Need::kMust && rule->result == ResultKind::kPicture;
  // Of an upscale there is nothing to see in fewer pixels.
  return is_picture_of_picture && kind != OperationKind::kUpscale;
}

Result<Parameters> studio_parameters(OperationKind kind, const Parameters& said) {
  const OperationRule& operation = *studio_operation(kind);
  Parameters kept;
  for (const auto& [name, text] : said) {
    const ParameterRule* rule = rule_named(operation, name);
    if (rule == nullptr) {
      return wrong(name, std::string(operation_name(kind)) + " takes no '" + name.substr(0, 64) + "'");
    }
    auto value = checked(*rule, text);
    if (!value) return std::unexpected(value.error());
    if (*value != rule->fallback) kept[name] = std::move(*value);
  }
  for (const ParameterRule& rule : operation.parameters) {
    if (rule.is_required && !kept.contains(std::string(rule.name))) {
      std::string name(rule.name);
      name.front() = static_cast<char>(name.front() - 'a' + 'A');
      return wrong(rule.name, name + " is required");
    }
  }
  if (kind == OperationKind::kUpscale) return as_upscale(kept);
  if (auto settled = settle_sides(operation, kept); !settled) return std::unexpected(settled.error());
  if (operation.result == ResultKind::kClip) {
    if (auto fits = check_clip(kept); !fits) return std::unexpected(fits.error());
  }
  if (kind == OperationKind::kExpand && !kept.contains("width") && !kept.contains("aspect_ratio")) {
    return wrong("aspect_ratio", "expand needs aspect_ratio, image_size, or width and height");
  }
  if (kind == OperationKind::kRemoveBackground && kept.contains("format") && kept.at("format") == "jpeg" &&
      !kept.contains("background")) {
    return wrong("format", "JPEG cannot be transparent: please give a background colour, or take png or webp");
  }
  return kept;
}

Result<RemoveBackground> remove_background_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kRemoveBackground, parameters);
  const std::string colour = reader.text("background");
  return reader.finish(RemoveBackground{colour == "transparent" ? "" : colour, reader.format()});
}

Result<Edit> edit_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kEdit, parameters);
  return reader.finish(
      Edit{reader.text("prompt"), reader.number("strength"), reader.sides(), reader.seed(), reader.format()});
}

Result<MagicEdit> magic_edit_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kMagicEdit, parameters);
  return reader.finish(MagicEdit{reader.number("strength"), reader.seed(), reader.format()});
}

Result<Relight> relight_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kRelight, parameters);
  return reader.finish(Relight{reader.number("azimuth"), reader.number("elevation"), reader.number("intensity"),
                               reader.optional_number("temperature"), reader.number("ambient"), reader.seed(),
                               reader.format()});
}

std::string_view placement_name(Placement of) {
  return kPlacements[static_cast<std::size_t>(of)];
}

Result<Expand> expand_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kExpand, parameters);
  return reader.finish(
      Expand{reader.sides(),
             static_cast<Placement>(std::ranges::find(kPlacements, reader.text("placement")) - kPlacements.begin()),
             reader.seed(), reader.format()});
}

Result<CameraControl> camera_control_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kCameraControl, parameters);
  const CameraMove move{reader.number("yaw"), reader.number("pitch"), reader.number("roll"), reader.number("zoom"),
                        reader.number("dolly")};
  return reader.finish(CameraControl{move, reader.seed(), reader.format()});
}

Result<VideoReplicate> video_replicate_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kVideoReplicate, parameters);
  VideoReplicate clip;
  const std::string motion = reader.text("motion");
  clip.motion = motion == "push-in"       ? ClipMotion::kPushIn
                : motion == "light-sweep" ? ClipMotion::kLightSweep
                                          : ClipMotion::kOrbit;
  clip.strength = reader.number("strength");
  clip.duration_seconds = reader.integer("duration_seconds");
  clip.fps = reader.integer("fps");
  clip.format = parse_clip_format(reader.text("format")).value_or(ClipFormat::kMp4);
  clip.sides = reader.sides();
  clip.seed = reader.seed();
  return reader.finish(clip);
}

const char* clip_format_name(ClipFormat format) {
  switch (format) {
    case ClipFormat::kMp4: return "mp4";
    case ClipFormat::kWebm: return "webm";
  }
  return "mp4";
}

const char* clip_format_media_type(ClipFormat format) {
  switch (format) {
    case ClipFormat::kMp4: return "video/mp4";
    case ClipFormat::kWebm: return "video/webm";
  }
  return "video/mp4";
}

std::optional<ClipFormat> parse_clip_format(std::string_view name) {
  for (const ClipFormat format : {ClipFormat::kMp4, ClipFormat::kWebm}) {
    if (name == clip_format_name(format)) return format;
  }
  return std::nullopt;
}

Result<MagicPrompt> magic_prompt_from(const Parameters& parameters) {
  const Reader reader(OperationKind::kMagicPrompt, parameters);
  return reader.finish(MagicPrompt{reader.text("prompt"), reader.integer("count"), reader.seed()});
}

Result<Generate> generate_from(const Parameters& parameters) {
  const bool has_style = parameters.contains("strength");  // kFluxLora alone takes one
  const Reader reader(has_style ? OperationKind::kFluxLora : OperationKind::kGenerate, parameters);
  Generate generate;
  generate.prompt = reader.text("prompt");
  if (!has_style) generate.negative_prompt = reader.text("negative_prompt");
  generate.sides = reader.sides();
  if (has_style) generate.strength = reader.number("strength");
  if (const auto seed = reader.optional_number("seed")) generate.seed = static_cast<std::uint32_t>(*seed);
  generate.format = reader.format();
  return reader.finish(generate);
}

}  // namespace tintype
