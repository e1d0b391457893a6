#include "engine/studio/relight.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 600'000;
constexpr float kDarkest = 0.004F;       // of linear light: below, it is noise
constexpr float kLeastOldLight = 0.25F;  // of the mean: what is darker by the old light is not brightened more
constexpr double kRidge = 0.02;          // of the terms' weights, so that few directions do not make wild ones

std::array<float, Light::kTerms> harmonics(float x, float y, float z) {
  return {1, y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y};
}

std::array<float, 3> direction_of(double azimuth_degrees, double elevation_degrees) {
  const double azimuth = azimuth_degrees * std::numbers::pi / 180,
               elevation = elevation_degrees * std::numbers::pi / 180;
  return {static_cast<float>(std::sin(azimuth) * std::cos(elevation)), static_cast<float>(std::sin(elevation)),
          static_cast<float>(std::cos(azimuth) * std::cos(elevation))};
}

// Solves the symmetric system by Cholesky's way; `sides` holds a right side a channel and becomes the solution.
void solve(std::array<std::array<double, Light::kTerms>, Light::kTerms>& matrix,
           std::array<double, Light::kTerms>& side) {
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

Light light_from(const Field& shading, const Field3& normals, const Field& weights) {
  std::array<std::array<double, Light::kTerms>, Light::kTerms> matrix{};
  std::array<double, Light::kTerms> side{};
  double total = 0, sum = 0, square = 0;
  for (std::size_t at = 0; at < shading.values.size(); ++at) {
    const double weight = weights.values[at], value = shading.values[at];
    if (weight <= 0) continue;
    const auto basis = harmonics(normals.first.values[at], normals.second.values[at], normals.third.values[at]);
    for (int i = 0; i < Light::kTerms; ++i) {
      for (int j = 0; j <= i; ++j) matrix[i][j] += weight * basis[i] * basis[j];
      side[i] += weight * basis[i] * value;
    }
    total += weight, sum += weight * value, square += weight * value * value;
  }
  Light light;
  if (total <= 0) {
    light.terms[0] = {1, 1, 1};
    return light;
  }
  for (int i = 1; i < Light::kTerms; ++i) matrix[i][i] += kRidge * total;
  solve(matrix, side);
  for (int i = 0; i < Light::kTerms; ++i) light.terms[i].fill(static_cast<float>(side[i]));
  double residue = 0;
  for (std::size_t at = 0; at < shading.values.size(); ++at) {
    const double weight = weights.values[at];
    if (weight <= 0) continue;
    const Colour said = light.on(normals.first.values[at], normals.second.values[at], normals.third.values[at]);
    residue += weight * (said[0] - shading.values[at]) * (said[0] - shading.values[at]);
  }
  const double variance = square - sum * sum / total;
  light.certainty = variance <= 0 ? 0 : std::clamp(1 - residue / variance, 0.0, 1.0);
  return light;
}

// What of the light is left in logarithms of luminance when small things are taken out.
Field shading_of(const Raster& picture) {
  Field light(picture.width, picture.height);
  for (std::size_t at = 0; at < light.values.size(); ++at) {
    const std::uint8_t* in = picture.rgba.data() + at * Raster::kChannels;
    light.values[at] =
        std::log(std::max(kDarkest, luminance_of({linear_of(in[0]), linear_of(in[1]), linear_of(in[2])})));
  }
  const int radius = std::max(2, std::max(picture.width, picture.height) / 60);
  Field smooth = guided_filter(light, light, radius, 0.05F);
  double sum = 0;
  for (float& value : smooth.values) sum += value = std::exp(value);
  const auto mean = static_cast<float>(sum / static_cast<double>(smooth.values.size()));
  for (float& value : smooth.values) value /= mean;
  return smooth;
}

}  // namespace

Colour Light::on(float x, float y, float z) const {
  const auto basis = harmonics(x, y, z);
  Colour colour{};
  for (int term = 0; term < kTerms; ++term) {
    for (int channel = 0; channel < 3; ++channel) colour[channel] += terms[term][channel] * basis[term];
  }
  return colour;
}

Result<LightStage> LightStage::prepare(const Raster& picture, const Saliency& network, const Task& task) {
  auto cut = subject_of(picture, network, task.part(0, 0.6));
  if (!cut) return std::unexpected(cut.error());
  LightStage stage;
  stage.picture_ = picture;
  stage.small_ = resized(picture, extent_within(picture.extent(), kLookedAtPixelsMax));
  auto surface = estimate_surface(stage.small_, resized(cut->alpha, stage.small_.extent()), task.part(0.6, 0.9));
  if (!surface) return std::unexpected(surface.error());
  stage.surface_ = std::move(*surface);
  stage.shading_ = shading_of(stage.small_);
  stage.light_ = light_from(stage.shading_, stage.surface_.normals, stage.surface_.subject);
  task.done(1);
  return stage;
}

Result<Raster> LightStage::lit(const Relight& how, const Task& task) const {
  const auto direction = direction_of(how.azimuth_degrees, how.elevation_degrees);
  const auto ambient = static_cast<float>(how.ambient);
  Colour colour = how.temperature_k ? light_of_kelvins(*how.temperature_k) : Colour{1, 1, 1};
  Field3 gain(small_.width, small_.height);
  double sum = 0;
  const Field3& normals = surface_.normals;
  for (std::size_t at = 0; at < gain.first.values.size(); ++at) {
    const float x = normals.first.values[at], y = normals.second.values[at], z = normals.third.values[at];
    const float faces = std::max(0.0F, x * direction[0] + y * direction[1] + z * direction[2]);
    const float old = std::max(kLeastOldLight, light_.on(x, y, z)[0]);
    gain.first.values[at] = faces / old;
    gain.second.values[at] = 1 / old;
    sum += (ambient + (1 - ambient) * faces) / old;
  }
  const auto level = static_cast<float>(static_cast<double>(gain.first.values.size()) / std::max(sum, 1e-3));
  for (std::size_t at = 0; at < gain.first.values.size(); ++at) {
    const float lit = level * (1 - ambient) * gain.first.values[at] * static_cast<float>(how.intensity);
    const float around = level * std::max(ambient, 0.02F) * gain.second.values[at];
    gain.first.values[at] = around + lit * colour[0];
    gain.second.values[at] = around + lit * colour[1];
    gain.third.values[at] = around + lit * colour[2];
  }
  return applied(gain, task);
}

Result<Raster> LightStage::lit_as(const LightStage& reference, const Relight& how, const Task& task) const {
  Field3 gain(small_.width, small_.height);
  const Field3& normals = surface_.normals;
  for (std::size_t at = 0; at < gain.first.values.size(); ++at) {
    const float x = normals.first.values[at], y = normals.second.values[at], z = normals.third.values[at];
    const float old = std::max(kLeastOldLight, light_.on(x, y, z)[0]);
    const Colour anew = reference.light_.on(x, y, z);
    const auto intensity = static_cast<float>(how.intensity);
    gain.first.values[at] = intensity * std::max(kLeastOldLight, anew[0]) / old;
    gain.second.values[at] = intensity * std::max(kLeastOldLight, anew[1]) / old;
    gain.third.values[at] = intensity * std::max(kLeastOldLight, anew[2]) / old;
  }
  return applied(gain, task);
}

Result<Raster> LightStage::applied(const Field3& gain, const Task& task) const {
  Raster result = picture_;
  const float to_x = static_cast<float>(gain.width()) / static_cast<float>(picture_.width);
  const float to_y = static_cast<float>(gain.height()) / static_cast<float>(picture_.height);
  const auto done = task.rows(result.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const float from_y = (static_cast<float>(y) + 0.5F) * to_y - 0.5F;
      for (int x = 0; x < result.width; ++x) {
        const float from_x = (static_cast<float>(x) + 0.5F) * to_x - 0.5F;
        std::uint8_t* pixel = result.at(x, y);
        const Colour gains{sample(gain.first, from_x, from_y), sample(gain.second, from_x, from_y),
                           sample(gain.third, from_x, from_y)};
        for (int channel = 0; channel < 3; ++channel) {
          pixel[channel] = byte_of(coded_of(linear_of(pixel[channel]) * gains[channel]));
        }
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return result;
}

Result<Raster> relight(const Raster& picture, const Relight& how, const Raster* reference, const Saliency& network,
                       const Task& task) {
  auto stage = LightStage::prepare(picture, network, task.part(0, reference != nullptr ? 0.4 : 0.8));
  if (!stage) return std::unexpected(stage.error());
  if (reference == nullptr) return stage->lit(how, task.part(0.8, 1));
  auto other = LightStage::prepare(*reference, network, task.part(0.4, 0.8));
  if (!other) return std::unexpected(other.error());
  return stage->lit_as(*other, how, task.part(0.8, 1));
}

std::int64_t relight_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  return cut_out_bytes_max(picture) + pixels * 2 * Raster::kChannels + (128LL << 20);
}

}  // namespace tintype::engine
