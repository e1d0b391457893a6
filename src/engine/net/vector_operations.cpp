// Operations on a value as a whole, most of them on vectors.
#include <algorithm>
#include <cmath>

#include "engine/net/operations.h"

namespace tintype::engine {

namespace {

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

// The value's numbers one by one in the order channel, row, column, from any place on.
class Walk {
 public:
  explicit Walk(const View& view) : view_(view) {}
  float& operator[](std::int64_t index) const {
    const std::int64_t area = std::int64_t{view_.shape.height} * view_.shape.width;
    const auto y = static_cast<int>(index % area / view_.shape.width);
    const std::int64_t x = index % view_.shape.width;
    return view_.row(y)[x * view_.pixel + index / area];
  }

 private:
  const View& view_;
};

class ConstantOperation final : public Operation {
 public:
  explicit ConstantOperation(const Constant& layer) : values_(layer.values) {}

  RowSpan needs(int /*input*/, int /*row*/, const Shape& /*in*/, const Shape& /*out*/) const override { return {}; }

  void run(std::span<const View> /*inputs*/, const View& output, int first, int end, Workspace&) const override {
    const Shape& shape = output.shape;
    for (int channel = 0; channel < shape.channels; ++channel) {
      const std::size_t plane = at(channel) * at(shape.height) * at(shape.width);
      const std::size_t begin = plane + at(first) * at(shape.width);
      const std::vector<float> part = values_.part(begin, at(end - first) * at(shape.width)).values();
      for (int y = first; y < end; ++y) {
        for (int x = 0; x < shape.width; ++x) {
          output.row(y)[std::ptrdiff_t{x} * output.pixel + channel] = part[at(y - first) * at(shape.width) + at(x)];
        }
      }
    }
  }

 private:
  const Weights values_;
};

class DenseOperation final : public Operation {
 public:
  explicit DenseOperation(const Dense& layer)
      : in_(layer.in_count),
        out_(layer.out_count),
        weights_(layer.weights),
        bias_(layer.bias.values()),
        activation_(make_activation(layer.activation)) {
    bias_.resize(at(out_), 0.0F);
  }

  RowSpan needs(int /*input*/, int /*row*/, const Shape& in, const Shape& /*out*/) const override {
    return all_rows(in);
  }

  std::int64_t scratch_bytes(const Shape& /*in*/, const Shape& /*out*/) const override {
    return std::int64_t{in_} * std::int64_t{sizeof(float)};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace& workspace) const override {
    auto* vector = reinterpret_cast<float*>(workspace.scratch);
    const Walk input(inputs[0]);
    for (int i = 0; i < in_; ++i) vector[i] = input[i];
    // One row of the matrix at a time: the large ones of GFPGAN are better read from the file's own pages than copied.
    for (int o = 0; o < out_; ++o) {
      const std::vector<float> row = weights_.part(at(o) * at(in_), at(in_)).values();
      output.row(0)[o] = bias_[at(o)] + dot(row.data(), vector, in_);
    }
    activation_->run(std::span(&output, 1), output, first, end, workspace);
  }

 private:
  static float dot(const float* a, const float* b, int count) {
    constexpr int kLanes = 8;
    float sums[kLanes] = {};
    int i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
    }
    float sum = 0;
    for (const float part : sums) sum += part;
    for (; i < count; ++i) sum += a[i] * b[i];
    return sum;
  }

  const int in_;
  const int out_;
  const Weights weights_;
  std::vector<float> bias_;
  const OperationPtr activation_;
};

class ReshapeOperation final : public Operation {
 public:
  RowSpan needs(int /*input*/, int /*row*/, const Shape& in, const Shape& /*out*/) const override {
    return all_rows(in);
  }

  bool makes_all() const override { return true; }

  void run(std::span<const View> inputs, const View& output, int /*first*/, int /*end*/, Workspace&) const override {
    const Walk from(inputs[0]), to(output);
    for (std::int64_t i = 0; i < output.shape.count(); ++i) to[i] = from[i];
  }
};

class PermuteOperation final : public Operation {
 public:
  explicit PermuteOperation(const Permute& layer) : order_(layer.order) {}

  RowSpan needs(int /*input*/, int /*row*/, const Shape& in, const Shape& /*out*/) const override {
    return all_rows(in);
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    const Shape& shape = output.shape;
    const View& input = inputs[0];
    for (int channel = 0; channel < shape.channels; ++channel) {
      for (int y = first; y < end; ++y) {
        for (int x = 0; x < shape.width; ++x) {
          int place[3] = {};
          place[static_cast<int>(order_[0])] = channel;
          place[static_cast<int>(order_[1])] = y;
          place[static_cast<int>(order_[2])] = x;
          output.row(y)[std::ptrdiff_t{x} * output.pixel + channel] =
              input.row(place[1])[std::ptrdiff_t{place[2]} * input.pixel + place[0]];
        }
      }
    }
  }

 private:
  const std::array<Axis, 3> order_;
};

class DemodulationOperation final : public Operation {
 public:
  explicit DemodulationOperation(const Demodulation& layer)
      : in_(layer.in_channels), out_(layer.out_channels), epsilon_(layer.epsilon), squares_(layer.squares.values()) {}

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return same_row(row, in);
  }

  void run(std::span<const View> inputs, const View& output, int /*first*/, int /*end*/, Workspace&) const override {
    const float* style = inputs[0].row(0);
    for (int o = 0; o < out_; ++o) {
      float sum = epsilon_;
      for (int i = 0; i < in_; ++i) sum += style[i] * style[i] * squares_[at(o) * at(in_) + at(i)];
      output.row(0)[o] = 1 / std::sqrt(sum);
    }
  }

 private:
  const int in_;
  const int out_;
  const float epsilon_;
  const std::vector<float> squares_;
};

}  // namespace

OperationPtr make_constant(const Constant& layer) {
  return std::make_unique<ConstantOperation>(layer);
}
OperationPtr make_dense(const Dense& layer) {
  return std::make_unique<DenseOperation>(layer);
}
OperationPtr make_reshape() {
  return std::make_unique<ReshapeOperation>();
}
OperationPtr make_permute(const Permute& layer) {
  return std::make_unique<PermuteOperation>(layer);
}
OperationPtr make_demodulation(const Demodulation& layer) {
  return std::make_unique<DemodulationOperation>(layer);
}

}  // namespace tintype::engine
