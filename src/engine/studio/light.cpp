#include "engine/studio/light.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

using Basis = std::array<double, Light::kTerms>;

constexpr double kRidge = 0.01;  // of the terms' weights, so that few directions do not make wild ones

constexpr int kFacetsAcross = 24;  // of normals' x and y

constexpr std::int64_t kShadingPixelsMax = 120'000;  // light is smooth
constexpr float kDarkest = 0.01F;                    // of linear light: what is darker is noise
constexpr float kStepOfThings = 0.09F;               // of logarithms between neighbours: where a thing's colour changes
constexpr float kTintOfThings = 0.05F;               // the same of ratios between channels

constexpr double kGreyPower = 6;
constexpr float kTintAround = 0.5F;  // of a lamp's colour
constexpr float kTintSeen = 0.5F;    // of its logarithm

Basis basis_of(const Direction& n) {
  const double x = n[0], y = n[1], z = n[2];
  return {1, y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y};
}

Direction at(const Field3& normals, std::size_t index) {
  return {normals.first.values[index], normals.second.values[index], normals.third.values[index]};
}

// Solves a symmetric system (Cholesky); `side` becomes the solution.
void solve(std::array<Basis, Light::kTerms>& matrix, Basis& side) {
  constexpr int n = Light::kTerms;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = matrix[i][j];
      for (int k = 0; k < j; ++k) sum -= matrix[i][k] * matrix[j][k];
      matrix[i][j] = i == j ? std::sqrt(std::max(sum, 1e-12)) : sum / matrix[j][j];
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < i; ++k) side[i] -= matrix[i][k] * side[k];
    side[i] /= matrix[i][i];
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int k = i + 1; k < n; ++k) side[i] -= matrix[k][i] * side[k];
    side[i] /= matrix[i][i];
  }
}

template <class Vector, class Other>
auto dot(const Vector& a, const Other& b) {
  auto sum = a[0] * b[0];
  for (std::size_t i = 1; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// All pixels that face about the same way.
struct Facet {
  Direction normal{};
  double weight = 0, shading = 0, scatter = 0;  // the mean, and the sum of squares of what differs from it
};

std::vector<Facet> facets_of(const Field& shading, const Field3& normals, const Field& weights) {
  struct Sums {
    std::array<double, 3> normal{};
    double weight = 0, sum = 0, square = 0;
  };
  std::vector<Sums> cells(static_cast<std::size_t>(kFacetsAcross) * kFacetsAcross);
  const auto cell_of = [](float component) {
    return std::clamp(static_cast<int>((component + 1) / 2 * kFacetsAcross), 0, kFacetsAcross - 1);
  };
  for (std::size_t index = 0; index < shading.values.size(); ++index) {
    const double weight = weights.values[index], value = shading.values[index];
    if (weight <= 0) continue;
    const Direction normal = at(normals, index);
    Sums& cell = cells[static_cast<std::size_t>(cell_of(normal[1])) * kFacetsAcross + cell_of(normal[0])];
    for (std::size_t i = 0; i < 3; ++i) cell.normal[i] += weight * normal[i];
    cell.weight += weight, cell.sum += weight * value, cell.square += weight * value * value;
  }
  std::vector<Facet> facets;
  for (const Sums& cell : cells) {
    if (cell.weight <= 0) continue;
    const double length = std::sqrt(dot(cell.normal, cell.normal));
    Facet facet{.weight = cell.weight, .shading = cell.sum / cell.weight};
    for (std::size_t i = 0; i < 3; ++i) facet.normal[i] = static_cast<float>(cell.normal[i] / std::max(length, 1e-9));
    facet.scatter = std::max(0.0, cell.square - cell.sum * facet.shading);
    facets.push_back(facet);
  }
  return facets;
}

double scatter_of(const std::vector<Facet>& facets) {
  double sum = 0;
  for (const Facet& facet : facets) sum += facet.scatter;
  return sum;
}

double residue_of(const Light& light, const std::vector<Facet>& facets) {
  double residue = 0;
  for (const Facet& facet : facets) {
    const double missed = light.on(facet.normal) - facet.shading;
    residue += facet.weight * missed * missed;
  }
  return residue;
}

Basis harmonics_of(const std::vector<Facet>& facets) {
  std::array<Basis, Light::kTerms> matrix{};
  Basis side{};
  double total = 0;
  for (const Facet& facet : facets) {
    const Basis basis = basis_of(facet.normal);
    for (int i = 0; i < Light::kTerms; ++i) {
      for (int j = 0; j <= i; ++j) matrix[i][j] += facet.weight * basis[i] * basis[j];
      side[i] += facet.weight * basis[i] * facet.shading;
    }
    total += facet.weight;
  }
  for (int i = 1; i < Light::kTerms; ++i) matrix[i][i] += kRidge * total;
  solve(matrix, side);
  return side;
}

// The straight line from how much each facet faces a lamp to how bright it is: what comes from around and what the lamp
// adds, neither below 0.
struct Line {
  double around = 0, lamp = 0, residue = 0;
};
Line line_through(const std::vector<Facet>& facets, const Direction& direction) {
  double total = 0, x_sum = 0, y_sum = 0, xx = 0, xy = 0, yy = 0;
  for (const Facet& facet : facets) {
    const double x = std::max(0.0F, dot(facet.normal, direction)), y = facet.shading;
    total += facet.weight, x_sum += facet.weight * x, y_sum += facet.weight * y;
    xx += facet.weight * x * x, xy += facet.weight * x * y, yy += facet.weight * y * y;
  }
  const double x_variance = xx - x_sum * x_sum / total;
  Line line;
  line.lamp = x_variance <= 1e-9 * total ? 0 : std::max(0.0, (xy - x_sum * y_sum / total) / x_variance);
  line.around = (y_sum - line.lamp * x_sum) / total;
  if (line.around < 0) {
    line.around = 0;
    line.lamp = xx > 0 ? xy / xx : 0;
  }
  line.residue = yy + total * line.around * line.around + line.lamp * line.lamp * xx - 2 * line.around * y_sum -
                 2 * line.lamp * xy + 2 * line.around * line.lamp * x_sum;
  return line;
}

Direction direction_of(double azimuth_degrees, double elevation_degrees) {
  const double azimuth = azimuth_degrees * std::numbers::pi / 180,
               elevation = elevation_degrees * std::numbers::pi / 180;
  return {static_cast<float>(std::sin(azimuth) * std::cos(elevation)), static_cast<float>(std::sin(elevation)),
          static_cast<float>(std::cos(azimuth) * std::cos(elevation))};
}

// Over all directions, coarsely, and then around the best one.
void find_lamp(const std::vector<Facet>& facets, Light& light) {
  double best_azimuth = 0, best_elevation = 0;
  Line best = line_through(facets, direction_of(0, 0));
  const auto try_around = [&](double azimuth, double elevation, double reach, double step) {
    for (double up = -reach; up <= reach; up += step) {
      for (double around = -reach; around <= reach; around += step) {
        const double tried = std::clamp(elevation + up, -90.0, 90.0);
        const Line line = line_through(facets, direction_of(azimuth + around, tried));
        if (line.residue >= best.residue) continue;
        best = line, best_azimuth = azimuth + around, best_elevation = tried;
      }
    }
  };
  try_around(0, 0, 120, 15);
  try_around(best_azimuth, best_elevation, 12, 3);
  light.lamp.direction = direction_of(best_azimuth, best_elevation);
  light.lamp_level = best.around + best.lamp;
  light.lamp.ambient = light.lamp_level > 0 ? static_cast<float>(best.around / light.lamp_level) : 1;
}

// 1 for what is clearly smaller than the scale, 0 for what is clearly greater.
float like(float difference, float scale) {
  const float square = difference * difference / (scale * scale);
  return std::exp(-square * square);
}

// The field whose steps to the right and down are closest to these, its mean 0: Poisson's equation with free edges,
// which cosines solve.
Field with_steps(const Field& across, const Field& down) {
  const int width = across.width, height = across.height;
  cv::Mat divergence(height, width, CV_32F);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float from_left = x > 0 ? across.at(x - 1, y) : 0, from_above = y > 0 ? down.at(x, y - 1) : 0;
      const float to_right = x + 1 < width ? across.at(x, y) : 0, to_below = y + 1 < height ? down.at(x, y) : 0;
      divergence.at<float>(y, x) = to_right - from_left + to_below - from_above;
    }
  }
  cv::dct(divergence, divergence);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double eigen = 2 * std::cos(std::numbers::pi * x / width) + 2 * std::cos(std::numbers::pi * y / height) - 4;
      divergence.at<float>(y, x) = x + y == 0 ? 0 : static_cast<float>(divergence.at<float>(y, x) / eigen);
    }
  }
  cv::dct(divergence, divergence, cv::DCT_INVERSE);
  Field field(width, height);
  for (int y = 0; y < height; ++y) std::copy_n(divergence.ptr<float>(y), width, field.row(y));
  return field;
}

// Logarithms: of luminance, and of two ratios between channels.
Field3 logarithms_of(const Raster& picture) {
  Field3 result(picture.width, picture.height);
  for (std::size_t index = 0; index < result.first.values.size(); ++index) {
    const std::uint8_t* in = picture.rgba.data() + index * Raster::kChannels;
    const Colour linear{linear_of(in[0]), linear_of(in[1]), linear_of(in[2])};
    const float green = std::log(linear[1] + kDarkest);
    result.first.values[index] = std::log(luminance_of(linear) + kDarkest);
    result.second.values[index] = std::log(linear[0] + kDarkest) - green;
    result.third.values[index] = std::log(linear[2] + kDarkest) - green;
  }
  // Noise of single pixels is no change of colour.
  result.second = gaussian_blur(result.second, 1);
  result.third = gaussian_blur(result.third, 1);
  return result;
}

int even(int side) {
  return std::max(2, side - side % 2);  // as the cosine transform takes it
}

}  // namespace

float Light::on(const Direction& normal) const {
  if (is_lamp) {
    const float faces = std::max(0.0F, dot(normal, lamp.direction));
    return static_cast<float>(lamp_level) * (lamp.ambient + (1 - lamp.ambient) * faces);
  }
  return static_cast<float>(dot(terms, basis_of(normal)));
}

Light light_of(const Field& shading, const Field3& normals, const Field& weights) {
  const std::vector<Facet> facets = facets_of(shading, normals, weights);
  Light light;
  double total = 0, sum = 0, square = 0;
  for (const Facet& facet : facets) {
    total += facet.weight, sum += facet.weight * facet.shading;
    square += facet.weight * facet.shading * facet.shading;
  }
  if (total <= 0) return light;
  light.terms = harmonics_of(facets);
  const double by_harmonics = residue_of(light, facets);
  find_lamp(facets, light);
  light.is_lamp = true;
  const double by_lamp = residue_of(light, facets);
  light.is_lamp = by_lamp < by_harmonics;
  const double variance = square - sum * sum / total + scatter_of(facets);
  const double missed = std::min(by_lamp, by_harmonics) + scatter_of(facets);
  light.certainty = variance <= 1e-9 * total ? 0 : std::clamp(1 - missed / variance, 0.0, 1.0);
  return light;
}

Field shading_of(const Raster& picture) {
  const Extent within = extent_within(picture.extent(), kShadingPixelsMax);
  const Raster small = resized(picture, {even(within.width_px), even(within.height_px)});
  const Field3 logarithms = logarithms_of(small);
  Field across(small.width, small.height), down(small.width, small.height);
  const auto step = [&](int x, int y, int to_x, int to_y) {
    const float brighter = logarithms.first.at(to_x, to_y) - logarithms.first.at(x, y);
    const float redder = logarithms.second.at(to_x, to_y) - logarithms.second.at(x, y);
    const float bluer = logarithms.third.at(to_x, to_y) - logarithms.third.at(x, y);
    return brighter * like(brighter, kStepOfThings) * like(std::hypot(redder, bluer), kTintOfThings);
  };
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      if (x + 1 < small.width) across.at(x, y) = step(x, y, x + 1, y);
      if (y + 1 < small.height) down.at(x, y) = step(x, y, x, y + 1);
    }
  }
  Field shading = with_steps(across, down);
  double sum = 0;
  for (float& value : shading.values) {
    value = std::exp(value);
    sum += value;
  }
  const auto mean = static_cast<float>(sum / static_cast<double>(shading.values.size()));
  for (float& value : shading.values) value /= mean;
  return resized(gaussian_blur(shading, 1), picture.extent());
}

Lamp lamp_of(const Relight& how) {
  Lamp lamp;
  lamp.direction = direction_of(how.azimuth_degrees, how.elevation_degrees);
  lamp.ambient = static_cast<float>(how.ambient);
  if (how.temperature_k) {
    lamp.light = seen_by_camera(light_of_kelvins(*how.temperature_k));
    // What comes from around is the lamp's light too, from walls and floor: beside an orange side a grey one is no
    // shade.
    for (std::size_t channel = 0; channel < 3; ++channel) {
      lamp.around[channel] = 1 + kTintAround * (lamp.light[channel] - 1);
    }
  }
  for (float& channel : lamp.light) channel *= static_cast<float>(how.intensity);
  return lamp;
}

Colour seen_by_camera(Colour light) {
  for (float& channel : light) channel = std::pow(channel, kTintSeen);
  const float luminance = luminance_of(light);
  for (float& channel : light) channel /= luminance;
  return light;
}

Colour cast_of(const Raster& picture) {
  std::array<double, 3> sums{1e-9, 1e-9, 1e-9};
  for (std::size_t index = 0; index < picture.rgba.size(); index += Raster::kChannels) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      sums[channel] += std::pow(linear_of(picture.rgba[index + channel]), kGreyPower) * picture.rgba[index + 3] / 255;
    }
  }
  Colour cast{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    cast[channel] = static_cast<float>(std::pow(sums[channel], 1 / kGreyPower));
  }
  const float luminance = luminance_of(cast);
  for (float& channel : cast) channel /= luminance;
  return cast;
}

}  // namespace tintype::engine
