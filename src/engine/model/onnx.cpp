#include "engine/model/onnx.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "engine/model/onnx_file.h"
#include "engine/model/onnx_numbers.h"
#include "engine/model/onnx_resize.h"
#include "engine/model/onnx_view.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kOpsetMin = 9;
constexpr std::int64_t kOpsetMax = 20;
constexpr std::size_t kNodesMax = 65'536;
constexpr std::size_t kRankMax = 8;
constexpr std::int64_t kChannelsMax = 1 << 20;
constexpr std::int64_t kSideMax = 1 << 18;
// Weights that are computed rather than read, and the work of comparing ways to resize, in numbers.
constexpr std::int64_t kMadeMax = 64 << 20;
constexpr double kWholeMax = 9e15;  // up to which binary64 has every whole number

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "The ONNX network is invalid: " + what);
}

std::size_t at(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

// Out of range becomes something that no check lets pass.
int bounded(std::int64_t value) {
  constexpr std::int64_t kMost = 1 << 30;
  return std::abs(std::clamp(value, -kMost - 1, kMost + 1)) <= kMost ? static_cast<int>(value) : -(1 << 30);
}

// Weights of a network, and their shape.
struct Reals {
  std::vector<std::int64_t> dims;
  Weights weights;
};

// What a name stands for: a value of the network, sizes that are known for each probe, or weights.
using Value = std::variant<View, Numbers, Reals>;

// The two pictures that the network is read for: their sides are different multiples of `multiple`, odd and even ones.
std::array<Shape, kProbes> probes_for(const Shape& input, int multiple) {
  constexpr int kSide = 192;
  const int least = (kSide / multiple) | 1;
  const auto side = [&](int fixed, int more) { return fixed != 0 ? fixed : (least + more) * multiple; };
  return {Shape{input.channels, side(input.height, 0), side(input.width, 1)},
          Shape{input.channels, side(input.height, 3), side(input.width, 6)}};
}

class Reading {
 public:
  Reading(const OnnxFile& file, const std::shared_ptr<const void>& owner, int multiple)
      : file_(file), owner_(owner), multiple_(multiple) {}

  Result<Graph> run() {
    if (auto read = read_input(); !read) return std::unexpected(read.error());
    if (auto read = read_initialisers(); !read) return std::unexpected(read.error());
    for (const OnnxNode& node : file_.nodes) {
      for (const std::string_view input : node.inputs) ++uses_[input];
    }
    for (const std::string_view output : file_.outputs) ++uses_[output];
    for (const OnnxNode& node : file_.nodes) {
      if (auto read = read_node(node); !read) return std::unexpected(read.error());
    }
    for (const std::string_view output : file_.outputs) {
      const auto found = values_.find(output);
      View* view = found == values_.end() ? nullptr : std::get_if<View>(&found->second);
      if (view == nullptr) return invalid("its output '" + std::string(output) + "' is made by nothing");
      name_ = output;
      // One of other dimensions than ours is answered as our value that holds its numbers in its order.
      if (const auto node = settle(*view); !node && !is_in_order(*view)) {
        return invalid("its output '" + name_ + "' " + node.error());
      }
      graph_.outputs.push_back(view->node);
    }
    return std::move(graph_);
  }

 private:
  using Wrong = std::optional<std::string>;
  template <class T>
  using Got = std::expected<T, std::string>;

  // A value of the network and how many dimensions its tensor has.
  struct Feature {
    int node = 0;
    std::size_t rank = 4;
  };

  Result<void> read_input() {
    const OnnxInput* picture = nullptr;
    for (const OnnxInput& input : file_.inputs) {
      // Old files name their weights as inputs too.
      if (std::ranges::find(file_.initialisers, input.name, &OnnxTensor::name) != file_.initialisers.end()) continue;
      if (picture != nullptr) return invalid("it takes more than one input");
      picture = &input;
    }
    if (picture == nullptr) return invalid("it takes no input");
    const std::vector<std::int64_t>& dims = picture->dims;
    const auto fits = [&](std::size_t dim, std::int64_t least, std::int64_t most) {
      return dims[dim] >= least && dims[dim] <= most;
    };
    if (dims.size() != 4 || !fits(0, -1, 1))
      return invalid("its input is not one picture (1 x channels x rows x columns)");
    if (!fits(1, 1, kChannelsMax) || !fits(2, -1, kSideMax) || !fits(3, -1, kSideMax)) {
      return invalid("its input has no fixed count of channels, or huge sides");
    }
    if (picture->type != OnnxTensor::kFloat && picture->type != OnnxTensor::kFloat16) {
      return invalid("its input is neither of 32 nor of 16 bit floats");
    }
    const Input layer{
        {static_cast<int>(dims[1]), std::max(0, static_cast<int>(dims[2])), std::max(0, static_cast<int>(dims[3]))}};
    const auto shapes = probes_for(layer.shape, multiple_);
    const int node = graph_.add(std::string(picture->name), layer, {});
    remember(shapes);
    values_.emplace(picture->name, whole_view(node, shapes, 4));
    return {};
  }

  Result<void> read_initialisers() {
    for (const OnnxTensor& tensor : file_.initialisers) {
      auto value = value_of(tensor);
      if (!value) return invalid("the tensor '" + std::string(tensor.name) + "' " + value.error());
      if (!values_.emplace(tensor.name, std::move(*value)).second) {
        return invalid("the tensor '" + std::string(tensor.name) + "' is there twice");
      }
    }
    return {};
  }

  Got<Value> value_of(const OnnxTensor& tensor) const {
    if (tensor.is_real()) {
      auto weights = weights_of(tensor, owner_);
      if (!weights) return std::unexpected(weights.error());
      return Reals{tensor.dims, std::move(*weights)};
    }
    const auto integers = integers_of(tensor, Numbers::kCountMax);
    if (!integers) return std::unexpected(integers.error());
    Numbers numbers{tensor.dims, {}, true};
    for (const std::int64_t integer : *integers) numbers.values.push_back(number_of(static_cast<double>(integer)));
    return numbers;
  }

  static Number number_of(double value) {
    Number number{};
    number.fill(value);
    return number;
  }

  Result<void> read_node(const OnnxNode& node) {
    node_ = &node;
    name_ = node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
    const auto at_fault = [&](const std::string& why) {
      return invalid("node '" + name_ + "' (" + std::string(node.type) + ") " + why);
    };
    const auto known = kinds().find(node.type);
    if (!node.domain.empty() && node.domain != "ai.onnx") {
      return at_fault("is of the operators of '" + std::string(node.domain) + "', which are not known here");
    }
    if (known == kinds().end()) return at_fault("is an operator that is not known here");
    inputs_.clear();
    for (const std::string_view input : node.inputs) {
      const auto found = values_.find(input);
      if (!input.empty() && found == values_.end()) {
        return at_fault("takes '" + std::string(input) + "', which nothing before it makes");
      }
      inputs_.push_back(input.empty() ? nullptr : &found->second);
    }
    if (inputs_.empty() && node.type != "Constant") return at_fault("takes nothing");
    results_.clear();
    if (const Wrong wrong = (this->*known->second)(); wrong) return at_fault(*wrong);
    for (std::size_t output = 0; output < std::min(results_.size(), node.outputs.size()); ++output) {
      const std::string_view made = node.outputs[output];
      if (!made.empty() && !values_.emplace(made, std::move(results_[output])).second) {
        return at_fault("makes '" + std::string(made) + "', which is there");
      }
    }
    return {};
  }

  using Read = Wrong (Reading::*)();
  static const std::map<std::string_view, Read>& kinds() {
    static const std::map<std::string_view, Read> kinds = {
        {"Add", &Reading::arithmetic},
        {"AveragePool", &Reading::pool},
        {"BatchNormalization", &Reading::batch_normalization},
        {"Cast", &Reading::cast},
        {"Ceil", &Reading::compute},
        {"Clip", &Reading::clip},
        {"Concat", &Reading::concat},
        {"Constant", &Reading::constant},
        {"ConstantOfShape", &Reading::constant_of_shape},
        {"Conv", &Reading::conv},
        {"ConvTranspose", &Reading::conv_transpose},
        {"DepthToSpace", &Reading::depth_to_space},
        {"Div", &Reading::arithmetic},
        {"Dropout", &Reading::same},
        {"Flatten", &Reading::flatten},
        {"Floor", &Reading::compute},
        {"Gather", &Reading::gather},
        {"Gemm", &Reading::gemm},
        {"GlobalAveragePool", &Reading::global_pool},
        {"GlobalMaxPool", &Reading::global_pool},
        {"HardSigmoid", &Reading::hard_sigmoid},
        {"HardSwish", &Reading::hard_swish},
        {"Identity", &Reading::same},
        {"LeakyRelu", &Reading::leaky_relu},
        {"MatMul", &Reading::mat_mul},
        {"Max", &Reading::arithmetic},
        {"MaxPool", &Reading::pool},
        {"Min", &Reading::arithmetic},
        {"Mul", &Reading::arithmetic},
        {"Neg", &Reading::compute},
        {"PRelu", &Reading::prelu},
        {"Pad", &Reading::pad},
        {"Reciprocal", &Reading::reciprocal},
        {"ReduceMax", &Reading::reduce},
        {"ReduceMean", &Reading::reduce},
        {"Relu", &Reading::relu},
        {"Reshape", &Reading::reshape},
        {"Resize", &Reading::resize},
        {"Shape", &Reading::shape},
        {"Sigmoid", &Reading::sigmoid},
        {"Slice", &Reading::slice},
        {"Softmax", &Reading::softmax},
        {"SpaceToDepth", &Reading::space_to_depth},
        {"Split", &Reading::split},
        {"Squeeze", &Reading::squeeze},
        {"Sub", &Reading::arithmetic},
        {"Sum", &Reading::arithmetic},
        {"Tanh", &Reading::tanh},
        {"Transpose", &Reading::transpose},
        {"Unsqueeze", &Reading::unsqueeze},
        {"Upsample", &Reading::resize},
    };
    return kinds;
  }

  // Attributes.

  const OnnxAttribute* attribute(std::string_view name) const {
    const auto found = node_->attributes.find(name);
    return found == node_->attributes.end() ? nullptr : &found->second;
  }
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    const OnnxAttribute* found = attribute(name);
    return found == nullptr ? otherwise : found->integer;
  }
  float real(std::string_view name, float otherwise) const {
    const OnnxAttribute* found = attribute(name);
    return found == nullptr ? otherwise : found->real;
  }
  std::string_view text(std::string_view name, std::string_view otherwise) const {
    const OnnxAttribute* found = attribute(name);
    return found == nullptr ? otherwise : found->text;
  }

  // Inputs.

  bool has(std::size_t input) const { return input < inputs_.size() && inputs_[input] != nullptr; }
  bool is_feature(std::size_t input) const { return has(input) && std::holds_alternative<View>(*inputs_[input]); }
  bool is_any_feature() const {
    return std::ranges::any_of(
        inputs_, [](const Value* value) { return value != nullptr && std::holds_alternative<View>(*value); });
  }

  Wrong take(std::size_t input, Feature& feature) {
    if (!is_feature(input)) return "takes a constant, or nothing, where a value of the network is known here alone";
    View& view = std::get<View>(*inputs_[input]);
    auto node = settle(view);
    if (!node) return node.error();
    feature = {*node, view.dims.size()};
    return {};
  }
  Wrong take_picture(Feature& feature) {
    if (Wrong wrong = take(0, feature)) return wrong;
    if (feature.rank != 4) return "takes something else than a picture (1 x channels x rows x columns)";
    return {};
  }

  Wrong take(std::size_t input, Numbers& numbers) const {
    if (!has(input) || is_feature(input)) return "needs numbers that are known before it runs";
    if (const auto* known = std::get_if<Numbers>(inputs_[input])) {
      numbers = *known;
      return {};
    }
    const Reals& reals = std::get<Reals>(*inputs_[input]);
    if (reals.weights.size() > at(Numbers::kCountMax)) return "computes with weights, which is not known here";
    numbers = {reals.dims, {}, false};
    for (const float value : reals.weights.values()) numbers.values.push_back(number_of(value));
    return {};
  }

  Wrong take(std::size_t input, Reals& reals) const {
    if (!has(input) || is_feature(input)) return "needs weights that are known before it runs";
    if (const auto* known = std::get_if<Reals>(inputs_[input])) {
      reals = *known;
      return {};
    }
    const Numbers& numbers = std::get<Numbers>(*inputs_[input]);
    std::vector<float> values;
    for (const Number& number : numbers.values) {
      if (!is_same_for_all(number)) return "computes with the size of the picture, which is not known here";
      values.push_back(static_cast<float>(number[0]));
    }
    reals = {numbers.dims, Weights(std::move(values))};
    return {};
  }

  // Whole numbers, from an input or, in older opsets, an attribute. Empty when it is in neither.
  Wrong take_list(std::size_t input, std::string_view name, std::vector<Extent>& list) const {
    list.clear();
    if (const OnnxAttribute* found = attribute(name)) {
      for (const std::int64_t value : found->integers) list.push_back({value, value});
    } else if (has(input)) {
      Numbers numbers;
      if (Wrong wrong = take(input, numbers)) return wrong;
      for (const Number& number : numbers.values) {
        Extent& extent = list.emplace_back();
        for (std::size_t probe = 0; probe < kProbes; ++probe) {
          if (!(std::abs(number[probe]) < 1e19)) return "has numbers that are none";
          extent[probe] = static_cast<std::int64_t>(std::clamp(number[probe], -kWholeMax, kWholeMax));
        }
      }
    }
    return {};
  }
  Wrong take_list(std::size_t input, std::string_view name, std::vector<std::int64_t>& list) const {
    std::vector<Extent> extents;
    if (Wrong wrong = take_list(input, name, extents)) return wrong;
    list.clear();
    for (const Extent& extent : extents) {
      if (!is_same_for_all(extent)) return "depends on the size of the picture in a way that is not known here";
      list.push_back(extent[0]);
    }
    return {};
  }

  // Nodes and values.

  std::array<Shape, kProbes> shapes_of(int node) const { return shapes_[at(node)]; }

  void remember(const std::array<Shape, kProbes>& shapes) {
    shapes_.push_back(shapes);
    sizes_.emplace(size_of(shapes), static_cast<int>(shapes_.size()) - 1);
  }

  using Size = std::array<Extent, 2>;  // rows and columns
  static Size size_of(const std::array<Shape, kProbes>& shapes) {
    Size size{};
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      size[0][probe] = shapes[probe].height;
      size[1][probe] = shapes[probe].width;
    }
    return size;
  }

  Got<int> add(Layer layer, std::vector<int> inputs) {
    if (graph_.nodes.size() >= kNodesMax) return std::unexpected("is one too many");
    const Node node{name_, std::move(layer), std::move(inputs)};
    std::array<Shape, kProbes> shapes{};
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      std::vector<Shape> taken;
      for (const int input : node.inputs) taken.push_back(shapes_[at(input)][probe]);
      const auto shape = infer_shape(node, taken);
      if (!shape) return std::unexpected("cannot be run. " + shape.error().message);
      shapes[probe] = *shape;
    }
    remember(shapes);
    graph_.nodes.push_back(node);
    return static_cast<int>(graph_.nodes.size()) - 1;
  }

  Wrong answer(int node, std::size_t rank) {
    results_.emplace_back(whole_view(node, shapes_of(node), rank));
    return {};
  }
  Wrong make(Layer layer, std::vector<int> inputs, std::size_t rank) {
    const auto node = add(std::move(layer), std::move(inputs));
    if (!node) return node.error();
    return answer(*node, rank);
  }
  // What comes of the first input alone.
  Wrong make_like_input(Layer layer) {
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    return make(std::move(layer), {x.node}, x.rank);
  }

  bool spend(std::int64_t count) {
    made_ += std::clamp<std::int64_t>(count, 0, kMadeMax + 1);
    return made_ <= kMadeMax;
  }
  static constexpr const char* kTooMuch = "would need too many weights of its own";

  // Makes the view that of a node as it is, and answers that.
  Got<int> settle(View& view) {
    const auto moves = moves_for(view, shapes_of(view.node));
    if (!moves) return std::unexpected("has numbers arranged in a way, or along a batch, that is not known here");
    Got<int> node = view.node;
    const auto then = [&](Layer layer) {
      if (node) node = add(std::move(layer), {*node});
    };
    if (moves->unshuffle > 1) then(PixelUnshuffle{moves->unshuffle});
    if (!moves->channels.empty()) {
      if (!spend(static_cast<std::int64_t>(moves->channels.size() * moves->channels.size()))) {
        return std::unexpected(kTooMuch);
      }
      then(channel_order(moves->channels));
    }
    if (moves->shuffle > 1) then(PixelShuffle{moves->shuffle});
    if (moves->split) then(Reshape{*moves->split});
    if (moves->order) then(Permute{*moves->order});
    if (moves->shape) then(Reshape{*moves->shape});
    if (node) view = whole_view(*node, shapes_of(*node), view.dims.size());
    return node;
  }

  // A convolution that gives each channel another place.
  static Convolution channel_order(const std::vector<std::int64_t>& order) {
    Convolution layer;
    layer.in_channels = layer.out_channels = static_cast<int>(order.size());
    layer.kernel_height = layer.kernel_width = 1;
    std::vector<float> weights(order.size() * order.size());
    for (std::size_t out = 0; out < order.size(); ++out) weights[out * order.size() + at(order[out])] = 1;
    layer.weights = Weights(std::move(weights));
    return layer;
  }

  static std::optional<std::size_t> dim_of(std::int64_t axis, std::size_t rank) {
    const auto count = static_cast<std::int64_t>(rank);
    if (axis < -count || axis >= count) return std::nullopt;
    return at(axis < 0 ? axis + count : axis);
  }
  // Of a value of the network: its batch is no axis.
  static std::optional<Axis> axis_of(std::int64_t axis, std::size_t rank) {
    const auto dim = dim_of(axis, rank);
    if (!dim || *dim == 0) return std::nullopt;
    return static_cast<Axis>(*dim - 1);
  }
  static constexpr const char* kNoAxis = "is along a dimension that is the batch or not there";

  // Convolutions and pools.

  struct Window {
    std::array<std::int64_t, 2> kernel{}, stride{1, 1}, dilation{1, 1};  // rows, columns
  };

  Wrong read_window(Window& window) const {
    const auto pair = [&](std::string_view name, std::array<std::int64_t, 2>& into) {
      const OnnxAttribute* found = attribute(name);
      if (found == nullptr) return true;
      if (found->integers.size() != 2) return false;
      into = {found->integers[0], found->integers[1]};
      return std::ranges::all_of(into, [](std::int64_t length) { return length >= 1 && length <= 4'096; });
    };
    if (!pair("kernel_shape", window.kernel) || !pair("strides", window.stride) ||
        !pair("dilations", window.dilation)) {
      return "has a window that is not one of rows and columns, or too large";
    }
    return {};
  }

  // Zeros around the input, or what is cut from a transposed convolution's result.
  Wrong read_sides(int node, const Window& window, bool is_transposed, Sides& sides) const {
    const std::string_view automatic = text("auto_pad", "NOTSET");
    std::array<std::int64_t, 4> pads{};  // top, left, bottom, right
    if (automatic == "NOTSET" || automatic.empty()) {
      if (const OnnxAttribute* found = attribute("pads")) {
        if (found->integers.size() != 4) return "has padding for other dimensions than rows and columns";
        std::ranges::copy(found->integers, pads.begin());
      }
    } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      for (std::size_t axis = 0; axis < 2; ++axis) {
        Extent totals = size_of(shapes_of(node))[axis];
        for (std::int64_t& total : totals) {
          const std::int64_t in = total, reach = (window.kernel[axis] - 1) * window.dilation[axis] + 1;
          const std::int64_t steps = (in + window.stride[axis] - 1) / window.stride[axis] - 1;
          total = std::max<std::int64_t>(
              0, is_transposed ? reach - window.stride[axis] : steps * window.stride[axis] + reach - in);
        }
        if (!is_same_for_all(totals)) return "has padding that depends on the size of the picture";
        const std::int64_t less = totals[0] / 2, more = totals[0] - less;
        pads[axis] = automatic == "SAME_UPPER" ? less : more;
        pads[axis + 2] = automatic == "SAME_UPPER" ? more : less;
      }
    } else if (automatic != "VALID") {
      return "pads in a way that is not known here";
    }
    sides = {bounded(pads[0]), bounded(pads[1]), bounded(pads[2]), bounded(pads[3])};
    return {};
  }

  template <class Layer>
  Wrong read_kernel(Layer& layer, Window& window) const {
    Reals weights;
    if (Wrong wrong = take(1, weights)) return wrong;
    if (weights.dims.size() != 4) return "is not one over rows and columns";
    window.kernel = {weights.dims[2], weights.dims[3]};
    if (Wrong wrong = read_window(window)) return wrong;
    if (window.kernel[0] != weights.dims[2] || window.kernel[1] != weights.dims[3]) {
      return "has a kernel_shape that is not its weights'";
    }
    layer.groups = bounded(integer("group", 1));
    layer.kernel_height = bounded(window.kernel[0]);
    layer.kernel_width = bounded(window.kernel[1]);
    layer.stride_y = bounded(window.stride[0]);
    layer.stride_x = bounded(window.stride[1]);
    if (layer.groups < 1) return "has bad groups";
    layer.weights = std::move(weights.weights);
    if (!has(2)) return {};
    Reals bias;
    if (Wrong wrong = take(2, bias)) return wrong;
    layer.bias = std::move(bias.weights);
    return {};
  }

  Wrong conv() {
    Feature x;
    Convolution layer;
    Window window;
    if (Wrong wrong = take_picture(x)) return wrong;
    if (Wrong wrong = read_kernel(layer, window)) return wrong;
    if (Wrong wrong = read_sides(x.node, window, false, layer.padding)) return wrong;
    const std::vector<std::int64_t>& dims = std::get<Reals>(*inputs_[1]).dims;
    layer.out_channels = bounded(dims[0]);
    layer.in_channels = bounded(dims[1] * layer.groups);
    layer.dilation_y = bounded(window.dilation[0]);
    layer.dilation_x = bounded(window.dilation[1]);
    if (Wrong wrong = make(std::move(layer), {x.node}, 4)) return wrong;
    if (!node_->outputs.empty()) convolutions_.emplace(node_->outputs[0], std::get<View>(results_[0]).node);
    return {};
  }

  Wrong conv_transpose() {
    Feature x;
    Deconvolution layer;
    Window window;
    if (Wrong wrong = take_picture(x)) return wrong;
    if (Wrong wrong = read_kernel(layer, window)) return wrong;
    if (Wrong wrong = read_sides(x.node, window, true, layer.crop)) return wrong;
    if (window.dilation != std::array<std::int64_t, 2>{1, 1} || attribute("output_shape") != nullptr) {
      return "has dilations or an output_shape, which are not known here";
    }
    const std::vector<std::int64_t>& dims = std::get<Reals>(*inputs_[1]).dims;
    layer.in_channels = bounded(dims[0]);
    layer.out_channels = bounded(dims[1] * layer.groups);
    std::array<std::int64_t, 2> more{};
    if (const OnnxAttribute* found = attribute("output_padding")) {
      if (found->integers.size() != 2) return "has an output_padding for other dimensions than rows and columns";
      more = {found->integers[0], found->integers[1]};
    }
    for (const std::int64_t length : more) {
      if (length < 0 || length > 64) return "has a bad output_padding";
    }
    layer.crop.bottom -= static_cast<int>(more[0]);
    layer.crop.right -= static_cast<int>(more[1]);
    if (layer.crop.bottom < 0 || layer.crop.right < 0) {
      if (Wrong wrong = widen_kernel(layer)) return wrong;
    }
    return make(std::move(layer), {x.node}, 4);
  }

  // Rows and columns beyond the full result have the bias alone: taps of zeros reach that far.
  Wrong widen_kernel(Deconvolution& layer) {
    const int height = layer.kernel_height + std::max(0, -layer.crop.bottom);
    const int width = layer.kernel_width + std::max(0, -layer.crop.right);
    const std::size_t taps = at(layer.kernel_height) * at(layer.kernel_width);
    const std::size_t kernels = layer.weights.size() / taps;
    if (!spend(static_cast<std::int64_t>(kernels) * height * width)) return kTooMuch;
    const std::vector<float> narrow = layer.weights.values();
    std::vector<float> wide(kernels * at(height) * at(width));
    for (std::size_t kernel = 0; kernel < kernels; ++kernel) {
      for (std::size_t y = 0; y < at(layer.kernel_height); ++y) {
        std::copy_n(&narrow[kernel * taps + y * at(layer.kernel_width)], at(layer.kernel_width),
                    &wide[(kernel * at(height) + y) * at(width)]);
      }
    }
    layer.weights = Weights(std::move(wide));
    layer.kernel_height = height;
    layer.kernel_width = width;
    layer.crop.bottom = std::max(0, layer.crop.bottom);
    layer.crop.right = std::max(0, layer.crop.right);
    return {};
  }

  Wrong pool() {
    Feature x;
    Pool layer;
    Window window;
    if (Wrong wrong = take_picture(x)) return wrong;
    if (Wrong wrong = read_window(window)) return wrong;
    if (Wrong wrong = read_sides(x.node, window, false, layer.padding)) return wrong;
    if (window.dilation != std::array<std::int64_t, 2>{1, 1}) return "has dilations, which are not known here";
    layer.kind = node_->type == "MaxPool" ? Pool::Kind::kMaximum : Pool::Kind::kAverage;
    layer.kernel_height = bounded(window.kernel[0]);
    layer.kernel_width = bounded(window.kernel[1]);
    layer.stride_y = bounded(window.stride[0]);
    layer.stride_x = bounded(window.stride[1]);
    layer.ceil = integer("ceil_mode", 0) != 0;
    layer.count_padding = integer("count_include_pad", 0) != 0;
    return make(layer, {x.node}, 4);
  }

  Wrong global_pool() {
    Feature x;
    if (Wrong wrong = take_picture(x)) return wrong;
    return make(whole_pool(node_->type == "GlobalMaxPool"), {x.node}, 4);
  }
  static Pool whole_pool(bool is_maximum) {
    Pool layer;
    layer.kind = is_maximum ? Pool::Kind::kMaximum : Pool::Kind::kAverage;
    layer.global = true;
    return layer;
  }

  Wrong reduce() {
    Feature x;
    std::vector<std::int64_t> axes;
    if (Wrong wrong = take_picture(x)) return wrong;
    if (Wrong wrong = take_list(1, "axes", axes)) return wrong;
    for (std::int64_t& axis : axes) axis = axis < 0 ? axis + 4 : axis;
    std::ranges::sort(axes);
    if (axes != std::vector<std::int64_t>{2, 3}) return "is over other dimensions than rows and columns";
    return make(whole_pool(node_->type == "ReduceMax"), {x.node}, integer("keepdims", 1) != 0 ? 4 : 2);
  }

  // Into the convolution before it, where nobody else sees that one's result.
  Wrong batch_normalization() {
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    std::array<std::vector<float>, 4> parts;  // slope, bias, mean, variance
    for (std::size_t part = 0; part < parts.size(); ++part) {
      Reals reals;
      if (Wrong wrong = take(part + 1, reals)) return wrong;
      if (static_cast<int>(reals.weights.size()) != shapes_of(x.node)[0].channels) return "is for other channels";
      parts[part] = reals.weights.values();
    }
    if (integer("training_mode", 0) != 0) return "is one for training";
    std::vector<float> factors, offsets;
    for (std::size_t channel = 0; channel < parts[0].size(); ++channel) {
      factors.push_back(parts[0][channel] / std::sqrt(parts[3][channel] + real("epsilon", 1e-5F)));
      offsets.push_back(parts[1][channel] - parts[2][channel] * factors.back());
    }
    const auto made_by = convolutions_.find(node_->inputs[0]);
    if (uses_[node_->inputs[0]] == 1 && made_by != convolutions_.end() && fold(made_by->second, factors, offsets)) {
      return answer(x.node, x.rank);
    }
    return make(Affine{Weights(std::move(factors)), Weights(std::move(offsets))}, {x.node}, x.rank);
  }

  bool fold(int node, const std::vector<float>& factors, const std::vector<float>& offsets) {
    auto* layer = std::get_if<Convolution>(&graph_.nodes[at(node)].layer);
    if (layer == nullptr || !spend(static_cast<std::int64_t>(layer->weights.size()))) return false;
    std::vector<float> weights = layer->weights.values(), bias = layer->bias.values();
    bias.resize(factors.size());
    const std::size_t each = weights.size() / factors.size();
    for (std::size_t weight = 0; weight < weights.size(); ++weight) weights[weight] *= factors[weight / each];
    for (std::size_t out = 0; out < bias.size(); ++out) bias[out] = bias[out] * factors[out] + offsets[out];
    layer->weights = Weights(std::move(weights));
    layer->bias = Weights(std::move(bias));
    return true;
  }

  // Activations.

  Wrong activation(Activation::Kind kind, float a = 0, float b = 0) {
    return make_like_input(Activation{kind, a, b, {}});
  }
  Wrong relu() { return activation(Activation::Kind::kRelu); }
  Wrong leaky_relu() { return activation(Activation::Kind::kLeakyRelu, real("alpha", 0.01F)); }
  Wrong sigmoid() { return activation(Activation::Kind::kSigmoid); }
  Wrong tanh() { return activation(Activation::Kind::kTanh); }
  Wrong hard_sigmoid() { return activation(Activation::Kind::kHardSigmoid, real("alpha", 0.2F), real("beta", 0.5F)); }
  Wrong hard_swish() { return activation(Activation::Kind::kHardSwish, 1.0F / 6, 0.5F); }

  Wrong prelu() {
    Reals slopes;
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    if (Wrong wrong = take(1, slopes)) return wrong;
    const std::int64_t channels = shapes_of(x.node)[0].channels;
    const auto shape = shape_beside(x, slopes.dims);
    const bool fits = slopes.weights.size() == 1 || (shape && *shape == Shape{static_cast<int>(channels), 1, 1});
    if (!fits) return "has slopes that are not one of each channel";
    return make(Activation{Activation::Kind::kPRelu, 0, 0, std::move(slopes.weights)}, {x.node}, x.rank);
  }

  Wrong clip() {
    float least = real("min", -3e38F), most = real("max", 3e38F);
    for (const auto& [input, bound] : {std::pair<std::size_t, float*>(1, &least), {2, &most}}) {
      if (!has(input)) continue;
      Reals reals;
      if (Wrong wrong = take(input, reals)) return wrong;
      if (reals.weights.size() != 1) return "clips to more than one number";
      *bound = reals.weights.values()[0];
    }
    return activation(Activation::Kind::kClip, least, most);
  }

  Wrong softmax() {
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    const bool is_old = file_.opset < 13;
    const std::int64_t axis = integer("axis", is_old ? 1 : -1);
    const auto along = axis_of(axis, x.rank);
    if (!along) return kNoAxis;
    // Up to opset 12 it went over all dimensions from the axis on.
    const View& view = std::get<View>(*inputs_[0]);
    for (std::size_t dim = static_cast<std::size_t>(*along) + 2; is_old && dim < x.rank; ++dim) {
      if (!view.dims[dim].empty()) return "is over several dimensions, which is not known here";
    }
    return make(Softmax{*along}, {x.node}, x.rank);
  }

  // Arithmetic.

  // The shape of a constant that is spread over a value of the network; nothing when it has a batch or more dimensions.
  static std::optional<Shape> shape_beside(const Feature& x, std::vector<std::int64_t> dims) {
    if (dims.size() > x.rank) return std::nullopt;
    dims.insert(dims.begin(), x.rank - dims.size(), 1);
    if (dims[0] != 1) return std::nullopt;
    dims.resize(4, 1);
    return Shape{bounded(dims[1]), bounded(dims[2]), bounded(dims[3])};
  }

  Wrong arithmetic() {
    using Kind = Arithmetic::Kind;
    static const std::map<std::string_view, Kind> kKinds = {
        {"Add", Kind::kAdd},    {"Sum", Kind::kAdd},     {"Sub", Kind::kSubtract}, {"Mul", Kind::kMultiply},
        {"Div", Kind::kDivide}, {"Max", Kind::kMaximum}, {"Min", Kind::kMinimum}};
    if (!is_any_feature()) return compute();
    const Kind kind = kKinds.at(node_->type);
    const bool is_many = node_->type == "Sum" || node_->type == "Max" || node_->type == "Min";
    if (!is_many && inputs_.size() != 2) return "takes two inputs";
    std::vector<std::size_t> order(inputs_.size());
    for (std::size_t input = 0; input < order.size(); ++input) order[input] = input;
    // Constants come last where the order does not matter.
    if (is_many) std::ranges::stable_sort(order, {}, [&](std::size_t input) { return !is_feature(input); });
    if (is_many && order.size() == 1) return same();
    if (!is_feature(order[0])) {
      Feature x;
      if (Wrong wrong = take(order[1], x)) return wrong;
      return with_constant(kind, x, order[0], true);
    }
    Feature sum;
    if (Wrong wrong = take(order[0], sum)) return wrong;
    for (const std::size_t input : std::span(order).subspan(1)) {
      results_.clear();
      if (!is_feature(input)) {
        if (Wrong wrong = with_constant(kind, sum, input, false)) return wrong;
      } else {
        Feature other;
        if (Wrong wrong = take(input, other)) return wrong;
        if (other.rank != sum.rank) return "takes values of different counts of dimensions";
        if (Wrong wrong = make(Arithmetic{kind, 0}, {sum.node, other.node}, sum.rank)) return wrong;
      }
      sum.node = std::get<View>(results_[0]).node;
    }
    return {};
  }

  Wrong with_constant(Arithmetic::Kind kind, const Feature& x, std::size_t input, bool is_first) {
    using enum Arithmetic::Kind;
    Reals constant;
    if (Wrong wrong = take(input, constant)) return wrong;
    const auto shape = shape_beside(x, constant.dims);
    if (!shape) return "takes a constant of more dimensions than the value beside it";
    const int channels = shapes_of(x.node)[0].channels;
    const bool is_ordered = kind == kSubtract || kind == kDivide;
    if (constant.weights.size() == 1 && !(is_first && is_ordered)) {
      return make(Arithmetic{kind, constant.weights.values()[0]}, {x.node}, x.rank);
    }
    const bool is_by_channel = *shape == Shape{channels, 1, 1} || *shape == Shape{1, 1, 1};
    if (is_by_channel && kind != kMaximum && kind != kMinimum && !(is_first && kind == kDivide)) {
      std::vector<float> values = constant.weights.values();
      if (values.size() == 1) values.assign(at(channels), values[0]);
      return make(affine(kind, std::move(values), is_first), {x.node}, x.rank);
    }
    const auto beside = add(Constant{*shape, constant.weights}, {});
    if (!beside) return beside.error();
    std::vector<int> inputs{x.node, *beside};
    if (is_first) std::ranges::reverse(inputs);
    return make(Arithmetic{kind, 0}, inputs, x.rank);
  }

  static Affine affine(Arithmetic::Kind kind, std::vector<float> values, bool is_first) {
    using enum Arithmetic::Kind;
    std::vector<float> ones(values.size(), is_first && kind == kSubtract ? -1.0F : 1.0F);
    if (kind == kSubtract && !is_first) {
      for (float& value : values) value = -value;
    }
    if (kind == kDivide) {
      for (float& value : values) value = 1 / value;
    }
    if (kind == kMultiply || kind == kDivide) return {Weights(std::move(values)), {}};
    return {Weights(std::move(ones)), Weights(std::move(values))};
  }

  Wrong reciprocal() {
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    const auto one = add(Constant{{1, 1, 1}, Weights(std::vector<float>{1})}, {});
    if (!one) return one.error();
    return make(Arithmetic{Arithmetic::Kind::kDivide, 0}, {*one, x.node}, x.rank);
  }

  // With numbers that are known before it runs.
  Wrong compute() {
    Numbers a, b;
    if (node_->type == "Neg" && is_feature(0)) return make_like_input(Arithmetic{Arithmetic::Kind::kMultiply, -1});
    if (Wrong wrong = take(0, a)) return wrong;
    std::optional<Numbers> result;
    if (inputs_.size() == 1) {
      result = computed(node_->type, a);
    } else if (inputs_.size() == 2) {
      if (Wrong wrong = take(1, b)) return wrong;
      result = computed(node_->type, a, b);
    }
    if (!result) return "computes something that is not known here";
    results_.emplace_back(std::move(*result));
    return {};
  }

  Wrong cast() {
    const std::int64_t to = integer("to", 0);
    const bool is_real = to == OnnxTensor::kFloat || to == OnnxTensor::kFloat16 || to == OnnxTensor::kDouble ||
                         to == OnnxTensor::kBFloat16;
    if (is_feature(0) || (is_real && std::holds_alternative<Reals>(*inputs_[0]))) {
      return is_real ? same() : Wrong("makes whole numbers of the network's values, which is not known here");
    }
    Numbers numbers;
    if (Wrong wrong = take(0, numbers)) return wrong;
    if (!is_real && to != OnnxTensor::kInt64 && to != OnnxTensor::kInt32) return "casts to a type not known here";
    numbers.is_whole = !is_real;
    for (Number& number : numbers.values) {
      for (double& value : number) value = is_real ? value : std::trunc(value);
    }
    results_.emplace_back(std::move(numbers));
    return {};
  }

  Wrong gemm() {
    Feature x;
    Reals weights, bias;
    if (Wrong wrong = take(0, x)) return wrong;
    if (Wrong wrong = take(1, weights)) return wrong;
    if (x.rank != 2 || weights.dims.size() != 2 || integer("transA", 0) != 0) return "is not a vector times weights";
    if (has(2)) {
      if (Wrong wrong = take(2, bias)) return wrong;
    }
    const bool is_out_first = integer("transB", 0) != 0;
    return dense(x, std::move(weights), is_out_first, real("alpha", 1), std::move(bias.weights), real("beta", 1));
  }

  Wrong dense(const Feature& x, Reals weights, bool is_out_first, float alpha, Weights bias, float beta) {
    Dense layer;
    layer.in_count = bounded(weights.dims[is_out_first ? 1 : 0]);
    layer.out_count = bounded(weights.dims[is_out_first ? 0 : 1]);
    layer.weights = std::move(weights.weights);
    if (!is_out_first || alpha != 1) {
      if (!spend(static_cast<std::int64_t>(layer.weights.size()))) return kTooMuch;
      layer.weights = Weights(out_first(layer, is_out_first, alpha));
    }
    if (!bias.empty()) {
      if (bias.size() > at(layer.out_count)) return "has a bias of another count";
      std::vector<float> values = bias.values();
      if (values.size() == 1) values.assign(at(layer.out_count), values[0]);
      for (float& value : values) value *= beta;
      layer.bias = Weights(std::move(values));
    }
    return make(std::move(layer), {x.node}, 2);
  }

  static std::vector<float> out_first(const Dense& layer, bool is_already, float alpha) {
    std::vector<float> values = layer.weights.values();
    for (float& value : values) value *= alpha;
    if (is_already) return values;
    std::vector<float> turned(values.size());
    const std::size_t in = at(layer.in_count), out = at(layer.out_count);
    for (std::size_t i = 0; i < in; ++i) {
      for (std::size_t o = 0; o < out; ++o) turned[o * in + i] = values[i * out + o];
    }
    return turned;
  }

  // Over the last dimension: a convolution of one tap, once that is the channels.
  Wrong mat_mul() {
    Feature x;
    Reals weights;
    if (Wrong wrong = take(0, x)) return wrong;
    if (Wrong wrong = take(1, weights)) return wrong;
    if (weights.dims.size() != 2) return "is not a product with a matrix of weights";
    if (x.rank == 2) return dense(x, std::move(weights), false, 1, {}, 1);
    if (x.rank < 2) return "is not a product of dimensions known here";
    Permute turn;
    std::swap(turn.order[0], turn.order[x.rank - 2]);
    Dense matrix;
    matrix.in_count = bounded(weights.dims[0]);
    matrix.out_count = bounded(weights.dims[1]);
    matrix.weights = std::move(weights.weights);
    if (!spend(static_cast<std::int64_t>(matrix.weights.size()))) return kTooMuch;
    Convolution layer;
    layer.in_channels = matrix.in_count;
    layer.out_channels = matrix.out_count;
    layer.kernel_height = layer.kernel_width = 1;
    layer.weights = Weights(out_first(matrix, false, 1));
    const auto turned = add(turn, {x.node});
    const auto product = turned ? add(std::move(layer), {*turned}) : turned;
    if (!product) return product.error();
    return make(turn, {*product}, x.rank);
  }

  // Cutting and joining.

  Wrong concat() {
    if (!is_any_feature()) return concat_numbers();
    std::vector<int> nodes;
    std::optional<std::size_t> rank;
    for (std::size_t input = 0; input < inputs_.size(); ++input) {
      Feature part;
      if (is_feature(input)) {
        if (Wrong wrong = take(input, part)) return wrong;
      } else {
        Reals constant;
        if (Wrong wrong = take(input, constant)) return wrong;
        part.rank = constant.dims.size();
        const auto shape = shape_beside(part, constant.dims);
        if (!shape || part.rank > 4) return "joins a constant that is no value of a network";
        const auto node = add(Constant{*shape, constant.weights}, {});
        if (!node) return node.error();
        part.node = *node;
      }
      if (rank.value_or(part.rank) != part.rank) return "joins values of different counts of dimensions";
      rank = part.rank;
      nodes.push_back(part.node);
    }
    const auto axis = axis_of(integer("axis", 1), *rank);
    if (!axis) return kNoAxis;
    return make(Concat{*axis}, nodes, *rank);
  }

  Wrong concat_numbers() {
    std::vector<Numbers> parts(inputs_.size());
    for (std::size_t input = 0; input < parts.size(); ++input) {
      if (Wrong wrong = take(input, parts[input])) return wrong;
    }
    const auto axis = dim_of(integer("axis", 0), parts[0].dims.size());
    auto result = axis ? joined(parts, *axis) : std::nullopt;
    if (!result) return "joins what does not fit together";
    results_.emplace_back(std::move(*result));
    return {};
  }

  // [begin, end) of one dimension; `x` becomes it.
  Wrong cut(Feature& x, std::size_t dim, const Extent& begin, const Extent& end) {
    if (dim == 0 || dim >= x.rank) return kNoAxis;
    const auto axis = static_cast<Axis>(dim - 1);
    const std::array<Shape, kProbes> shapes = shapes_of(x.node);
    Extent first{}, last{}, left{};
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      const Shape& shape = shapes[probe];
      const std::int64_t length = axis == Axis::kChannel  ? shape.channels
                                  : axis == Axis::kHeight ? shape.height
                                                          : shape.width;
      const auto place = [&](std::int64_t index) {
        return std::clamp<std::int64_t>(index < 0 ? index + length : index, 0, length);
      };
      first[probe] = place(begin[probe]);
      last[probe] = place(end[probe]);
      left[probe] = last[probe] - length;
      if (last[probe] <= first[probe]) return "cuts nothing out";
    }
    if (first == Extent{} && left == Extent{}) return {};
    const bool from_end = is_same_for_all(left);
    if (!is_same_for_all(first) || (!from_end && !is_same_for_all(last))) {
      return "cuts at places that depend on the picture's size in a way that is not known here";
    }
    const auto node = add(Slice{axis, bounded(first[0]), bounded(from_end ? left[0] : last[0])}, {x.node});
    if (!node) return node.error();
    x.node = *node;
    return {};
  }

  Wrong slice() {
    std::vector<Extent> begins, ends;
    std::vector<std::int64_t> axes, steps;
    if (Wrong wrong = take_list(1, "starts", begins)) return wrong;
    if (Wrong wrong = take_list(2, "ends", ends)) return wrong;
    if (Wrong wrong = take_list(3, "axes", axes)) return wrong;
    if (Wrong wrong = take_list(4, "steps", steps)) return wrong;
    for (std::size_t axis = axes.size(); axes.size() < begins.size(); ++axis) {
      axes.push_back(static_cast<std::int64_t>(axis));
    }
    steps.resize(std::max(steps.size(), begins.size()), 1);
    if (begins.size() != ends.size() || axes.size() != begins.size() || begins.size() > kRankMax) {
      return "does not name starts, ends and axes";
    }
    if (!is_feature(0)) return slice_numbers(begins, ends, axes, steps);
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    for (std::size_t part = 0; part < axes.size(); ++part) {
      const auto dim = dim_of(axes[part], x.rank);
      if (!dim || steps[part] != 1) return "cuts along a dimension that is not there, or in steps";
      if (Wrong wrong = cut(x, *dim, begins[part], ends[part])) return wrong;
    }
    return answer(x.node, x.rank);
  }

  Wrong slice_numbers(const std::vector<Extent>& begins, const std::vector<Extent>& ends,
                      const std::vector<std::int64_t>& axes, const std::vector<std::int64_t>& steps) {
    Numbers numbers;
    if (Wrong wrong = take(0, numbers)) return wrong;
    for (std::size_t part = 0; part < axes.size(); ++part) {
      const auto dim = dim_of(axes[part], numbers.dims.size());
      if (!dim || !is_same_for_all(begins[part]) || !is_same_for_all(ends[part]) || steps[part] == 0) {
        return "cuts numbers in a way that is not known here";
      }
      numbers = taken(numbers, *dim, sliced(numbers.dims[*dim], begins[part][0], ends[part][0], steps[part]));
    }
    results_.emplace_back(std::move(numbers));
    return {};
  }

  Wrong split() {
    Feature x;
    std::vector<std::int64_t> lengths;
    if (Wrong wrong = take(0, x)) return wrong;
    if (Wrong wrong = take_list(1, "split", lengths)) return wrong;
    const auto dim = dim_of(integer("axis", 0), x.rank);
    if (!dim || *dim == 0) return kNoAxis;
    const std::size_t count = node_->outputs.size();
    if (lengths.empty()) {
      const Extent whole = std::get<View>(*inputs_[0]).length(*dim);
      if (count == 0 || !is_same_for_all(whole)) return "splits a length that depends on the picture's size";
      const auto parts = static_cast<std::int64_t>(count);
      lengths.assign(count, (whole[0] + parts - 1) / parts);  // the last may be shorter
      lengths.back() = whole[0] - lengths[0] * (parts - 1);
    }
    if (lengths.size() != count) return "splits into another count than it makes";
    std::int64_t begin = 0;
    for (const std::int64_t length : lengths) {
      if (length < 1 || length > kSideMax * 4) return "has a bad length";
      Feature part = x;
      if (Wrong wrong = cut(part, *dim, {begin, begin}, {begin + length, begin + length})) return wrong;
      if (Wrong wrong = answer(part.node, x.rank)) return wrong;
      begin += length;
    }
    return {};
  }

  Wrong pad() {
    Feature x;
    std::vector<std::int64_t> pads, axes;
    if (Wrong wrong = take_picture(x)) return wrong;
    if (Wrong wrong = take_list(1, "pads", pads)) return wrong;
    if (Wrong wrong = take_list(3, "axes", axes)) return wrong;
    if (axes.empty()) axes = {0, 1, 2, 3};
    std::array<std::int64_t, 8> all{};  // before each dimension, behind each
    if (pads.size() != axes.size() * 2) return "does not pad both sides of each dimension";
    for (std::size_t part = 0; part < axes.size(); ++part) {
      const auto dim = dim_of(axes[part], 4);
      if (!dim) return kNoAxis;
      all[*dim] = pads[part];
      all[*dim + 4] = pads[part + axes.size()];
    }
    if (all[0] != 0 || all[1] != 0 || all[4] != 0 || all[5] != 0) return "pads other dimensions than rows and columns";
    const std::string_view mode = text("mode", "constant");
    Pad layer;
    layer.sides = {bounded(all[2]), bounded(all[3]), bounded(all[6]), bounded(all[7])};
    layer.value = real("value", 0);
    if (has(2)) {
      Reals value;
      if (Wrong wrong = take(2, value)) return wrong;
      if (value.weights.size() != 1) return "pads by more than one number";
      layer.value = value.weights.values()[0];
    }
    if (mode != "constant" && mode != "reflect" && mode != "edge") return "pads in a way that is not known here";
    layer.mode = mode == "constant" ? Pad::Mode::kConstant
                 : mode == "edge"   ? Pad::Mode::kReplicate
                                    : Pad::Mode::kReflect;
    if (layer.sides == Sides{}) return answer(x.node, 4);
    return make(layer, {x.node}, 4);
  }

  // Sizes.

  Wrong resize() {
    Feature x;
    if (Wrong wrong = take_picture(x)) return wrong;
    const bool is_old = node_->type == "Upsample" || file_.opset < 11;
    const OnnxResize onnx{text("mode", "nearest"),
                          is_old ? "asymmetric" : text("coordinate_transformation_mode", "half_pixel"),
                          is_old ? "floor" : text("nearest_mode", "round_prefer_floor")};
    Resize layer;
    if (onnx.mode != "nearest" && onnx.mode != "linear" && onnx.mode != "cubic") {
      return "resizes in a way that is not known here";
    }
    if (onnx.mode == "linear") layer.mode = Resize::Mode::kBilinear;
    if (onnx.mode == "cubic") layer.mode = Resize::Mode::kBicubic;
    layer.align_corners = onnx.coordinates == "align_corners";
    if (onnx.mode == "cubic" && (real("cubic_coeff_a", -0.75F) != -0.75F || integer("exclude_outside", 0) != 0)) {
      return "has a cubic kernel that is not known here";
    }
    const std::string_view policy = text("keep_aspect_ratio_policy", "stretch");
    if (integer("antialias", 0) != 0 || policy != "stretch") return "resizes in a way that is not known here";
    std::array<double, 2> factors{};  // 0 where a size is given
    Size size{};
    if (Wrong wrong = read_factors(x, is_old ? 1 : 2, factors)) return wrong;
    if (Wrong wrong = read_size(x, factors, size)) return wrong;
    std::vector<int> inputs{x.node};
    if (Wrong wrong = say_size(x, factors, size, layer, inputs)) return wrong;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      for (std::size_t probe = 0; probe < kProbes; ++probe) {
        const std::int64_t in = size_of(shapes_of(x.node))[axis][probe], out = size[axis][probe];
        const double factor = factors[axis] > 0 ? factors[axis] : static_cast<double>(out) / static_cast<double>(in);
        if (!spend(out)) return kTooMuch;
        if (!is_resized_alike(onnx, layer, in, out, factor)) {
          return "takes pixels from places (" + std::string(onnx.coordinates) + ") that are not known here";
        }
      }
    }
    return make(layer, inputs, 4);
  }

  // Which of the four dimensions an input of Resize has numbers for.
  Wrong resized_dims(std::size_t count, std::vector<std::size_t>& dims) const {
    dims.clear();
    if (const OnnxAttribute* axes = attribute("axes")) {
      for (const std::int64_t axis : axes->integers) {
        const auto dim = dim_of(axis, 4);
        if (!dim) return kNoAxis;
        dims.push_back(*dim);
      }
    } else {
      dims = {0, 1, 2, 3};
    }
    return dims.size() == count ? Wrong() : Wrong("has not one number for each dimension");
  }

  Wrong read_factors(const Feature& x, std::size_t input, std::array<double, 2>& factors) const {
    std::vector<double> given;
    if (const OnnxAttribute* old = attribute("scales")) {
      given.assign(old->reals.begin(), old->reals.end());
    } else if (has(input)) {
      Numbers numbers;
      if (Wrong wrong = take(input, numbers)) return wrong;
      for (const Number& number : numbers.values) {
        if (!is_same_for_all(number)) return "has factors that depend on the picture's size";
        given.push_back(number[0]);
      }
    }
    if (given.empty()) return {};
    std::vector<std::size_t> dims;
    if (Wrong wrong = resized_dims(given.size(), dims)) return wrong;
    factors = {1, 1};
    for (std::size_t part = 0; part < dims.size(); ++part) {
      if (!(given[part] > 0 && given[part] <= 64)) return "has a bad factor";
      if (dims[part] < 2 && given[part] != 1) return "resizes other dimensions than rows and columns";
      if (dims[part] >= 2) factors[dims[part] - 2] = given[part];
    }
    static_cast<void>(x);
    return {};
  }

  // By the factors, or else as the fourth input says.
  Wrong read_size(const Feature& x, const std::array<double, 2>& factors, Size& size) const {
    size = size_of(shapes_of(x.node));
    if (factors[0] > 0) {
      for (std::size_t axis = 0; axis < 2; ++axis) {
        for (std::int64_t& length : size[axis]) {
          length = static_cast<std::int64_t>(std::floor(static_cast<double>(length) * factors[axis]));
        }
      }
      return {};
    }
    std::vector<Extent> given;
    std::vector<std::size_t> dims;
    if (Wrong wrong = take_list(3, "sizes", given)) return wrong;
    if (given.empty()) return "says neither factors nor sizes";
    if (Wrong wrong = resized_dims(given.size(), dims)) return wrong;
    for (std::size_t part = 0; part < dims.size(); ++part) {
      if (dims[part] >= 2) {
        size[dims[part] - 2] = given[part];
      } else if (given[part] != std::get<View>(*inputs_[0]).length(dims[part])) {
        return "resizes other dimensions than rows and columns";
      }
    }
    for (const Extent& extent : size) {
      for (const std::int64_t length : extent) {
        if (length < 1 || length > kSideMax) return "has a size that is empty or huge";
      }
    }
    return {};
  }

  // As factors, as a size that is always the same, or as the size of another value.
  Wrong say_size(const Feature& x, const std::array<double, 2>& factors, const Size& size, Resize& layer,
                 std::vector<int>& inputs) const {
    if (factors[0] > 0) {
      layer.factor_y = static_cast<float>(factors[0]);
      layer.factor_x = static_cast<float>(factors[1]);
      return {};
    }
    if (is_same_for_all(size[0]) && is_same_for_all(size[1])) {
      layer.height = bounded(size[0][0]);
      layer.width = bounded(size[1][0]);
      return {};
    }
    const Size from = size_of(shapes_of(x.node));
    const auto factor_y = factor_of(from[0], size[0]), factor_x = factor_of(from[1], size[1]);
    if (factor_y && factor_x) {
      layer.factor_y = *factor_y;
      layer.factor_x = *factor_x;
      return {};
    }
    const auto alike = sizes_.find(size);
    if (alike == sizes_.end()) return "resizes to a size that is neither fixed nor that of another value";
    inputs.push_back(alike->second);
    return {};
  }

  // A whole number, or one over a whole number, that takes every probe's length to the wanted one.
  static std::optional<float> factor_of(const Extent& from, const Extent& to) {
    for (std::int64_t below = 1; below <= 8; ++below) {
      const std::int64_t above = (to[0] * below + from[0] / 2) / from[0];
      bool fits = above >= 1 && above <= 64;
      for (std::size_t probe = 0; probe < kProbes; ++probe) fits = fits && from[probe] * above == to[probe] * below;
      if (fits) return static_cast<float>(static_cast<double>(above) / static_cast<double>(below));
    }
    return std::nullopt;
  }

  Wrong shape() {
    Numbers numbers{{}, {}, true};
    if (!is_feature(0)) {
      Reals reals;
      if (Wrong wrong = take(0, reals)) return wrong;
      for (const std::int64_t length : reals.dims) numbers.values.push_back(number_of(static_cast<double>(length)));
    } else {
      const View& view = std::get<View>(*inputs_[0]);
      for (std::size_t dim = 0; dim < view.dims.size(); ++dim) {
        const Extent length = view.length(dim);
        numbers.values.push_back({static_cast<double>(length[0]), static_cast<double>(length[1])});
      }
    }
    const auto rank = static_cast<std::int64_t>(numbers.values.size());
    numbers.dims = {rank};
    results_.emplace_back(taken(numbers, 0, sliced(rank, integer("start", 0), integer("end", rank), 1)));
    return {};
  }

  Wrong gather() {
    std::vector<std::int64_t> indices;
    Numbers where;
    if (Wrong wrong = take_list(1, "", indices)) return wrong;
    if (Wrong wrong = take(1, where)) return wrong;
    if (is_feature(0)) return gather_one(indices, where.dims.empty());
    Numbers numbers;
    if (Wrong wrong = take(0, numbers)) return wrong;
    const auto dim = dim_of(integer("axis", 0), numbers.dims.size());
    if (!dim || where.dims.size() > 1) return "picks along dimensions not known here";
    const std::int64_t length = numbers.dims[*dim];
    for (std::int64_t& index : indices) {
      if (index < -length || index >= length) return "picks what is not there";
      index = index < 0 ? index + length : index;
    }
    if (static_cast<std::int64_t>(numbers.values.size() * indices.size()) > Numbers::kCountMax) return kTooMuch;
    numbers = taken(numbers, *dim, indices);
    if (where.dims.empty()) numbers.dims.erase(numbers.dims.begin() + static_cast<std::ptrdiff_t>(*dim));
    results_.emplace_back(std::move(numbers));
    return {};
  }

  // x[:, index]: one place of a dimension, which goes away.
  Wrong gather_one(const std::vector<std::int64_t>& indices, bool is_single) {
    Feature x;
    if (Wrong wrong = take(0, x)) return wrong;
    const auto dim = dim_of(integer("axis", 0), x.rank);
    if (!dim || indices.size() != 1) return "picks several places, which is not known here";
    const std::int64_t end = indices[0] == -1 ? kSideMax * 4 : indices[0] + 1;
    if (Wrong wrong = cut(x, *dim, {indices[0], indices[0]}, {end, end})) return wrong;
    View view = whole_view(x.node, shapes_of(x.node), x.rank);
    if (is_single) view.dims.erase(view.dims.begin() + static_cast<std::ptrdiff_t>(*dim));
    results_.emplace_back(std::move(view));
    return {};
  }

  Wrong constant() {
    if (const OnnxAttribute* found = attribute("value"); found != nullptr && found->tensor) {
      auto value = value_of(*found->tensor);
      if (!value) return value.error();
      results_.emplace_back(std::move(*value));
      return {};
    }
    Numbers numbers;
    if (const OnnxAttribute* one = attribute("value_int")) {
      numbers = {{}, {number_of(static_cast<double>(one->integer))}, true};
    } else if (const OnnxAttribute* one_real = attribute("value_float")) {
      numbers = {{}, {number_of(one_real->real)}, false};
    } else if (const OnnxAttribute* many = attribute("value_ints")) {
      for (const std::int64_t value : many->integers) numbers.values.push_back(number_of(static_cast<double>(value)));
      numbers.dims = {static_cast<std::int64_t>(many->integers.size())};
    } else if (const OnnxAttribute* many_reals = attribute("value_floats")) {
      numbers.is_whole = false;
      for (const float value : many_reals->reals) numbers.values.push_back(number_of(value));
      numbers.dims = {static_cast<std::int64_t>(many_reals->reals.size())};
    } else {
      return "holds something that is not known here";
    }
    if (numbers.values.size() > at(Numbers::kCountMax)) return kTooMuch;
    results_.emplace_back(std::move(numbers));
    return {};
  }

  Wrong constant_of_shape() {
    std::vector<std::int64_t> dims;
    if (Wrong wrong = take_list(0, "", dims)) return wrong;
    Numbers numbers{dims, {}, false};
    Number filling{};
    if (const OnnxAttribute* found = attribute("value"); found != nullptr && found->tensor) {
      const auto value = value_of(*found->tensor);
      if (!value || found->tensor->count() != 1) return "is filled with something that is not known here";
      const auto* whole = std::get_if<Numbers>(&*value);
      numbers.is_whole = whole != nullptr;
      filling = whole != nullptr ? whole->values[0] : number_of(std::get<Reals>(*value).weights.values()[0]);
    }
    std::int64_t count = 1;
    for (const std::int64_t length : dims) {
      if (length < 0 || dims.size() > kRankMax) return "has a bad shape";
      count = std::min(count, Numbers::kCountMax + 1) * std::min(length, Numbers::kCountMax + 1);
    }
    if (count > Numbers::kCountMax) return kTooMuch;
    numbers.values.assign(at(count), filling);
    results_.emplace_back(std::move(numbers));
    return {};
  }

  // Arrangements.

  Wrong same() {
    if (!has(0)) return "takes nothing";
    results_.push_back(*inputs_[0]);
    return {};
  }

  Wrong arrange(const View& view, const std::vector<Extent>& lengths, const std::vector<std::size_t>& order,
                const std::vector<Extent>& then) {
    auto split = reshaped(view, lengths);
    if (!split) return "has a factor that does not divide its dimensions";
    View turned{view.node, {}};
    for (const std::size_t dim : order) turned.dims.push_back(split->dims[dim]);
    auto result = reshaped(turned, then);
    if (!result) return "has a factor that does not divide its dimensions";
    results_.emplace_back(std::move(*result));
    return {};
  }

  static Extent scaled(const Extent& extent, std::int64_t factor, bool is_up) {
    Extent result = extent;
    for (std::int64_t& length : result) length = is_up ? length * factor : length / factor;
    return result;
  }

  Wrong depth_to_space() {
    Feature x;
    if (Wrong wrong = take_picture(x)) return wrong;
    const std::int64_t block = integer("blocksize", 0);
    const std::string_view mode = text("mode", "DCR");
    if (block < 1 || block > 64 || (mode != "DCR" && mode != "CRD")) return "has a bad blocksize or mode";
    const View& view = std::get<View>(*inputs_[0]);
    const Extent side{block, block}, one{1, 1}, height = view.length(2), width = view.length(3);
    const Extent channels = scaled(view.length(1), block * block, false);
    const std::vector<Extent> then{one, channels, scaled(height, block, true), scaled(width, block, true)};
    if (mode == "DCR") return arrange(view, {one, side, side, channels, height, width}, {0, 3, 4, 1, 5, 2}, then);
    return arrange(view, {one, channels, side, side, height, width}, {0, 1, 4, 2, 5, 3}, then);
  }

  Wrong space_to_depth() {
    Feature x;
    if (Wrong wrong = take_picture(x)) return wrong;
    const std::int64_t block = integer("blocksize", 0);
    if (block < 1 || block > 64) return "has a bad blocksize";
    const View& view = std::get<View>(*inputs_[0]);
    const Extent side{block, block}, one{1, 1}, channels = view.length(1);
    const Extent height = scaled(view.length(2), block, false), width = scaled(view.length(3), block, false);
    return arrange(view, {one, channels, height, side, width, side}, {0, 3, 5, 1, 2, 4},
                   {one, scaled(channels, block * block, true), height, width});
  }

  Wrong reshape() {
    std::vector<Extent> wanted;
    if (Wrong wrong = take_list(1, "shape", wanted)) return wrong;
    if (wanted.size() > kRankMax) return "has too many dimensions";
    if (!is_feature(0)) return reshape_constant(wanted);
    const View& view = std::get<View>(*inputs_[0]);
    const bool keeps_zero = integer("allowzero", 0) == 0;
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      std::int64_t open = -1, known = 1, count = 1;
      for (std::size_t dim = 0; dim < view.dims.size(); ++dim) count *= view.length(dim)[probe];
      for (std::size_t dim = 0; dim < wanted.size(); ++dim) {
        std::int64_t& length = wanted[dim][probe];
        if (length == 0 && keeps_zero && dim < view.dims.size()) length = view.length(dim)[probe];
        if (length == -1 && open < 0) {
          open = static_cast<std::int64_t>(dim);
          continue;
        }
        if (length < 1 || known > count / length) return "has a shape of another count of numbers";
        known *= length;
      }
      if (open >= 0) wanted[at(open)][probe] = count / known;
    }
    auto result = reshaped(view, wanted);
    if (!result) return "arranges numbers in a way that is not known here";
    results_.emplace_back(std::move(*result));
    return {};
  }

  Wrong reshape_constant(const std::vector<Extent>& wanted) {
    results_.push_back(*inputs_[0]);
    auto* numbers = std::get_if<Numbers>(&results_[0]);
    auto* reals = std::get_if<Reals>(&results_[0]);
    std::vector<std::int64_t>& dims = numbers != nullptr ? numbers->dims : reals->dims;
    const auto count = static_cast<std::int64_t>(numbers != nullptr ? numbers->values.size() : reals->weights.size());
    const std::vector<std::int64_t> before = std::exchange(dims, {});
    std::int64_t known = 1, open = -1;
    for (std::size_t dim = 0; dim < wanted.size(); ++dim) {
      std::int64_t length = wanted[dim][0];
      if (length == 0 && integer("allowzero", 0) == 0 && dim < before.size()) length = before[dim];
      if (length == -1 && open < 0) open = static_cast<std::int64_t>(dim);
      if (!is_same_for_all(wanted[dim]) || length < -1 || length > std::max<std::int64_t>(count, 1)) {
        return "has a shape of another count of numbers";
      }
      dims.push_back(length);
      if (length != -1) known = std::min(known * length, count + 1);
    }
    if (open >= 0 && known > 0) dims[at(open)] = count / known;
    std::int64_t made = 1;
    for (const std::int64_t length : dims) made = length < 0 ? -1 : std::min(made * length, count + 1);
    return made == count ? Wrong() : Wrong("has a shape of another count of numbers");
  }

  Wrong flatten() {
    if (!is_feature(0)) return "flattens a constant";
    const View& view = std::get<View>(*inputs_[0]);
    const std::int64_t axis = integer("axis", 1), rank = static_cast<std::int64_t>(view.dims.size());
    if (axis < -rank || axis > rank) return kNoAxis;
    View result{view.node, {{}, {}}};
    for (std::int64_t dim = 0; dim < rank; ++dim) {
      std::vector<Factor>& into = result.dims[dim < (axis < 0 ? axis + rank : axis) ? 0 : 1];
      into.insert(into.end(), view.dims[at(dim)].begin(), view.dims[at(dim)].end());
    }
    results_.emplace_back(std::move(result));
    return {};
  }

  Wrong transpose() {
    std::vector<std::int64_t> order;
    if (const OnnxAttribute* found = attribute("perm")) order = found->integers;
    Numbers numbers;
    if (!is_feature(0)) {
      if (Wrong wrong = take(0, numbers)) return wrong;
    }
    const std::size_t rank = is_feature(0) ? std::get<View>(*inputs_[0]).dims.size() : numbers.dims.size();
    if (order.empty()) {
      for (std::size_t dim = rank; dim-- > 0;) order.push_back(static_cast<std::int64_t>(dim));
    }
    std::vector<std::int64_t> sorted = order;
    std::ranges::sort(sorted);
    for (std::size_t dim = 0; dim < sorted.size(); ++dim) {
      if (sorted.size() != rank || sorted[dim] != static_cast<std::int64_t>(dim)) return "has a bad order";
    }
    if (!is_feature(0)) {
      auto result = transposed(numbers, order);
      if (!result) return "has a bad order";
      results_.emplace_back(std::move(*result));
      return {};
    }
    const View& view = std::get<View>(*inputs_[0]);
    View result{view.node, {}};
    for (const std::int64_t dim : order) result.dims.push_back(view.dims[at(dim)]);
    results_.emplace_back(std::move(result));
    return {};
  }

  // Dimensions of length 1 go or come.

  Wrong squeeze() {
    std::vector<std::int64_t> axes;
    if (Wrong wrong = take_list(1, "axes", axes)) return wrong;
    results_.push_back(*inputs_[0]);
    return std::visit(
        [&](auto& value) -> Wrong {
          const std::size_t rank = value.dims.size();
          std::vector<bool> goes(rank, false);
          for (const std::int64_t axis : axes) {
            const auto dim = dim_of(axis, rank);
            if (!dim || !is_single(value, *dim)) return "takes a dimension away that is not of length 1";
            goes[*dim] = true;
          }
          for (std::size_t dim = 0; axes.empty() && dim < rank; ++dim) goes[dim] = is_single(value, dim);
          for (std::size_t dim = rank; dim-- > 0;) {
            if (goes[dim]) value.dims.erase(value.dims.begin() + static_cast<std::ptrdiff_t>(dim));
          }
          return {};
        },
        results_[0]);
  }
  static bool is_single(const View& view, std::size_t dim) { return view.dims[dim].empty(); }
  static bool is_single(const Numbers& numbers, std::size_t dim) { return numbers.dims[dim] == 1; }
  static bool is_single(const Reals& reals, std::size_t dim) { return reals.dims[dim] == 1; }

  Wrong unsqueeze() {
    std::vector<std::int64_t> axes;
    if (Wrong wrong = take_list(1, "axes", axes)) return wrong;
    results_.push_back(*inputs_[0]);
    return std::visit(
        [&](auto& value) -> Wrong {
          const std::size_t rank = value.dims.size() + axes.size();
          if (rank > kRankMax) return "has too many dimensions";
          std::vector<std::size_t> dims;
          for (const std::int64_t axis : axes) dims.push_back(dim_of(axis, rank).value_or(rank));
          std::ranges::sort(dims);
          for (const std::size_t dim : dims) {
            if (dim > value.dims.size()) return kNoAxis;
            add_single(value, dim);
          }
          return {};
        },
        results_[0]);
  }
  static void add_single(View& view, std::size_t dim) {
    view.dims.insert(view.dims.begin() + static_cast<std::ptrdiff_t>(dim), std::vector<Factor>());
  }
  static void add_single(Numbers& numbers, std::size_t dim) {
    numbers.dims.insert(numbers.dims.begin() + static_cast<std::ptrdiff_t>(dim), 1);
  }
  static void add_single(Reals& reals, std::size_t dim) {
    reals.dims.insert(reals.dims.begin() + static_cast<std::ptrdiff_t>(dim), 1);
  }

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

}  // namespace

Result<Graph> read_onnx(const std::shared_ptr<const void>& owner, std::string_view bytes) {
  const auto file = read_onnx_file(bytes);
  if (!file) return std::unexpected(file.error());
  if (file->opset < kOpsetMin || file->opset > kOpsetMax) {
    return invalid("its operators are those of opset " + std::to_string(file->opset) + "; 9 to 20 are known here");
  }
  // Networks that halve sides, or fold them, take multiples alone. What is wrong with all of them is what to tell.
  Result<Graph> graph = Reading(*file, owner, 1).run();
  for (const int multiple : {4, 64}) {
    if (!graph) graph = Reading(*file, owner, multiple).run();
  }
  return graph;
}

}  // namespace tintype::engine
