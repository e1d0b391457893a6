#include "engine/model/architectures.h"

namespace tintype::engine {

namespace {

constexpr int kColours = 3;
constexpr int kBlocksMax = 256;

std::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "the tensor " + what);
}

// Builds a graph from tensors by name. The first thing that is missing or does not fit is kept, and ends the building.
class Builder {
 public:
  explicit Builder(const Tensors& tensors) : tensors_(tensors) {}

  Graph graph;
  std::optional<Error> error;

  const Tensor* find(const std::string& name) const {
    const auto found = tensors_.find(name);
    return found == tensors_.end() ? nullptr : &found->second;
  }

  int input() { return graph.add("input", Input{{kColours, 0, 0}}, {}); }

  // 3 x 3 over zero padding. The channels are the tensor's.
  int convolution(const std::string& name, int from, std::optional<double> denoise_strength = std::nullopt) {
    Convolution layer;
    const Tensor* weights = find(name + ".weight");
    if (weights == nullptr || weights->shape.size() != 4 || weights->shape[2] != 3 || weights->shape[3] != 3) {
      fail_with(name + ".weight is missing or of another shape");
      return from;
    }
    layer.out_channels = static_cast<int>(weights->shape[0]);
    layer.in_channels = static_cast<int>(weights->shape[1]);
    layer.padding = {1, 1, 1, 1};
    layer.weights = weights->values;
    layer.bias = vector(name + ".bias", weights->shape[0]);
    if (denoise_strength) {
      std::vector<float> values = layer.bias.values();
      const std::vector<float> changes = vector(name + ".bias.denoise", weights->shape[0]).values();
      for (std::size_t at = 0; at < changes.size() && at < values.size(); ++at) {
        values[at] += static_cast<float>(*denoise_strength) * changes[at];
      }
      layer.bias = Weights(std::move(values));
    }
    return graph.add(name, std::move(layer), {from});
  }

  int prelu(const std::string& name, int from, std::int64_t channels) {
    return graph.add(name, Activation{Activation::Kind::kPRelu, 0, 0, vector(name + ".weight", channels)}, {from});
  }

  int leaky(int from) { return graph.add("leaky", Activation{Activation::Kind::kLeakyRelu, 0.2F, 0, {}}, {from}); }
  int sum(int a, int b) { return graph.add("sum", Arithmetic{}, {a, b}); }
  int scaled_sum(int scaled, int added) {
    return sum(graph.add("scaled", Arithmetic{Arithmetic::Kind::kMultiply, 0.2F}, {scaled}), added);
  }
  int enlarged(int from, int factor) {
    Resize layer;
    layer.factor_y = layer.factor_x = static_cast<float>(factor);
    return graph.add("enlarged", layer, {from});
  }

  Result<Graph> done(int output) {
    if (error) return std::unexpected(*error);
    graph.outputs = {output};
    return std::move(graph);
  }

 private:
  Weights vector(const std::string& name, std::int64_t length) {
    const Tensor* tensor = find(name);
    if (tensor == nullptr || tensor->shape.size() != 1 || tensor->shape[0] != length) {
      fail_with(name + " is missing or of another shape");
      return {};
    }
    return tensor->values;
  }

  void fail_with(const std::string& what) {
    if (!error) error = wrong(what).error();
  }

  const Tensors& tensors_;
};

// What SRVGGNetCompact adds to its enlarged input: convolutions and PReLUs by turns, as many as there are.
int add_compact(Builder& builder, const std::string& prefix, int input, const SrvggOptions& options) {
  int last = input;
  if (options.unshuffle > 1) last = builder.graph.add("unshuffle", PixelUnshuffle{options.unshuffle}, {last});
  for (int at = 0; at < 2 * kBlocksMax && !builder.error; at += 2) {
    const std::string name = prefix + "." + std::to_string(at);
    last = builder.convolution(name, last, options.denoise_strength);
    const std::string bent = prefix + "." + std::to_string(at + 1);
    if (builder.error || builder.find(bent + ".weight") == nullptr) break;
    last = builder.prelu(bent, last, builder.find(name + ".weight")->shape[0]);
  }
  return builder.graph.add("shuffle", PixelShuffle{options.scale * options.unshuffle}, {last});
}

// A residual dense block of five convolutions.
int add_dense_block(Builder& builder, const std::string& name, int x) {
  std::vector<int> parts{x};
  int last = x;
  for (int at = 1; at <= 5; ++at) {
    const int joined = parts.size() == 1 ? x : builder.graph.add("joined", Concat{}, parts);
    last = builder.convolution(name + ".conv" + std::to_string(at), joined);
    if (at == 5) break;
    last = builder.leaky(last);
    parts.push_back(last);
  }
  return builder.scaled_sum(last, x);
}

}  // namespace

Result<Graph> build_srvgg(const Tensors& tensors, const SrvggOptions& options) {
  Builder builder(tensors);
  int input = builder.input();
  const double strength = options.denoise_strength.value_or(0);
  if (strength > 0 && builder.find("denoiser.0.weight") != nullptr) {
    const int noise = add_compact(builder, "denoiser", input, {1, options.unshuffle, std::nullopt});
    const Arithmetic share{Arithmetic::Kind::kMultiply, static_cast<float>(strength)};
    input = builder.sum(builder.graph.add("share of the noise", share, {noise}), input);
  }
  const int detail = add_compact(builder, "body", input, options);
  return builder.done(builder.sum(detail, builder.enlarged(input, options.scale)));
}

Result<Graph> build_edsr(const Tensors& tensors, int scale) {
  Builder builder(tensors);
  const int input = builder.input();
  const int first = builder.convolution("first", input);
  int last = first;
  for (int block = 0; block < kBlocksMax && !builder.error; ++block) {
    const std::string name = "blocks." + std::to_string(block);
    const Tensor* slopes = builder.find(name + ".1.weight");
    if (slopes == nullptr) break;
    const int expanded = builder.convolution(name + ".0", last);
    const int bent = builder.prelu(name + ".1", expanded, static_cast<std::int64_t>(slopes->values.size()));
    last = builder.sum(builder.convolution(name + ".2", bent), last);
  }
  last = builder.sum(builder.convolution("last", last), first);
  last = builder.graph.add("shuffle", PixelShuffle{scale}, {builder.convolution("shuffled", last)});
  return builder.done(builder.sum(last, builder.enlarged(input, scale)));
}

Result<Graph> build_rrdb(const Tensors& tensors) {
  Builder builder(tensors);
  const Tensor* first = builder.find("conv_first.weight");
  if (first == nullptr || first->shape.size() != 4) return wrong("conv_first.weight is missing or of another shape");
  int x = builder.input();
  // Networks for smaller scales fold their input, so that all of them enlarge by 4 at the end.
  const std::int64_t area = first->shape[1] / kColours;
  const int unshuffle = area == 16 ? 4 : area == 4 ? 2 : 1;
  if (area != std::int64_t{unshuffle} * unshuffle || first->shape[1] % kColours != 0) {
    return wrong("conv_first.weight is for an input that is not known here");
  }
  if (unshuffle > 1) x = builder.graph.add("unshuffle", PixelUnshuffle{unshuffle}, {x});
  x = builder.convolution("conv_first", x);
  const int trunk = x;
  for (int block = 0; block < kBlocksMax; ++block) {
    const std::string name = "body." + std::to_string(block);
    if (builder.find(name + ".rdb1.conv1.weight") == nullptr) break;
    const int before = x;
    for (const char* part : {".rdb1", ".rdb2", ".rdb3"}) x = add_dense_block(builder, name + part, x);
    x = builder.scaled_sum(x, before);
  }
  x = builder.sum(trunk, builder.convolution("conv_body", x));
  x = builder.leaky(builder.convolution("conv_up1", builder.enlarged(x, 2)));
  x = builder.leaky(builder.convolution("conv_up2", builder.enlarged(x, 2)));
  x = builder.leaky(builder.convolution("conv_hr", x));
  return builder.done(builder.convolution("conv_last", x));
}

bool is_rrdb(const Tensors& tensors) {
  return tensors.contains("conv_first.weight") && tensors.contains("body.0.rdb1.conv1.weight");
}

}  // namespace tintype::engine
