// An instruction to edit a picture, in English, and the plan of steps that is made of it: a closed set, each with its
// strength.
//
// An instruction is read clause by clause ("on white marble, a little warmer and less contrast, then crop to 4:5").
// Words that only describe ("luxury jewellery on marble with dramatic lighting") are used where they mean a step, and
// otherwise passed over and reported. An order that is not understood ("add a dog", "make her smile") is refused as a
// whole, so that nobody pays for half of what was asked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/json_text.h"
#include "domain/backdrop.h"
#include "domain/studio_operation.h"

namespace tintype {

inline constexpr std::size_t kInstructionBytesMax = 8'000;  // 2,000 characters of four bytes

// What a step is done to.
enum class Where { kPicture, kSubject, kBackground };

enum class Dial {
  kExposure,       // stops, -4 to 4
  kContrast,       // all others -1 to 1
  kShadows,        // lifted, or deepened
  kHighlights,     // brightened, or held back
  kSaturation,     // -1 is grey
  kVibrance,       // as saturation, but pale colours alone
  kWarmth,         // to amber, or to blue
  kTint,           // to magenta, or to green
  kBlackAndWhite,  // from here on 0 to 1
  kSepia,
  kDenoise,
  kSharpen,
  kBlur,
  kVignette,
};
inline constexpr int kDials = 14;

struct Turn {
  Dial dial = Dial::kExposure;
  double amount = 0;
  Where where = Where::kPicture;
  bool operator==(const Turn&) const = default;
};

struct Straighten {
  std::optional<double> degrees;  // clockwise; once it was looked at
  bool operator==(const Straighten&) const = default;
};
struct Rotate {
  double degrees = 0;  // clockwise, above -180 and up to 180, never 0
  bool operator==(const Rotate&) const = default;
};
struct Flip {
  bool is_upside_down = false;  // otherwise left and right change places
  bool operator==(const Flip&) const = default;
};
struct Crop {
  std::optional<AspectRatio> aspect;  // none: close around the subject
  bool operator==(const Crop&) const = default;
};

enum class Metal { kGold, kRoseGold, kSilver, kPlatinum, kCopper };
struct Recolour {
  Metal metal = Metal::kGold;
  bool operator==(const Recolour&) const = default;
};

struct Background {
  std::optional<Backdrop> backdrop;  // none: transparent
  bool operator==(const Background&) const = default;
};

using EditStep = std::variant<Straighten, Rotate, Flip, Crop, Recolour, Background, Turn>;

struct EditPlan {
  std::vector<EditStep> steps;      // in the order in which they are carried out, no two of a kind; never none
  std::vector<std::string> unused;  // words that were passed over, in their order, each once
  bool operator==(const EditPlan&) const = default;
};

// kInvalidInput with the field "prompt" for an order that is not understood, and where nothing is: the message quotes
// that very part, Error::position is where it begins. Takes time in proportion to the length.
Result<EditPlan> parse_instruction(std::string_view prompt);

// {"plan":[{"step":"background","surface":"velvet","colour":"white"},{"step":"warmth","amount":0.2}],
//  "unused":["luxury"]}
JsonText plan_json(const EditPlan& plan);

const char* dial_name(Dial dial);     // "exposure" ... "black-and-white"
const char* metal_name(Metal metal);  // "gold", "rose-gold" ...
const char* where_name(Where where);  // "picture" | "subject" | "background"

}  // namespace tintype
