#include "domain/backdrop.h"

#include <algorithm>

namespace tintype {

namespace {

struct MaterialRow {
  Material material;
  const char* name;
  Tone tone;
  double reflection;
};

constexpr std::array<MaterialRow, kMaterials> kRows = {{
    {Material::kPlain, "plain", Tone::kLight, 0.06},
    {Material::kGradient, "gradient", Tone::kLight, 0.12},
    {Material::kMarble, "marble", Tone::kLight, 0.45},
    {Material::kGranite, "granite", Tone::kDark, 0.4},
    {Material::kWood, "wood", Tone::kMiddle, 0.14},
    {Material::kSlate, "slate", Tone::kDark, 0.05},
    {Material::kConcrete, "concrete", Tone::kMiddle, 0.04},
    {Material::kVelvet, "velvet", Tone::kDark, 0},
    {Material::kSilk, "silk", Tone::kLight, 0},
    {Material::kLinen, "linen", Tone::kLight, 0},
    {Material::kLeather, "leather", Tone::kDark, 0.04},
    {Material::kSand, "sand", Tone::kLight, 0},
    {Material::kGlass, "glass", Tone::kDark, 0.8},
}};

constexpr auto kAllMaterials = [] {
  std::array<Material, kMaterials> materials{};
  for (std::size_t at = 0; at < kRows.size(); ++at) materials[at] = kRows[at].material;
  return materials;
}();

const MaterialRow& row_of(Material material) {
  return *std::ranges::find(kRows, material, &MaterialRow::material);
}

struct WordRow {
  std::string_view word;
  Backdrop backdrop;
};

using enum Material;

constexpr Backdrop of(Material material) {
  return {.material = material};
}
constexpr Backdrop of(Material material, Tone tone) {
  return {.material = material, .tone = tone};
}
constexpr Backdrop of(Material material, std::array<std::uint8_t, 3> colour) {
  return {.material = material, .colour = colour};
}

constexpr std::array kWords = {
    WordRow{"paper", of(kPlain)},
    WordRow{"cardboard", of(kPlain, {196, 164, 124})},
    WordRow{"studio", of(kGradient)},
    WordRow{"travertine", of(kMarble, {214, 196, 170})},
    WordRow{"onyx", of(kMarble, Tone::kDark)},
    WordRow{"stone", of(kSlate, Tone::kMiddle)},
    WordRow{"rock", of(kSlate)},
    WordRow{"schist", of(kSlate)},
    WordRow{"basalt", of(kSlate, Tone::kDark)},
    WordRow{"terrazzo", of(kGranite, Tone::kLight)},
    WordRow{"quartz", of(kGranite, Tone::kLight)},
    WordRow{"cement", of(kConcrete)},
    WordRow{"plaster", of(kConcrete, Tone::kLight)},
    WordRow{"stucco", of(kConcrete, Tone::kLight)},
    WordRow{"wooden", of(kWood)},
    WordRow{"timber", of(kWood)},
    WordRow{"planks", of(kWood)},
    WordRow{"boards", of(kWood)},
    WordRow{"oak", of(kWood, {178, 140, 98})},
    WordRow{"pine", of(kWood, {206, 170, 122})},
    WordRow{"birch", of(kWood, {218, 192, 154})},
    WordRow{"maple", of(kWood, {212, 178, 134})},
    WordRow{"ash", of(kWood, {206, 184, 150})},
    WordRow{"beech", of(kWood, {200, 156, 112})},
    WordRow{"bamboo", of(kWood, {212, 180, 120})},
    WordRow{"teak", of(kWood, {150, 102, 60})},
    WordRow{"cherry", of(kWood, {142, 80, 52})},
    WordRow{"mahogany", of(kWood, {104, 48, 34})},
    WordRow{"walnut", of(kWood, {88, 60, 43})},
    WordRow{"wenge", of(kWood, {58, 44, 38})},
    WordRow{"ebony", of(kWood, {44, 37, 34})},
    WordRow{"suede", of(kVelvet)},
    WordRow{"felt", of(kVelvet)},
    WordRow{"velour", of(kVelvet)},
    WordRow{"satin", of(kSilk)},
    WordRow{"silken", of(kSilk)},
    WordRow{"cloth", of(kLinen)},
    WordRow{"fabric", of(kLinen)},
    WordRow{"canvas", of(kLinen)},
    WordRow{"cotton", of(kLinen)},
    WordRow{"burlap", of(kLinen, {176, 146, 106})},
    WordRow{"jute", of(kLinen, {176, 146, 106})},
    WordRow{"hide", of(kLeather)},
    WordRow{"beach", of(kSand)},
    WordRow{"acrylic", of(kGlass)},
    WordRow{"plexiglass", of(kGlass)},
    WordRow{"mirror", Backdrop{.material = kGlass, .reflection = 1}},
};

struct ToneRow {
  std::string_view word;
  Tone tone;
};

constexpr std::array kTones = {
    ToneRow{"light", Tone::kLight}, ToneRow{"white", Tone::kLight},   ToneRow{"bright", Tone::kLight},
    ToneRow{"pale", Tone::kLight},  ToneRow{"middle", Tone::kMiddle}, ToneRow{"medium", Tone::kMiddle},
    ToneRow{"mid", Tone::kMiddle},  ToneRow{"dark", Tone::kDark},     ToneRow{"deep", Tone::kDark},
    ToneRow{"black", Tone::kDark},
};

}  // namespace

const char* material_name(Material material) {
  return row_of(material).name;
}

std::span<const Material> all_materials() {
  return kAllMaterials;
}

Tone usual_tone(Material material) {
  return row_of(material).tone;
}

double usual_reflection(Material material) {
  return row_of(material).reflection;
}

std::optional<Backdrop> parse_material_word(std::string_view word) {
  for (const MaterialRow& row : kRows) {
    if (word == row.name) return of(row.material);
  }
  const auto* const found = std::ranges::find(kWords, word, &WordRow::word);
  if (found == kWords.end()) return std::nullopt;
  return found->backdrop;
}

std::optional<Tone> parse_tone_word(std::string_view word) {
  const auto* const found = std::ranges::find(kTones, word, &ToneRow::word);
  if (found == kTones.end()) return std::nullopt;
  return found->tone;
}

}  // namespace tintype
