#include "engine/operation/precision.h"

#include <cmath>

namespace tintype::engine {

namespace {

constexpr int kSidePx = 24;
constexpr double kDifferenceMax = 1.0 / 255;

// A slope with an edge, and some grain.
std::vector<float> drawn(int side) {
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

Result<double> difference(const std::shared_ptr<const Network>& a, const std::shared_ptr<const Network>& b, int side) {
  const Shape shape{3, side, side};
  const std::vector<float> picture = drawn(side);
  const auto one = run_whole(a, shape, picture);
  if (!one) return std::unexpected(one.error());
  const auto other = run_whole(b, shape, picture);
  if (!other) return std::unexpected(other.error());
  double sum = 0;
  for (std::size_t at = 0; at < (*one)[0].size(); ++at) sum += std::pow((*one)[0][at] - (*other)[0][at], 2);
  return std::sqrt(sum / static_cast<double>((*one)[0].size()));
}

}  // namespace

Result<std::shared_ptr<const Network>> make_network(Graph graph, std::optional<Backend> backend) {
  if (backend) return Network::make(std::move(graph), *backend);
  const Backend best = best_backend();
  if (is_exact(best)) return Network::make(std::move(graph), best);
  // What is of one size, or does not make pictures, is not what half precision was measured with.
  const auto geometry = geometry_of(graph);
  auto exactly = Network::make(graph, exact(best));
  if (!exactly || !geometry) return exactly;
  auto quickly = Network::make(std::move(graph), best);
  if (!quickly) return quickly;
  const int multiple = geometry->multiple;
  const auto apart = difference(*quickly, *exactly, (kSidePx + multiple - 1) / multiple * multiple);
  if (!apart) return std::unexpected(apart.error());
  return *apart <= kDifferenceMax ? quickly : exactly;  // also when it is not a number
}

}  // namespace tintype::engine
