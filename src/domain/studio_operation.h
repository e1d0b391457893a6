// The operations of the studio surface, each described once: what it takes, in which ranges, and what comes of it. The
// surface checks requests by these descriptions and publishes them, forms are built from them, engines read by them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/image.h"
#include "domain/operation.h"
#include "domain/variant.h"

namespace tintype {

enum class ParameterType {
  kText,      // `least` to `most` characters
  kInteger,   // `least` to `most`
  kNumber,    // `least` to `most`
  kStrength,  // 0 to 1; true is what it is by default, false is 0
  kChoice,    // one of `choices`
  kColour,    // "#rgb", "#rrggbb", a basic name of CSS, or "transparent"
  kAspect,    // "16:9"
  kSize,      // "1024x768", or a name such as "landscape_16_9"
};

struct ParameterRule {
  std::string_view name;
  ParameterType type = ParameterType::kText;
  std::string_view meaning;  // one sentence, for people
  double least = 0, most = 0;
  std::string_view fallback = {};  // what holds where it is not given; empty: nothing does
  std::vector<std::string_view> choices = {};
  bool is_required = false;
};

enum class Need { kNone, kMay, kMust };
enum class ResultKind { kPicture, kClip, kText };

struct OperationRule {
  OperationKind kind = OperationKind::kEdit;
  std::string_view title;
  std::string_view meaning;
  Tokens price = 0;  // unless the operator sets another
  Need picture = Need::kMust;
  Need mask = Need::kNone;       // white is what is meant
  Need reference = Need::kNone;  // a picture to go by
  ResultKind result = ResultKind::kPicture;
  std::vector<ParameterRule> parameters;
};

// In the contract's order.
std::span<const OperationRule> studio_operations();
const OperationRule* studio_operation(OperationKind kind);  // null: it is none of the studio's
bool takes_picture(OperationKind kind);                     // of any surface

// Whether it makes one picture of another, by steps that a smaller picture shows as well: then there are previews.
bool has_preview(OperationKind kind);

// Checks what was said against the operation's rules and brings it into the form that is kept: equal wishes are equal
// text, what is as without it is left out. kInvalidInput with Error::field.
Result<Parameters> studio_parameters(OperationKind kind, const Parameters& said);

// ---- What engines read. Each fails with kInvalidInput for parameters that studio_parameters() would not have made.

struct AspectRatio {
  int width = 1, height = 1;
  bool operator==(const AspectRatio&) const = default;
};

// What was said of a result's sides: at most one of the two.
struct WantedSides {
  std::optional<Extent> extent;
  std::optional<AspectRatio> aspect;
};

inline constexpr int kStudioSideMaxPx = 8'192;

struct RemoveBackground {
  std::string background;  // a colour; empty: none, it stays transparent
  std::optional<ImageFormat> format;
};
Result<RemoveBackground> remove_background_from(const Parameters& parameters);

struct Edit {
  std::string prompt;
  double strength = 1;  // of all steps
  WantedSides sides;    // reached by extending the canvas
  std::uint32_t seed = 0;
  std::optional<ImageFormat> format;
};
Result<Edit> edit_from(const Parameters& parameters);

struct MagicEdit {
  double strength = 1;
  std::uint32_t seed = 0;
  std::optional<ImageFormat> format;
};
Result<MagicEdit> magic_edit_from(const Parameters& parameters);

// Where light comes from, seen from the camera: azimuth 0 is from behind it, 90 from the right, 180 from behind the
// subject; elevation 90 is from above.
struct Relight {
  double azimuth_degrees = 45, elevation_degrees = 45;
  double intensity = 1;                 // 0 to 2; 1 leaves the picture about as bright as it was
  std::optional<double> temperature_k;  // none: the light's colour stays
  double ambient = 0.3;                 // the share that comes from everywhere
  std::uint32_t seed = 0;
  std::optional<ImageFormat> format;
};
Result<Relight> relight_from(const Parameters& parameters);

// Where a picture lies in a larger canvas. Automatically: in its middle, but where one of two edges cuts a subject off,
// with that edge at the canvas's, as nobody knows how the subject goes on there.
enum class Placement { kAuto, kCenter, kLeft, kRight, kTop, kBottom };
std::string_view placement_name(Placement of);

struct Expand {
  WantedSides sides;  // never smaller than the picture
  Placement placement = Placement::kAuto;
  std::uint32_t seed = 0;
  std::optional<ImageFormat> format;
};
Result<Expand> expand_from(const Parameters& parameters);

// The camera turns around the subject (yaw to its right, pitch above it), rolls clockwise, zooms in and moves closer.
struct CameraMove {
  double yaw_degrees = 0, pitch_degrees = 0, roll_degrees = 0;
  double zoom = 1;
  double dolly = 0;  // -1 to 1; 1 is half the way to the subject
};
struct CameraControl {
  CameraMove move;
  std::uint32_t seed = 0;
  std::optional<ImageFormat> format;
};
Result<CameraControl> camera_control_from(const Parameters& parameters);

enum class ClipMotion { kOrbit, kPushIn, kLightSweep };
enum class ClipFormat { kMp4, kWebm };
struct VideoReplicate {
  ClipMotion motion = ClipMotion::kOrbit;
  double strength = 0.5;
  int duration_seconds = 4, fps = 30;
  ClipFormat format = ClipFormat::kMp4;
  WantedSides sides;  // 1920 x 1080 or 1080 x 1920 at most
  std::uint32_t seed = 0;
};
Result<VideoReplicate> video_replicate_from(const Parameters& parameters);
const char* clip_format_name(ClipFormat format);        // "mp4" | "webm"
const char* clip_format_media_type(ClipFormat format);  // "video/mp4" | "video/webm"
std::optional<ClipFormat> parse_clip_format(std::string_view name);

struct MagicPrompt {
  std::string prompt;
  int count = 1;
  std::uint32_t seed = 0;
};
Result<MagicPrompt> magic_prompt_from(const Parameters& parameters);

// kGenerate and kFluxLora.
struct Generate {
  std::string prompt, negative_prompt;
  WantedSides sides;
  double strength = 1;                // of the LoRA
  std::optional<std::uint32_t> seed;  // none: the engine's choice
  std::optional<ImageFormat> format;
};
Result<Generate> generate_from(const Parameters& parameters);

}  // namespace tintype
