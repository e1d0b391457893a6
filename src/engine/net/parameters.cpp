#include "engine/net/parameters.h"

namespace tintype::engine {

namespace {

// The learnt numbers of one layer. What a demodulation holds was computed of others.
struct Counting {
  std::size_t operator()(const Convolution& layer) const { return of_sums(layer); }
  std::size_t operator()(const Deconvolution& layer) const { return of_sums(layer); }
  std::size_t operator()(const Dense& layer) const { return of_sums(layer); }
  std::size_t operator()(const Constant& layer) const { return layer.values.size(); }
  std::size_t operator()(const Activation& layer) const { return layer.slopes.size(); }
  std::size_t operator()(const Affine& layer) const { return layer.factors.size() + layer.offsets.size(); }
  template <class Layer>
  std::size_t operator()(const Layer&) const {
    return 0;
  }

 private:
  template <class Layer>
  static std::size_t of_sums(const Layer& layer) {
    return layer.weights.size() + layer.bias.size() + layer.activation.slopes.size();
  }
};

}  // namespace

std::int64_t parameters_of(const Graph& graph) {
  std::size_t count = 0;
  for (const Node& node : graph.nodes) count += std::visit(Counting(), node.layer);
  return static_cast<std::int64_t>(count);
}

}  // namespace tintype::engine
