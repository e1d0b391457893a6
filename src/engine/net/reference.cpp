#include "engine/net/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tintype::engine {

namespace {

std::size_t at(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

struct Planes {
  Shape shape;
  std::vector<float> values;

  explicit Planes(const Shape& shape) : shape(shape), values(at(shape.count())) {}
  Planes(const Shape& shape, std::vector<float> values) : shape(shape), values(std::move(values)) {}

  float& operator()(int c, int y, int x) { return values[at((std::int64_t{c} * shape.height + y) * shape.width + x)]; }
  float operator()(int c, int y, int x) const {
    return values[at((std::int64_t{c} * shape.height + y) * shape.width + x)];
  }
  // Zero beyond the edges.
  double padded(int c, int y, int x) const {
    return y < 0 || x < 0 || y >= shape.height || x >= shape.width ? 0.0 : double{(*this)(c, y, x)};
  }

  // Calls f(channel, row, column) for each place and stores the answer there.
  template <class Function>
  void fill(Function f) {
    std::size_t place = 0;
    for (int c = 0; c < shape.channels; ++c) {
      for (int y = 0; y < shape.height; ++y) {
        for (int x = 0; x < shape.width; ++x) values[place++] = static_cast<float>(f(c, y, x));
      }
    }
  }
};

double bent(const Activation& layer, double slope, double x) {
  switch (layer.kind) {
    case Activation::Kind::kNone: return x;
    case Activation::Kind::kRelu: return std::max(x, 0.0);
    case Activation::Kind::kLeakyRelu: return x < 0 ? x * layer.a : x;
    case Activation::Kind::kPRelu: return x < 0 ? x * slope : x;
    case Activation::Kind::kRelu6: return std::clamp(x, 0.0, 6.0);
    case Activation::Kind::kClip: return std::min(std::max(x, double{layer.a}), double{layer.b});
    case Activation::Kind::kSigmoid: return 1 / (1 + std::exp(-x));
    case Activation::Kind::kTanh: return std::tanh(x);
    case Activation::Kind::kHardSigmoid: return std::clamp(layer.a * x + layer.b, 0.0, 1.0);
    case Activation::Kind::kHardSwish: return x * std::clamp(layer.a * x + layer.b, 0.0, 1.0);
  }
  return x;
}

void bend(const Activation& layer, Planes& planes) {
  const std::vector<float> slopes = layer.slopes.values();
  planes.fill([&](int c, int y, int x) {
    const double slope = slopes.empty() ? 0.0 : slopes.size() == 1 ? slopes[0] : slopes[at(c)];
    return bent(layer, slope, planes(c, y, x));
  });
}

// Keys 1981, with a = -0.75.
double cubic(double x) {
  if (x >= 2) return 0;
  if (x <= 1) return 1.25 * x * x * x - 2.25 * x * x + 1;
  return -0.75 * (x * x * x - 5 * x * x + 8 * x - 4);
}

// The last node that uses each node's value, behind which it is dropped; none drops an output.
std::vector<std::size_t> last_uses(const Graph& graph) {
  std::vector<std::size_t> last(graph.nodes.size());
  for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
    for (const int from : graph.nodes[node].inputs) last[at(from)] = node;
  }
  for (const int output : graph.outputs) last[at(output)] = graph.nodes.size();
  return last;
}

// One layer, from its inputs to a result of a shape that is known.
class Evaluation {
 public:
  Evaluation(const Planes& picture, std::vector<const Planes*> inputs, const Shape& shape)
      : picture_(picture), inputs_(std::move(inputs)), result_(shape) {}

  Planes take() { return std::move(result_); }

  void operator()(const Input&) { result_ = picture_; }
  void operator()(const Constant& layer) { result_.values = layer.values.values(); }

  void operator()(const Convolution& layer) {
    const std::vector<float> weights = layer.weights.values(), bias = layer.bias.values();
    const int in = layer.in_channels / layer.groups, out = layer.out_channels / layer.groups;
    result_.fill([&](int c, int y, int x) {
      double sum = bias.empty() ? 0.0 : double{bias[at(c)]};
      std::size_t weight = at(std::int64_t{c} * in) * at(layer.kernel_height) * at(layer.kernel_width);
      for (int i = 0; i < in; ++i) {
        for (int ky = 0; ky < layer.kernel_height; ++ky) {
          for (int kx = 0; kx < layer.kernel_width; ++kx) {
            sum += double{weights[weight++]} *
                   input().padded(c / out * in + i, y * layer.stride_y + ky * layer.dilation_y - layer.padding.top,
                                  x * layer.stride_x + kx * layer.dilation_x - layer.padding.left);
          }
        }
      }
      return sum;
    });
    bend(layer.activation, result_);
  }

  // Scatters, as its definition says.
  void operator()(const Deconvolution& layer) {
    const std::vector<float> weights = layer.weights.values(), bias = layer.bias.values();
    const int in = layer.in_channels / layer.groups, out = layer.out_channels / layer.groups;
    const Shape& shape = result_.shape;
    std::vector<double> sums(result_.values.size());
    for (int i = 0; i < layer.in_channels; ++i) {
      for (int o = 0; o < out; ++o) {
        const int c = i / in * out + o;
        for (int ky = 0; ky < layer.kernel_height; ++ky) {
          for (int kx = 0; kx < layer.kernel_width; ++kx) {
            const double weight =
                weights[((at(i) * at(out) + at(o)) * at(layer.kernel_height) + at(ky)) * at(layer.kernel_width) +
                        at(kx)];
            for (int y = 0; y < input().shape.height; ++y) {
              const int to_y = y * layer.stride_y + ky - layer.crop.top;
              if (to_y < 0 || to_y >= shape.height) continue;
              for (int x = 0; x < input().shape.width; ++x) {
                const int to_x = x * layer.stride_x + kx - layer.crop.left;
                if (to_x < 0 || to_x >= shape.width) continue;
                sums[(at(c) * at(shape.height) + at(to_y)) * at(shape.width) + at(to_x)] += weight * input()(i, y, x);
              }
            }
          }
        }
      }
    }
    std::size_t place = 0;
    result_.fill([&](int c, int, int) { return sums[place++] + (bias.empty() ? 0.0 : double{bias[at(c)]}); });
    bend(layer.activation, result_);
  }

  void operator()(const Dense& layer) {
    const std::vector<float> weights = layer.weights.values(), bias = layer.bias.values();
    result_.fill([&](int c, int, int) {
      double sum = bias.empty() ? 0.0 : double{bias[at(c)]};
      for (int i = 0; i < layer.in_count; ++i) {
        sum += double{weights[at(c) * at(layer.in_count) + at(i)]} * input().values[at(i)];
      }
      return sum;
    });
    bend(layer.activation, result_);
  }

  void operator()(const Activation& layer) {
    result_ = input();
    bend(layer, result_);
  }

  void operator()(const Arithmetic& layer) {
    result_.fill([&](int c, int y, int x) {
      const double a = spread(input(), c, y, x);
      const double b = inputs_.size() > 1 ? spread(*inputs_[1], c, y, x) : double{layer.constant};
      switch (layer.kind) {
        case Arithmetic::Kind::kAdd: return a + b;
        case Arithmetic::Kind::kSubtract: return a - b;
        case Arithmetic::Kind::kMultiply: return a * b;
        case Arithmetic::Kind::kDivide: return a / b;
        case Arithmetic::Kind::kMaximum: return std::max(a, b);
        case Arithmetic::Kind::kMinimum: return std::min(a, b);
      }
      return 0.0;
    });
  }

  void operator()(const Affine& layer) {
    const std::vector<float> factors = layer.factors.values(), offsets = layer.offsets.values();
    result_.fill([&](int c, int y, int x) {
      return double{factors[at(c)]} * input()(c, y, x) + (offsets.empty() ? 0.0 : double{offsets[at(c)]});
    });
  }

  void operator()(const Concat& layer) {
    int first = 0;
    for (const Planes* part : inputs_) {
      const auto place = [&](int c, int y, int x) -> float& {
        switch (layer.axis) {
          case Axis::kChannel: return result_(c + first, y, x);
          case Axis::kHeight: return result_(c, y + first, x);
          case Axis::kWidth: return result_(c, y, x + first);
        }
        return result_(c, y, x);
      };
      for (int c = 0; c < part->shape.channels; ++c) {
        for (int y = 0; y < part->shape.height; ++y) {
          for (int x = 0; x < part->shape.width; ++x) place(c, y, x) = (*part)(c, y, x);
        }
      }
      first += layer.axis == Axis::kChannel  ? part->shape.channels
               : layer.axis == Axis::kHeight ? part->shape.height
                                             : part->shape.width;
    }
  }

  void operator()(const Slice& layer) {
    const int c0 = layer.axis == Axis::kChannel ? layer.begin : 0;
    const int y0 = layer.axis == Axis::kHeight ? layer.begin : 0;
    const int x0 = layer.axis == Axis::kWidth ? layer.begin : 0;
    result_.fill([&](int c, int y, int x) { return input()(c + c0, y + y0, x + x0); });
  }

  void operator()(const Pad& layer) {
    const auto source = [&](int place, int length) {
      if (place >= 0 && place < length) return place;
      switch (layer.mode) {
        case Pad::Mode::kConstant: return -1;
        case Pad::Mode::kReplicate: return std::clamp(place, 0, length - 1);
        case Pad::Mode::kReflect: return place < 0 ? -place : 2 * (length - 1) - place;
      }
      return -1;
    };
    result_.fill([&](int c, int y, int x) {
      const int from_y = source(y - layer.sides.top, input().shape.height);
      const int from_x = source(x - layer.sides.left, input().shape.width);
      return from_y < 0 || from_x < 0 ? layer.value : input()(c, from_y, from_x);
    });
  }

  void operator()(const PixelShuffle& layer) {
    const int r = layer.factor;
    result_.fill([&](int c, int y, int x) { return input()((c * r + y % r) * r + x % r, y / r, x / r); });
  }

  void operator()(const PixelUnshuffle& layer) {
    const int r = layer.factor;
    result_.fill([&](int c, int y, int x) { return input()(c / (r * r), y * r + c / r % r, x * r + c % r); });
  }

  void operator()(const Resize& layer) {
    const Shape& in = input().shape;
    if (layer.mode == Resize::Mode::kNearest) {
      result_.fill([&](int c, int y, int x) {
        return input()(c, static_cast<int>(std::int64_t{y} * in.height / result_.shape.height),
                       static_cast<int>(std::int64_t{x} * in.width / result_.shape.width));
      });
      return;
    }
    const auto source = [&](int to, int length, int from_length) {
      if (layer.align_corners) return length > 1 ? to * (from_length - 1.0) / (length - 1.0) : 0.0;
      const double from = (to + 0.5) * from_length / length - 0.5;
      return layer.mode == Resize::Mode::kBilinear ? std::max(0.0, from) : from;
    };
    if (layer.mode == Resize::Mode::kBicubic) {
      result_.fill([&](int c, int y, int x) {
        const double from_y = source(y, result_.shape.height, in.height),
                     from_x = source(x, result_.shape.width, in.width);
        double sum = 0;
        for (int tap = 0; tap < 16; ++tap) {
          const int place_y = static_cast<int>(std::floor(from_y)) + tap / 4 - 1;
          const int place_x = static_cast<int>(std::floor(from_x)) + tap % 4 - 1;
          sum += cubic(std::abs(from_y - place_y)) * cubic(std::abs(from_x - place_x)) *
                 input()(c, std::clamp(place_y, 0, in.height - 1), std::clamp(place_x, 0, in.width - 1));
        }
        return sum;
      });
      return;
    }
    result_.fill([&](int c, int y, int x) {
      const double from_y = source(y, result_.shape.height, in.height),
                   from_x = source(x, result_.shape.width, in.width);
      const int y0 = std::min(static_cast<int>(from_y), in.height - 1),
                x0 = std::min(static_cast<int>(from_x), in.width - 1);
      const int y1 = std::min(y0 + 1, in.height - 1), x1 = std::min(x0 + 1, in.width - 1);
      const double below = from_y - y0, right = from_x - x0;
      return (1 - below) * ((1 - right) * input()(c, y0, x0) + right * input()(c, y0, x1)) +
             below * ((1 - right) * input()(c, y1, x0) + right * input()(c, y1, x1));
    });
  }

  void operator()(const Pool& layer) {
    const Shape& in = input().shape;
    result_.fill([&](int c, int y, int x) {
      const int top = layer.global ? 0 : y * layer.stride_y - layer.padding.top;
      const int left = layer.global ? 0 : x * layer.stride_x - layer.padding.left;
      const int bottom =
          layer.global ? in.height : std::min(top + layer.kernel_height, in.height + layer.padding.bottom);
      const int right = layer.global ? in.width : std::min(left + layer.kernel_width, in.width + layer.padding.right);
      double most = -std::numeric_limits<double>::infinity(), sum = 0;
      int inside = 0;
      for (int from_y = std::max(0, top); from_y < std::min(bottom, in.height); ++from_y) {
        for (int from_x = std::max(0, left); from_x < std::min(right, in.width); ++from_x) {
          most = std::max(most, double{input()(c, from_y, from_x)});
          sum += input()(c, from_y, from_x);
          ++inside;
        }
      }
      if (layer.kind == Pool::Kind::kMaximum) return most;
      return sum / (layer.count_padding ? (bottom - top) * (right - left) : inside);
    });
  }

  void operator()(const Softmax& layer) {
    const Shape& shape = result_.shape;
    const int length = layer.axis == Axis::kChannel  ? shape.channels
                       : layer.axis == Axis::kHeight ? shape.height
                                                     : shape.width;
    result_.fill([&](int c, int y, int x) {
      const auto along = [&](int i) {
        return double{input()(layer.axis == Axis::kChannel ? i : c, layer.axis == Axis::kHeight ? i : y,
                              layer.axis == Axis::kWidth ? i : x)};
      };
      double most = along(0), sum = 0;
      for (int i = 1; i < length; ++i) most = std::max(most, along(i));
      for (int i = 0; i < length; ++i) sum += std::exp(along(i) - most);
      return std::exp(double{input()(c, y, x)} - most) / sum;
    });
  }

  void operator()(const Reshape&) { result_.values = input().values; }

  void operator()(const Permute& layer) {
    result_.fill([&](int c, int y, int x) {
      int place[3] = {};
      place[static_cast<int>(layer.order[0])] = c;
      place[static_cast<int>(layer.order[1])] = y;
      place[static_cast<int>(layer.order[2])] = x;
      return input()(place[0], place[1], place[2]);
    });
  }

  void operator()(const Demodulation& layer) {
    const std::vector<float> squares = layer.squares.values();
    result_.fill([&](int c, int, int) {
      double sum = layer.epsilon;
      for (int i = 0; i < layer.in_channels; ++i) {
        sum += double{input().values[at(i)]} * input().values[at(i)] * squares[at(c) * at(layer.in_channels) + at(i)];
      }
      return 1 / std::sqrt(sum);
    });
  }

 private:
  const Planes& input() const { return *inputs_[0]; }

  static double spread(const Planes& planes, int c, int y, int x) {
    return planes(planes.shape.channels == 1 ? 0 : c, planes.shape.height == 1 ? 0 : y,
                  planes.shape.width == 1 ? 0 : x);
  }

  const Planes& picture_;
  const std::vector<const Planes*> inputs_;
  Planes result_;
};

}  // namespace

Result<std::vector<std::vector<float>>> run_reference(const Graph& graph, const Shape& input,
                                                      std::span<const float> values) {
  const auto shapes = infer_shapes(graph, input);
  if (!shapes) return std::unexpected(shapes.error());
  const Planes picture(input, {values.begin(), values.end()});
  const std::vector<std::size_t> last_use = last_uses(graph);
  std::vector<Planes> results;
  for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
    std::vector<const Planes*> inputs;
    for (const int from : graph.nodes[node].inputs) inputs.push_back(&results[at(from)]);
    Evaluation evaluation(picture, std::move(inputs), (*shapes)[node]);
    std::visit(evaluation, graph.nodes[node].layer);
    results.push_back(evaluation.take());
    for (const int from : graph.nodes[node].inputs) {
      if (last_use[at(from)] == node) results[at(from)].values = std::vector<float>();
    }
  }
  std::vector<std::vector<float>> outputs;
  for (const int output : graph.outputs) outputs.push_back(results[at(output)].values);
  return outputs;
}

Result<std::int64_t> reference_bytes(const Graph& graph, const Shape& input) {
  const auto shapes = infer_shapes(graph, input);
  if (!shapes) return std::unexpected(shapes.error());
  const std::vector<std::size_t> last_use = last_uses(graph);
  std::int64_t held = 0, most = 0;
  std::vector<bool> is_dropped(graph.nodes.size());
  for (std::size_t node = 0; node < graph.nodes.size(); ++node) {
    held += (*shapes)[node].count();
    // A deconvolution sums in double precision beside its result.
    most = std::max(most, held + 2 * (*shapes)[node].count());
    for (const int from : graph.nodes[node].inputs) {
      if (last_use[at(from)] != node || is_dropped[at(from)]) continue;
      is_dropped[at(from)] = true;
      held -= (*shapes)[at(from)].count();
    }
  }
  std::int64_t outputs = 0;
  for (const int output : graph.outputs) outputs += (*shapes)[at(output)].count();
  // The runner's picture and the copy that is worked on; the answer, and the answer by pixels.
  return (most + 2 * input.count() + 2 * outputs) * std::int64_t{sizeof(float)};
}

}  // namespace tintype::engine
