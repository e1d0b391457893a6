#include "engine/net/lowering.h"

#include <algorithm>
#include <cmath>

namespace tintype::engine {

namespace {

// A deconvolution has a kernel for each phase of each group.
constexpr std::int64_t kPhasesMax = 1 << 14;

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

Shape input_of(const Graph& graph, int side) {
  for (const Node& node : graph.nodes) {
    if (const auto* input = std::get_if<Input>(&node.layer)) {
      Shape shape = input->shape;
      if (shape.height == 0) shape.height = side;
      if (shape.width == 0) shape.width = side;
      return shape;
    }
  }
  return {};
}

bool fits_slack(const Convolution& layer) {
  const int reach = std::max((layer.kernel_width - 1) * layer.dilation_x, layer.padding.right);
  return std::max(layer.padding.left, reach) <= kSlackPx;
}

}  // namespace

Lowering::Lowering(Graph graph, Backend backend, int side) : network_(new Network()), side_(side) {
  network_->graph_ = std::move(graph);
  network_->backend_ = backend;
}

Result<std::shared_ptr<const Network>> Lowering::run() {
  const Graph& graph = network_->graph_;
  auto shapes = infer_shapes(graph, input_of(graph, side_));
  if (!shapes) return std::unexpected(shapes.error());
  shapes_ = std::move(*shapes);
  const auto radius = receptive_field_radius(graph);
  network_->rounds_alike_ = radius && *radius <= kCutRadiusMaxPx;
  users_.resize(graph.nodes.size());
  value_of_.assign(graph.nodes.size(), -1);
  const int count = static_cast<int>(graph.nodes.size());
  for (int node = 0; node < count; ++node) {
    for (const int input : graph.nodes[at(node)].inputs) users_[at(input)].push_back(node);
  }
  is_output_.resize(graph.nodes.size());
  for (const int output : graph.outputs) is_output_[at(output)] = true;
  if (network_->backend_ == Backend::kReference) return network_;
  find_bases();
  find_last();
  for (int node = 0; node < count && !error_; ++node) {
    if (!drawn_in_.contains(node)) lower(node);
  }
  if (error_) return std::unexpected(*error_);
  for (const int output : graph.outputs) network_->outputs_.push_back(value_of_[at(output)]);
  place_parts();
  return network_;
}

int Lowering::only_user(int node) const {
  return users_[at(node)].size() == 1 && !is_output_[at(node)] ? users_[at(node)][0] : -1;
}

// Which nodes' values reach an output without another convolution.
void Lowering::find_last() {
  const Graph& graph = network_->graph_;
  is_last_.assign(graph.nodes.size(), false);
  for (const int output : graph.outputs) is_last_[at(output)] = true;
  for (int node = static_cast<int>(graph.nodes.size()) - 1; node >= 0; --node) {
    for (const int user : users_[at(node)]) {
      const bool copies = layer_of<PixelShuffle>(user) != nullptr || layer_of<Arithmetic>(user) != nullptr ||
                          layer_of<Slice>(user) != nullptr;
      if (copies && is_last_[at(user)]) is_last_[at(node)] = true;
    }
  }
}

template <class Layer>
const Layer* Lowering::layer_of(int node) const {
  return node < 0 ? nullptr : std::get_if<Layer>(&network_->graph_.nodes[at(node)].layer);
}

// shuffle(x) + nearest(y): the end of most of these networks.
void Lowering::find_bases() {
  const Graph& graph = network_->graph_;
  for (int node = 0; node < static_cast<int>(graph.nodes.size()); ++node) {
    const auto* sum = layer_of<Arithmetic>(node);
    const std::vector<int>& inputs = graph.nodes[at(node)].inputs;
    if (sum == nullptr || sum->kind != Arithmetic::Kind::kAdd || inputs.size() != 2) continue;
    for (const auto& [shuffle, resize] : {std::pair(inputs[0], inputs[1]), std::pair(inputs[1], inputs[0])}) {
      const auto* enlarged = layer_of<Resize>(resize);
      if (layer_of<PixelShuffle>(shuffle) == nullptr || enlarged == nullptr || only_user(shuffle) != node ||
          only_user(resize) != node || shapes_[at(shuffle)] != shapes_[at(resize)]) {
        continue;
      }
      const int factor = static_cast<int>(enlarged->factor_y);
      const std::vector<int>& source = graph.nodes[at(resize)].inputs;
      const bool is_whole = enlarged->mode == Resize::Mode::kNearest && source.size() == 1 && enlarged->height == 0 &&
                            enlarged->factor_y == enlarged->factor_x &&
                            enlarged->factor_y == static_cast<float>(factor);
      if (!is_whole || source[0] > shuffle) continue;
      base_of_[shuffle] = {source[0], factor};
      network_->alike_.emplace_back(shuffle, resize);
      drawn_in_.insert({resize, node});
      break;
    }
  }
}

void Lowering::lower(int node) {
  const Layer& layer = network_->graph_.nodes[at(node)].layer;
  struct Visitor {
    Lowering& self;
    int node;
    void operator()(const Input&) const { self.network_->input_ = self.value_of_[at(node)] = self.add_value(node); }
    void operator()(const Constant& layer) const { self.lower_plain(node, make_constant(layer)); }
    void operator()(const Convolution& layer) const { self.lower_convolution(node, layer); }
    void operator()(const Deconvolution& layer) const { self.lower_deconvolution(node, layer); }
    void operator()(const Dense& layer) const { self.lower_plain(node, make_dense(layer)); }
    void operator()(const Activation& layer) const { self.lower_plain(node, make_activation(layer)); }
    void operator()(const Arithmetic& layer) const { self.lower_plain(node, make_arithmetic(layer)); }
    void operator()(const Affine& layer) const { self.lower_plain(node, make_affine(layer)); }
    void operator()(const Concat& layer) const {
      if (layer.axis == Axis::kChannel) return self.lower_concat(node);
      self.lower_plain(node, make_concat(layer.axis));
    }
    void operator()(const Slice& layer) const {
      if (layer.axis == Axis::kChannel) return self.lower_slice(node, layer);
      self.lower_plain(node, make_slice(layer));
    }
    void operator()(const Pad& layer) const { self.lower_plain(node, make_pad(layer)); }
    void operator()(const PixelShuffle& layer) const { self.lower_shuffle(node, layer); }
    void operator()(const PixelUnshuffle& layer) const { self.lower_plain(node, make_pixel_unshuffle(layer.factor)); }
    void operator()(const Resize& layer) const { self.lower_plain(node, make_resize(layer)); }
    void operator()(const Pool& layer) const { self.lower_plain(node, make_pool(layer)); }
    void operator()(const Softmax& layer) const { self.lower_plain(node, make_softmax(layer.axis)); }
    void operator()(const Reshape&) const { self.lower_plain(node, make_reshape()); }
    void operator()(const Permute& layer) const { self.lower_plain(node, make_permute(layer)); }
    void operator()(const Demodulation& layer) const { self.lower_plain(node, make_demodulation(layer)); }
  };
  std::visit(Visitor{*this, node}, layer);
}

void Lowering::lower_convolution(int node, const Convolution& layer) {
  if (!fits_slack(layer)) return fail_at(node, "reaches further to the side than " + std::to_string(kSlackPx));
  FusedConvolution fused{layer, layer.weights.values(), layer.bias.values(), {}};
  fused.bias.resize(at(layer.out_channels), 0.0F);
  std::vector<int> inputs{value_of_[at(network_->graph_.nodes[at(node)].inputs[0])]};
  int last = node;
  const auto slopes = slopes_of(layer.activation, layer.out_channels);
  if (slopes) {
    fused.slopes = *slopes;
    if (fused.slopes.empty()) last = draw_in_activation(last, fused);
    if (fused.slopes.empty()) last = draw_in_factor(last, fused);
    last = draw_in_residual(last, inputs);
    const int user = only_user(last);
    if (inputs.size() == 1 && layer_of<PixelShuffle>(user) != nullptr) put_in_order_of(user, fused);
  }
  fused.is_last = is_last_[at(last)];
  int value = add_step(last, make_convolution(fused, network_->backend_), inputs);
  if (!slopes) value = add_step(last, make_activation(layer.activation), {value});
  value_of_[at(node)] = value_of_[at(last)] = value;
}

int Lowering::draw_in_activation(int node, FusedConvolution& fused) {
  const int user = only_user(node);
  const auto* activation = layer_of<Activation>(user);
  if (activation == nullptr) return node;
  const auto slopes = slopes_of(*activation, fused.layer.out_channels);
  if (!slopes) return node;
  fused.slopes = *slopes;
  drawn_in_.insert(user);
  return user;
}

int Lowering::draw_in_factor(int node, FusedConvolution& fused) {
  const int user = only_user(node);
  const auto* product = layer_of<Arithmetic>(user);
  if (product == nullptr || product->kind != Arithmetic::Kind::kMultiply ||
      network_->graph_.nodes[at(user)].inputs.size() != 1) {
    return node;
  }
  for (float& weight : fused.weights) weight *= product->constant;
  for (float& bias : fused.bias) bias *= product->constant;
  drawn_in_.insert(user);
  return user;
}

int Lowering::draw_in_residual(int node, std::vector<int>& inputs) {
  const int user = only_user(node);
  const auto* sum = layer_of<Arithmetic>(user);
  if (sum == nullptr || sum->kind != Arithmetic::Kind::kAdd || drawn_in_.contains(user)) return node;
  const std::vector<int>& added = network_->graph_.nodes[at(user)].inputs;
  if (added.size() != 2) return node;
  const int other = added[0] == node ? added[1] : added[0];
  if (shapes_[at(other)] != shapes_[at(node)] || value_of_[at(other)] < 0) return node;
  inputs.push_back(value_of_[at(other)]);
  network_->alike_.emplace_back(node, other);
  drawn_in_.insert(user);
  return user;
}

// Output channel (c, i, j) becomes (i, j, c).
void Lowering::put_in_order_of(int shuffle, FusedConvolution& fused) {
  const int area = layer_of<PixelShuffle>(shuffle)->factor * layer_of<PixelShuffle>(shuffle)->factor;
  const int channels = fused.layer.out_channels / area;
  const std::size_t taps = fused.weights.size() / at(fused.layer.out_channels);
  if (fused.layer.groups != 1) return;
  FusedConvolution ordered = fused;
  for (int channel = 0; channel < channels; ++channel) {
    for (int place = 0; place < area; ++place) {
      const int from = channel * area + place, to = place * channels + channel;
      std::copy_n(fused.weights.begin() + static_cast<std::ptrdiff_t>(at(from) * taps), taps,
                  ordered.weights.begin() + static_cast<std::ptrdiff_t>(at(to) * taps));
      ordered.bias[at(to)] = fused.bias[at(from)];
      if (!fused.slopes.empty()) ordered.slopes[at(to)] = fused.slopes[at(from)];
    }
  }
  fused = std::move(ordered);
  by_pixel_.insert(shuffle);
}

void Lowering::lower_deconvolution(int node, const Deconvolution& layer) {
  if (std::max(layer.kernel_height, layer.kernel_width) > kSlackPx) return fail_at(node, "has too large a kernel");
  if (std::int64_t{layer.groups} * layer.stride_y * layer.stride_x > kPhasesMax) {
    return fail_at(node, "has too many groups for its stride");
  }
  const auto slopes = slopes_of(layer.activation, layer.out_channels);
  const int input = value_of_[at(network_->graph_.nodes[at(node)].inputs[0])];
  int value =
      add_step(node, make_deconvolution(layer, slopes.value_or(std::vector<float>()), network_->backend_), {input});
  if (!slopes) value = add_step(node, make_activation(layer.activation), {value});
  value_of_[at(node)] = value;
}

void Lowering::lower_shuffle(int node, const PixelShuffle& layer) {
  std::vector<int> inputs{value_of_[at(network_->graph_.nodes[at(node)].inputs[0])]};
  const auto base = base_of_.find(node);
  if (base != base_of_.end()) inputs.push_back(value_of_[at(base->second.node)]);
  const int factor = base != base_of_.end() ? base->second.factor : 1;
  const int value = add_step(node, make_pixel_shuffle(layer.factor, by_pixel_.contains(node), factor), inputs);
  value_of_[at(node)] = value;
  if (base != base_of_.end()) value_of_[at(users_[at(node)][0])] = value;
}

// Every part is copied, at first; place_parts() lets most of them be made where they belong.
void Lowering::lower_concat(int node) {
  const int whole = add_value(node);
  int channel = 0;
  for (const int part : network_->graph_.nodes[at(node)].inputs) {
    const int copy = add_step(part, make_copy(), {value_of_[at(part)]});
    network_->values_[at(copy)].home = whole;
    network_->values_[at(copy)].first_channel = channel;
    network_->values_[at(whole)].sources.push_back(copy);
    network_->channels_.emplace_back(part, shapes_[at(part)].channels);
    channel += shapes_[at(part)].channels;
  }
  value_of_[at(node)] = whole;
  concats_.push_back(whole);
}

void Lowering::lower_slice(int node, const Slice& layer) {
  const int whole = value_of_[at(network_->graph_.nodes[at(node)].inputs[0])];
  const int part = add_value(node);
  network_->values_[at(part)].home = whole;
  network_->values_[at(part)].first_channel = layer.begin;
  network_->values_[at(part)].sources = {whole};
  value_of_[at(node)] = part;
}

void Lowering::lower_plain(int node, OperationPtr operation) {
  std::vector<int> inputs;
  for (const int input : network_->graph_.nodes[at(node)].inputs) {
    inputs.push_back(value_of_[at(input)]);
  }
  value_of_[at(node)] = add_step(node, std::move(operation), std::move(inputs));
}

int Lowering::add_value(int node) {
  Value value;
  value.node = node;
  network_->values_.push_back(std::move(value));
  return static_cast<int>(network_->values_.size()) - 1;
}

int Lowering::add_step(int node, OperationPtr operation, std::vector<int> inputs) {
  const int value = add_value(node);
  network_->steps_.push_back({std::move(operation), std::move(inputs), value});
  return value;
}

// The widest come last in a dense block, and hold the parts of all before them.
void Lowering::place_parts() {
  std::vector<Value>& values = network_->values_;
  std::vector<Network::Step>& steps = network_->steps_;
  std::vector<int> step_of(values.size(), -1);
  for (std::size_t step = 0; step < steps.size(); ++step) step_of[at(steps[step].output)] = static_cast<int>(step);
  std::vector<bool> is_kept(values.size());  // where it is: the input, outputs
  is_kept[at(network_->input_)] = true;
  for (const int output : network_->outputs_) is_kept[at(output)] = true;
  const auto remove_step_to = [&](int value) { steps[at(step_of[at(value)])].operation.reset(); };
  for (auto whole = concats_.rbegin(); whole != concats_.rend(); ++whole) {
    const std::vector<int> copies = values[at(*whole)].sources;
    std::vector<int> parts;
    for (const int copy : copies) parts.push_back(steps[at(step_of[at(copy)])].inputs[0]);
    if (values[at(*whole)].home < 0 && lies_in_order(parts)) {
      values[at(*whole)].home = values[at(parts[0])].home;
      values[at(*whole)].first_channel = values[at(parts[0])].first_channel;
      values[at(*whole)].sources = parts;
      std::ranges::for_each(copies, remove_step_to);
      continue;
    }
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (is_kept[at(parts[part])] || values[at(parts[part])].home >= 0) continue;
      values[at(parts[part])].home = *whole;
      values[at(parts[part])].first_channel = values[at(copies[part])].first_channel;
      values[at(*whole)].sources[part] = parts[part];
      remove_step_to(copies[part]);
    }
  }
  std::erase_if(steps, [](const Network::Step& step) { return !step.operation; });
}

// Whether the parts lie side by side in one wider value already.
bool Lowering::lies_in_order(const std::vector<int>& parts) const {
  const std::vector<Value>& values = network_->values_;
  const int home = values[at(parts[0])].home;
  int channel = values[at(parts[0])].first_channel;
  for (const int part : parts) {
    if (home < 0 || values[at(part)].home != home || values[at(part)].first_channel != channel) return false;
    channel += shapes_[at(values[at(part)].node)].channels;
  }
  return true;
}

void Lowering::fail_at(int node, const std::string& what) {
  const Node& failed = network_->graph_.nodes[at(node)];
  error_ =
      fail(ErrorCode::kInvalidInput, "The " + std::string(layer_name(failed.layer)) + " '" + failed.name + "' " + what)
          .error();
}

Result<std::shared_ptr<const Network>> Network::make(Graph graph, Backend backend, int side) {
  return Lowering(std::move(graph), backend, side).run();
}

std::int64_t Network::packed_bytes() const {
  std::int64_t sum = 0;
  for (const Step& step : steps_) sum += step.operation->packed_bytes();
  return sum;
}

}  // namespace tintype::engine
