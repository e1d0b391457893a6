// From an ONNX file to our layers: the state of reading one, shared by what reads each kind of operator.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/model/onnx_file.h"
#include "engine/model/onnx_numbers.h"
#include "engine/model/onnx_view.h"
#include "engine/net/graph.h"

namespace tintype::engine::onnx {

// What is wrong with a node: the end of a sentence that begins with its name. Nothing when all is well.
using Wrong = std::optional<std::string>;
template <class T>
using Got = std::expected<T, std::string>;

inline constexpr const char* kTooMuch = "would need too many weights of its own";
inline constexpr const char* kNoAxis = "is along a dimension that is the batch or not there";
inline constexpr std::size_t kRankMax = 8;
inline constexpr std::int64_t kSideMax = 1 << 18;

// Weights of a network, and their shape.
struct Reals {
  std::vector<std::int64_t> dims;
  Weights weights;
};

// What a name stands for: a value of the network, sizes that are known for each probe, or weights.
using Value = std::variant<View, Numbers, Reals>;

// A value of the network and how many dimensions its tensor has.
struct Feature {
  int node = 0;
  std::size_t rank = 4;
};

struct Window {
  std::array<std::int64_t, 2> kernel{}, stride{1, 1}, dilation{1, 1};  // rows, columns
};

using Size = std::array<Extent, 2>;  // rows, columns
Size size_of(const std::array<Shape, kProbes>& shapes);

// The same for all probes.
Number number_of(double value);

inline std::size_t at(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

// Out of range becomes something that no check lets pass.
int bounded(std::int64_t value);

// ONNX counts dimensions from either end.
std::optional<std::size_t> dim_of(std::int64_t axis, std::size_t rank);
// Of a value of the network: its batch is no axis.
std::optional<Axis> axis_of(std::int64_t axis, std::size_t rank);

// The shape of a constant that is spread over a value of the network; nothing when it has a batch or more dimensions.
std::optional<Shape> shape_beside(const Feature& x, std::vector<std::int64_t> dims);

class Reading {
 public:
  // For pictures whose sides are multiples of `multiple`.
  Reading(const OnnxFile& file, const std::shared_ptr<const void>& owner, int multiple)
      : file_(file), owner_(owner), multiple_(multiple) {}
  Result<Graph> run();

 private:
  Result<void> read_initialisers();
  Result<void> read_input();
  Result<void> read_node(const OnnxNode& node);
  Result<void> read_outputs();
  Got<Value> value_of(const OnnxTensor& tensor) const;
  using Read = Wrong (Reading::*)();
  static const std::map<std::string_view, Read>& kinds();

  // Attributes of the node that is being read.
  const OnnxAttribute* attribute(std::string_view name) const;
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  float real(std::string_view name, float otherwise) const;
  std::string_view text(std::string_view name, std::string_view otherwise) const;

  // Its inputs.
  bool has(std::size_t input) const { return input < inputs_.size() && inputs_[input] != nullptr; }
  bool is_feature(std::size_t input) const { return has(input) && std::holds_alternative<View>(*inputs_[input]); }
  bool is_any_feature() const;
  Wrong take(std::size_t input, Feature& feature);
  Wrong take_picture(Feature& feature);  // the first, of four dimensions
  Wrong take(std::size_t input, Numbers& numbers) const;
  Wrong take(std::size_t input, Reals& reals) const;
  // Whole numbers, from an input or, in older opsets, an attribute. Empty when it is in neither.
  Wrong take_list(std::size_t input, std::string_view name, std::vector<Extent>& list) const;
  Wrong take_list(std::size_t input, std::string_view name, std::vector<std::int64_t>& list) const;

  // Nodes of the graph, and the node's results.
  const std::array<Shape, kProbes>& shapes_of(int node) const { return shapes_[at(node)]; }
  void remember(const std::array<Shape, kProbes>& shapes);
  Got<int> add(Layer layer, std::vector<int> inputs);
  Wrong answer(int node, std::size_t rank);
  Wrong make(Layer layer, std::vector<int> inputs, std::size_t rank);
  Wrong make_like_input(Layer layer);
  // Makes the view that of a node as it is, and answers that.
  Got<int> settle(View& view);
  // False when more is made than a file may ask for.
  bool spend(std::int64_t count);

  // Convolutions, pools, activations, products: onnx_layers.cpp.
  Wrong read_window(Window& window) const;
  Wrong read_sides(int node, const Window& window, bool is_transposed, Sides& sides) const;
  template <class Layer>
  Wrong read_kernel(Layer& layer, Window& window, std::vector<std::int64_t>& dims) const;
  Wrong conv();
  Wrong conv_transpose();
  Wrong widen_kernel(Deconvolution& layer);
  Wrong pool();
  Wrong global_pool();
  Wrong reduce();
  Wrong batch_normalization();
  bool fold(int node, const std::vector<float>& factors, const std::vector<float>& offsets);
  Wrong activation(Activation::Kind kind, float a = 0, float b = 0);
  Wrong relu();
  Wrong leaky_relu();
  Wrong sigmoid();
  Wrong tanh();
  Wrong hard_sigmoid();
  Wrong hard_swish();
  Wrong prelu();
  Wrong clip();
  Wrong softmax();
  Wrong gemm();
  Wrong dense(const Feature& x, Reals weights, bool is_out_first, float alpha, const Weights& bias, float beta);
  Wrong mat_mul();

  // Arithmetic, and what is known before the network runs: onnx_arithmetic.cpp.
  Wrong arithmetic();
  Wrong with_constant(Arithmetic::Kind kind, const Feature& x, std::size_t input, bool is_first);
  Wrong reciprocal();
  Wrong compute();
  Wrong cast();
  Wrong constant();
  Wrong constant_of_shape();
  Wrong shape();
  Wrong gather();

  // Cutting, joining, arranging: onnx_arrange.cpp.
  Wrong same();
  Wrong concat();
  Wrong concat_numbers();
  // [begin, end) of one dimension; `x` becomes it.
  Wrong cut(Feature& x, std::size_t dim, const Extent& begin, const Extent& end);
  Wrong slice();
  Wrong slice_numbers(const std::vector<Extent>& begins, const std::vector<Extent>& ends,
                      const std::vector<std::int64_t>& axes, const std::vector<std::int64_t>& steps);
  Wrong split();
  Wrong pad();
  Wrong gather_one(const std::vector<std::int64_t>& indices, bool is_single);
  Wrong arrange(const View& view, const std::vector<Extent>& lengths, const std::vector<std::size_t>& order,
                const std::vector<Extent>& then);
  Wrong depth_to_space();
  Wrong space_to_depth();
  Wrong reshape();
  Wrong reshape_constant(const std::vector<Extent>& wanted);
  Wrong flatten();
  Wrong transpose();
  Wrong squeeze();
  Wrong unsqueeze();

  // onnx_resize.cpp. Factors are those of rows and columns; 0 where a size is given.
  Wrong resize();
  Wrong resized_dims(std::size_t count, std::vector<std::size_t>& dims) const;
  Wrong read_factors(std::size_t input, std::array<double, 2>& factors) const;
  Wrong read_size(const Feature& x, const std::array<double, 2>& factors, Size& size) const;
  Wrong say_size(const Feature& x, const std::array<double, 2>& factors, const Size& size, Resize& layer,
                 std::vector<int>& inputs) const;

  const OnnxFile& file_;
  const std::shared_ptr<const void>& owner_;
  const int multiple_;
  Graph graph_;
  std::vector<std::array<Shape, kProbes>> shapes_;  // of each node
  std::map<Size, int> sizes_;                       // the first node of each size
  std::map<std::string_view, Value> values_;
  std::map<std::string_view, int> uses_;
  std::map<std::string_view, int> convolutions_;  // by the name of their result
  std::int64_t made_ = 0;
  const OnnxNode* node_ = nullptr;  // that is being read, with its
  std::string name_;                // name,
  std::vector<Value*> inputs_;      // inputs; null where one is left out,
  std::vector<Value> results_;      // and results
};

}  // namespace tintype::engine::onnx
