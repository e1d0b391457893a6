#include "engine/raster/colour.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tintype::engine {

namespace {

constexpr float kWhite = 255.0F;

struct Table {
  std::array<float, 256> values{};
  Table() {
    for (int coded = 0; coded < 256; ++coded) values[coded] = linear_of(static_cast<float>(coded) / kWhite);
  }
};

std::array<float, 3> times(const std::array<std::array<float, 3>, 3>& matrix, const Colour& vector) {
  Colour product{};
  for (int row = 0; row < 3; ++row) {
    product[row] = matrix[row][0] * vector[0] + matrix[row][1] * vector[1] + matrix[row][2] * vector[2];
  }
  return product;
}

constexpr std::array<std::array<float, 3>, 3> kLinearToCones = {{{0.4122214708F, 0.5363325363F, 0.0514459929F},
                                                                 {0.2119034982F, 0.6806995451F, 0.1073969566F},
                                                                 {0.0883024619F, 0.2817188376F, 0.6299787005F}}};
constexpr std::array<std::array<float, 3>, 3> kConesToOklab = {{{0.2104542553F, 0.7936177850F, -0.0040720468F},
                                                                {1.9779984951F, -2.4285922050F, 0.4505937099F},
                                                                {0.0259040371F, 0.7827717662F, -0.8086757660F}}};
constexpr std::array<std::array<float, 3>, 3> kOklabToCones = {{{1.0F, 0.3963377774F, 0.2158037573F},
                                                                {1.0F, -0.1055613458F, -0.0638541728F},
                                                                {1.0F, -0.0894841775F, -1.2914855480F}}};
constexpr std::array<std::array<float, 3>, 3> kConesToLinear = {{{4.0767416621F, -3.3077115913F, 0.2309699292F},
                                                                 {-1.2684380046F, 2.6097574011F, -0.3413193965F},
                                                                 {-0.0041960863F, -0.7034186147F, 1.7076147010F}}};
constexpr std::array<std::array<float, 3>, 3> kXyzToLinear = {{{3.2404542F, -1.5371385F, -0.4985314F},
                                                               {-0.9692660F, 1.8760108F, 0.0415560F},
                                                               {0.0556434F, -0.2040259F, 1.0572252F}}};

constexpr std::pair<std::string_view, std::array<std::uint8_t, 3>> kNames[] = {
    {"black", {0, 0, 0}},       {"silver", {192, 192, 192}}, {"gray", {128, 128, 128}}, {"grey", {128, 128, 128}},
    {"white", {255, 255, 255}}, {"maroon", {128, 0, 0}},     {"red", {255, 0, 0}},      {"purple", {128, 0, 128}},
    {"fuchsia", {255, 0, 255}}, {"green", {0, 128, 0}},      {"lime", {0, 255, 0}},     {"olive", {128, 128, 0}},
    {"yellow", {255, 255, 0}},  {"navy", {0, 0, 128}},       {"blue", {0, 0, 255}},     {"teal", {0, 128, 128}},
    {"aqua", {0, 255, 255}}};

std::optional<int> digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

float linear_of(std::uint8_t coded) {
  static const Table table;
  return table.values[coded];
}

float linear_of(float coded) {
  return coded <= 0.04045F ? coded / 12.92F : std::pow((coded + 0.055F) / 1.055F, 2.4F);
}

float coded_of(float linear) {
  const float clamped = std::clamp(linear, 0.0F, 1.0F);
  return clamped <= 0.0031308F ? clamped * 12.92F : 1.055F * std::pow(clamped, 1.0F / 2.4F) - 0.055F;
}

std::uint8_t byte_of(float coded) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(coded, 0.0F, 1.0F) * kWhite));
}

Colour oklab_of(const Colour& linear) {
  Colour cones = times(kLinearToCones, linear);
  for (float& cone : cones) cone = std::cbrt(cone);
  return times(kConesToOklab, cones);
}

Colour linear_of_oklab(const Colour& oklab) {
  Colour cones = times(kOklabToCones, oklab);
  for (float& cone : cones) cone = cone * cone * cone;
  return times(kConesToLinear, cones);
}

Colour light_of_kelvins(double kelvins) {
  const double t = std::clamp(kelvins, 1'000.0, 40'000.0);
  const double u = 1e3 / t;
  // x by temperature, y by x: the fits hold from 1,667 K on, and are good enough below.
  const double x = t <= 4'000 ? -0.2661239 * u * u * u - 0.2343589 * u * u + 0.8776956 * u + 0.179910
                              : -3.0258469 * u * u * u + 2.1070379 * u * u + 0.2226347 * u + 0.240390;
  double y = 3.0817580 * x * x * x - 5.87338670 * x * x + 3.75112997 * x - 0.37001483;
  if (t <= 2'222) {
    y = -1.1063814 * x * x * x - 1.34811020 * x * x + 2.18555832 * x - 0.20219683;
  } else if (t <= 4'000) {
    y = -0.9549476 * x * x * x - 1.37418593 * x * x + 2.09137015 * x - 0.16748867;
  }
  Colour light = times(kXyzToLinear, {static_cast<float>(x / y), 1, static_cast<float>((1 - x - y) / y)});
  for (float& channel : light) channel = std::max(channel, 0.0F);
  const float luminance = luminance_of(light);
  for (float& channel : light) channel /= luminance;
  return light;
}

std::optional<std::array<std::uint8_t, 3>> parse_colour(std::string_view text) {
  for (const auto& [name, colour] : kNames) {
    if (text == name) return colour;
  }
  if ((text.size() != 4 && text.size() != 7) || text.front() != '#') return std::nullopt;
  const std::size_t digits = text.size() == 7 ? 2 : 1;
  std::array<std::uint8_t, 3> colour{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto high = digit_of(text[1 + channel * digits]);
    const auto low = digit_of(text[1 + channel * digits + digits - 1]);
    if (!high || !low) return std::nullopt;
    colour[channel] = static_cast<std::uint8_t>(*high * 16 + *low);
  }
  return colour;
}

}  // namespace tintype::engine
