#include "engine/model/onnx.h"

#include <algorithm>
#include <cmath>

#include "engine/model/onnx_reading.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kOpsetMin = 9;
constexpr std::int64_t kOpsetMax = 20;
constexpr int kMultipleMax = 64;

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "The ONNX network is invalid: " + what);
}

}  // namespace

namespace onnx {

namespace {

constexpr std::size_t kNodesMax = 65'536;
constexpr std::int64_t kChannelsMax = 1 << 20;
// Weights that are computed rather than read, and the work of comparing ways to resize, in numbers.
constexpr std::int64_t kMadeMax = 64 << 20;
constexpr double kWholeMax = 9e15;  // up to which binary64 has every whole number

// The two pictures that the network is read for: their sides are different multiples of `multiple`, odd and even ones.
std::array<Shape, kProbes> probes_for(const Shape& input, int multiple) {
  constexpr int kSide = 192;
  const int least = (kSide / multiple) | 1;
  const auto side = [&](int fixed, int more) { return fixed != 0 ? fixed : (least + more) * multiple; };
  return {Shape{input.channels, side(input.height, 0), side(input.width, 1)},
          Shape{input.channels, side(input.height, 3), side(input.width, 6)}};
}

// A convolution that gives each channel another place.
Convolution channel_order(const std::vector<std::int64_t>& order) {
  Convolution layer;
  layer.in_channels = layer.out_channels = static_cast<int>(order.size());
  layer.kernel_height = layer.kernel_width = 1;
  std::vector<float> weights(order.size() * order.size());
  for (std::size_t out = 0; out < order.size(); ++out) weights[out * order.size() + at(order[out])] = 1;
  layer.weights = Weights(std::move(weights));
  return layer;
}

}  // namespace

int bounded(std::int64_t value) {
  constexpr std::int64_t kMost = 1 << 30;
  return std::abs(std::clamp(value, -kMost - 1, kMost + 1)) <= kMost ? static_cast<int>(value) : -(1 << 30);
}

Number number_of(double value) {
  Number number{};
  number.fill(value);
  return number;
}

Size size_of(const std::array<Shape, kProbes>& shapes) {
  Size size{};
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    size[0][probe] = shapes[probe].height;
    size[1][probe] = shapes[probe].width;
  }
  return size;
}

std::optional<std::size_t> dim_of(std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count) return std::nullopt;
  return at(axis < 0 ? axis + count : axis);
}

std::optional<Axis> axis_of(std::int64_t axis, std::size_t rank) {
  const auto dim = dim_of(axis, rank);
  if (!dim || *dim == 0) return std::nullopt;
  return static_cast<Axis>(*dim - 1);
}

std::optional<Shape> shape_beside(const Feature& x, std::vector<std::int64_t> dims) {
  if (dims.size() > x.rank) return std::nullopt;
  dims.insert(dims.begin(), x.rank - dims.size(), 1);
  if (dims[0] != 1) return std::nullopt;
  dims.resize(4, 1);
  return Shape{bounded(dims[1]), bounded(dims[2]), bounded(dims[3])};
}

Result<Graph> Reading::run() {
  if (auto read = read_initialisers(); !read) return std::unexpected(read.error());
  if (auto read = read_input(); !read) return std::unexpected(read.error());
  for (const OnnxNode& node : file_.nodes) {
    for (const std::string_view input : node.inputs) ++uses_[input];
  }
  for (const std::string_view output : file_.outputs) ++uses_[output];
  for (const OnnxNode& node : file_.nodes) {
    if (auto read = read_node(node); !read) return std::unexpected(read.error());
  }
  if (auto read = read_outputs(); !read) return std::unexpected(read.error());
  return std::move(graph_);
}

Result<void> Reading::read_outputs() {
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
  return {};
}

Result<void> Reading::read_input() {
  const OnnxInput* picture = nullptr;
  for (const OnnxInput& input : file_.inputs) {
    // Old files name their weights as inputs too.
    if (values_.contains(input.name)) continue;
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
      {static_cast<int>(dims[1]), std::max(0, static_cast<int>(dims[2])), std::max(0, static_cast<int>(dims[3]))},
      multiple_};
  const auto shapes = probes_for(layer.shape, multiple_);
  const int node = graph_.add(std::string(picture->name), layer, {});
  remember(shapes);
  values_.emplace(picture->name, whole_view(node, shapes, 4));
  return {};
}

Result<void> Reading::read_initialisers() {
  for (const OnnxTensor& tensor : file_.initialisers) {
    auto value = value_of(tensor);
    if (!value) return invalid("the tensor '" + std::string(tensor.name) + "' " + value.error());
    if (!values_.emplace(tensor.name, std::move(*value)).second) {
      return invalid("the tensor '" + std::string(tensor.name) + "' is there twice");
    }
  }
  return {};
}

Got<Value> Reading::value_of(const OnnxTensor& tensor) const {
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

Result<void> Reading::read_node(const OnnxNode& node) {
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
  if ((inputs_.empty() || inputs_[0] == nullptr) && node.type != "Constant") return at_fault("takes nothing");
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

const std::map<std::string_view, Reading::Read>& Reading::kinds() {
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

const OnnxAttribute* Reading::attribute(std::string_view name) const {
  const auto found = node_->attributes.find(name);
  return found == node_->attributes.end() ? nullptr : &found->second;
}

std::int64_t Reading::integer(std::string_view name, std::int64_t otherwise) const {
  const OnnxAttribute* found = attribute(name);
  return found == nullptr ? otherwise : found->integer;
}

float Reading::real(std::string_view name, float otherwise) const {
  const OnnxAttribute* found = attribute(name);
  return found == nullptr ? otherwise : found->real;
}

std::string_view Reading::text(std::string_view name, std::string_view otherwise) const {
  const OnnxAttribute* found = attribute(name);
  return found == nullptr ? otherwise : found->text;
}

bool Reading::is_any_feature() const {
  return std::ranges::any_of(
      inputs_, [](const Value* value) { return value != nullptr && std::holds_alternative<View>(*value); });
}

Wrong Reading::take(std::size_t input, Feature& feature) {
  if (!is_feature(input)) return "takes a constant, or nothing, where a value of the network is known here alone";
  View& view = std::get<View>(*inputs_[input]);
  auto node = settle(view);
  if (!node) return node.error();
  feature = {*node, view.dims.size()};
  return {};
}

Wrong Reading::take_picture(Feature& feature) {
  if (Wrong wrong = take(0, feature)) return wrong;
  if (feature.rank != 4) return "takes something else than a picture (1 x channels x rows x columns)";
  return {};
}

Wrong Reading::take(std::size_t input, Numbers& numbers) const {
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

Wrong Reading::take(std::size_t input, Reals& reals) const {
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

Wrong Reading::take_list(std::size_t input, std::string_view name, std::vector<Extent>& list) const {
  list.clear();
  if (const OnnxAttribute* found = name.empty() ? nullptr : attribute(name)) {
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

Wrong Reading::take_list(std::size_t input, std::string_view name, std::vector<std::int64_t>& list) const {
  std::vector<Extent> extents;
  if (Wrong wrong = take_list(input, name, extents)) return wrong;
  list.clear();
  for (const Extent& extent : extents) {
    if (!is_same_for_all(extent)) return "depends on the size of the picture in a way that is not known here";
    list.push_back(extent[0]);
  }
  return {};
}

void Reading::remember(const std::array<Shape, kProbes>& shapes) {
  shapes_.push_back(shapes);
  sizes_.emplace(size_of(shapes), static_cast<int>(shapes_.size()) - 1);
}

Got<int> Reading::add(Layer layer, std::vector<int> inputs) {
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

Wrong Reading::answer(int node, std::size_t rank) {
  results_.emplace_back(whole_view(node, shapes_of(node), rank));
  return {};
}

Wrong Reading::make(Layer layer, std::vector<int> inputs, std::size_t rank) {
  const auto node = add(std::move(layer), std::move(inputs));
  if (!node) return node.error();
  return answer(*node, rank);
}

Wrong Reading::make_like_input(Layer layer) {
  Feature x;
  if (Wrong wrong = take(0, x)) return wrong;
  return make(std::move(layer), {x.node}, x.rank);
}

bool Reading::spend(std::int64_t count) {
  made_ += std::clamp<std::int64_t>(count, 0, kMadeMax + 1);
  return made_ <= kMadeMax;
}

Got<int> Reading::settle(View& view) {
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

}  // namespace onnx

Result<Graph> read_onnx(const std::shared_ptr<const void>& owner, std::string_view bytes) {
  const auto file = read_onnx_file(bytes);
  if (!file) return std::unexpected(file.error());
  if (file->opset < kOpsetMin || file->opset > kOpsetMax) {
    return invalid("its operators are those of opset " + std::to_string(file->opset) + "; 9 to 20 are known here");
  }
  // Networks that halve sides, or fold them, take multiples alone. What is wrong with all of them is what to tell.
  Result<Graph> graph = onnx::Reading(*file, owner, 1).run();
  for (int multiple = 2; !graph && multiple <= kMultipleMax; multiple *= 2) {
    graph = onnx::Reading(*file, owner, multiple).run();
  }
  return graph;
}

}  // namespace tintype::engine
