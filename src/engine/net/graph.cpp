#include "engine/net/graph.h"

#include <algorithm>

#include "engine/net/runners.h"

namespace tintype::engine {

int Graph::receptive_field_radius() const {
  int radius = 0;
  for (const Convolution& convolution : convolutions) radius += convolution.kernel / 2;
  return radius;
}

Result<void> check(const Graph& graph) {
  int channels = graph.channels;
  for (const Convolution& layer : graph.convolutions) {
    const auto out = static_cast<std::size_t>(layer.out_channels);
    const auto taps =
        static_cast<std::size_t>(layer.in_channels) * static_cast<std::size_t>(layer.kernel * layer.kernel);
    const bool fits = layer.in_channels == channels && layer.kernel % 2 == 1 && layer.weights.size() == out * taps &&
                      layer.bias.size() == out && (layer.slopes.empty() || layer.slopes.size() == out);
    if (!fits) return fail(ErrorCode::kInvalidInput, "The network's layers do not fit together");
    channels = layer.out_channels;
  }
  if (graph.convolutions.empty() || channels != graph.channels * graph.scale * graph.scale) {
    return fail(ErrorCode::kInvalidInput, "The network does not end in what its scale needs");
  }
  return {};
}

Result<std::unique_ptr<Runner>> make_runner(Backend backend, std::shared_ptr<const Graph> graph, int width,
                                            int height) {
  switch (backend) {
    case Backend::kOneDnn: return make_onednn_runner(std::move(graph), width, height);
    case Backend::kReference: return make_reference_runner(std::move(graph), width, height);
  }
  return fail_internal("no such backend");
}

std::int64_t runner_bytes_max(const Graph& graph, int width, int height) {
  std::int64_t channels_max = graph.channels;
  std::int64_t weights = 0;
  for (const Convolution& layer : graph.convolutions) {
    channels_max = std::max(channels_max, std::int64_t{layer.out_channels + 15} / 16 * 16);
    weights += static_cast<std::int64_t>(layer.weights.size());
  }
  const std::int64_t pixels = std::int64_t{width} * height;
  const std::int64_t planes = 2 * channels_max + graph.channels * (1 + std::int64_t{graph.scale} * graph.scale);
  return static_cast<std::int64_t>(sizeof(float)) * (pixels * planes + 2 * weights);
}

}  // namespace tintype::engine
