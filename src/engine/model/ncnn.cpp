#include "engine/model/ncnn.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>

namespace tintype::engine {

namespace {

constexpr std::size_t kTextBytesMax = 4 << 20;
constexpr int kLayersMax = 65'536;
constexpr int kArrayMax = 64;
constexpr int kWeightsMax = 256 << 20;
constexpr const char* kMagic = "7767517";
constexpr std::uint32_t kFlagF32 = 0;
constexpr std::uint32_t kFlagF16 = 0x01306B47;

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "The ncnn network is invalid: " + what);
}

// The words of a text, one by one, line by line.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::string_view next() {
    const std::size_t begin = text_.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || text_[begin] == '\n') return {};
    text_.remove_prefix(begin);
    const std::string_view word = text_.substr(0, text_.find_first_of(" \t\r\n"));
    text_.remove_prefix(word.size());
    return word;
  }
  bool next_line() {
    const std::size_t end = text_.find('\n');
    if (end == std::string_view::npos) return false;
    text_.remove_prefix(end + 1);
    return !text_.empty();
  }

 private:
  std::string_view text_;
};

std::optional<int> as_int(std::string_view word) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<float> as_float(std::string_view word) {
  float value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// What stands behind a layer's names: numbers and arrays of numbers by key.
class Parameters {
 public:
  // "3=1", "1=4.0e+00" or "-23310=2,0.1,6": an array of key 10.
  bool add(std::string_view word) {
    constexpr int kArrays = -23300;
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return false;
    const auto key = as_int(word.substr(0, equals));
    if (!key || *key < kArrays - kArrayMax || *key > kArrayMax) return false;
    std::vector<float> values;
    for (std::string_view rest = word.substr(equals + 1); !rest.empty();) {
      const std::size_t comma = rest.find(',');
      const auto value = as_float(rest.substr(0, comma));
      if (!value || values.size() > kArrayMax) return false;
      values.push_back(*value);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    if (values.empty()) return false;
    if (*key > kArrays) {
      values_[*key] = values[0];
      return values.size() == 1;
    }
    const bool counted = values[0] == static_cast<float>(values.size() - 1);
    values.erase(values.begin());
    arrays_[kArrays - *key] = std::move(values);
    return counted;
  }

  float number(int key, float otherwise) const {
    const auto found = values_.find(key);
    return found == values_.end() ? otherwise : found->second;
  }
  // Out of range becomes something that no check lets pass.
  int integer(int key, int otherwise) const {
    constexpr float kMost = 1 << 30;
    const float value = number(key, static_cast<float>(otherwise));
    return std::abs(value) <= kMost ? static_cast<int>(value) : -(1 << 30);
  }
  std::vector<float> array(int key) const {
    const auto found = arrays_.find(key);
    return found == arrays_.end() ? std::vector<float>() : found->second;
  }

 private:
  std::map<int, float> values_;
  std::map<int, std::vector<float>> arrays_;
};

// Reads the weights one after another.
class Loader {
 public:
  Loader(const std::shared_ptr<const void>& owner, std::string_view bytes) : owner_(owner), bytes_(bytes) {}

  // Numbers behind a word that says how they are stored.
  std::optional<Weights> flagged(std::int64_t count) {
    std::uint32_t flag = 0;
    if (bytes_.size() < sizeof flag) return std::nullopt;
    std::memcpy(&flag, bytes_.data(), sizeof flag);
    bytes_.remove_prefix(sizeof flag);
    if (flag == kFlagF32) return take(count, NumberType::kF32);
    if (flag == kFlagF16) return take(count, NumberType::kF16);
    return std::nullopt;
  }
  std::optional<Weights> plain(std::int64_t count) { return take(count, NumberType::kF32); }

 private:
  std::optional<Weights> take(std::int64_t count, NumberType type) {
    if (count < 0 || count > kWeightsMax) return std::nullopt;
    const std::size_t bytes = static_cast<std::size_t>(count) * bytes_of(type);
    const std::size_t padded = (bytes + 3) / 4 * 4;
    if (padded > bytes_.size()) return std::nullopt;
    Weights weights(owner_, bytes_.substr(0, bytes), type);
    bytes_.remove_prefix(padded);
    return weights;
  }

  const std::shared_ptr<const void>& owner_;
  std::string_view bytes_;
};

// ncnn tells vectors and matrices from pictures; here a vector is channels x 1 x 1 and a matrix 1 x rows x columns.
struct Blob {
  int node = 0;
  int dimensions = 3;
};

class Reading {
 public:
  Reading(const std::shared_ptr<const void>& owner, std::string_view weights) : loader_(owner, weights) {}

  Result<Graph> run(std::string_view text) {
    if (text.size() > kTextBytesMax) return invalid("its .param file is too large");
    Words words(text);
    if (words.next() != kMagic) return invalid("its .param file does not begin with " + std::string(kMagic));
    if (!words.next_line()) return invalid("its .param file ends in the first line");
    const auto layers = as_int(words.next());
    if (!layers || *layers < 1 || *layers > kLayersMax) return invalid("it has a bad count of layers");
    for (int layer = 0; layer < *layers; ++layer) {
      if (!words.next_line()) return invalid("it ends before its last layer");
      if (auto read = read_layer(words); !read) return std::unexpected(read.error());
    }
    for (const auto& [name, blob] : blobs_) {
      if (!used_.contains(name)) graph_.outputs.push_back(blob.node);
    }
    std::ranges::sort(graph_.outputs);
    return std::move(graph_);
  }

 private:
  using Wrong = std::optional<std::string>;

  Result<void> read_layer(Words& words) {
    const std::string type(words.next());
    name_ = words.next();
    const auto bottoms = as_int(words.next()), tops = as_int(words.next());
    const auto at_fault = [&](const std::string& why) {
      return invalid("layer '" + name_ + "' (" + type + ") " + why);
    };
    if (name_.empty() || !bottoms || !tops || *bottoms < 0 || *bottoms > kLayersMax || *tops < 1 ||
        *tops > kLayersMax) {
      return at_fault("has a bad line");
    }
    inputs_.clear();
    for (int bottom = 0; bottom < *bottoms; ++bottom) {
      const std::string blob(words.next());
      const auto found = blobs_.find(blob);
      if (found == blobs_.end()) return at_fault("takes '" + blob + "', which nothing before it makes");
      used_.insert(blob);
      inputs_.push_back(found->second);
    }
    std::vector<std::string> made;
    for (int top = 0; top < *tops; ++top) made.emplace_back(words.next());
    parameters_ = {};
    for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
      if (!parameters_.add(word)) return at_fault("has a bad parameter '" + std::string(word) + "'");
    }
    const auto known = kinds().find(type);
    if (known == kinds().end()) return at_fault("is of a kind that is not known here");
    if (const bool wants = type != "Input"; wants == inputs_.empty()) return at_fault("has a wrong count of inputs");
    result_ = {};
    if (const Wrong wrong = (this->*known->second)(); wrong) return at_fault(*wrong);
    for (const std::string& blob : made) {
      if (blob.empty() || !blobs_.emplace(blob, result_).second)
        return at_fault("makes '" + blob + "', which is there");
    }
    return {};
  }

  using Read = Wrong (Reading::*)();
  static const std::map<std::string, Read>& kinds() {
    static const std::map<std::string, Read> kinds = {
        {"Input", &Reading::input},
        {"Convolution", &Reading::convolution},
        {"ConvolutionDepthWise", &Reading::convolution},
        {"Deconvolution", &Reading::deconvolution},
        {"DeconvolutionDepthWise", &Reading::deconvolution},
        {"InnerProduct", &Reading::inner_product},
        {"PReLU", &Reading::prelu},
        {"ReLU", &Reading::relu},
        {"Sigmoid", &Reading::sigmoid},
        {"TanH", &Reading::tanh},
        {"Clip", &Reading::clip},
        {"HardSwish", &Reading::hard_swish},
        {"HardSigmoid", &Reading::hard_sigmoid},
        {"BinaryOp", &Reading::binary},
        {"Eltwise", &Reading::eltwise},
        {"Concat", &Reading::concat},
        {"Crop", &Reading::crop},
        {"Padding", &Reading::padding},
        {"Interp", &Reading::interp},
        {"Pooling", &Reading::pooling},
        {"PixelShuffle", &Reading::pixel_shuffle},
        {"Softmax", &Reading::softmax},
        {"Reshape", &Reading::reshape},
        {"Flatten", &Reading::flatten},
        {"Permute", &Reading::permute},
        {"BatchNorm", &Reading::batch_norm},
        {"Scale", &Reading::scale},
        {"Split", &Reading::same},
        {"Dropout", &Reading::same},
        {"Noop", &Reading::same},
    };
    return kinds;
  }

  void add(Layer layer, int dimensions) {
    std::vector<int> nodes;
    for (const Blob& input : inputs_) nodes.push_back(input.node);
    result_ = {graph_.add(name_, std::move(layer), std::move(nodes)), dimensions};
  }
  void add_like_input(Layer layer) { add(std::move(layer), inputs_[0].dimensions); }

  // What a convolution does last, by keys 9 and 10.
  Wrong read_activation(Activation& activation) const {
    const std::vector<float> values = parameters_.array(10);
    const auto value = [&](std::size_t at) { return at < values.size() ? values[at] : 0.0F; };
    switch (parameters_.integer(9, 0)) {
      case 0: break;
      case 1: activation.kind = Activation::Kind::kRelu; break;
      case 2: activation = {Activation::Kind::kLeakyRelu, value(0), 0, {}}; break;
      case 3: activation = {Activation::Kind::kClip, value(0), value(1), {}}; break;
      case 4: activation.kind = Activation::Kind::kSigmoid; break;
      case 6: activation = {Activation::Kind::kHardSwish, value(0), value(1), {}}; break;
      default: return "has an activation that is not known here";
    }
    return {};
  }

  // Keys 4, 14, 15 and 16. Sides that are to be found out at run time are refused later, as they are negative.
  Sides read_sides() const {
    const int left = parameters_.integer(4, 0), top = parameters_.integer(14, left);
    return {top, left, parameters_.integer(16, top), parameters_.integer(15, left)};
  }

  // Channels of the input, by the count of weights. -1 when that does not come out.
  static int channels_in(std::int64_t weights, std::int64_t out, std::int64_t taps, std::int64_t groups) {
    if (out <= 0 || taps <= 0 || groups <= 0 || weights <= 0 || out > kWeightsMax || taps > kWeightsMax / out)
      return -1;
    const std::int64_t in = weights / (out * taps) * groups;
    return weights % (out * taps) == 0 && in <= kWeightsMax ? static_cast<int>(in) : -1;
  }

  template <class Layer>
  Wrong read_kernel(Layer& layer) {
    layer.out_channels = parameters_.integer(0, 0);
    layer.kernel_width = parameters_.integer(1, 0);
    layer.kernel_height = parameters_.integer(11, layer.kernel_width);
    layer.stride_x = parameters_.integer(3, 1);
    layer.stride_y = parameters_.integer(13, layer.stride_x);
    layer.groups = parameters_.integer(7, 1);
    const int count = parameters_.integer(6, 0);
    layer.in_channels =
        channels_in(count, layer.out_channels, std::int64_t{layer.kernel_width} * layer.kernel_height, layer.groups);
    if (layer.in_channels < 1) return "has a count of weights that does not fit its kernel";
    if (parameters_.integer(8, 0) != 0) return "has int8 weights, which are not known here";
    auto weights = loader_.flagged(count);
    if (!weights) return "has weights that are cut short or stored in a way not known here";
    layer.weights = std::move(*weights);
    if (parameters_.integer(5, 0) != 0) {
      auto bias = loader_.plain(layer.out_channels);
      if (!bias) return "has a bias that is cut short";
      layer.bias = std::move(*bias);
    }
    return read_activation(layer.activation);
  }

  Wrong input() {
    const int channels = parameters_.integer(2, 3);
    add(Input{{channels, parameters_.integer(1, 0), parameters_.integer(0, 0)}}, 3);
    return {};
  }

  Wrong convolution() {
    Convolution layer;
    layer.dilation_x = parameters_.integer(2, 1);
    layer.dilation_y = parameters_.integer(12, layer.dilation_x);
    layer.padding = read_sides();
    if (const Wrong wrong = read_kernel(layer); wrong) return wrong;
    if (parameters_.number(18, 0) != 0) return "pads by something else than zeros";
    add(std::move(layer), 3);
    return {};
  }

  Wrong deconvolution() {
    Deconvolution layer;
    layer.crop = read_sides();
    if (parameters_.integer(2, 1) != 1 || parameters_.integer(18, 0) != 0 || parameters_.integer(19, 0) != 0) {
      return "has a dilation or an output padding, which are not known here";
    }
    if (const Wrong wrong = read_kernel(layer); wrong) return wrong;
    if (layer.in_channels % layer.groups != 0 || layer.out_channels % layer.groups != 0) return "has bad groups";
    // ncnn has the output channels first.
    const std::vector<float> stored = layer.weights.values();
    std::vector<float> values(stored.size());
    const auto in = static_cast<std::size_t>(layer.in_channels / layer.groups);
    const auto out = static_cast<std::size_t>(layer.out_channels / layer.groups);
    const std::size_t taps = stored.size() / (in * out * static_cast<std::size_t>(layer.groups));
    for (std::size_t group = 0; group < static_cast<std::size_t>(layer.groups); ++group) {
      for (std::size_t i = 0; i < in; ++i) {
        for (std::size_t o = 0; o < out; ++o) {
          std::memcpy(&values[((group * in + i) * out + o) * taps], &stored[((group * out + o) * in + i) * taps],
                      taps * sizeof(float));
        }
      }
    }
    layer.weights = Weights(std::move(values));
    add(std::move(layer), 3);
    return {};
  }

  Wrong inner_product() {
    Dense layer;
    const int count = parameters_.integer(2, 0);
    layer.out_count = parameters_.integer(0, 0);
    layer.in_count = channels_in(count, layer.out_count, 1, 1);
    if (layer.in_count < 1) return "has a count of weights that does not fit";
    if (parameters_.integer(8, 0) != 0) return "has int8 weights, which are not known here";
    auto weights = loader_.flagged(count);
    if (!weights) return "has weights that are cut short or stored in a way not known here";
    layer.weights = std::move(*weights);
    if (parameters_.integer(1, 0) != 0) {
      auto bias = loader_.plain(layer.out_count);
      if (!bias) return "has a bias that is cut short";
      layer.bias = std::move(*bias);
    }
    if (const Wrong wrong = read_activation(layer.activation); wrong) return wrong;
    add(std::move(layer), 1);
    return {};
  }

  Wrong prelu() {
    auto slopes = loader_.plain(parameters_.integer(0, 0));
    if (!slopes || slopes->empty()) return "has slopes that are cut short";
    add_like_input(Activation{Activation::Kind::kPRelu, 0, 0, std::move(*slopes)});
    return {};
  }
  Wrong relu() {
    const float slope = parameters_.number(0, 0);
    add_like_input(slope == 0 ? Activation{Activation::Kind::kRelu, 0, 0, {}}
                              : Activation{Activation::Kind::kLeakyRelu, slope, 0, {}});
    return {};
  }
  Wrong sigmoid() {
    add_like_input(Activation{Activation::Kind::kSigmoid, 0, 0, {}});
    return {};
  }
  Wrong tanh() {
    add_like_input(Activation{Activation::Kind::kTanh, 0, 0, {}});
    return {};
  }
  Wrong clip() {
    add_like_input(
        Activation{Activation::Kind::kClip, parameters_.number(0, -3e38F), parameters_.number(1, 3e38F), {}});
    return {};
  }
  Wrong hard_swish() {
    add_like_input(
        Activation{Activation::Kind::kHardSwish, parameters_.number(0, 0.2F), parameters_.number(1, 0.5F), {}});
    return {};
  }
  Wrong hard_sigmoid() {
    add_like_input(
        Activation{Activation::Kind::kHardSigmoid, parameters_.number(0, 0.2F), parameters_.number(1, 0.5F), {}});
    return {};
  }

  Wrong binary() {
    constexpr Arithmetic::Kind kKinds[] = {Arithmetic::Kind::kAdd,      Arithmetic::Kind::kSubtract,
                                           Arithmetic::Kind::kMultiply, Arithmetic::Kind::kDivide,
                                           Arithmetic::Kind::kMaximum,  Arithmetic::Kind::kMinimum};
    const int kind = parameters_.integer(0, 0);
    if (kind < 0 || kind > 5) return "is a kind of arithmetic that is not known here";
    const bool with_scalar = parameters_.integer(1, 0) != 0;
    if (inputs_.size() != (with_scalar ? 1U : 2U)) return "has a wrong count of inputs";
    int dimensions = 0;
    for (const Blob& input : inputs_) dimensions = std::max(dimensions, input.dimensions);
    add(Arithmetic{kKinds[kind], parameters_.number(2, 0)}, dimensions);
    return {};
  }

  Wrong eltwise() {
    constexpr Arithmetic::Kind kKinds[] = {Arithmetic::Kind::kMultiply, Arithmetic::Kind::kAdd,
                                           Arithmetic::Kind::kMaximum};
    const int kind = parameters_.integer(0, 0);
    if (kind < 0 || kind > 2 || inputs_.size() != 2 || !parameters_.array(1).empty()) {
      return "is a kind of arithmetic that is not known here";
    }
    add_like_input(Arithmetic{kKinds[kind], 0});
    return {};
  }

  // Axes are counted from the outermost that a blob has; negative ones from the innermost.
  std::optional<Axis> axis_of(int axis) const {
    const int dimensions = inputs_[0].dimensions;
    const int place = axis < 0 ? dimensions + axis : axis;
    if (place < 0 || place >= dimensions) return std::nullopt;
    if (dimensions == 1) return Axis::kChannel;
    return static_cast<Axis>(place + 3 - dimensions);
  }

  Wrong concat() {
    const auto axis = axis_of(parameters_.integer(0, 0));
    if (!axis) return "joins along an axis that is not there";
    add_like_input(Concat{*axis});
    return {};
  }

  Wrong crop() {
    const std::vector<float> starts = parameters_.array(9), ends = parameters_.array(10), axes = parameters_.array(11);
    if (starts.empty() || starts.size() != ends.size() || starts.size() != axes.size()) {
      return "does not name starts, ends and axes";
    }
    for (std::size_t at = 0; at < axes.size(); ++at) {
      const auto axis = std::abs(axes[at]) <= kArrayMax ? axis_of(static_cast<int>(axes[at])) : std::nullopt;
      if (!axis || std::abs(starts[at]) > kLayersMax) return "cuts along an axis that is not there";
      const float end = std::abs(ends[at]) > kLayersMax ? 0 : ends[at];  // ncnn's way of saying: to the end
      add_like_input(Slice{*axis, static_cast<int>(starts[at]), static_cast<int>(end)});
      inputs_ = {result_};
    }
    return {};
  }

  Wrong padding() {
    const int mode = parameters_.integer(4, 0);
    if (mode < 0 || mode > 2 || parameters_.integer(7, 0) != 0 || parameters_.integer(8, 0) != 0) {
      return "pads in a way that is not known here";
    }
    Pad layer;
    layer.sides = {parameters_.integer(0, 0), parameters_.integer(2, 0), parameters_.integer(1, 0),
                   parameters_.integer(3, 0)};
    layer.mode = static_cast<Pad::Mode>(mode);
    layer.value = parameters_.number(5, 0);
    add_like_input(layer);
    return {};
  }

  Wrong interp() {
    const int mode = parameters_.integer(0, 0);
    if (mode < 1 || mode > 3) return "resizes in a way that is not known here";
    Resize layer;
    layer.mode = static_cast<Resize::Mode>(mode - 1);
    layer.factor_y = parameters_.number(1, 1);
    layer.factor_x = parameters_.number(2, 1);
    layer.height = parameters_.integer(3, 0);
    layer.width = parameters_.integer(4, 0);
    layer.align_corners = parameters_.integer(6, 0) != 0;
    add(layer, 3);
    return {};
  }

  Wrong pooling() {
    Pool layer;
    if (parameters_.integer(7, 0) != 0) return "is an adaptive pooling, which is not known here";
    layer.kind = parameters_.integer(0, 0) == 0 ? Pool::Kind::kMaximum : Pool::Kind::kAverage;
    layer.global = parameters_.integer(4, 0) != 0;
    layer.kernel_width = parameters_.integer(1, 0);
    layer.kernel_height = parameters_.integer(11, layer.kernel_width);
    layer.stride_x = parameters_.integer(2, 1);
    layer.stride_y = parameters_.integer(12, layer.stride_x);
    const int left = parameters_.integer(3, 0), top = parameters_.integer(13, left);
    layer.padding = {top, left, parameters_.integer(15, top), parameters_.integer(14, left)};
    const int mode = parameters_.integer(5, 0);
    if (mode != 0 && mode != 1) return "pads in a way that is not known here";
    layer.ceil = mode == 0;
    layer.count_padding = parameters_.integer(6, 0) != 0;
    add(layer, layer.global ? 1 : 3);
    return {};
  }

  Wrong pixel_shuffle() {
    if (parameters_.integer(1, 0) != 0) return "shuffles in an order that is not known here";
    add(PixelShuffle{parameters_.integer(0, 1)}, 3);
    return {};
  }

  Wrong softmax() {
    const auto axis = axis_of(parameters_.integer(0, 0));
    if (!axis) return "is along an axis that is not there";
    add_like_input(Softmax{*axis});
    return {};
  }

  Wrong reshape() {
    constexpr int kAbsent = -233;
    const int width = parameters_.integer(0, kAbsent), height = parameters_.integer(1, kAbsent);
    const int channels = parameters_.integer(2, kAbsent);
    if (width == 0 || height == 0 || channels == 0) return "keeps a length, which is not known here";
    if (height == kAbsent) {
      add(Reshape{{width, 1, 1}}, 1);
    } else if (channels == kAbsent) {
      add(Reshape{{1, height, width}}, 2);
    } else {
      add(Reshape{{channels, height, width}}, 3);
    }
    return {};
  }

  Wrong flatten() {
    add(Reshape{{-1, 1, 1}}, 1);
    return {};
  }

  // Which axis of the input becomes columns, rows, channels.
  Wrong permute() {
    using enum Axis;
    constexpr std::array<Axis, 3> kOrders[] = {{kChannel, kHeight, kWidth}, {kChannel, kWidth, kHeight},
                                               {kHeight, kChannel, kWidth}, {kHeight, kWidth, kChannel},
                                               {kWidth, kChannel, kHeight}, {kWidth, kHeight, kChannel}};
    const int order = parameters_.integer(0, 0);
    if (order < 0 || order > 5 || inputs_[0].dimensions != 3) return "has an order that is not known here";
    add(Permute{kOrders[order]}, 3);
    return {};
  }

  Wrong batch_norm() {
    const int channels = parameters_.integer(0, 0);
    std::vector<float> parts[4];  // slope, mean, variance, bias
    for (std::vector<float>& part : parts) {
      const auto weights = loader_.plain(channels);
      if (!weights) return "has numbers that are cut short";
      part = weights->values();
    }
    std::vector<float> factors, offsets;
    for (std::size_t channel = 0; channel < parts[0].size(); ++channel) {
      const float factor = parts[0][channel] / std::sqrt(parts[2][channel] + parameters_.number(1, 0));
      factors.push_back(factor);
      offsets.push_back(parts[3][channel] - parts[1][channel] * factor);
    }
    add_like_input(Affine{Weights(std::move(factors)), Weights(std::move(offsets))});
    return {};
  }

  Wrong scale() {
    Affine layer;
    const int channels = parameters_.integer(0, 0);
    auto factors = loader_.plain(channels);
    if (!factors) return "has numbers that are cut short";
    layer.factors = std::move(*factors);
    if (parameters_.integer(1, 0) != 0) {
      auto offsets = loader_.plain(channels);
      if (!offsets) return "has numbers that are cut short";
      layer.offsets = std::move(*offsets);
    }
    add_like_input(std::move(layer));
    return {};
  }

  Wrong same() {
    result_ = inputs_[0];
    return {};
  }

  Loader loader_;
  Graph graph_;
  std::map<std::string, Blob, std::less<>> blobs_;
  std::set<std::string, std::less<>> used_;
  std::string name_;          // of the layer that is being read, with its
  std::vector<Blob> inputs_;  // inputs,
  Parameters parameters_;     // parameters
  Blob result_;               // and result
};

}  // namespace

Result<Graph> read_ncnn(std::string_view parameters, const std::shared_ptr<const void>& owner,
                        std::string_view weights) {
  return Reading(owner, weights).run(parameters);
}

}  // namespace tintype::engine
