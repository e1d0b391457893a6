// What a job does, as closed types: parameters, price, and how they are kept in one text column.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "domain/image.h"
#include "domain/wallet.h"

namespace tintype {

// `kProbe` does nothing to pixels: it passes through queue, ledger and store only, for benchmarks and the
// doctor's self-test. `kVariants` makes renditions of an image (domain/variant.h) at no price. No surface offers
// either. From kGenerate on, and kUpscale: studio_operation.h.
enum class OperationKind {
  kEnhance,
  kUpscale,
  kProbe,
  kVariants,
  kGenerate,
  kEdit,
  kRemoveBackground,
  kRelight,
  kExpand,
  kMagicPrompt,
  kMagicEdit,
  kFluxLora,
  kCameraControl,
  kVideoReplicate,
};

inline constexpr std::array kOperationKinds = {
    OperationKind::kEnhance,          OperationKind::kUpscale,       OperationKind::kProbe,
    OperationKind::kVariants,         OperationKind::kGenerate,      OperationKind::kEdit,
    OperationKind::kRemoveBackground, OperationKind::kRelight,       OperationKind::kExpand,
    OperationKind::kMagicPrompt,      OperationKind::kMagicEdit,     OperationKind::kFluxLora,
    OperationKind::kCameraControl,    OperationKind::kVideoReplicate};

// Parameters as stored: sorted by name, so that equal parameters are equal text.
using Parameters = std::map<std::string, std::string>;

enum class Tier { k1K, k2K, k4K };

// Enhances a picture so that its longest side has the tier's length, aspect kept.
struct Enhance {
  Tier tier = Tier::k1K;
  bool operator==(const Enhance&) const = default;
};

int tier_longest_side_px(Tier tier);  // 1024 | 2048 | 4096
const char* tier_name(Tier tier);     // "TIER_1K" | "TIER_2K" | "TIER_4K"
std::optional<Tier> parse_tier(const std::string& name);

// Enlarges each side of a picture `scale` times.
struct Upscale {
  int scale = 4;                             // 2, 3, 4 or 8
  double face_strength = 0;                  // the share of restored faces, 0 to 1; 0 looks for none
  double denoise = 0;                        // 0 to 1
  std::string model;                         // empty: the default
  std::optional<ImageFormat> output_format;  // one of is_upscale_format(); none: upscale_format() of the input
  std::optional<int> quality;                // 1 to 100, of formats that lose; none: the engine's
  int fidelity_min_db = 0;                   // up to kFidelityMaxDb: a result that agrees less with its picture fails
  bool is_test = false;                      // TEST stands across the result
  bool operator==(const Upscale&) const = default;
};

// A strength as parameters keep it, in thousandths; nothing when it is none.
std::optional<double> kept_strength(const std::string& text);

inline constexpr double kFaceStrengthDefault = 0.8;  // where faces are asked for without one
inline constexpr double kDenoiseStrengthDefault = 0.5;

// How far an enlarged picture agrees with what it was made of: the peak signal-to-noise ratio, in dB, of the picture
// against the result reduced to its size by the mean of each pixel's place. More is said as this.
inline constexpr int kFidelityMaxDb = 60;

bool is_upscale_scale(int scale);
bool is_upscale_format(ImageFormat format);  // JPEG, PNG, WebP, AVIF or TIFF
// What an enlarged picture is where no format was asked for: as result_format(), but TIFF stays, for its 16 bits.
ImageFormat upscale_format(ImageFormat original, bool has_alpha);

struct Prices {
  Tokens tier_1k = 2;
  Tokens tier_2k = 5;
  Tokens tier_4k = 10;
};
Tokens price_of(Tier tier, const Prices& prices);

const char* operation_name(OperationKind kind);  // "enhance", "remove-background" ...
std::optional<OperationKind> parse_operation(const std::string& name);

Parameters to_parameters(const Enhance& enhance);
Result<Enhance> enhance_from(const Parameters& parameters);
// Strengths to a thousandth. What is as Upscale has it from the start is left out, but for the scale.
Parameters to_parameters(const Upscale& upscale);
Result<Upscale> upscale_from(const Parameters& parameters);

// The text form is application/x-www-form-urlencoded (WHATWG URL), names ascending.
std::string encode_parameters(const Parameters& parameters);
Result<Parameters> decode_parameters(const std::string& text);

}  // namespace tintype
