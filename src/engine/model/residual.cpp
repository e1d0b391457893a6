#include "engine/model/residual.h"

#include <algorithm>
#include <cmath>

#include "engine/net/network.h"
#include "engine/net/precision.h"

namespace tintype::engine {

namespace {

constexpr int kSidePx = 64;
// Of the means of blocks of pixels. A picture of the drawn one has about 0.5.
constexpr double kResidualMax = 0.08;
constexpr int kBlockPx = 8;

}  // namespace

bool answers_residual(const Graph& graph) {
  const auto geometry = geometry_of(graph);
  if (!geometry) return false;
  const int side = (kSidePx + geometry->multiple - 1) / geometry->multiple * geometry->multiple;
  const auto network = Network::make(graph, exact(best_backend()));
  if (!network) return false;
  const auto outputs = run_whole(*network, {3, side, side}, drawn_picture(side));
  const int made = geometry->scale * side - 2 * geometry->left_out;
  if (!outputs ||
      (*outputs)[0].size() != std::size_t{3} * static_cast<std::size_t>(made) * static_cast<std::size_t>(made)) {
    return false;
  }
  double squares = 0;
  int blocks = 0;
  for (int top = 0; top + kBlockPx <= 3 * made; top += kBlockPx) {
    for (int left = 0; left + kBlockPx <= made; left += kBlockPx, ++blocks) {
      double sum = 0;
      for (int y = top; y < top + kBlockPx; ++y) {
        for (int x = left; x < left + kBlockPx; ++x) {
          sum += double{(
              *outputs)[0][static_cast<std::size_t>(y) * static_cast<std::size_t>(made) + static_cast<std::size_t>(x)]};
        }
      }
      squares += std::pow(sum / (kBlockPx * kBlockPx), 2);
    }
  }
  return std::sqrt(squares / std::max(1, blocks)) < kResidualMax;
}

Result<Graph> with_input_added(Graph graph) {
  const auto geometry = geometry_of(graph);
  if (!geometry) return std::unexpected(geometry.error());
  const auto input =
      std::ranges::find_if(graph.nodes, [](const Node& node) { return std::holds_alternative<Input>(node.layer); });
  Resize resize;
  resize.factor_y = resize.factor_x = static_cast<float>(geometry->scale);
  int base = graph.add("enlarged input", resize, {static_cast<int>(input - graph.nodes.begin())});
  if (geometry->left_out > 0) {
    for (const Axis axis : {Axis::kHeight, Axis::kWidth}) {
      base = graph.add("inner part", Slice{axis, geometry->left_out, -geometry->left_out}, {base});
    }
  }
  graph.outputs[0] = graph.add("sum with the input", Arithmetic{}, {graph.outputs[0], base});
  return graph;
}

}  // namespace tintype::engine
