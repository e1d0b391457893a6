// ONNX networks as PyTorch exports them, against what PyTorch makes of them (training/expected_onnx.py), and files
// written here for what it does not export.
#include "engine/model/onnx.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>

#include "engine/model/model.h"
#include "engine/net/network.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kNetworks = fs::path(TINTYPE_SOURCE_DIR) / "tests/networks";

// The formula of expected_ncnn.py, as planes.
std::vector<float> picture(const Shape& shape) {
  std::vector<float> planes;
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) {
        planes.push_back(static_cast<float>(0.5 + 0.3 * std::sin(0.31 * x + c) * std::cos(0.17 * y) +
                                            0.2 * std::sin(0.05 * x * y / (c + 1))));
      }
    }
  }
  return planes;
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Result<Graph> read_text(const std::string& bytes) {
  const auto kept = std::make_shared<const std::string>(bytes);
  return read_onnx(kept, *kept);
}

std::vector<float> run_all(const Graph& graph, Backend backend, const Shape& input) {
  const auto network = Network::make(graph, backend, input.width);
  if (!network) ADD_FAILURE() << network.error().message;
  const auto outputs = network ? run_whole(*network, input, picture(input)) : std::unexpected(network.error());
  if (!outputs) ADD_FAILURE() << outputs.error().message;
  std::vector<float> all;
  if (!outputs) return all;
  for (const std::vector<float>& output : *outputs) all.insert(all.end(), output.begin(), output.end());
  return all;
}

void expect_answers(const Graph& graph, const Shape& input, const std::vector<float>& expected) {
  for (const Backend backend : {Backend::kReference, exact(best_backend())}) {
    SCOPED_TRACE(backend_name(backend));
    const std::vector<float> got = run_all(graph, backend, input);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t at = 0; at < got.size(); ++at) ASSERT_NEAR(got[at], expected[at], 1e-4F) << at;
  }
}

struct Exported {
  const char* name;
  int height, width;
  std::optional<int> scale;  // of one that takes pictures of any size
};

class ExportedNetwork : public testing::TestWithParam<Exported> {};

TEST_P(ExportedNetwork, AnswersWhatPyTorchDoes) {
  const Exported& exported = GetParam();
  const std::string base = "onnx-" + std::string(exported.name);
  const auto file = MappedFile::open(kNetworks / (base + ".onnx")).value();
  const auto graph = read_onnx(file, file->bytes());
  ASSERT_TRUE(graph) << graph.error().message;
  const std::string stored = read_file(kNetworks / (base + ".f32"));
  std::vector<float> expected(stored.size() / sizeof(float));
  std::memcpy(expected.data(), stored.data(), stored.size());
  expect_answers(*graph, {3, exported.height, exported.width}, expected);
  const auto geometry = geometry_of(*graph);
  ASSERT_EQ(geometry.has_value(), exported.scale.has_value());
  if (geometry) {
    EXPECT_EQ(geometry->scale, *exported.scale);
  }
}

INSTANTIATE_TEST_SUITE_P(Onnx, ExportedNetwork,
                         testing::Values(Exported{"srvgg-9", 14, 11, 2}, Exported{"srvgg-12", 12, 18, 2},
                                         Exported{"srvgg-16", 12, 10, 4}, Exported{"srvgg-fixed", 12, 18, {}},
                                         Exported{"unet-11", 29, 35, 1}, Exported{"unet-17", 32, 27, 1},
                                         Exported{"classifier-10", 32, 32, {}}, Exported{"classifier-14", 32, 32, {}},
                                         Exported{"parts-11", 13, 16, {}}, Exported{"parts-13", 12, 17, {}},
                                         Exported{"parts-17", 14, 15, {}}, Exported{"tokens-12", 16, 24, {}},
                                         Exported{"tokens-17", 24, 16, {}}),
                         [](const auto& info) {
                           std::string name = info.param.name;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// A message in the encoding of Protocol Buffers; fields have onnx.proto's numbers.
class Message {
 public:
  Message& number(int field, std::int64_t value) {
    varint(static_cast<std::uint64_t>(field) << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& bytes(int field, std::string_view value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 2);
    varint(value.size());
    text_ += value;
    return *this;
  }
  Message& real(int field, float value) {
    varint(static_cast<std::uint64_t>(field) << 3 | 5);
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  template <class Part>
  Message& all(int field, const std::vector<Part>& parts) {
    for (const Part& part : parts) bytes(field, part);
    return *this;
  }
  operator std::string() const { return text_; }       // NOLINT(google-explicit-constructor)
  operator std::string_view() const { return text_; }  // NOLINT(google-explicit-constructor)

  void varint(std::uint64_t value) {
    for (; value > 127; value >>= 7) text_ += static_cast<char>(value | 128);
    text_ += static_cast<char>(value);
  }

 private:
  std::string text_;
};

using Strings = std::vector<std::string>;
using Dims = std::vector<std::int64_t>;

template <class T>
std::string packed(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
std::string varints(const Dims& values) {
  Message message;
  for (const std::int64_t value : values) message.varint(static_cast<std::uint64_t>(value));
  return message;
}

Message tensor_of(const std::string& name, const Dims& dims, int type) {
  Message tensor;
  for (const std::int64_t length : dims) tensor.number(1, length);
  return tensor.number(2, type).bytes(8, name);
}
std::string floats(const std::string& name, const Dims& dims, const std::vector<float>& values) {
  return tensor_of(name, dims, 1).bytes(9, packed(values));
}
std::string integers(const std::string& name, const Dims& values) {
  return tensor_of(name, {static_cast<std::int64_t>(values.size())}, 7).bytes(9, packed(values));
}

std::string integer(const std::string& name, std::int64_t value) {
  return Message().bytes(1, name).number(3, value).number(20, 2);
}
std::string real(const std::string& name, float value) {
  return Message().bytes(1, name).real(2, value).number(20, 1);
}
std::string text(const std::string& name, const std::string& value) {
  return Message().bytes(1, name).bytes(4, value).number(20, 3);
}
std::string list(const std::string& name, const Dims& values) {
  Message attribute;
  attribute.bytes(1, name);
  for (const std::int64_t value : values) attribute.number(8, value);
  return attribute;
}
std::string tensor(const std::string& name, const std::string& value) {
  return Message().bytes(1, name).bytes(5, value).number(20, 4);
}

std::string node(const std::string& type, const Strings& inputs, const Strings& outputs,
                 const Strings& attributes = {}) {
  return Message().all(1, inputs).all(2, outputs).bytes(3, "the " + type).bytes(4, type).all(5, attributes);
}

std::string value_info(const std::string& name, const Dims& dims, int type = 1) {
  Message shape;
  for (const std::int64_t length : dims) {
    shape.bytes(1, length > 0 ? Message().number(1, length) : Message().bytes(2, "side"));
  }
  return Message().bytes(1, name).bytes(2, Message().bytes(1, Message().number(1, type).bytes(2, shape)));
}

struct File {
  int opset = 17;
  Strings nodes;
  Strings initialisers{};
  Dims input{1, 3, 0, 0};
  Strings outputs{"y"};

  operator std::string() const {  // NOLINT(google-explicit-constructor)
    Message graph;
    graph.all(1, nodes).all(5, initialisers).bytes(11, value_info("x", input));
    for (const std::string& output : outputs) graph.bytes(12, value_info(output, {}));
    return Message().number(1, 8).bytes(8, Message().bytes(1, "").number(2, opset)).bytes(7, graph);
  }
};

// A few numbers that are not alike.
std::vector<float> some(std::int64_t count) {
  std::vector<float> values;
  for (std::int64_t at = 0; at < count; ++at)
    values.push_back(static_cast<float>(std::sin(0.9 * static_cast<double>(at) + 0.3)));
  return values;
}

// The layers that a file should become, one behind the other.
Graph chain(int channels, const std::vector<Layer>& layers) {
  Graph graph;
  int last = graph.add("x", Input{{channels, 0, 0}}, {});
  for (const Layer& layer : layers) last = graph.add("layer", layer, {last});
  graph.outputs = {last};
  return graph;
}

void expect_alike(const File& file, const Graph& graph, const Shape& input) {
  const auto read = read_text(file);
  ASSERT_TRUE(read) << read.error().message;
  expect_answers(*read, input, run_all(graph, Backend::kReference, input));
}

Convolution convolution(int in, int out, int kernel, const Sides& padding, int stride = 1) {
  Convolution layer;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.kernel_height = layer.kernel_width = kernel;
  layer.stride_y = layer.stride_x = stride;
  layer.padding = padding;
  layer.weights = Weights(some(std::int64_t{in} * out * kernel * kernel));
  return layer;
}

TEST(Onnx, PaddingIsFoundOut) {
  const std::string weights = floats("w", {2, 3, 4, 4}, some(96));
  const auto file = [&](const char* way, int stride) {
    return File{
        17, {node("Conv", {"x", "w"}, {"y"}, {text("auto_pad", way), list("strides", {stride, stride})})}, {weights}};
  };
  expect_alike(file("SAME_UPPER", 1), chain(3, {convolution(3, 2, 4, {1, 1, 2, 2})}), {3, 9, 8});
  expect_alike(file("SAME_LOWER", 1), chain(3, {convolution(3, 2, 4, {2, 2, 1, 1})}), {3, 9, 8});
  expect_alike(file("VALID", 2), chain(3, {convolution(3, 2, 4, {}, 2)}), {3, 9, 8});
  expect_alike(file("SAME_UPPER", 2), chain(3, {convolution(3, 2, 4, {1, 1, 1, 1}, 2)}), {3, 8, 6});
  Deconvolution layer;
  layer.in_channels = 3;
  layer.out_channels = 2;
  layer.kernel_height = layer.kernel_width = 3;
  layer.stride_y = layer.stride_x = 2;
  layer.crop = {0, 0, 1, 1};
  layer.weights = Weights(some(54));
  expect_alike({17,
                {node("ConvTranspose", {"x", "w"}, {"y"}, {text("auto_pad", "SAME_UPPER"), list("strides", {2, 2})})},
                {floats("w", {3, 2, 3, 3}, some(54))}},
               chain(3, {layer}), {3, 7, 5});
}

TEST(Onnx, WeightsAreReadAsTheyAreStored) {
  const Convolution layer = convolution(3, 1, 1, {});
  const std::vector<float> values = layer.weights.values();
  std::vector<std::uint16_t> bits;  // bfloat16
  std::vector<std::int64_t> words;
  std::vector<float> cut;
  for (const float value : values) {
    bits.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
    words.push_back(bits.back());
    cut.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits.back()) << 16));
  }
  Convolution narrow = layer;
  narrow.weights = Weights(cut);
  const Dims dims{1, 3, 1, 1};
  const auto expect_stored = [&](const std::string& stored, const Convolution& as) {
    expect_alike({17, {node("Conv", {"x", "w"}, {"y"})}, {stored}}, chain(3, {as}), {3, 4, 5});
  };
  expect_stored(tensor_of("w", dims, 1).bytes(9, packed(values)), layer);
  expect_stored(tensor_of("w", dims, 1).bytes(4, packed(values)), layer);
  expect_stored(tensor_of("w", dims, 11).bytes(10, packed(std::vector<double>(values.begin(), values.end()))), layer);
  expect_stored(tensor_of("w", dims, 16).bytes(9, packed(bits)), narrow);
  expect_stored(tensor_of("w", dims, 16).bytes(5, varints(words)), narrow);
  const std::vector<std::uint16_t> halves{0x3c00, 0xb800, 0x4100};
  narrow.weights = Weights(std::vector<float>{1, -0.5F, 2.5F});
  expect_stored(tensor_of("w", dims, 10).bytes(9, packed(halves)), narrow);
  expect_stored(tensor_of("w", dims, 10).bytes(5, varints({0x3c00, 0xb800, 0x4100})), narrow);
}

TEST(Onnx, PixelsAndChannelsAreExchanged) {
  // Depth to column, row: the channels of a block lie furthest apart.
  Graph shuffled = chain(8, {});
  std::vector<int> parts;
  for (const int channel : {0, 2, 4, 6, 1, 3, 5, 7}) {
    parts.push_back(shuffled.add("part", Slice{Axis::kChannel, channel, channel + 1 == 8 ? 0 : channel + 1}, {0}));
  }
  shuffled.outputs = {shuffled.add("y", PixelShuffle{2}, {shuffled.add("all", Concat{}, parts)})};
  const Dims input{1, 8, 0, 0};
  expect_alike({17, {node("DepthToSpace", {"x"}, {"y"}, {integer("blocksize", 2)})}, {}, input}, shuffled, {8, 3, 4});
  expect_alike({17, {node("DepthToSpace", {"x"}, {"y"}, {integer("blocksize", 2), text("mode", "CRD")})}, {}, input},
               chain(8, {PixelShuffle{2}}), {8, 3, 4});
  Graph folded = chain(2, {PixelUnshuffle{2}});
  parts.clear();
  for (const int channel : {0, 4, 1, 5, 2, 6, 3, 7}) {
    parts.push_back(folded.add("part", Slice{Axis::kChannel, channel, channel == 7 ? 0 : channel + 1}, {1}));
  }
  folded.outputs = {folded.add("y", Concat{}, parts)};
  expect_alike({17, {node("SpaceToDepth", {"x"}, {"y"}, {integer("blocksize", 2)})}, {}, {1, 2, 0, 0}}, folded,
               {2, 6, 4});
}

Resize resized(Resize::Mode mode, float factor_y, float factor_x) {
  Resize layer;
  layer.mode = mode;
  layer.factor_y = factor_y;
  layer.factor_x = factor_x;
  return layer;
}

TEST(Onnx, PicturesAreResized) {
  const auto by_scales = [](int opset, const Strings& attributes, const std::vector<float>& scales) {
    return File{opset,
                {node("Resize", opset < 11 ? Strings{"x", "s"} : Strings{"x", "", "s"}, {"y"}, attributes)},
                {floats("s", {static_cast<std::int64_t>(scales.size())}, scales)}};
  };
  const std::string linear = text("mode", "linear");
  expect_alike(by_scales(13, {}, {1, 1, 2, 3}), chain(3, {resized(Resize::Mode::kNearest, 2, 3)}), {3, 4, 5});
  expect_alike(by_scales(10, {}, {1, 1, 2, 3}), chain(3, {resized(Resize::Mode::kNearest, 2, 3)}), {3, 4, 5});
  expect_alike(by_scales(13, {linear}, {1, 1, 2, 2}), chain(3, {resized(Resize::Mode::kBilinear, 2, 2)}), {3, 4, 5});
  expect_alike(by_scales(18, {linear, list("axes", {3, 2})}, {3, 2}),
               chain(3, {resized(Resize::Mode::kBilinear, 2, 3)}), {3, 4, 5});
  expect_alike(by_scales(13, {text("mode", "cubic")}, {1, 1, 2, 2}), chain(3, {resized(Resize::Mode::kBicubic, 2, 2)}),
               {3, 6, 5});
  expect_alike(
      by_scales(13, {linear, text("coordinate_transformation_mode", "pytorch_half_pixel")}, {1, 1, 0.5F, 0.25F}),
      chain(3, {resized(Resize::Mode::kBilinear, 0.5F, 0.25F)}), {3, 8, 8});
  expect_alike({9, {node("Upsample", {"x", "s"}, {"y"})}, {floats("s", {4}, {1, 1, 2, 2})}},
               chain(3, {resized(Resize::Mode::kNearest, 2, 2)}), {3, 4, 5});
  Resize fixed = resized(Resize::Mode::kBilinear, 1, 1);
  fixed.height = 7;
  fixed.width = 9;
  expect_alike({19, {node("Resize", {"x", "", "", "s"}, {"y"}, {linear})}, {integers("s", {1, 3, 7, 9})}},
               chain(3, {fixed}), {3, 4, 5});
  // To twice its own size, worked out of its shape.
  expect_alike({13,
                {node("Shape", {"x"}, {"shape"}), node("Slice", {"shape", "two", "four"}, {"sides"}),
                 node("Slice", {"shape", "none", "two"}, {"head"}), node("Mul", {"sides", "two"}, {"twice"}),
                 node("Concat", {"head", "twice"}, {"s"}, {integer("axis", 0)}),
                 node("Resize", {"x", "", "", "s"}, {"y"}, {linear})},
                {integers("none", {0}), integers("two", {2}), integers("four", {4})}},
               chain(3, {resized(Resize::Mode::kBilinear, 2, 2)}), {3, 4, 5});
  for (const Strings& attributes :
       {Strings{linear, text("coordinate_transformation_mode", "asymmetric")}, Strings{text("nearest_mode", "ceil")},
        Strings{text("mode", "cubic"), real("cubic_coeff_a", -0.5F)},
        Strings{text("mode", "cubic"), integer("exclude_outside", 1)}, Strings{text("mode", "lanczos")},
        Strings{integer("antialias", 1)}, Strings{text("coordinate_transformation_mode", "tf_crop_and_resize")}}) {
    EXPECT_FALSE(read_text(by_scales(13, attributes, {1, 1, 2, 2}))) << attributes.back();
  }
  EXPECT_FALSE(read_text(by_scales(13, {}, {1, 2, 2, 2})));
  EXPECT_FALSE(read_text(by_scales(13, {}, {1, 1, 2})));
  EXPECT_FALSE(read_text(by_scales(13, {}, {1, 1, 2, -2})));
}

TEST(Onnx, LayersOfEveryOpsetAreRead) {
  const auto one = [](int opset, const std::string& type, const Strings& attributes, const Strings& inputs = {"x"},
                      const Strings& initialisers = {}) {
    return File{opset, {node(type, inputs, {"y"}, attributes)}, initialisers};
  };
  const Shape shape{3, 6, 8};
  Pool pool;
  pool.global = true;
  const auto expect_pool = [&](const File& file) { expect_alike(file, chain(3, {pool}), shape); };
  expect_pool(one(17, "GlobalMaxPool", {}));
  expect_pool(one(17, "ReduceMax", {list("axes", {-2, -1})}));
  pool.kind = Pool::Kind::kAverage;
  expect_pool(one(17, "GlobalAveragePool", {}));
  expect_pool(one(17, "ReduceMean", {list("axes", {3, 2}), integer("keepdims", 0)}));
  expect_pool(one(18, "ReduceMean", {}, {"x", "axes"}, {integers("axes", {2, 3})}));
  Activation clip{Activation::Kind::kClip, 0.25F, 0.5F, {}};
  expect_alike(one(9, "Clip", {real("min", 0.25F), real("max", 0.5F)}), chain(3, {clip}), shape);
  clip.b = 3e38F;
  expect_alike(one(13, "Clip", {}, {"x", "least"}, {floats("least", {}, {0.25F})}), chain(3, {clip}), shape);
  expect_alike(one(17, "HardSigmoid", {real("alpha", 0.3F)}),
               chain(3, {Activation{Activation::Kind::kHardSigmoid, 0.3F, 0.5F, {}}}), shape);
  expect_alike(one(17, "PRelu", {}, {"x", "s"}, {floats("s", {3, 1, 1}, {0.1F, 0.2F, 0.3F})}),
               chain(3, {Activation{Activation::Kind::kPRelu, 0, 0, Weights(std::vector<float>{0.1F, 0.2F, 0.3F})}}),
               shape);
  expect_alike(one(12, "Softmax", {integer("axis", -1)}), chain(3, {Softmax{Axis::kWidth}}), shape);
  expect_alike(one(13, "Softmax", {integer("axis", 2)}), chain(3, {Softmax{Axis::kHeight}}), shape);
  expect_alike(
      one(17, "Slice", {}, {"x", "b", "e", "a", "s"},
          {integers("b", {1, 0}), integers("e", {-1, 9'000'000'000}), integers("a", {2, 3}), integers("s", {1, 1})}),
      chain(3, {Slice{Axis::kHeight, 1, -1}}), shape);
  expect_alike(one(9, "Slice", {list("starts", {-2}), list("ends", {3}), list("axes", {1})}),
               chain(3, {Slice{Axis::kChannel, 1, 0}}), shape);
  Pad pad;
  pad.sides = {1, 2, 3, 4};
  pad.value = 0.5F;
  expect_alike(one(9, "Pad", {list("pads", {0, 0, 1, 2, 0, 0, 3, 4}), real("value", 0.5F)}), chain(3, {pad}), shape);
  expect_alike(one(18, "Pad", {}, {"x", "p", "v", "a"},
                   {integers("p", {2, 1, 4, 3}), floats("v", {}, {0.5F}), integers("a", {3, 2})}),
               chain(3, {pad}), shape);
  const Permute turn{{Axis::kWidth, Axis::kHeight, Axis::kChannel}};
  expect_alike(one(17, "Transpose", {list("perm", {0, 3, 2, 1})}), chain(3, {turn}), shape);
  expect_alike(one(17, "Transpose", {list("perm", {0, 2, 3, 1})}),
               chain(3, {Permute{{Axis::kHeight, Axis::kWidth, Axis::kChannel}}}), shape);
  Convolution matrix = convolution(8, 2, 1, {});
  std::vector<float> turned(16);
  for (std::size_t in = 0; in < 8; ++in) {
    for (std::size_t out = 0; out < 2; ++out) turned[in * 2 + out] = some(16)[out * 8 + in];
  }
  File product = one(17, "MatMul", {}, {"x", "w"}, {floats("w", {8, 2}, turned)});
  product.input = {1, 3, 6, 8};
  const auto read = read_text(product);
  ASSERT_TRUE(read) << read.error().message;
  expect_answers(*read, shape, run_all(chain(3, {turn, matrix, turn}), Backend::kReference, shape));
}

TEST(Onnx, ArithmeticIsInItsOrder) {
  const auto file = [](const std::string& type, const Strings& inputs, const std::string& constant) {
    return File{17, {node(type, inputs, {"y"})}, {constant}};
  };
  using Kind = Arithmetic::Kind;
  const Shape shape{3, 4, 5};
  const std::string two = floats("c", {}, {2}), each = floats("c", {3, 1, 1}, {2, 4, 8});
  const auto expect = [&](const File& read, const std::vector<Layer>& layers) {
    expect_alike(read, chain(3, layers), shape);
  };
  const Layer from_two[] = {Arithmetic{Kind::kMultiply, -1}, Arithmetic{Kind::kAdd, 2}};
  expect(file("Sub", {"x", "c"}, two), {Arithmetic{Kind::kSubtract, 2}});
  expect(file("Sub", {"c", "x"}, two), {from_two[0], from_two[1]});
  expect(file("Div", {"x", "c"}, each), {Affine{Weights(std::vector<float>{0.5F, 0.25F, 0.125F}), {}}});
  expect(file("Sub", {"c", "x"}, each),
         {Affine{Weights(std::vector<float>{-1, -1, -1}), Weights(std::vector<float>{2, 4, 8})}});
  expect(file("Min", {"c", "x"}, floats("c", {1, 1}, {0.4F})), {Arithmetic{Kind::kMinimum, 0.4F}});
  const auto by_node = [&](Kind kind, bool is_first, const Shape& constant_shape) {
    Graph graph = chain(3, {});
    const int constant = graph.add("c", Constant{constant_shape, Weights(some(constant_shape.count()))}, {});
    graph.outputs = {
        graph.add("y", Arithmetic{kind, 0}, is_first ? std::vector{constant, 0} : std::vector{0, constant})};
    return graph;
  };
  expect_alike(file("Div", {"c", "x"}, floats("c", {3, 1, 1}, some(3))), by_node(Kind::kDivide, true, {3, 1, 1}),
               shape);
  File wide = file("Max", {"c", "x"}, floats("c", {5}, some(5)));
  wide.input = {1, 3, 4, 5};
  expect_alike(wide, by_node(Kind::kMaximum, false, {1, 1, 5}), shape);
  expect_alike({17, {node("Sum", {"x", "x", "x"}, {"y"})}}, chain(3, {Arithmetic{Kind::kMultiply, 3}}), shape);
}

TEST(Onnx, BatchNormalisationIsDrawnIn) {
  const Strings norm{floats("scale", {2}, {2, 3}), floats("bias", {2}, {0.5F, -1}), floats("mean", {2}, {0.25F, 1}),
                     floats("variance", {2}, {4 - 1e-5F, 0.25F - 1e-5F}), floats("w", {2, 3, 1, 1}, some(6))};
  const Strings taken{"scale", "bias", "mean", "variance"};
  const Strings inputs{"c", taken[0], taken[1], taken[2], taken[3]};
  const Affine affine{Weights(std::vector<float>{1, 6}), Weights(std::vector<float>{0.25F, -7})};
  const File once{17, {node("Conv", {"x", "w"}, {"c"}), node("BatchNormalization", inputs, {"y"})}, norm};
  expect_alike(once, chain(3, {convolution(3, 2, 1, {}), affine}), {3, 4, 5});
  EXPECT_EQ(read_text(once)->nodes.size(), 2U);
  // Somebody else sees the convolution's own result, under this name or another.
  File seen = once;
  seen.nodes.insert(seen.nodes.begin() + 1, node("Identity", {"c"}, {"also"}));
  seen.nodes.push_back(node("Relu", {"also"}, {"z"}));
  seen.outputs = {"y", "z"};
  Graph both = chain(3, {convolution(3, 2, 1, {}), affine});
  both.outputs.push_back(both.add("z", Activation{Activation::Kind::kRelu, 0, 0, {}}, {1}));
  expect_alike(seen, both, {3, 4, 5});
}

TEST(Onnx, SplitsAndSizesAreFolded) {
  const auto expect_swapped = [](const File& file) {
    Graph graph = chain(4, {});
    const int first = graph.add("a", Slice{Axis::kChannel, 0, 2}, {0});
    const int second = graph.add("b", Slice{Axis::kChannel, 2, 0}, {0});
    graph.outputs = {graph.add("y", Concat{}, {second, first})};
    expect_alike(file, graph, {4, 3, 5});
  };
  const std::string join = node("Concat", {"b", "a"}, {"y"}, {integer("axis", 1)});
  const Dims input{1, 4, 0, 0};
  expect_swapped({9, {node("Split", {"x"}, {"a", "b"}, {integer("axis", 1), list("split", {2, 2})}), join}, {}, input});
  expect_swapped(
      {13, {node("Split", {"x", "s"}, {"a", "b"}, {integer("axis", 1)}), join}, {integers("s", {2, 2})}, input});
  expect_swapped(
      {18, {node("Split", {"x"}, {"a", "b"}, {integer("axis", 1), integer("num_outputs", 2)}), join}, {}, input});
  // A reshape whose lengths are worked out of the picture's: nothing moves in the end.
  const File there_and_back{
      17,
      {node("Shape", {"x"}, {"shape"}), node("Constant", {}, {"two"}, {integer("value_int", 2)}),
       node("Gather", {"shape", "two"}, {"rows"}), node("Constant", {}, {"axes"}, {list("value_ints", {0})}),
       node("Unsqueeze", {"rows", "axes"}, {"r"}), node("Cast", {"r"}, {"real"}, {integer("to", 1)}),
       node("Constant", {}, {"half"}, {tensor("value", floats("", {1}, {0.5F}))}),
       node("Mul", {"real", "half"}, {"less"}), node("Add", {"less", "less"}, {"same"}),
       node("Cast", {"same"}, {"whole"}, {integer("to", 7)}),
       node("Constant", {}, {"rest"}, {list("value_ints", {-1})}),
       node("Concat", {"axes", "axes", "whole", "rest"}, {"to"}, {integer("axis", 0)}),
       node("Reshape", {"x", "to"}, {"y"})},
      {},
      input};
  expect_alike(there_and_back, chain(4, {}), {4, 3, 5});
}

TEST(Onnx, WhatIsNotKnownIsRefusedByName) {
  const auto refused = [](const File& file, const std::vector<std::string>& words) {
    const auto graph = read_text(file);
    ASSERT_FALSE(graph) << words[0];
    EXPECT_EQ(graph.error().code, ErrorCode::kInvalidInput);
    for (const std::string& word : words) {
      EXPECT_NE(graph.error().message.find(word), std::string::npos) << word << " in: " << graph.error().message;
    }
  };
  const auto one = [](const std::string& type, const Strings& attributes = {}, const Strings& inputs = {"x"},
                      const Strings& initialisers = {}) {
    return File{17, {node(type, inputs, {"y"}, attributes)}, initialisers};
  };
  const std::string named = "node 'the ";
  refused(one("Einsum"), {named + "Einsum' (Einsum)", "operator"});
  File foreign = one("Relu");
  foreign.nodes = {Message().bytes(1, "x").bytes(2, "y").bytes(4, "Relu").bytes(7, "com.microsoft")};
  refused(foreign, {"node 'y' (Relu)", "com.microsoft"});
  refused({17, {node("Relu", {"z"}, {"y"}), node("Relu", {"x"}, {"z"})}},
          {named, "'z', which nothing before it makes"});
  refused({17, {node("Relu", {"y"}, {"y"})}}, {"'y', which nothing before it makes"});
  refused({17, {node("Relu", {"x"}, {"y"}), node("Relu", {"x"}, {"y"})}}, {"makes 'y', which is there"});
  refused({17, {node("Relu", {"x"}, {"x"})}}, {"makes 'x', which is there"});
  refused({17, {node("Relu", {"x"}, {"z"})}}, {"output 'y' is made by nothing"});
  refused(one("Relu", {}, {"w"}, {floats("w", {1}, {1})}), {named, "constant"});
  refused({8, {node("Relu", {"x"}, {"y"})}}, {"opset 8"});
  refused({21, {node("Relu", {"x"}, {"y"})}}, {"opset 21"});
  refused({17, {node("Relu", {"x"}, {"y"})}, {}, {2, 3, 0, 0}}, {"one picture"});
  refused({17, {node("Relu", {"x"}, {"y"})}, {}, {1, 3, 8}}, {"one picture"});
  refused({17, {node("Relu", {"x"}, {"y"})}, {}, {1, 0, 0, 0}}, {"channels"});
  refused({17, {node("Relu", {"x"}, {"y"})}, {}, {1, 3, 1 << 30, 0}}, {"huge"});
  const auto conv = [&](const std::string& weights, const Strings& attributes = {}) {
    return one("Conv", attributes, {"x", "w"}, {weights});
  };
  const std::string good = floats("w", {2, 3, 1, 1}, some(6));
  ASSERT_TRUE(read_text(conv(good)));
  refused(conv(floats("w", {2, 3, 1, 1}, some(5))), {"'w'", "another count"});
  refused(conv(floats("w", {1 << 20, 1 << 20, 3, 3}, some(5))), {"'w'", "too large"});
  refused(conv(floats("w", {-2, -3, 1, 1}, some(6))), {"'w'", "too large"});
  refused(conv(floats("w", {1, 1, 1, 1, 1, 1, 1, 2, 3}, some(6))), {"'w'", "dimensions"});
  refused(conv(tensor_of("w", {2, 3, 1, 1}, 1).bytes(13, "location").number(14, 1)), {"'w'", "another file"});
  refused(conv(tensor_of("w", {2, 3, 1, 1}, 8).bytes(6, "text")), {"'w'", "type"});
  refused(conv(good + std::string(Message().bytes(4, packed(some(6))))), {"'w'", "two ways"});
  refused(one("Conv", {}, {"x", "w"}, {good, good}), {"'w'", "twice"});
  refused(conv(good, {text("auto_pad", "SOMEHOW")}), {named + "Conv'", "pads"});
  refused(conv(good, {list("pads", {1, 1})}), {named + "Conv'", "padding"});
  refused(conv(good, {list("pads", {-1, 0, 0, 0})}), {named + "Conv'"});
  refused(conv(good, {list("strides", {0, 1})}), {named + "Conv'", "window"});
  refused(conv(good, {list("kernel_shape", {3, 3})}), {named + "Conv'", "kernel_shape"});
  refused(conv(good, {integer("group", 2)}), {named + "Conv'"});
  refused(conv(good, {integer("group", 1LL << 40)}), {named + "Conv'", "groups"});
  refused(one("Conv", {}, {"x", "x"}), {named + "Conv'", "weights"});
  refused(one("MaxPool", {list("kernel_shape", {2, 2}), list("dilations", {2, 2})}), {named + "MaxPool'", "dilations"});
  refused(one("MaxPool"), {named + "MaxPool'"});
  refused(one("Concat", {integer("axis", 0)}, {"x", "x"}), {named + "Concat'", "batch"});
  refused(one("Concat", {integer("axis", 9)}, {"x", "x"}), {named + "Concat'"});
  refused(one("Reshape", {}, {"x", "to"}, {integers("to", {1, 5, 7})}), {named + "Reshape'"});
  refused({17,
           {node("Reshape", {"x", "to"}, {"z"}), node("Relu", {"z"}, {"y"})},
           {integers("to", {3, 1, -1, 8})},
           {1, 3, 8, 8}},
          {named + "Relu'", "batch"});
  refused(one("Transpose", {list("perm", {0, 1, 1, 3})}), {named + "Transpose'"});
  refused({17, {node("Transpose", {"x"}, {"z"}, {list("perm", {1, 0, 2, 3})}), node("Relu", {"z"}, {"y"})}},
          {named + "Relu'", "batch"});
  refused({17, {node("Split", {"x"}, {"y", "z"}, {integer("axis", 1), list("split", {1, 1})})}},
          {named + "Split'", "whole"});
  refused({17, {node("Split", {"x"}, {"y", "z"}, {integer("axis", 2)})}}, {named + "Split'", "picture's size"});
  refused(one("Squeeze", {list("axes", {1})}), {named + "Squeeze'"});
  refused(one("Gather", {integer("axis", 1)}, {"x", "i"}, {integers("i", {7})}), {named + "Gather'"});
  refused(one("Slice", {}, {"x", "b", "e", "a", "s"},
              {integers("b", {0}), integers("e", {8}), integers("a", {2}), integers("s", {2})}),
          {named + "Slice'", "steps"});
  refused(one("Pad", {text("mode", "wrap"), list("pads", {0, 0, 1, 1, 0, 0, 1, 1})}), {named + "Pad'"});
  refused(one("Pad", {list("pads", {0, 1, 0, 0, 0, 0, 0, 0})}), {named + "Pad'", "rows and columns"});
  refused(one("Cast", {integer("to", 7)}), {named + "Cast'", "whole numbers"});
  refused(one("MatMul", {}, {"x", "x"}), {named + "MatMul'", "weights"});
  refused(one("DepthToSpace", {integer("blocksize", 2)}), {named + "DepthToSpace'"});
}

TEST(Onnx, ANetworkIsTakenOverAndLoaded) {
  const fs::path folder = fs::path(testing::TempDir()) / "tintype-onnx-models";
  fs::remove_all(folder);
  fs::create_directories(folder);
  NewModel model;
  model.name = "small";
  model.files = {kNetworks / "onnx-srvgg-16.onnx"};
  const auto added = add_model(folder, model);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->architecture, "onnx");
  EXPECT_EQ(added->scale, 4);
  const auto manifest = read_manifest(folder / "small.json");
  ASSERT_TRUE(manifest) << manifest.error().message;
  EXPECT_EQ(manifest->files[0].name, "small.onnx");
  const auto loaded = load_model(folder, *manifest, 1);
  ASSERT_TRUE(loaded) << loaded.error().message;
  model.name = "fixed";
  model.files = {kNetworks / "onnx-classifier-14.onnx"};
  EXPECT_EQ(add_model(folder, model).error().code, ErrorCode::kInvalidInput);
  EXPECT_TRUE(remove_model(folder, "small"));
  EXPECT_FALSE(fs::exists(folder / "small.json"));
  EXPECT_FALSE(fs::exists(folder / "small.onnx"));
}

// What is sampled exactly for even sides alone is run for those alone.
TEST(Onnx, SidesAreThoseThatItIsExactFor) {
  const File halved{
      13, {node("Resize", {"x", "", "s"}, {"y"}, {text("mode", "linear")})}, {floats("s", {4}, {1, 1, 0.5F, 0.5F})}};
  const auto graph = read_text(halved);
  ASSERT_TRUE(graph) << graph.error().message;
  EXPECT_TRUE(infer_shapes(*graph, {3, 10, 12}));
  EXPECT_FALSE(infer_shapes(*graph, {3, 11, 12}));
  EXPECT_FALSE(infer_shapes(*graph, {3, 10, 13}));
}

TEST(Onnx, DamagedFilesAreRefused) {
  const std::string whole = read_file(kNetworks / "onnx-parts-13.onnx");
  ASSERT_TRUE(read_text(whole));
  for (std::size_t length = 0; length < whole.size(); length += 31) {
    EXPECT_FALSE(read_text(whole.substr(0, length))) << length;
  }
  // Deep, long or without an end: all of it is bounded.
  for (const std::string& bad : {std::string(), std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11),
                                 std::string("\x3a\xff\xff\xff\xff\x07", 6), std::string("\x3b\x3b\x3b", 3),
                                 std::string(1 << 16, '\x3a'), std::string("PK\3\4"), std::string("{}")}) {
    const auto graph = read_text(bad);
    ASSERT_FALSE(graph);
    EXPECT_EQ(graph.error().code, ErrorCode::kInvalidInput);
  }
  std::string many;  // two bytes each
  for (int at = 0; at < (1 << 20) + 1; ++at) many += std::string("\x0a\0", 2);
  const std::string file = Message().bytes(8, Message().number(2, 17)).bytes(7, many);
  EXPECT_NE(read_text(file).error().message.find("too many"), std::string::npos);
}

}  // namespace
}  // namespace tintype::engine
