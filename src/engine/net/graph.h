// A network: a list of nodes, each a layer out of a closed set. Plain data; a Network makes it ready for a processor.
//
// Values are channels x height x width of one picture. A vector is channels x 1 x 1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/net/weights.h"

namespace tintype::engine {

struct Shape {
  int channels = 0;
  int height = 0;
  int width = 0;
  bool operator==(const Shape&) const = default;
  std::int64_t count() const { return std::int64_t{channels} * height * width; }
};

struct Sides {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
  bool operator==(const Sides&) const = default;
};

// What a value goes through, one by one.
struct Activation {
  enum class Kind {
    kNone,
    kRelu,
    kLeakyRelu,  // slope a below zero
    kPRelu,      // a slope of each channel below zero (He et al. 2015)
    kRelu6,      // clip to [0, 6]
    kClip,       // to [a, b]
    kSigmoid,
    kTanh,
    kHardSigmoid,  // clip(a x + b, 0, 1)
    kHardSwish,    // x clip(a x + b, 0, 1) (Howard et al. 2019)
  };
  Kind kind = Kind::kNone;
  float a = 0;
  float b = 0;
  Weights slopes;  // kPRelu: one of each channel, or one for all
};

struct Input {
  Shape shape;       // height and width are 0 where any will do,
  int multiple = 1;  // or any multiple of this
};

// A value of the network itself.
struct Constant {
  Shape shape;
  Weights values;
};

// Cross-correlation over zero padding.
struct Convolution {
  int in_channels = 0;
  int out_channels = 0;
  int kernel_height = 3;
  int kernel_width = 3;
  int stride_y = 1;
  int stride_x = 1;
  int dilation_y = 1;
  int dilation_x = 1;
  Sides padding;
  int groups = 1;   // divides both channel counts; in_channels of them is a depthwise convolution
  Weights weights;  // out x in/groups x kernel_height x kernel_width
  Weights bias;     // out; empty for none
  Activation activation;
};

// The transpose of a convolution (Zeiler et al. 2010); `crop` is cut from its full result.
struct Deconvolution {
  int in_channels = 0;
  int out_channels = 0;
  int kernel_height = 3;
  int kernel_width = 3;
  int stride_y = 1;
  int stride_x = 1;
  Sides crop;
  int groups = 1;
  Weights weights;  // in x out/groups x kernel_height x kernel_width
  Weights bias;     // out; empty for none
  Activation activation;
};

// On all numbers of the input as one vector, in the order channel, row, column. Answers out x 1 x 1.
struct Dense {
  int in_count = 0;
  int out_count = 0;
  Weights weights;  // out x in
  Weights bias;
  Activation activation;
};

// Two inputs of one shape, or one of them spread over the other where a length of it is 1; with one input, the
// second is `constant`.
struct Arithmetic {
  enum class Kind { kAdd, kSubtract, kMultiply, kDivide, kMaximum, kMinimum };
  Kind kind = Kind::kAdd;
  float constant = 0;
};

// x factor + offset, by channel: what is left of a batch normalisation that no convolution could take in.
struct Affine {
  Weights factors;
  Weights offsets;  // empty for none
};

enum class Axis : std::uint8_t { kChannel, kHeight, kWidth };

struct Concat {
  Axis axis = Axis::kChannel;
};

// [begin, end) of one axis; an end of zero or less counts from the end of the axis.
struct Slice {
  Axis axis = Axis::kChannel;
  int begin = 0;
  int end = 0;
};

struct Pad {
  enum class Mode { kConstant, kReplicate, kReflect };
  Sides sides;
  Mode mode = Mode::kConstant;
  float value = 0;
};

// Channel c r^2 + i r + j goes to row i, column j of each r x r block of channel c (Shi et al. 2016).
struct PixelShuffle {
  int factor = 2;
};

struct PixelUnshuffle {
  int factor = 2;
};

// To the given size; else by the factors; else, with a second input, to the height and width of that. The cubic is
// Keys' with a = -0.75; none of them looks further when it makes a picture smaller.
struct Resize {
  enum class Mode { kNearest, kBilinear, kBicubic };
  Mode mode = Mode::kNearest;
  float factor_y = 1;
  float factor_x = 1;
  int height = 0;
  int width = 0;
  bool align_corners = false;  // the centres of the corner pixels meet, not the outer edges of them
};

struct Pool {
  enum class Kind { kMaximum, kAverage };
  Kind kind = Kind::kMaximum;
  bool global = false;  // over the whole picture; nothing below counts then
  int kernel_height = 2;
  int kernel_width = 2;
  int stride_y = 2;
  int stride_x = 2;
  Sides padding;
  bool ceil = false;           // a last window may hang over the edge
  bool count_padding = false;  // an average divides by the whole window
};

struct Softmax {
  Axis axis = Axis::kChannel;
};

// -1 in one place stands for what is left.
struct Reshape {
  Shape shape;
};

// Which axis of the input becomes the channels, the rows, the columns.
struct Permute {
  std::array<Axis, 3> order{Axis::kChannel, Axis::kHeight, Axis::kWidth};
};

// From a style vector s of in_channels to 1 / sqrt(sum_i s_i^2 squares_oi + epsilon) of each output channel: the
// demodulation of StyleGAN2 (Karras et al. 2020). The modulated convolution itself is a multiplication of the input
// by s, an ordinary convolution, and a multiplication of its result by this.
struct Demodulation {
  int in_channels = 0;
  int out_channels = 0;
  Weights squares;  // out x in: of the kernel, summed over its taps
  float epsilon = 1e-8F;
};

using Layer =
    std::variant<Input, Constant, Convolution, Deconvolution, Dense, Activation, Arithmetic, Affine, Concat, Slice, Pad,
                 PixelShuffle, PixelUnshuffle, Resize, Pool, Softmax, Reshape, Permute, Demodulation>;

struct Node {
  std::string name;  // as its file calls it; for errors
  Layer layer;
  std::vector<int> inputs;  // earlier nodes, by index
};

struct Graph {
  std::vector<Node> nodes;   // every node stands behind its inputs
  std::vector<int> outputs;  // nodes

  // Appends and answers the new node's index.
  int add(std::string name, Layer layer, std::vector<int> inputs);
};

// The word for a layer in errors and tables: "convolution".
const char* layer_name(const Layer& layer);

// The shape of every node's value when the only Input has this shape. kInvalidInput names node and layer when
// anything does not fit together: number and order of inputs, counts of weights, channels, an empty result, or a
// value of more than 2^36 numbers.
Result<std::vector<Shape>> infer_shapes(const Graph& graph, const Shape& input);

// The same of one node, which is no Input, out of the shapes of what it takes.
Result<Shape> infer_shape(const Node& node, std::span<const Shape> inputs);

// Multiplications and additions of all convolutions and dense layers on a picture of this shape; 0 when it does not
// take one.
std::int64_t operations_of(const Graph& graph, const Shape& input);

// How far a pixel of the output looks in the input beyond its own place, in input pixels; nothing where it may see
// all of the picture (global pooling, dense layers, fixed sizes).
std::optional<int> receptive_field_radius(const Graph& graph);

// How a network for pictures of any size maps sides: `scale` x side - 2 x `left_out`, for sides that are multiples of
// `multiple`.
struct Geometry {
  int scale = 1;
  int left_out = 0;
  int multiple = 1;
};
// kInvalidInput when it is not such a network.
Result<Geometry> geometry_of(const Graph& graph);

// a + (b - a) share, weight by weight: kInvalidInput unless both have the same nodes.
Result<Graph> interpolate(const Graph& a, const Graph& b, float share);

}  // namespace tintype::engine
