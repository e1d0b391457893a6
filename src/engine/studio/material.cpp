#include "engine/studio/material.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tintype::engine {

namespace {

constexpr float kAmbient = 0.38F;  // the share of light that comes from everywhere in a studio
constexpr float kPi = std::numbers::pi_v<float>;

using Rgb = std::array<std::uint8_t, 3>;

struct Palette {
  Rgb light, middle, dark;
};

Palette palette_of(Material material) {
  switch (material) {
    case Material::kPlain: return {{240, 240, 239}, {152, 152, 154}, {34, 35, 38}};
    case Material::kGradient: return {{232, 232, 234}, {146, 147, 150}, {44, 45, 49}};
    case Material::kMarble: return {{236, 234, 231}, {186, 172, 154}, {24, 24, 27}};
    case Material::kGranite: return {{204, 199, 194}, {134, 130, 127}, {44, 44, 47}};
    case Material::kWood: return {{198, 166, 126}, {146, 104, 68}, {70, 48, 36}};
    case Material::kSlate: return {{146, 148, 148}, {98, 102, 104}, {52, 55, 59}};
    case Material::kConcrete: return {{204, 202, 197}, {156, 154, 150}, {82, 82, 82}};
    case Material::kVelvet: return {{212, 196, 180}, {104, 22, 40}, {24, 27, 48}};
    case Material::kSilk: return {{230, 216, 198}, {176, 140, 134}, {40, 40, 52}};
    case Material::kLinen: return {{220, 210, 194}, {168, 153, 132}, {66, 64, 64}};
    case Material::kLeather: return {{188, 146, 104}, {116, 70, 44}, {46, 38, 35}};
    case Material::kSand: return {{222, 202, 172}, {190, 160, 120}, {78, 72, 68}};
    case Material::kGlass: return {{228, 231, 234}, {112, 117, 124}, {12, 12, 14}};
  }
  return {};
}

Colour linear_of(const Rgb& rgb) {
  return {engine::linear_of(rgb[0]), engine::linear_of(rgb[1]), engine::linear_of(rgb[2])};
}

Colour mixed(const Colour& a, const Colour& b, float share) {
  return {between(a[0], b[0], share), between(a[1], b[1], share), between(a[2], b[2], share)};
}

Colour scaled(const Colour& colour, float by) {
  return {colour[0] * by, colour[1] * by, colour[2] * by};
}

// The colour with its lightness moved by `lightness` and its chroma multiplied, in Oklab.
Colour moved(const Colour& colour, float lightness, float chroma) {
  Colour lab = oklab_of(colour);
  lab[0] = std::clamp(lab[0] + lightness, 0.02F, 0.99F);
  lab[1] *= chroma;
  lab[2] *= chroma;
  Colour result = linear_of_oklab(lab);
  for (float& channel : result) channel = std::clamp(channel, 0.0F, 1.0F);
  return result;
}

Colour base_of(const Backdrop& backdrop) {
  if (!backdrop.colour) {
    const Palette palette = palette_of(backdrop.material);
    switch (backdrop.tone.value_or(usual_tone(backdrop.material))) {
      case Tone::kLight: return linear_of(palette.light);
      case Tone::kMiddle: return linear_of(palette.middle);
      case Tone::kDark: return linear_of(palette.dark);
    }
  }
  const Colour colour = linear_of(*backdrop.colour);
  if (!backdrop.tone) return colour;
  const float lightness = oklab_of(colour)[0];
  switch (*backdrop.tone) {
    case Tone::kLight: return moved(colour, std::max(lightness, 0.86F) - lightness, 0.7F);
    case Tone::kMiddle: return moved(colour, std::clamp(lightness, 0.5F, 0.68F) - lightness, 1);
    case Tone::kDark: return moved(colour, std::min(lightness, 0.3F) - lightness, 0.8F);
  }
  return colour;
}

// ---- Light on relief

Direction unit(const Direction& d) {
  const float length = std::sqrt(d.u * d.u + d.v * d.v + d.w * d.w);
  return {d.u / length, d.v / length, d.w / length};
}

float dot(const Direction& a, const Direction& b) {
  return a.u * b.u + a.v * b.v + a.w * b.w;
}

// The normal of a relief whose height is a function of the place, in the same unit.
template <class Height>
Direction normal_of(const Spot& spot, Height height) {
  const float step = std::max(spot.footprint, 2e-4F);
  const float here = height(spot.place);
  const float across = (height({spot.place.u + step, spot.place.v}) - here) / step;
  const float away = (height({spot.place.u, spot.place.v + step}) - here) / step;
  return unit({-across, -away, 1});
}

// 1 for a flat surface; more where it turns to the light.
float diffuse(const Direction& normal, const Spot& spot) {
  const float direct = std::max(0.0F, dot(normal, spot.light)) / spot.light.w;
  return kAmbient * (0.4F + 0.6F * normal.w) + (1 - kAmbient) * direct;
}

float highlight(const Direction& normal, const Spot& spot, float power) {
  const Direction half = unit({spot.light.u + spot.view.u, spot.light.v + spot.view.v, spot.light.w + spot.view.w});
  return std::pow(std::max(0.0F, dot(normal, half)), power);
}

Place turned(Place place, float radians) {
  const float c = std::cos(radians), s = std::sin(radians);
  return {c * place.u + s * place.v, c * place.v - s * place.u};
}

float power_of_two(float value) {
  return value * value;
}

}  // namespace

MaterialLook::MaterialLook(const Backdrop& backdrop, std::uint32_t seed)
    : material_(backdrop.material),
      seed_(cell_bits(static_cast<int>(backdrop.material), 7, seed)),
      base_(base_of(backdrop)) {
  const float lightness = oklab_of(base_)[0];
  const bool is_light = lightness > 0.55F;
  second_ = base_;
  third_ = base_;
  switch (material_) {
    case Material::kMarble:
      second_ = is_light ? moved(base_, -0.42F, 0.9F) : moved(base_, 0.62F, 0.5F);
      third_ = is_light ? moved(base_, -0.13F, 0.9F) : moved(base_, 0.09F, 0.9F);
      break;
    case Material::kGranite:
      second_ = moved(base_, is_light ? -0.42F : 0.26F, 0.6F);
      third_ = moved(base_, is_light ? -0.15F : -0.09F, 1.2F);
      break;
    case Material::kWood:
      second_ = moved(base_, -0.13F - 0.05F * lightness, 1.1F);
      third_ = moved(base_, -0.26F, 0.9F);
      break;
    case Material::kSlate:
      second_ = moved(base_, 0.16F, 0.8F);
      third_ = mixed(moved(base_, 0.02F, 1), linear_of(Rgb{128, 98, 70}), 0.35F);
      break;
    case Material::kConcrete:
      second_ = moved(base_, -0.1F, 1.2F);
      third_ = moved(base_, 0.05F, 0.8F);
      break;
    case Material::kVelvet: second_ = moved(base_, 0.24F, 1.15F); break;
    case Material::kSilk: second_ = moved(base_, 0.3F, 0.5F); break;
    case Material::kLinen:
      second_ = moved(base_, -0.09F, 1.1F);
      third_ = moved(base_, 0.05F, 0.8F);
      break;
    case Material::kLeather: second_ = moved(base_, -0.14F, 0.9F); break;
    case Material::kSand:
      second_ = moved(base_, -0.28F, 0.9F);
      third_ = moved(base_, 0.12F, 0.6F);
      break;
    case Material::kPlain:
    case Material::kGradient:
    case Material::kGlass: break;
  }
}

float MaterialLook::roughness() const {
  switch (material_) {
    case Material::kGlass: return 0.02F;
    case Material::kMarble: return 0.10F;
    case Material::kGranite: return 0.12F;
    case Material::kGradient: return 0.3F;
    case Material::kPlain:
    case Material::kWood:
    case Material::kLeather: return 0.5F;
    case Material::kSlate:
    case Material::kConcrete: return 0.6F;
    case Material::kVelvet:
    case Material::kSilk:
    case Material::kLinen:
    case Material::kSand: return 1;
  }
  return 1;
}

bool MaterialLook::is_cloth() const {
  switch (material_) {
    case Material::kPlain:
    case Material::kGradient:
    case Material::kVelvet:
    case Material::kSilk:
    case Material::kLinen: return true;
    case Material::kMarble:
    case Material::kGranite:
    case Material::kWood:
    case Material::kSlate:
    case Material::kConcrete:
    case Material::kLeather:
    case Material::kSand:
    case Material::kGlass: return false;
  }
  return false;
}

Colour MaterialLook::lit(const Spot& spot) const {
  switch (material_) {
    case Material::kPlain:
    case Material::kGradient:
    case Material::kGlass: return base_;
    case Material::kMarble: return marble(spot);
    case Material::kGranite: return granite(spot);
    case Material::kWood: return wood(spot);
    case Material::kSlate: return slate(spot);
    case Material::kConcrete: return concrete(spot);
    case Material::kVelvet: return velvet(spot);
    case Material::kSilk: return silk(spot);
    case Material::kLinen: return linen(spot);
    case Material::kLeather: return leather(spot);
    case Material::kSand: return sand(spot);
  }
  return base_;
}

namespace {

struct VeinSystem {
  float angle;    // of the veins, in radians from across
  float density;  // veins a unit
  float width;    // of the darkest part, in units
  float smoke;    // how far their colour creeps into the stone on one side
};

// How much of a vein is at a place, 0 to 1. Veins are the whole numbers of a warped phase: they run side by side,
// meander, and each has a strength of its own, which also comes and goes along it.
float veins(const Spot& spot, const VeinSystem& system, std::uint32_t seed) {
  const Place along = turned(spot.place, system.angle);
  const Place stretched{along.u * 0.8F, along.v * 1.5F};
  const float bend = fbm(stretched, {6, 0.47F}, spot.footprint * 1.3F, seed);
  const float sway = fbm({along.u * 0.45F, along.v * 0.6F}, {2, 0.5F}, spot.footprint, seed + 1);
  const float phase = (along.v + 0.22F * bend + 0.5F * sway) * system.density;
  const auto index = floored(phase + 0.5F);
  const float distance = (phase - static_cast<float>(index)) / system.density;
  const float own = cell_share(index, 0, seed + 2);
  const float comes =
      smooth_step(-0.35F, 0.5F, fbm({along.u * 1.3F + own * 40, 0.37F + own * 9}, {3, 0.5F}, 0, seed + 3));
  const float strength = own * comes;
  const float width = system.width * (0.35F + 1.2F * own * comes);
  // Minerals are not spread evenly in it.
  const float filled = 0.8F + 0.35F * fbm(spot.place * 8, {4, 0.6F}, spot.footprint * 8, seed + 4);
  float most = filled * line(distance, width, spot.footprint);
  const float side = cell_share(index, 1, seed) < 0.5F ? -distance : distance;
  const float reach = side > 0 ? system.smoke : 0.25F * system.smoke;
  most += 0.42F * std::exp(-std::abs(distance) / (reach * (0.5F + own)));
  // Nothing is left where the next vein begins.
  most *= 1 - smooth_step(0.3F, 0.5F, std::abs(distance) * system.density);
  return std::min(1.0F, most * strength * 1.25F);
}

}  // namespace

Colour MaterialLook::marble(const Spot& spot) const {
  const float turn = 0.45F + 0.5F * cell_share(1, 1, seed_);
  const float lean = cell_share(1, 2, seed_) < 0.5F ? -1.0F : 1.0F;
  const Place cloudy = warped(spot.place * 1.1F, 0.35F, {3, 0.5F}, spot.footprint, seed_ + 20);
  const float cloud = fbm(cloudy, {6, 0.55F}, spot.footprint * 1.1F, seed_ + 30);
  const float main = veins(spot, {lean * turn, 1.6F, 0.0060F, 0.12F}, seed_ + 40);
  const float side = veins(spot, {lean * (turn + 0.7F), 2.6F, 0.0035F, 0.035F}, seed_ + 50);
  const float fine = veins(spot, {lean * (turn - 0.5F), 4.1F, 0.0015F, 0.014F}, seed_ + 60);
  Colour colour = mixed(base_, third_, 0.75F * smooth_step(-0.35F, 1.0F, cloud + 0.5F * main));
  const float grain = fbm(spot.place * 120, {2, 0.6F}, spot.footprint * 120, seed_ + 70);
  colour = scaled(colour, 1 + 0.018F * grain);
  const float vein = 1 - (1 - main) * (1 - 0.55F * side) * (1 - 0.24F * fine);
  return mixed(colour, second_, 0.85F * vein);
}

Colour MaterialLook::granite(const Spot& spot) const {
  Colour colour =
      mixed(base_, third_, smooth_step(-0.4F, 0.5F, fbm(spot.place * 30, {4, 0.6F}, spot.footprint * 30, seed_)));
  const auto specks = [&](float density, float share, float least, const Colour& of, std::uint32_t seed) {
    const Place place = warped(spot.place * density, 0.25F, {2, 0.5F}, spot.footprint * density, seed);
    const Cell cell = worley(place, seed);
    const float own = static_cast<float>(cell.bits & 0xFFFFU) / 65'536.0F;
    if (own > share) return;
    const float edge = std::max(0.12F, 0.6F * spot.footprint * density);
    const float radius = 0.3F + 0.25F * own / share;
    const float covered = 1 - smooth_step(radius - edge, radius + edge, cell.nearest);
    colour =
        mixed(colour, of, covered * seen_share(1 / density, spot.footprint * 0.7F) * between(least, 1.0F, own / share));
  };
  specks(52, 0.55F, 0.15F, third_, seed_ + 1);
  specks(74, 0.3F, 0.2F, second_, seed_ + 2);
  specks(120, 0.45F, 0.2F, moved(base_, 0.14F, 0.6F), seed_ + 3);
  specks(165, 0.35F, 0.2F, moved(base_, -0.22F, 0.7F), seed_ + 4);
  return scaled(colour, 1 + 0.06F * fbm(spot.place * 1.5F, {3, 0.5F}, spot.footprint, seed_ + 5));
}

namespace {

constexpr float kBoardWidth = 0.235F, kBoardLength = 3.1F;

// Where a place lies in its board.
struct Board {
  float along, across;  // from its middle, in units
  float from_side, from_end;
  std::uint32_t bits;
  float share(std::uint32_t which) const { return cell_share(static_cast<std::int32_t>(which), 3, bits); }
};

Board board_at(Place place, std::uint32_t seed) {
  const Place turned_place = turned(place, 0.06F * (cell_share(5, 5, seed) - 0.5F));
  const float rows = turned_place.v / kBoardWidth + cell_share(6, 6, seed);
  const float row = static_cast<float>(floored(rows));
  const auto row_index = static_cast<std::int32_t>(row);
  const float columns = turned_place.u / kBoardLength + cell_share(row_index, 8, seed);
  const float column = static_cast<float>(floored(columns));
  Board board{};
  board.along = (columns - column - 0.5F) * kBoardLength;
  board.across = (rows - row - 0.5F) * kBoardWidth;
  board.from_side = kBoardWidth / 2 - std::abs(board.across);
  board.from_end = kBoardLength / 2 - std::abs(board.along);
  board.bits = cell_bits(static_cast<std::int32_t>(column), row_index, seed);
  return board;
}

// Late wood, 0 to 1, at a place of a board: a plane's cut through rings around a pith that is not quite straight.
float late_wood(const Board& board, float footprint, std::uint32_t seed) {
  const float x = board.along, spacing = 0.012F + 0.012F * board.share(0);
  const float pith =
      (board.share(1) - 0.5F) * 1.5F * kBoardWidth + 0.03F * gradient_noise({x * 0.9F, 0.3F}, board.bits);
  const float depth =
      0.03F + 0.22F * board.share(2) * board.share(3) + 0.05F * gradient_noise({x * 0.55F, 7.3F}, board.bits);
  const float across = board.across - pith;
  float radius = std::sqrt(across * across + depth * depth) + 0.10F * x * (board.share(4) - 0.5F);
  radius += 0.006F * fbm({x * 2.2F, board.across * 14}, {3, 0.5F}, footprint * 14, board.bits + 1);
  radius += 0.0016F * gradient_noise({x * 11, board.across * 90}, board.bits + 2);
  const float rings = radius / spacing, ring = static_cast<float>(floored(rings)), within = rings - ring;
  const float sharp = std::max(0.03F, footprint / spacing);
  const float late = smooth_step(0.35F, 0.9F, within) * (1 - smooth_step(1 - 2 * sharp, 1, within));
  const float own = 0.45F + 0.55F * cell_share(static_cast<std::int32_t>(ring), 9, seed ^ board.bits);
  return between(0.33F, late * own, seen_share(spacing, footprint));
}

}  // namespace

Colour MaterialLook::wood(const Spot& spot) const {
  const Board board = board_at(spot.place, seed_);
  const float deep = spot.depth_step;
  const float x = board.along, y = board.across;
  const float late = late_wood(board, deep, seed_);
  Colour colour = mixed(base_, second_, 0.75F * late);
  // Fibres and pores run along the board, a hundred times as long as they are wide.
  const float streak = fbm({x * 0.8F, y * 16}, {3, 0.6F}, deep * 16, board.bits + 3);
  const float fibre = gradient_noise({x * 4, y * 115}, board.bits + 4) * seen_share(1 / 115.0F, deep);
  const float fine = gradient_noise({x * 7, y * 280}, board.bits + 5) * seen_share(1 / 280.0F, deep);
  const float pores =
      smooth_step(0.36F, 0.8F, gradient_noise({x * 9, y * 170}, board.bits + 6)) * seen_share(1 / 170.0F, deep);
  colour = scaled(colour, 1 + 0.13F * streak + 0.075F * fibre + 0.075F * fine);
  colour = mixed(colour, third_, (0.4F + 0.35F * late) * pores);
  const float tint = board.share(5) - 0.5F;
  colour = {colour[0] * (1 + 0.30F * tint), colour[1] * (1 + 0.33F * tint), colour[2] * (1 + 0.38F * tint)};
  // Light catches the edge that faces it, and the gap is dark.
  const float rim = line(board.from_side - 0.004F, 0.0022F, deep) * (y > 0 ? -0.25F : 0.22F);
  colour = scaled(colour, 1 + rim);
  const float gap = std::max(line(board.from_side, 0.0016F, deep), line(board.from_end, 0.0012F, spot.footprint));
  return scaled(colour, 1 - 0.86F * gap);
}

Colour MaterialLook::slate(const Spot& spot) const {
  const float footprint = spot.footprint;
  // Bent alike for all of the spot: neighbours differ by less than is seen.
  const Place bent = warped(spot.place * 1.5F, 0.3F, {4, 0.5F}, footprint * 1.5F, seed_ + 1);
  const Place bend = bent + spot.place * -1.5F;
  const auto layers = [&](Place place) {
    const Place at = place * 1.5F + bend;
    return 3.4F * fbm({at.u, at.v * 1.4F}, {6, 0.45F}, footprint * 2, seed_ + 2);
  };
  const auto height = [&](Place place) {
    const float layer = layers(place), below = static_cast<float>(floored(layer));
    const float flaked = below + smooth_step(0.36F, 0.64F, layer - below);
    return 0.011F * flaked + 0.0045F * fbm(place * 7, {5, 0.55F}, footprint * 7, seed_ + 3) +
           0.0011F * fbm(place * 60, {4, 0.6F}, footprint * 60, seed_ + 4);
  };
  const Direction normal = normal_of(spot, height);
  const float layer = layers(spot.place);
  const float own = cell_share(floored(layer + 0.5F), 4, seed_);
  const float blotch = fbm(spot.place * 2.6F, {5, 0.6F}, footprint * 2.6F, seed_ + 5);
  const float rust = smooth_step(0.25F, 0.9F, fbm(spot.place * 1.3F, {5, 0.55F}, footprint * 1.3F, seed_ + 6));
  Colour colour = mixed(base_, second_, std::clamp(0.22F + 0.3F * (own - 0.5F) + 0.28F * blotch, 0.0F, 1.0F));
  colour = mixed(colour, third_, 0.45F * rust);
  colour = scaled(colour, 1 + 0.09F * fbm(spot.place * 150, {2, 0.7F}, footprint * 150, seed_ + 7));
  const float gleam = 0.10F * highlight(normal, spot, 14);
  colour = scaled(colour, diffuse(normal, spot));
  return {colour[0] + gleam, colour[1] + gleam, colour[2] + gleam};
}

Colour MaterialLook::concrete(const Spot& spot) const {
  const float footprint = spot.footprint;
  const auto height = [&](Place place) {
    return 0.006F * fbm(place * 2.4F, {4, 0.5F}, footprint * 2.4F, seed_ + 1) +
           0.0010F * fbm(place * 38, {4, 0.6F}, footprint * 38, seed_ + 2);
  };
  const Direction normal = normal_of(spot, height);
  const Place cloudy = warped(spot.place * 0.9F, 0.5F, {4, 0.5F}, footprint, seed_ + 3);
  const float stain = fbm(cloudy, {6, 0.58F}, footprint, seed_ + 4);
  const float blotch = fbm(spot.place * 7, {4, 0.6F}, footprint * 7, seed_ + 5);
  const Place trowelled = turned(spot.place, 0.5F);
  const float trowel = fbm({trowelled.u * 1.3F, trowelled.v * 9}, {3, 0.5F}, footprint * 9, seed_ + 6);
  Colour colour =
      mixed(third_, second_, std::clamp(0.45F + 0.5F * stain + 0.16F * blotch + 0.16F * trowel, 0.0F, 1.0F));
  const float sandy = fbm(spot.place * 170, {2, 0.8F}, footprint * 170, seed_ + 7);
  colour = scaled(colour, 1 + 0.055F * sandy);
  float open = 0;
  for (const float density : {11.0F, 27.0F}) {
    const Cell cell = worley(warped(spot.place * density, 0.15F, {2, 0.5F}, footprint * density, seed_ + 8), seed_ + 9);
    const float own = static_cast<float>(cell.bits & 0xFFFFU) / 65'536.0F;
    if (own > 0.26F) continue;
    const float radius = 0.03F + 0.55F * own * own / 0.26F, edge = std::max(0.025F, 0.6F * footprint * density);
    const float covered = (1 - smooth_step(radius - edge, radius + edge, cell.nearest)) * std::min(1.0F, radius / edge);
    open = std::max(open, covered);
  }
  return scaled(colour, diffuse(normal, spot) * (1 - 0.52F * open));
}

Colour MaterialLook::velvet(const Spot& spot) const {
  const float footprint = spot.footprint;
  const float turn = 0.95F + 0.4F * cell_share(2, 2, seed_);  // folds lead into the depth
  const auto height = [&](Place place) {
    const Place along = turned(place, turn);
    const Place bent = warped({along.u * 0.45F, along.v * 0.8F}, 0.45F, {2, 0.35F}, footprint, seed_ + 1);
    const float fold = gradient_noise(bent, seed_ + 2);
    return 0.17F * std::sqrt(fold * fold + 0.03F) + 0.03F * fbm(bent * 2, {2, 0.35F}, footprint, seed_ + 10);
  };
  Direction normal = normal_of(spot, height);
  // The pile lies as it was last stroked: in patches, with soft edges.
  const Place stroked = warped(turned(spot.place, 0.4F) * 1.25F, 0.5F, {3, 0.5F}, footprint, seed_ + 3);
  const float lie = std::tanh(1.9F * fbm({stroked.u * 0.7F, stroked.v * 1.3F}, {4, 0.45F}, footprint, seed_ + 4));
  const float hair = 0.7F * gradient_noise(spot.place * 110, seed_ + 5) * seen_share(1 / 110.0F, footprint) +
                     gradient_noise(spot.place * 260, seed_ + 6) * seen_share(1 / 260.0F, footprint);
  normal = unit({normal.u + 0.2F * lie + 0.05F * hair, normal.v - 0.26F * lie + 0.07F * hair, normal.w});
  // Light scattered by the tips of the hairs is seen where one looks along the surface (Koenderink, Pont, 2003).
  const float along = 1 - std::clamp(dot(normal, spot.view), 0.0F, 1.0F);
  const float grazed = 1 - std::clamp(dot(normal, spot.light), 0.0F, 1.0F);
  const float sheen = 0.5F * power_of_two(power_of_two(along)) + 0.42F * power_of_two(grazed);
  const float body = (0.30F + 0.62F * diffuse(normal, spot)) * (1 + 0.10F * hair + 0.16F * lie);
  Colour colour = scaled(base_, body);
  for (std::size_t channel = 0; channel < 3; ++channel) colour[channel] += 0.8F * sheen * second_[channel];
  return colour;
}

Colour MaterialLook::silk(const Spot& spot) const {
  const float footprint = spot.footprint;
  const float turn = 0.5F + 0.5F * cell_share(2, 2, seed_);
  const auto height = [&](Place place) {
    const Place along = turned(place, turn);
    const Place bent = warped({along.u * 0.55F, along.v * 1.15F}, 0.55F, {2, 0.35F}, footprint, seed_ + 1);
    const float fold = gradient_noise(bent, seed_ + 2), smaller = gradient_noise(bent * 2.1F, seed_ + 3);
    // Folds are rounder on their backs than in their valleys.
    return 0.16F * std::sqrt(fold * fold + 0.02F) + 0.035F * std::sqrt(smaller * smaller + 0.02F);
  };
  const Direction normal = normal_of(spot, height);
  const float gloss = 0.55F * highlight(normal, spot, 9) + 0.45F * highlight(normal, spot, 46);
  const Place along = turned(spot.place, turn);
  const float thread = gradient_noise({along.u * 14, along.v * 420}, seed_ + 4) * seen_share(1 / 420.0F, footprint);
  const float facing = std::clamp(diffuse(normal, spot), 0.0F, 1.6F);
  Colour colour = scaled(base_, (0.30F + 0.52F * facing) * (1 + 0.03F * thread));
  for (std::size_t channel = 0; channel < 3; ++channel) {
    colour[channel] += gloss * (0.62F * second_[channel] + 0.02F) * (1 + 0.05F * thread);
  }
  return colour;
}

Colour MaterialLook::linen(const Spot& spot) const {
  const float footprint = spot.footprint;
  const auto height = [&](Place place) {
    const Place bent = warped(place * 1.2F, 0.4F, {3, 0.5F}, footprint, seed_ + 1);
    return 0.016F * fbm(bent, {5, 0.42F}, footprint, seed_ + 2);
  };
  const Direction normal = normal_of(spot, height);
  constexpr float kThreads = 120;
  // Threads are spun and woven by hand: they sway, and swell in places.
  const float sway_u = 0.22F * gradient_noise({spot.place.u * 9, spot.place.v * 3}, seed_ + 3);
  const float sway_v = 0.22F * gradient_noise({spot.place.u * 3, spot.place.v * 9}, seed_ + 4);
  const float x = spot.place.u * kThreads + sway_u, y = spot.place.v * kThreads + sway_v;
  const float column = static_cast<float>(floored(x)), row = static_cast<float>(floored(y));
  const auto i = static_cast<std::int32_t>(column), j = static_cast<std::int32_t>(row);
  const float over = ((i + j) & 1) == 0 ? 1.0F : -1.0F;
  const float across = std::cos(kPi * (x - column - 0.5F)), down = std::cos(kPi * (y - row - 0.5F));
  const float swell_warp = 0.78F + 0.34F * gradient_noise({static_cast<float>(i) * 7.31F, y * 0.06F}, seed_ + 5);
  const float swell_weft = 0.78F + 0.34F * gradient_noise({static_cast<float>(j) * 5.77F, x * 0.06F}, seed_ + 6);
  const float warp = std::sqrt(std::max(0.0F, across)) * swell_warp * (0.62F + 0.38F * over * down);
  const float weft = std::sqrt(std::max(0.0F, down)) * swell_weft * (0.62F - 0.38F * over * across);
  const bool is_warp = warp > weft;
  const float own = is_warp ? cell_share(i, 11, seed_) : cell_share(j, 12, seed_);
  const float seen = seen_share(1 / kThreads, spot.depth_step);
  const float weave = (std::max(warp, weft) - 0.66F) * 0.62F + 0.16F * (own - 0.5F) + (is_warp ? 0.02F : -0.02F);
  // Bundles of threads differ where single ones are too fine to be seen.
  const float slub = 0.035F * fbm({spot.place.u * 4, spot.place.v * 60}, {3, 0.6F}, spot.depth_step * 60, seed_ + 7) +
                     0.035F * fbm({spot.place.u * 60, spot.place.v * 4}, {3, 0.6F}, footprint * 60, seed_ + 8);
  const float hair = 0.05F * gradient_noise(spot.place * 480, seed_ + 9) * seen_share(1 / 480.0F, footprint);
  const Colour colour = mixed(base_, third_, 0.3F + 0.3F * fbm(spot.place * 1.4F, {3, 0.5F}, footprint, seed_ + 10));
  return scaled(colour, diffuse(normal, spot) * (1 + seen * weave + slub + hair));
}

Colour MaterialLook::leather(const Spot& spot) const {
  const float footprint = spot.footprint;
  const auto bend = [&](float density, std::uint32_t seed) {
    const Place place = spot.place * density;
    return warped(place, 0.35F, {3, 0.5F}, footprint * density, seed) + place * -1.0F;
  };
  const Place large = bend(46, seed_ + 1), small = bend(105, seed_ + 2);
  const auto pebbles = [&](Place place, float density, Place bent, std::uint32_t seed) {
    const float seen = seen_share(1 / density, footprint);
    if (seen == 0) return 0.0F;
    const Cell cell = worley(place * density + bent, seed);
    return smooth_step(0, 0.5F, cell.second - cell.nearest) * seen;
  };
  const auto height = [&](Place place) {
    return 0.0017F * pebbles(place, 46, large, seed_ + 1) + 0.0009F * pebbles(place, 105, small, seed_ + 2) +
           0.012F * fbm(place * 1.6F, {3, 0.45F}, footprint * 1.6F, seed_ + 3);
  };
  const Direction normal = normal_of(spot, height);
  const float raised = pebbles(spot.place, 46, large, seed_ + 1);
  const float mottle = fbm(spot.place * 3, {4, 0.55F}, footprint * 3, seed_ + 4);
  Colour colour = mixed(second_, base_, std::clamp(0.62F + 0.33F * raised + 0.25F * mottle, 0.0F, 1.0F));
  colour = scaled(colour, diffuse(normal, spot));
  const float gleam = 0.05F * highlight(normal, spot, 7) + 0.10F * highlight(normal, spot, 30);
  return {colour[0] + gleam, colour[1] + gleam, colour[2] + gleam};
}

Colour MaterialLook::sand(const Spot& spot) const {
  const float footprint = spot.footprint;
  const auto height = [&](Place place) {
    const Place bent = warped(turned(place, 0.25F) * 1.6F, 0.32F, {3, 0.45F}, footprint * 1.6F, seed_ + 1);
    const float wave = bent.v * 4.2F, within = wave - static_cast<float>(floored(wave));
    // The wind piles ripples up slowly and lets them fall steeply.
    const float ripple = smooth_step(0, 0.68F, within) * (1 - smooth_step(0.66F, 1, within));
    const float comes = 0.35F + 0.65F * smooth_step(-0.4F, 0.5F, fbm(place * 0.9F, {2, 0.5F}, footprint, seed_ + 2));
    return 0.019F * ripple * comes + 0.02F * fbm(place * 1.2F, {3, 0.45F}, footprint, seed_ + 3) +
           0.0007F * fbm(place * 70, {3, 0.7F}, footprint * 70, seed_ + 4);
  };
  const Direction normal = normal_of(spot, height);
  constexpr float kGrains = 420;
  const Cell grain = worley(spot.place * kGrains, seed_ + 5);
  const float seen = seen_share(2 / kGrains, footprint), own = static_cast<float>(grain.bits & 0xFFU) / 256.0F;
  Colour colour = mixed(base_, own < 0.5F ? second_ : third_, seen * 0.6F * power_of_two(2 * std::abs(own - 0.5F)));
  colour = scaled(colour, 1 + 0.08F * fbm(spot.place * 160, {2, 0.8F}, footprint * 160, seed_ + 6));
  return scaled(colour, diffuse(normal, spot));
}

}  // namespace tintype::engine
