#include "engine/net/graph.h"

#include <algorithm>

namespace tintype::engine {

namespace {

// a + (b - a) share, or nothing when they are of different lengths.
std::optional<Weights> mixed(const Weights& a, const Weights& b, float share) {
  if (a.size() != b.size()) return std::nullopt;
  if (a.empty()) return a;
  std::vector<float> values = a.values();
  const std::vector<float> others = b.values();
  for (std::size_t at = 0; at < values.size(); ++at) values[at] += (others[at] - values[at]) * share;
  return Weights(std::move(values));
}

// Mixes b's weights into a's.
class Mixing {
 public:
  explicit Mixing(float share) : share_(share) {}

  bool operator()(Convolution& a, const Convolution& b) {
    return a.kernel_height == b.kernel_height && a.kernel_width == b.kernel_width && mix(a.weights, b.weights) &&
           mix(a.bias, b.bias) && mix(a.activation.slopes, b.activation.slopes);
  }
  bool operator()(Deconvolution& a, const Deconvolution& b) {
    return mix(a.weights, b.weights) && mix(a.bias, b.bias) && mix(a.activation.slopes, b.activation.slopes);
  }
  bool operator()(Dense& a, const Dense& b) {
    return mix(a.weights, b.weights) && mix(a.bias, b.bias) && mix(a.activation.slopes, b.activation.slopes);
  }
  bool operator()(Constant& a, const Constant& b) { return mix(a.values, b.values); }
  bool operator()(Activation& a, const Activation& b) { return a.kind == b.kind && mix(a.slopes, b.slopes); }
  bool operator()(Affine& a, const Affine& b) { return mix(a.factors, b.factors) && mix(a.offsets, b.offsets); }
  bool operator()(Demodulation& a, const Demodulation& b) { return mix(a.squares, b.squares); }
  template <class A, class B>
  bool operator()(A&, const B&) {
    return std::is_same_v<A, B>;
  }

 private:
  bool mix(Weights& a, const Weights& b) {
    auto both = mixed(a, b, share_);
    if (both) a = std::move(*both);
    return both.has_value();
  }

  const float share_;
};

}  // namespace

int Graph::add(std::string name, Layer layer, std::vector<int> inputs) {
  nodes.push_back({std::move(name), std::move(layer), std::move(inputs)});
  return static_cast<int>(nodes.size()) - 1;
}

const char* layer_name(const Layer& layer) {
  constexpr std::array kNames = {"input",      "constant",      "convolution",     "deconvolution", "dense",
                                 "activation", "arithmetic",    "affine",          "concat",        "slice",
                                 "pad",        "pixel shuffle", "pixel unshuffle", "resize",        "pool",
                                 "softmax",    "reshape",       "permute",         "demodulation"};
  static_assert(kNames.size() == std::variant_size_v<Layer>);
  return kNames[layer.index()];
}

Result<Graph> interpolate(const Graph& a, const Graph& b, float share) {
  Graph both = a;
  bool fits = a.nodes.size() == b.nodes.size() && a.outputs == b.outputs;
  for (std::size_t node = 0; fits && node < a.nodes.size(); ++node) {
    fits = a.nodes[node].inputs == b.nodes[node].inputs &&
           std::visit(Mixing(share), both.nodes[node].layer, b.nodes[node].layer);
  }
  if (!fits) return fail(ErrorCode::kInvalidInput, "The two networks are not of one make");
  return both;
}

}  // namespace tintype::engine
