// How far an output pixel looks in the input.
#include <algorithm>
#include <cmath>

#include "engine/net/graph.h"

namespace tintype::engine {

namespace {

// Pixel y of a value is made of the input's pixels from `step y + low` to `step y + high`, along one axis.
struct Interval {
  double step = 1;
  double low = 0;
  double high = 0;
};

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

// What pixel `stride y - before` to `stride y - before + extent - 1` of `in` is made of.
Interval window(const Interval& in, double stride, double before, double extent) {
  return {in.step * stride, in.low - in.step * before, in.high + in.step * (extent - 1 - before)};
}

// Pixel floor(y / factor).
Interval enlarged(const Interval& in, double factor) {
  return {in.step / factor, in.low - in.step * (factor - 1) / factor, in.high};
}

// One axis through all layers; nothing where all of the picture is seen.
class Reaching {
 public:
  Reaching(bool vertical, std::span<const Interval> inputs) : vertical_(vertical), inputs_(inputs) {}

  using Answer = std::optional<Interval>;

  Answer operator()(const Input& layer) const {
    // A fixed side means a network for whole pictures.
    if ((vertical_ ? layer.shape.height : layer.shape.width) != 0) return std::nullopt;
    return Interval{};
  }
  Answer operator()(const Convolution& layer) const {
    return vertical_ ? window(inputs_[0], layer.stride_y, layer.padding.top,
                              (layer.kernel_height - 1.0) * layer.dilation_y + 1)
                     : window(inputs_[0], layer.stride_x, layer.padding.left,
                              (layer.kernel_width - 1.0) * layer.dilation_x + 1);
  }
  Answer operator()(const Deconvolution& layer) const {
    const double stride = vertical_ ? layer.stride_y : layer.stride_x;
    const double kernel = vertical_ ? layer.kernel_height : layer.kernel_width;
    const double crop = vertical_ ? layer.crop.top : layer.crop.left;
    const Interval& in = inputs_[0];
    // ceil((y + crop - kernel + 1) / stride) to floor((y + crop) / stride).
    return Interval{in.step / stride, in.low + in.step * (crop - kernel + 1) / stride,
                    in.high + in.step * crop / stride};
  }
  Answer operator()(const Activation&) const { return inputs_[0]; }
  Answer operator()(const Affine&) const { return inputs_[0]; }
  Answer operator()(const Arithmetic&) const { return joined(); }
  Answer operator()(const Concat& layer) const {
    if (layer.axis != Axis::kChannel) return std::nullopt;
    return joined();
  }
  Answer operator()(const Slice& layer) const {
    const bool shifts = layer.axis == (vertical_ ? Axis::kHeight : Axis::kWidth);
    return window(inputs_[0], 1, shifts ? -layer.begin : 0, 1);
  }
  Answer operator()(const Pad& layer) const {
    return window(inputs_[0], 1, vertical_ ? layer.sides.top : layer.sides.left, 1);
  }
  Answer operator()(const PixelShuffle& layer) const { return enlarged(inputs_[0], layer.factor); }
  Answer operator()(const PixelUnshuffle& layer) const { return window(inputs_[0], layer.factor, 0, layer.factor); }
  Answer operator()(const Resize& layer) const {
    if (layer.height != 0 || layer.width != 0 || inputs_.size() > 1 || layer.align_corners) return std::nullopt;
    const double factor = vertical_ ? layer.factor_y : layer.factor_x;
    if (layer.mode == Resize::Mode::kNearest && factor >= 1) return enlarged(inputs_[0], factor);
    // Two pixels around (y + 1/2) / factor - 1/2, or four.
    const double reach = layer.mode == Resize::Mode::kBicubic ? 2 : 1;
    const Interval& in = inputs_[0];
    const double centre = 0.5 / factor - 0.5;
    return Interval{in.step / factor, in.low + in.step * (centre - reach), in.high + in.step * (centre + reach)};
  }
  Answer operator()(const Pool& layer) const {
    if (layer.global) return std::nullopt;
    return vertical_ ? window(inputs_[0], layer.stride_y, layer.padding.top, layer.kernel_height)
                     : window(inputs_[0], layer.stride_x, layer.padding.left, layer.kernel_width);
  }
  Answer operator()(const Softmax& layer) const {
    if (layer.axis != Axis::kChannel) return std::nullopt;
    return inputs_[0];
  }
  Answer operator()(const Constant&) const { return std::nullopt; }
  Answer operator()(const Dense&) const { return std::nullopt; }
  Answer operator()(const Reshape&) const { return std::nullopt; }
  Answer operator()(const Permute&) const { return std::nullopt; }
  Answer operator()(const Demodulation&) const { return std::nullopt; }

 private:
  Answer joined() const {
    Interval all = inputs_[0];
    for (const Interval& input : inputs_.subspan(1)) {
      if (std::abs(input.step - all.step) > 1e-9) return std::nullopt;
      all.low = std::min(all.low, input.low);
      all.high = std::max(all.high, input.high);
    }
    return all;
  }

  const bool vertical_;
  const std::span<const Interval> inputs_;
};

// The radius along one axis, given how many of the input's pixels the output leaves out at its near edge.
std::optional<int> radius_along(const Graph& graph, bool vertical, double in_length, std::span<const Shape> shapes) {
  std::vector<Interval> intervals;
  for (const Node& node : graph.nodes) {
    std::vector<Interval> inputs;
    for (const int input : node.inputs) inputs.push_back(intervals[at(input)]);
    const auto interval = std::visit(Reaching(vertical, inputs), node.layer);
    if (!interval) return std::nullopt;
    intervals.push_back(*interval);
  }
  double radius = 0;
  for (const int output : graph.outputs) {
    const Interval& seen = intervals[at(output)];
    const Shape& shape = shapes[at(output)];
    const double left_out = (in_length - (vertical ? shape.height : shape.width) * seen.step) / 2;
    // A pixel of an enlarged output lies anywhere within its own pixel of the input.
    const double within = std::max(0.0, 1 - seen.step);
    radius = std::max({radius, left_out - seen.low, seen.high - left_out + within});
  }
  return static_cast<int>(std::floor(radius + 1e-6));
}

}  // namespace

std::optional<int> receptive_field_radius(const Graph& graph) {
  constexpr int kSide = 512;
  Shape picture{0, kSide, kSide};
  for (const Node& node : graph.nodes) {
    if (const auto* input = std::get_if<Input>(&node.layer)) picture.channels = input->shape.channels;
  }
  const auto shapes = infer_shapes(graph, picture);
  if (!shapes) return std::nullopt;
  const auto down = radius_along(graph, true, kSide, *shapes);
  const auto across = radius_along(graph, false, kSide, *shapes);
  if (!down || !across) return std::nullopt;
  return std::max(*down, *across);
}

}  // namespace tintype::engine
