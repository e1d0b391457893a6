// The words of instructions and what each can mean.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/instruction.h"

namespace tintype {

enum class WordRole {
  kUnknown,
  kFiller,      // says nothing: "please", "looks"
  kArticle,     // "the", "her"
  kStop,        // ends what is carried from clause to clause: ".", "then", "but"
  kComma,       //
  kAnd,         //
  kOr,          //
  kWith,        //
  kWithout,     //
  kNot,         //
  kInsteadOf,   // what follows is not meant
  kOn,          //
  kTo,          //
  kToo,         //
  kNumber,      // value: the number
  kUnit,        // value: a Unit
  kDegree,      // value: a factor of the usual strength
  kMore,        //
  kLess,        //
  kMake,        // value: 1 where it does not say which way ("adjust")
  kAdd,         //
  kRemove,      //
  kKeep,        //
  kCannot,      // a verb, or a change, that no step does
  kPart,        // of a picture, that no step can find
  kDial,        // value: a Dial
  kNoise,       //
  kColourNoun,  // "colours"
  kLook,        // value: a Look
  kColour,      // value: its place among named_colours()
  kTone,        // "dark"
  kMaterial,    //
  kPlainly,     // before a surface it means nothing more: "soft", "plain"
  kMetal,       // value: a Metal
  kPicture,     //
  kSubject,     //
  kBackground,  //
  kSupport,     // "surface", "table"
  kFromAbove,   // how what lies on it is seen
  kLight,       // "lighting"
  kShadow,      // value: 1 where there are several
  kReflection,  //
  kCrop,        //
  kAspect,      // value: width * 1000 + height
  kRotate,      //
  kSide,        // value: 1 is clockwise, or to the right; -1 the other way
  kClockwise,   // value: as kSide
  kStraighten,  //
  kFlip,        //
  kAxis,        // value: 1 is upside down
  kCutOut,      //
};

enum class Unit { kPercent, kStops, kDegrees, kKelvins };

enum class Look {
  kBrighter,
  kDarker,
  kWarmer,
  kCooler,
  kGreener,
  kPinker,
  kVivid,
  kSaturated,
  kMuted,
  kBlackAndWhite,
  kSepia,
  kSharper,
  kSofter,
  kSoftLight,
  kBlurred,
  kBokeh,  // of the background
  kDenoised,
  kVignetted,
  kPunchy,
  kFlat,
  kDramatic,
  kMoody,
  kCinematic,
  kVintage,
  kAiry,
  kMatte,
  kEven,
  kUnderexposed,
  kOverexposed,
};

// What makes a look, at its usual strength.
struct LookTurn {
  Dial dial = Dial::kExposure;
  double amount = 0;
};
std::span<const LookTurn> look_turns(Look look);

struct InstructionWord {
  std::string text;  // in lower case; of a phrase all of it
  WordRole role = WordRole::kUnknown;
  double value = 0;
  bool is_verb = false;
  std::size_t begin = 0, end = 0;  // bytes of the instruction
  bool is_used = false;
};

// In order; what stands for one thing ("rose gold", "a little") is one.
std::vector<InstructionWord> instruction_words(std::string_view text);

struct NamedColour {
  std::string_view name;
  std::array<std::uint8_t, 3> colour;  // sRGB
};
std::span<const NamedColour> named_colours();

}  // namespace tintype
