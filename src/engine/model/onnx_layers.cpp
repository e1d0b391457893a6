// Convolutions, pools, activations and products with weights.
#include <algorithm>
#include <cmath>

#include "engine/model/onnx_reading.h"

namespace tintype::engine::onnx {

namespace {

Pool whole_pool(bool is_maximum) {
  Pool layer;
  layer.kind = is_maximum ? Pool::Kind::kMaximum : Pool::Kind::kAverage;
  layer.global = true;
  return layer;
}

std::vector<float> out_first(const Dense& layer, bool is_already, float alpha) {
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

}  // namespace

Wrong Reading::read_window(Window& window) const {
  const auto pair = [&](std::string_view name, std::array<std::int64_t, 2>& into) {
    const OnnxAttribute* found = attribute(name);
    if (found == nullptr) return true;
    if (found->integers.size() != 2) return false;
    into = {found->integers[0], found->integers[1]};
    return std::ranges::all_of(into, [](std::int64_t length) { return length >= 1 && length <= 4'096; });
  };
  if (!pair("kernel_shape", window.kernel) || !pair("strides", window.stride) || !pair("dilations", window.dilation)) {
    return "has a window that is not one of rows and columns, or too large";
  }
  return {};
}

// Zeros around the input, or what is cut from a transposed convolution's result.
Wrong Reading::read_sides(int node, const Window& window, bool is_transposed, Sides& sides) const {
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
Wrong Reading::read_kernel(Layer& layer, Window& window, std::vector<std::int64_t>& dims) const {
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
  dims = std::move(weights.dims);
  if (!has(2)) return {};
  Reals bias;
  if (Wrong wrong = take(2, bias)) return wrong;
  layer.bias = std::move(bias.weights);
  return {};
}

Wrong Reading::conv() {
  Feature x;
  Convolution layer;
  Window window;
  std::vector<std::int64_t> dims;
  if (Wrong wrong = take_picture(x)) return wrong;
  if (Wrong wrong = read_kernel(layer, window, dims)) return wrong;
  if (Wrong wrong = read_sides(x.node, window, false, layer.padding)) return wrong;
  layer.out_channels = bounded(dims[0]);
  layer.in_channels = bounded(dims[1] * layer.groups);
  layer.dilation_y = bounded(window.dilation[0]);
  layer.dilation_x = bounded(window.dilation[1]);
  if (Wrong wrong = make(std::move(layer), {x.node}, 4)) return wrong;
  if (!node_->outputs.empty()) convolutions_.emplace(node_->outputs[0], std::get<View>(results_[0]).node);
  return {};
}

Wrong Reading::conv_transpose() {
  Feature x;
  Deconvolution layer;
  Window window;
  std::vector<std::int64_t> dims;
  if (Wrong wrong = take_picture(x)) return wrong;
  if (Wrong wrong = read_kernel(layer, window, dims)) return wrong;
  if (Wrong wrong = read_sides(x.node, window, true, layer.crop)) return wrong;
  if (window.dilation != std::array<std::int64_t, 2>{1, 1} || attribute("output_shape") != nullptr) {
    return "has dilations or an output_shape, which are not known here";
  }
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
Wrong Reading::widen_kernel(Deconvolution& layer) {
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

Wrong Reading::pool() {
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

Wrong Reading::global_pool() {
  Feature x;
  if (Wrong wrong = take_picture(x)) return wrong;
  return make(whole_pool(node_->type == "GlobalMaxPool"), {x.node}, 4);
}

Wrong Reading::reduce() {
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
Wrong Reading::batch_normalization() {
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

bool Reading::fold(int node, const std::vector<float>& factors, const std::vector<float>& offsets) {
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

Wrong Reading::activation(Activation::Kind kind, float a, float b) {
  return make_like_input(Activation{kind, a, b, {}});
}

Wrong Reading::relu() {
  return activation(Activation::Kind::kRelu);
}

Wrong Reading::leaky_relu() {
  return activation(Activation::Kind::kLeakyRelu, real("alpha", 0.01F));
}

Wrong Reading::sigmoid() {
  return activation(Activation::Kind::kSigmoid);
}

Wrong Reading::tanh() {
  return activation(Activation::Kind::kTanh);
}

Wrong Reading::hard_sigmoid() {
  return activation(Activation::Kind::kHardSigmoid, real("alpha", 0.2F), real("beta", 0.5F));
}

Wrong Reading::hard_swish() {
  return activation(Activation::Kind::kHardSwish, 1.0F / 6, 0.5F);
}

Wrong Reading::prelu() {
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

Wrong Reading::clip() {
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

Wrong Reading::softmax() {
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

Wrong Reading::gemm() {
  Feature x;
  Reals weights, bias;
  if (Wrong wrong = take(0, x)) return wrong;
  if (Wrong wrong = take(1, weights)) return wrong;
  if (x.rank != 2 || weights.dims.size() != 2 || integer("transA", 0) != 0) return "is not a vector times weights";
  if (has(2)) {
    if (Wrong wrong = take(2, bias)) return wrong;
  }
  const bool is_out_first = integer("transB", 0) != 0;
  return dense(x, std::move(weights), is_out_first, real("alpha", 1), bias.weights, real("beta", 1));
}

Wrong Reading::dense(const Feature& x, Reals weights, bool is_out_first, float alpha, const Weights& bias, float beta) {
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

// Over the last dimension: a convolution of one tap, once that is the channels.
Wrong Reading::mat_mul() {
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

}  // namespace tintype::engine::onnx
