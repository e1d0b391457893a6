// Operations whose every output pixel is made of the same pixel of the input.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/net/operations.h"

namespace tintype::engine {

namespace {

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

class ActivationOperation final : public Operation {
 public:
  explicit ActivationOperation(const Activation& layer) : layer_(layer), slopes_(layer.slopes.values()) {}

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return same_row(row, in);
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    for (int y = first; y < end; ++y) {
      const float* in = inputs[0].row(y);
      float* out = output.row(y);
      for (int x = 0; x < output.shape.width; ++x, in += inputs[0].pixel, out += output.pixel) {
        bend(in, out, output.shape.channels);
      }
    }
  }

 private:
  template <class Function>
  static void each(const float* in, float* out, int count, Function function) {
    for (int channel = 0; channel < count; ++channel) out[channel] = function(in[channel]);
  }

  void bend(const float* in, float* out, int count) const {
    const float a = layer_.a, b = layer_.b;
    switch (layer_.kind) {
      case Activation::Kind::kNone: return each(in, out, count, [](float x) { return x; });
      case Activation::Kind::kRelu: return each(in, out, count, [](float x) { return std::max(x, 0.0F); });
      case Activation::Kind::kLeakyRelu: return each(in, out, count, [a](float x) { return x < 0 ? x * a : x; });
      case Activation::Kind::kPRelu:
        for (int channel = 0; channel < count; ++channel) {
          const float slope = slopes_.size() == 1 ? slopes_[0] : slopes_[at(channel)];
          out[channel] = in[channel] < 0 ? in[channel] * slope : in[channel];
        }
        return;
      case Activation::Kind::kRelu6: return each(in, out, count, [](float x) { return std::clamp(x, 0.0F, 6.0F); });
      case Activation::Kind::kClip:
        return each(in, out, count, [a, b](float x) { return std::min(std::max(x, a), b); });
      case Activation::Kind::kSigmoid: return each(in, out, count, [](float x) { return 1 / (1 + std::exp(-x)); });
      case Activation::Kind::kTanh: return each(in, out, count, [](float x) { return std::tanh(x); });
      case Activation::Kind::kHardSigmoid:
        return each(in, out, count, [a, b](float x) { return std::clamp(a * x + b, 0.0F, 1.0F); });
      case Activation::Kind::kHardSwish:
        return each(in, out, count, [a, b](float x) { return x * std::clamp(a * x + b, 0.0F, 1.0F); });
    }
  }

  const Activation layer_;
  const std::vector<float> slopes_;
};

class AffineOperation final : public Operation {
 public:
  explicit AffineOperation(const Affine& layer) : factors_(layer.factors.values()), offsets_(layer.offsets.values()) {
    offsets_.resize(factors_.size(), 0.0F);
  }

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return same_row(row, in);
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    for (int y = first; y < end; ++y) {
      const float* in = inputs[0].row(y);
      float* out = output.row(y);
      for (int x = 0; x < output.shape.width; ++x, in += inputs[0].pixel, out += output.pixel) {
        for (int channel = 0; channel < output.shape.channels; ++channel) {
          out[channel] = in[channel] * factors_[at(channel)] + offsets_[at(channel)];
        }
      }
    }
  }

 private:
  std::vector<float> factors_;
  std::vector<float> offsets_;
};

class ArithmeticOperation final : public Operation {
 public:
  explicit ArithmeticOperation(const Arithmetic& layer) : layer_(layer) {}

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return same_row(row, in);
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    switch (layer_.kind) {
      case Arithmetic::Kind::kAdd: return rows(inputs, output, first, end, [](float a, float b) { return a + b; });
      case Arithmetic::Kind::kSubtract: return rows(inputs, output, first, end, [](float a, float b) { return a - b; });
      case Arithmetic::Kind::kMultiply: return rows(inputs, output, first, end, [](float a, float b) { return a * b; });
      case Arithmetic::Kind::kDivide: return rows(inputs, output, first, end, [](float a, float b) { return a / b; });
      case Arithmetic::Kind::kMaximum:
        return rows(inputs, output, first, end, [](float a, float b) { return std::max(a, b); });
      case Arithmetic::Kind::kMinimum:
        return rows(inputs, output, first, end, [](float a, float b) { return std::min(a, b); });
    }
  }

 private:
  // How to walk an operand: nothing along the axes that it is spread over.
  struct Walk {
    const float* row;
    int pixel;
    int channel;
    Walk(const View& view, int y)
        : row(view.row(view.shape.height == 1 ? 0 : y)),
          pixel(view.shape.width == 1 ? 0 : view.pixel),
          channel(view.shape.channels == 1 ? 0 : 1) {}
    explicit Walk(const float* constant) : row(constant), pixel(0), channel(0) {}
  };

  template <class Function>
  void rows(std::span<const View> inputs, const View& output, int first, int end, Function function) const {
    for (int y = first; y < end; ++y) {
      const Walk a(inputs[0], y);
      const Walk b = inputs.size() > 1 ? Walk(inputs[1], y) : Walk(&layer_.constant);
      float* out = output.row(y);
      for (int x = 0; x < output.shape.width; ++x, out += output.pixel) {
        const float* left = a.row + std::ptrdiff_t{x} * a.pixel;
        const float* right = b.row + std::ptrdiff_t{x} * b.pixel;
        const int count = output.shape.channels;
        if (a.channel == 1 && b.channel == 1) {
          for (int channel = 0; channel < count; ++channel) out[channel] = function(left[channel], right[channel]);
        } else {
          for (int channel = 0; channel < count; ++channel) {
            out[channel] = function(left[channel * a.channel], right[channel * b.channel]);
          }
        }
      }
    }
  }

  const Arithmetic layer_;
};

class CopyOperation final : public Operation {
 public:
  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return same_row(row, in);
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    for (int y = first; y < end; ++y) {
      const float* in = inputs[0].row(y);
      float* out = output.row(y);
      for (int x = 0; x < output.shape.width; ++x, in += inputs[0].pixel, out += output.pixel) {
        std::memcpy(out, in, at(output.shape.channels) * sizeof(float));
      }
    }
  }
};

class SoftmaxOperation final : public Operation {
 public:
  explicit SoftmaxOperation(Axis axis) : axis_(axis) {}

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return axis_ == Axis::kHeight ? all_rows(in) : RowSpan{row, row};
  }
  bool makes_all() const override { return axis_ == Axis::kHeight; }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    const View& in = inputs[0];
    const Shape& shape = output.shape;
    switch (axis_) {
      case Axis::kChannel:
        for (int y = first; y < end; ++y) {
          for (int x = 0; x < shape.width; ++x) line(in, output, shape.channels, [=](int i) { return Place{i, y, x}; });
        }
        return;
      case Axis::kWidth:
        for (int y = first; y < end; ++y) {
          for (int c = 0; c < shape.channels; ++c) line(in, output, shape.width, [=](int i) { return Place{c, y, i}; });
        }
        return;
      case Axis::kHeight:
        for (int x = 0; x < shape.width; ++x) {
          for (int c = 0; c < shape.channels; ++c)
            line(in, output, shape.height, [=](int i) { return Place{c, i, x}; });
        }
        return;
    }
  }

 private:
  struct Place {
    int channel, y, x;
  };
  static float& number(const View& view, const Place& place) {
    return view.row(place.y)[std::ptrdiff_t{place.x} * view.pixel + place.channel];
  }

  template <class Along>
  static void line(const View& in, const View& out, int count, Along along) {
    float most = number(in, along(0));
    for (int i = 1; i < count; ++i) most = std::max(most, number(in, along(i)));
    float sum = 0;
    for (int i = 0; i < count; ++i) sum += number(out, along(i)) = std::exp(number(in, along(i)) - most);
    for (int i = 0; i < count; ++i) number(out, along(i)) /= sum;
  }

  const Axis axis_;
};

}  // namespace

RowSpan same_row(int row, const Shape& in) {
  return in.height == 1 ? RowSpan{0, 0} : RowSpan{row, row};
}

RowSpan all_rows(const Shape& in) {
  return {0, in.height - 1};
}

std::optional<std::vector<float>> slopes_of(const Activation& activation, int channels) {
  switch (activation.kind) {
    case Activation::Kind::kNone: return std::vector<float>();
    case Activation::Kind::kRelu: return std::vector<float>(at(channels), 0.0F);
    case Activation::Kind::kLeakyRelu: return std::vector<float>(at(channels), activation.a);
    case Activation::Kind::kPRelu: {
      std::vector<float> slopes = activation.slopes.values();
      if (slopes.size() == 1) slopes.assign(at(channels), slopes[0]);
      return slopes;
    }
    case Activation::Kind::kRelu6:
    case Activation::Kind::kClip:
    case Activation::Kind::kSigmoid:
    case Activation::Kind::kTanh:
    case Activation::Kind::kHardSigmoid:
    case Activation::Kind::kHardSwish: return std::nullopt;
  }
  return std::nullopt;
}

OperationPtr make_activation(const Activation& layer) {
  return std::make_unique<ActivationOperation>(layer);
}
OperationPtr make_affine(const Affine& layer) {
  return std::make_unique<AffineOperation>(layer);
}
OperationPtr make_arithmetic(const Arithmetic& layer) {
  return std::make_unique<ArithmeticOperation>(layer);
}
OperationPtr make_copy() {
  return std::make_unique<CopyOperation>();
}
OperationPtr make_softmax(Axis axis) {
  return std::make_unique<SoftmaxOperation>(axis);
}

}  // namespace tintype::engine
