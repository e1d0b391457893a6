// What a cut-out subject can be put on: surfaces as photographers of products have them in their studios.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tintype {

enum class Material {
  kPlain,     // a sweep of one colour, lit evenly
  kGradient,  // a sweep that falls off into the dark, or into the light
  kMarble,
  kGranite,
  kWood,
  kSlate,
  kConcrete,
  kVelvet,
  kSilk,
  kLinen,
  kLeather,
  kSand,
  kGlass,  // or polished acrylic: nothing of its own but what it mirrors
};
inline constexpr int kMaterials = 13;

enum class Tone { kLight, kMiddle, kDark };

struct Backdrop {
  Material material = Material::kPlain;
  std::optional<std::array<std::uint8_t, 3>> colour = {};  // sRGB; none: the material's own
  std::optional<Tone> tone = {};                           // none: as light as the colour, or as the material mostly is
  double shadow = 1;                                       // 0 to 1: how much of the subject's shadow is seen
  std::optional<double> reflection = {};  // 0 to 1: how much of the subject is mirrored; none: the material's own
  bool is_flat_lay = false;  // seen from straight above, the subject lies on it; else it stands before the camera
  bool operator==(const Backdrop&) const = default;
};

// "plain", "gradient", "marble" ...
const char* material_name(Material material);
std::span<const Material> all_materials();

// The tone that a material mostly has, and how much of what stands on it it mirrors, 0 to 1.
Tone usual_tone(Material material);
double usual_reflection(Material material);

// The backdrop that one English word in lower case means: "marble", "oak", "paper", "satin". Kinds of wood and stone
// come with their own colours. Nothing where the word is none.
std::optional<Backdrop> parse_material_word(std::string_view word);

// "light", "white", "pale", "dark", "black", "middle" ...
std::optional<Tone> parse_tone_word(std::string_view word);

}  // namespace tintype
