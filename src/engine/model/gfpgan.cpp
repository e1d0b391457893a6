#include "engine/model/gfpgan.h"

namespace tintype::engine {

namespace {

constexpr int kColours = 3;
constexpr int kLevelsMax = 8;  // a side of 1024
constexpr std::int64_t kChannelsMax = 4096;
constexpr float kSlope = 0.2F;
constexpr float kEpsilon = 1e-8F;

std::string in_decoder(const std::string& part) {
  return "stylegan_decoder." + part;
}

// Builds the graph. The first tensor that is missing or does not fit is kept, and ends the building.
class Builder {
 public:
  explicit Builder(const Tensors& tensors) : tensors_(tensors) {}

  Result<Graph> build() {
    while (levels_ < kLevelsMax && has("conv_body_down." + std::to_string(levels_) + ".conv1.weight")) ++levels_;
    if (levels_ == 0) fail_with("conv_body_down.0.conv1.weight is missing");
    const int side = 4 << levels_;
    encode(graph_.add("input", Input{{kColours, side, side}}, {}));
    if (!error_) graph_.outputs = {decode()};
    if (error_) return std::unexpected(*error_);
    if (const auto shapes = infer_shapes(graph_, {kColours, side, side}); !shapes) {
      return std::unexpected(shapes.error());
    }
    return std::move(graph_);
  }

 private:
  // The U-Net: the latents of the decoder's layers, and how each level's features are scaled and shifted.
  void encode(int input) {
    int x = leaky(convolution("conv_body_first", input, 1));
    std::vector<int> skips;
    for (int at = 0; at < levels_; ++at) {
      x = residual_block("conv_body_down." + std::to_string(at), x, 0.5F);
      skips.push_back(x);
    }
    x = leaky(convolution("final_conv", x, 3));
    latents_ = dense("final_linear", x);
    for (int at = 0; at < levels_; ++at) {
      x = graph_.add("skipped", Arithmetic{}, {x, skips[static_cast<std::size_t>(levels_ - 1 - at)]});
      x = residual_block("conv_body_up." + std::to_string(at), x, 2);
      scales_.push_back(condition("condition_scale." + std::to_string(at), x));
      shifts_.push_back(condition("condition_shift." + std::to_string(at), x));
    }
  }

  int decode() {
    const Tensor* input = tensor(in_decoder("constant_input.weight"), {1, 0, 4, 4});
    if (input == nullptr) return 0;
    const Shape shape{static_cast<int>(input->shape[1]), 4, 4};
    int x = graph_.add(in_decoder("constant_input"), Constant{shape, input->values}, {});
    x = style_convolution("style_conv1", x, latent(0), 0, 4);
    int picture = to_rgb("to_rgb1", x, latent(1));
    for (int level = 0; level < levels_ && !error_; ++level) {
      const int at = 2 * level;
      const int side = 8 << level;
      x = style_convolution("style_convs." + std::to_string(at), resized(x, 2), latent(at + 1), at + 1, side);
      x = conditioned("style_convs." + std::to_string(at), x, level);
      x = style_convolution("style_convs." + std::to_string(at + 1), x, latent(at + 2), at + 2, side);
      const int added = to_rgb("to_rgbs." + std::to_string(level), x, latent(at + 3));
      picture = graph_.add("picture", Arithmetic{}, {added, resized(picture, 2)});
    }
    return picture;
  }

  // The second half of the channels is scaled and shifted by what the encoder saw.
  int conditioned(const std::string& name, int x, int level) {
    const Tensor* bias = tensor(in_decoder(name + ".bias"), {1, 0, 1, 1});
    if (bias == nullptr) return x;
    const int channels = static_cast<int>(bias->shape[1]);
    const int same = graph_.add("same", Slice{Axis::kChannel, 0, channels / 2}, {x});
    int changed = graph_.add("changed", Slice{Axis::kChannel, channels / 2, channels}, {x});
    const auto at = static_cast<std::size_t>(level);
    changed = graph_.add("scaled", Arithmetic{Arithmetic::Kind::kMultiply}, {changed, scales_[at]});
    changed = graph_.add("shifted", Arithmetic{}, {changed, shifts_[at]});
    return graph_.add("conditioned", Concat{}, {same, changed});
  }

  // A modulated convolution: the input by the style, the convolution, and what comes out by the demodulation. The
  // factor of the square root of 2 that follows is drawn into the demodulation.
  int style_convolution(const std::string& part, int x, int style, int noise, int side) {
    const std::string name = in_decoder(part);
    const Tensor* weights = tensor(name + ".modulated_conv.weight", {1, 0, 0, 3, 3});
    if (weights == nullptr) return x;
    const auto out = static_cast<int>(weights->shape[1]), in = static_cast<int>(weights->shape[2]);
    const int modulation = dense(name + ".modulated_conv.modulation", style);
    x = graph_.add(name + ".modulated", Arithmetic{Arithmetic::Kind::kMultiply}, {x, modulation});
    Convolution layer;
    layer.in_channels = in;
    layer.out_channels = out;
    layer.padding = {1, 1, 1, 1};
    layer.weights = weights->values;
    x = graph_.add(name, std::move(layer), {x});
    const Demodulation demodulation{in, out, half_squares(weights->values, 9), kEpsilon / 2};
    const int factors = graph_.add(name + ".demodulation", demodulation, {modulation});
    x = graph_.add(name + ".demodulated", Arithmetic{Arithmetic::Kind::kMultiply}, {x, factors});
    x = with_noise(name, x, noise, side);
    const Tensor* bias = tensor(name + ".bias", {1, out, 1, 1});
    if (bias == nullptr) return x;
    const int added = graph_.add(name + ".bias", Constant{{out, 1, 1}, bias->values}, {});
    return leaky(graph_.add(name + ".biased", Arithmetic{}, {x, added}));
  }

  int with_noise(const std::string& name, int x, int index, int side) {
    const std::string stored = in_decoder("noises.noise" + std::to_string(index));
    const Tensor* strength = tensor(name + ".weight", {1});
    if (strength == nullptr || !has(stored)) return x;
    const Tensor* noise = tensor(stored, {1, 1, side, side});
    if (noise == nullptr) return x;
    std::vector<float> values = noise->values.values();
    const float factor = strength->values.values()[0];
    for (float& value : values) value *= factor;
    const int added = graph_.add(stored, Constant{{1, side, side}, Weights(std::move(values))}, {});
    return graph_.add(name + ".noisy", Arithmetic{}, {x, added});
  }

  int to_rgb(const std::string& part, int x, int style) {
    const std::string name = in_decoder(part);
    const Tensor* weights = tensor(name + ".modulated_conv.weight", {1, kColours, 0, 1, 1});
    const Tensor* bias = tensor(name + ".bias", {1, kColours, 1, 1});
    if (weights == nullptr || bias == nullptr) return x;
    const int modulation = dense(name + ".modulated_conv.modulation", style);
    x = graph_.add(name + ".modulated", Arithmetic{Arithmetic::Kind::kMultiply}, {x, modulation});
    Convolution layer;
    layer.in_channels = static_cast<int>(weights->shape[2]);
    layer.out_channels = kColours;
    layer.kernel_height = layer.kernel_width = 1;
    layer.weights = weights->values;
    layer.bias = bias->values;
    return graph_.add(name, std::move(layer), {x});
  }

  // Of each output and input channel the squares of the kernel, summed over its taps and halved.
  static Weights half_squares(const Weights& weights, std::size_t taps) {
    const std::vector<float> values = weights.values();
    std::vector<float> sums(values.size() / taps);
    for (std::size_t at = 0; at < values.size(); ++at) sums[at / taps] += values[at] * values[at] / 2;
    return Weights(std::move(sums));
  }

  int residual_block(const std::string& name, int x, float factor) {
    int inner = leaky(convolution(name + ".conv1", x, 3));
    inner = leaky(convolution(name + ".conv2", resized(inner, factor), 3));
    const int skip = convolution(name + ".skip", resized(x, factor), 1, false);
    return graph_.add(name, Arithmetic{}, {skip, inner});
  }

  int condition(const std::string& name, int x) {
    return convolution(name + ".2", leaky(convolution(name + ".0", x, 3)), 3);
  }

  int convolution(const std::string& name, int x, int kernel, bool has_bias = true) {
    const Tensor* weights = tensor(name + ".weight", {0, 0, kernel, kernel});
    if (weights == nullptr) return x;
    Convolution layer;
    layer.out_channels = static_cast<int>(weights->shape[0]);
    layer.in_channels = static_cast<int>(weights->shape[1]);
    layer.kernel_height = layer.kernel_width = kernel;
    const int around = kernel / 2;
    layer.padding = {around, around, around, around};
    layer.weights = weights->values;
    const Tensor* bias = has_bias ? tensor(name + ".bias", {weights->shape[0]}) : nullptr;
    if (bias != nullptr) layer.bias = bias->values;
    return graph_.add(name, std::move(layer), {x});
  }

  int dense(const std::string& name, int x) {
    const Tensor* weights = tensor(name + ".weight", {0, 0}, kColumnsMax);
    const Tensor* bias = weights == nullptr ? nullptr : tensor(name + ".bias", {weights->shape[0]}, kColumnsMax);
    if (bias == nullptr) return x;
    Dense layer;
    layer.out_count = static_cast<int>(weights->shape[0]);
    layer.in_count = static_cast<int>(weights->shape[1]);
    layer.weights = weights->values;
    layer.bias = bias->values;
    return graph_.add(name, std::move(layer), {x});
  }

  // The encoder answers a latent for each of the decoder's layers.
  int latent(int index) {
    const Tensor* all = tensor("final_linear.bias", {0}, kColumnsMax);
    if (all == nullptr) return 0;
    const int layers = 2 * levels_ + 2;
    const int features = static_cast<int>(all->shape[0]) / layers;
    if (features < 1 || all->shape[0] % layers != 0) fail_with("final_linear.bias is not of as many latents");
    return graph_.add("latent", Slice{Axis::kChannel, index * features, (index + 1) * features}, {latents_});
  }

  int leaky(int x) { return graph_.add("leaky", Activation{Activation::Kind::kLeakyRelu, kSlope, 0, {}}, {x}); }

  int resized(int x, float factor) {
    Resize layer;
    layer.mode = Resize::Mode::kBilinear;
    layer.factor_y = layer.factor_x = factor;
    return graph_.add("resized", layer, {x});
  }

  bool has(const std::string& name) const { return tensors_.contains(name); }

  // A tensor of this shape, where 0 stands for any length within bounds; null, with the error kept, when it is not.
  const Tensor* tensor(const std::string& name, std::vector<std::int64_t> shape, std::int64_t most = kChannelsMax) {
    const auto found = tensors_.find(name);
    bool fits = found != tensors_.end() && found->second.shape.size() == shape.size();
    for (std::size_t at = 0; fits && at < shape.size(); ++at) {
      const std::int64_t length = found->second.shape[at];
      fits = shape[at] == 0 ? length >= 1 && length <= most : length == shape[at];
    }
    if (fits) return &found->second;
    fail_with(name + " is missing or of another shape");
    return nullptr;
  }

  void fail_with(const std::string& what) {
    if (!error_) error_ = fail(ErrorCode::kInvalidInput, "the tensor " + what).error();
  }

  static constexpr std::int64_t kColumnsMax = 1 << 18;  // of a matrix, either way

  const Tensors& tensors_;
  Graph graph_;
  std::optional<Error> error_;
  int levels_ = 0;
  int latents_ = 0;
  std::vector<int> scales_, shifts_;  // of each level
};

}  // namespace

Result<Graph> build_gfpgan(const Tensors& tensors) {
  return Builder(tensors).build();
}

bool is_gfpgan(const Tensors& tensors) {
  return tensors.contains("conv_body_first.weight") &&
         tensors.contains(in_decoder("style_conv1.modulated_conv.weight"));
}

}  // namespace tintype::engine
