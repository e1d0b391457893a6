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

constexpr std::int64_t kShadingPixelsMax = 120'000;  // light is smooth
constexpr float kDarkest = 0.01F;                    // of linear light: what is darker is noise
constexpr float kStepOfThings = 0.09F;               // of logarithms between neighbours: where a thing's colour changes
constexpr float kTintOfThings = 0.03F;               // the same of ratios between channels

constexpr double kGreyPower = 6;

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

float like(float difference, float scale) {
  return std::exp(-difference * difference / (scale * scale));
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
  return result;
}

int even(int side) {
  return std::max(2, side - side % 2);  // as the cosine transform takes it
}

}  // namespace

float Light::on(const Direction& normal) const {
  const Basis basis = basis_of(normal);
  double sum = 0;
  for (int term = 0; term < kTerms; ++term) sum += terms[term] * basis[term];
  return static_cast<float>(sum);
}

Light light_of(const Field& shading, const Field3& normals, const Field& weights) {
  std::array<Basis, Light::kTerms> matrix{};
  Basis side{};
  double total = 0, sum = 0, square = 0;
  for (std::size_t index = 0; index < shading.values.size(); ++index) {
    const double weight = weights.values[index], value = shading.values[index];
    if (weight <= 0) continue;
    const Basis basis = basis_of(at(normals, index));
    for (int i = 0; i < Light::kTerms; ++i) {
      for (int j = 0; j <= i; ++j) matrix[i][j] += weight * basis[i] * basis[j];
      side[i] += weight * basis[i] * value;
    }
    total += weight, sum += weight * value, square += weight * value * value;
  }
  Light light;
  if (total <= 0) return light;
  for (int i = 1; i < Light::kTerms; ++i) matrix[i][i] += kRidge * total;
  solve(matrix, side);
  light.terms = side;
  double residue = 0;
  for (std::size_t index = 0; index < shading.values.size(); ++index) {
    const double weight = weights.values[index];
    if (weight <= 0) continue;
    const double missed = light.on(at(normals, index)) - shading.values[index];
    residue += weight * missed * missed;
  }
  const double variance = square - sum * sum / total;
  light.certainty = variance <= 1e-9 * total ? 0 : std::clamp(1 - residue / variance, 0.0, 1.0);
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
  const double azimuth = how.azimuth_degrees * std::numbers::pi / 180;
  const double elevation = how.elevation_degrees * std::numbers::pi / 180;
  Lamp lamp;
  lamp.direction = {static_cast<float>(std::sin(azimuth) * std::cos(elevation)),
                    static_cast<float>(std::sin(elevation)),
                    static_cast<float>(std::cos(azimuth) * std::cos(elevation))};
  lamp.ambient = static_cast<float>(how.ambient);
  if (how.temperature_k) lamp.light = light_of_kelvins(*how.temperature_k);
  for (float& channel : lamp.light) channel *= static_cast<float>(how.intensity);
  return lamp;
}

Lamp lamp_like(const Light& light) {
  Lamp lamp;
  const double x = light.terms[3], y = light.terms[1], z = std::max(light.terms[2], 0.0);
  const double length = std::sqrt(x * x + y * y + z * z);
  lamp.ambient = 1;
  if (length <= 1e-6 || light.terms[0] <= 0) return lamp;
  lamp.direction = {static_cast<float>(x / length), static_cast<float>(y / length), static_cast<float>(z / length)};
  // A lamp alone gives twice as much to the first order as to the order before it; what is around, to that one alone.
  const double ratio = std::clamp(length / light.terms[0], 0.0, 2.0);
  const double ambient = (0.5 - 0.25 * ratio) / (0.75 * ratio + 0.5);
  lamp.ambient = static_cast<float>(1 - (1 - ambient) * std::min(1.0, 2 * light.certainty));
  return lamp;
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
