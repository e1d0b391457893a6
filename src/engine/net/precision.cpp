#include "engine/net/precision.h"

#include <cmath>

namespace tintype::engine {

namespace {

constexpr int kSidePx = 24;
constexpr double kDifferenceMax = 1.0 / 255;

}  // namespace

std::vector<float> drawn_picture(int side) {
  std::vector<float> planes;
  std::uint32_t state = 1;
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        state = state * 1'664'525 + 1'013'904'223;  // Numerical Recipes' generator
        const float grain = static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - 0.5F;
        const float slope = static_cast<float>(x + y * channel) / static_cast<float>(3 * side);
        planes.push_back(0.2F + 0.5F * slope + (2 * x + y > 2 * side - 8 ? 0.25F : 0.0F) + 0.04F * grain);
      }
    }
  }
  return planes;
}

std::optional<bool> holds_in_half(const Graph& graph) {
  const Backend best = best_backend();
  if (is_exact(best)) return std::nullopt;
  const auto geometry = geometry_of(graph);
  if (!geometry) return false;
  const int side = (kSidePx + geometry->multiple - 1) / geometry->multiple * geometry->multiple;
  const std::vector<float> picture = drawn_picture(side);
  std::vector<std::vector<float>> results;
  for (const Backend backend : {best, exact(best)}) {
    const auto network = Network::make(graph, backend);
    if (!network) return false;
    auto outputs = run_whole(*network, {3, side, side}, picture);
    if (!outputs) return false;
    results.push_back(std::move((*outputs)[0]));
  }
  double sum = 0;
  for (std::size_t at = 0; at < results[0].size(); ++at) sum += std::pow(results[0][at] - results[1][at], 2);
  return std::sqrt(sum / static_cast<double>(results[0].size())) <= kDifferenceMax;  // not when it is no number
}

Result<std::shared_ptr<const Network>> make_network(Graph graph, std::optional<Backend> backend,
                                                    std::optional<bool> half) {
  if (backend) return Network::make(std::move(graph), *backend);
  const Backend best = best_backend();
  const bool holds = is_exact(best) || half.value_or(false) || (!half && holds_in_half(graph).value_or(true));
  return Network::make(std::move(graph), holds ? best : exact(best));
}

}  // namespace tintype::engine
