#include "engine/fingerprint/perceptual_hash.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>

namespace tintype::engine {

namespace {

constexpr int kSide = kPerceptualHashSidePx;
constexpr int kTerms = 8;  // of a row or column

// cosines[u][x] of the terms behind the constant one.
using Cosines = std::array<std::array<double, kSide>, kTerms>;

Cosines make_cosines() {
  Cosines cosines{};
  for (std::size_t u = 0; u < kTerms; ++u) {
    for (std::size_t x = 0; x < kSide; ++x) {
      cosines[u][x] = std::cos(std::numbers::pi / kSide * static_cast<double>(u + 1) * (static_cast<double>(x) + 0.5));
    }
  }
  return cosines;
}

}  // namespace

std::uint64_t perceptual_hash(std::span<const std::uint8_t> light) {
  assert(light.size() == std::size_t{kSide} * kSide);
  static const Cosines cosines = make_cosines();
  std::array<std::array<double, kTerms>, kSide> across{};  // [y][u]
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t u = 0; u < kTerms; ++u) {
      for (std::size_t x = 0; x < kSide; ++x) across[y][u] += cosines[u][x] * light[y * kSide + x];
    }
  }
  std::array<double, kTerms * kTerms> terms{};
  for (std::size_t v = 0; v < kTerms; ++v) {
    for (std::size_t u = 0; u < kTerms; ++u) {
      for (std::size_t y = 0; y < kSide; ++y) terms[v * kTerms + u] += cosines[v][y] * across[y][u];
    }
  }
  auto sorted = terms;
  std::ranges::sort(sorted);
  const double median = (sorted[sorted.size() / 2 - 1] + sorted[sorted.size() / 2]) / 2;
  std::uint64_t hash = 0;
  for (const double term : terms) hash = hash << 1 | std::uint64_t{term > median};
  return hash;
}

}  // namespace tintype::engine
