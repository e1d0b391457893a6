// Operations that move pixels: cut, join, pad, shuffle, resize, pool.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/net/operations.h"

namespace tintype::engine {

namespace {

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

float* pixel_of(const View& view, int y, int x) {
  return view.row(y) + std::ptrdiff_t{x} * view.pixel;
}

void copy_pixels(const View& from, int from_y, int from_x, const View& to, int y, int x, int count) {
  const float* in = pixel_of(from, from_y, from_x);
  float* out = pixel_of(to, y, x);
  if (from.pixel == to.pixel && from.pixel == to.shape.channels) {
    std::memcpy(out, in, at(count) * at(from.pixel) * sizeof(float));
    return;
  }
  for (int at_x = 0; at_x < count; ++at_x, in += from.pixel, out += to.pixel) {
    std::memcpy(out, in, at(to.shape.channels) * sizeof(float));
  }
}

class ConcatOperation final : public Operation {
 public:
  explicit ConcatOperation(Axis axis) : axis_(axis) {}

  // Only detectors join rows, of their small outputs: those are waited for.
  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    return axis_ == Axis::kHeight ? all_rows(in) : RowSpan{row, row};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    int top = 0, left = 0;
    for (const View& input : inputs) {
      for (int y = std::max(first, top); y < std::min(end, top + input.shape.height); ++y) {
        copy_pixels(input, y - top, 0, output, y, left, input.shape.width);
      }
      (axis_ == Axis::kHeight ? top : left) += axis_ == Axis::kHeight ? input.shape.height : input.shape.width;
    }
  }

 private:
  const Axis axis_;
};

class SliceOperation final : public Operation {
 public:
  explicit SliceOperation(const Slice& layer) : layer_(layer) {}

  RowSpan needs(int /*input*/, int row, const Shape& /*in*/, const Shape& /*out*/) const override {
    const int from = row + (layer_.axis == Axis::kHeight ? layer_.begin : 0);
    return {from, from};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    View input = inputs[0];
    if (layer_.axis == Axis::kChannel) input.base += layer_.begin;
    const int top = layer_.axis == Axis::kHeight ? layer_.begin : 0;
    const int left = layer_.axis == Axis::kWidth ? layer_.begin : 0;
    for (int y = first; y < end; ++y) copy_pixels(input, y + top, left, output, y, 0, output.shape.width);
  }

 private:
  const Slice layer_;
};

class PadOperation final : public Operation {
 public:
  explicit PadOperation(const Pad& layer) : layer_(layer) {}

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    // Rows reflected at the lower edge come in the other order.
    if (layer_.mode == Pad::Mode::kReflect && layer_.sides.top + layer_.sides.bottom > 0) return all_rows(in);
    const int from = std::clamp(row - layer_.sides.top, 0, in.height - 1);
    return {from, from};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    const Shape& in = inputs[0].shape;
    for (int y = first; y < end; ++y) {
      const int from_y = source(y - layer_.sides.top, in.height);
      for (int x = 0; x < output.shape.width; ++x) {
        const int from_x = source(x - layer_.sides.left, in.width);
        if (from_y < 0 || from_x < 0) {
          std::fill_n(pixel_of(output, y, x), output.shape.channels, layer_.value);
        } else {
          copy_pixels(inputs[0], from_y, from_x, output, y, x, 1);
        }
      }
    }
  }

 private:
  // -1 for the constant.
  int source(int place, int length) const {
    switch (layer_.mode) {
      case Pad::Mode::kConstant: return place < 0 || place >= length ? -1 : place;
      case Pad::Mode::kReplicate: return std::clamp(place, 0, length - 1);
      case Pad::Mode::kReflect:
        if (place < 0) return std::min(-place, length - 1);
        return place >= length ? std::max(0, 2 * length - 2 - place) : place;
    }
    return -1;
  }

  const Pad layer_;
};

class PixelShuffleOperation final : public Operation {
 public:
  PixelShuffleOperation(int factor, bool by_pixel, int base_factor)
      : factor_(factor), by_pixel_(by_pixel), base_factor_(base_factor) {}

  RowSpan needs(int input, int row, const Shape& /*in*/, const Shape& /*out*/) const override {
    const int from = row / (input == 0 ? factor_ : base_factor_);
    return {from, from};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    for (int y = first; y < end; ++y) {
      if (by_pixel_) {
        copy_runs(inputs[0], output, y);
      } else {
        gather(inputs[0], output, y);
      }
      if (inputs.size() > 1) add_base(inputs[1], output, y);
    }
  }

 private:
  void copy_runs(const View& input, const View& output, int y) const {
    const int channels = output.shape.channels;
    const float* in = input.row(y / factor_) + std::ptrdiff_t{y % factor_} * factor_ * channels;
    float* out = output.row(y);
    if (output.pixel == channels) {
      const std::size_t run = at(factor_ * channels);
      for (int x = 0; x < input.shape.width; ++x, in += input.pixel, out += run) {
        std::memcpy(out, in, run * sizeof(float));
      }
      return;
    }
    for (int x = 0; x < output.shape.width; ++x, out += output.pixel) {
      std::memcpy(out, in + std::ptrdiff_t{x / factor_} * input.pixel + std::ptrdiff_t{x % factor_} * channels,
                  at(channels) * sizeof(float));
    }
  }

  void gather(const View& input, const View& output, int y) const {
    const int area = factor_ * factor_;
    for (int x = 0; x < output.shape.width; ++x) {
      const float* in = pixel_of(input, y / factor_, x / factor_) + y % factor_ * factor_ + x % factor_;
      float* out = pixel_of(output, y, x);
      for (int channel = 0; channel < output.shape.channels; ++channel) out[channel] = in[channel * area];
    }
  }

  void add_base(const View& base, const View& output, int y) const {
    const float* in = base.row(y / base_factor_);
    float* out = output.row(y);
    const int channels = output.shape.channels;
    for (int x = 0; x < base.shape.width; ++x, in += base.pixel) {
      for (int copy = 0; copy < base_factor_; ++copy, out += output.pixel) {
        for (int channel = 0; channel < channels; ++channel) out[channel] += in[channel];
      }
    }
  }

  const int factor_;
  const bool by_pixel_;
  const int base_factor_;
};

class PixelUnshuffleOperation final : public Operation {
 public:
  explicit PixelUnshuffleOperation(int factor) : factor_(factor) {}

  RowSpan needs(int /*input*/, int row, const Shape& /*in*/, const Shape& /*out*/) const override {
    return {row * factor_, row * factor_ + factor_ - 1};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    const int channels = inputs[0].shape.channels, area = factor_ * factor_;
    for (int y = first; y < end; ++y) {
      for (int i = 0; i < factor_; ++i) {
        const float* in = inputs[0].row(y * factor_ + i);
        for (int x = 0; x < output.shape.width; ++x) {
          float* out = pixel_of(output, y, x) + i * factor_;
          for (int j = 0; j < factor_; ++j, in += inputs[0].pixel) {
            for (int channel = 0; channel < channels; ++channel) out[channel * area + j] = in[channel];
          }
        }
      }
    }
  }

 private:
  const int factor_;
};

class ResizeOperation final : public Operation {
 public:
  explicit ResizeOperation(const Resize& layer) : layer_(layer) {}

  RowSpan needs(int input, int row, const Shape& in, const Shape& out) const override {
    if (input > 0) return {};  // its size alone counts
    const Taps taps = taps_of(row, in.height, out.height);
    return {taps.places[0], taps.places[taps.count - 1]};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    const View& in = inputs[0];
    std::vector<Taps> columns;
    for (int x = 0; x < output.shape.width; ++x) columns.push_back(taps_of(x, in.shape.width, output.shape.width));
    for (int y = first; y < end; ++y) {
      const Taps rows = taps_of(y, in.shape.height, output.shape.height);
      for (int x = 0; x < output.shape.width; ++x) mix(in, rows, columns[at(x)], pixel_of(output, y, x));
    }
  }

 private:
  // The places that a place of the output is made of, in order, and what each counts.
  struct Taps {
    int count = 1;
    std::array<int, 4> places{};
    std::array<float, 4> weights{1, 0, 0, 0};
  };

  void mix(const View& in, const Taps& rows, const Taps& columns, float* out) const {
    const int channels = in.shape.channels;
    if (rows.count == 1 && columns.count == 1) {
      std::memcpy(out, pixel_of(in, rows.places[0], columns.places[0]), at(channels) * sizeof(float));
      return;
    }
    std::fill_n(out, channels, 0.0F);
    for (int row = 0; row < rows.count; ++row) {
      for (int column = 0; column < columns.count; ++column) {
        const float* from = pixel_of(in, rows.places[at(row)], columns.places[at(column)]);
        const float weight = rows.weights[at(row)] * columns.weights[at(column)];
        for (int channel = 0; channel < channels; ++channel) out[channel] += from[channel] * weight;
      }
    }
  }

  Taps taps_of(int to, int in, int out) const {
    Taps taps;
    if (layer_.mode == Resize::Mode::kNearest) {
      taps.places[0] = static_cast<int>(std::int64_t{to} * in / out);
      return taps;
    }
    const double from =
        layer_.align_corners ? (out > 1 ? to * (in - 1.0) / (out - 1.0) : 0.0) : (to + 0.5) * in / out - 0.5;
    const int low = static_cast<int>(std::floor(from));
    const auto share = static_cast<float>(from - low);
    const auto inside = [&](int place) { return std::clamp(place, 0, in - 1); };
    if (layer_.mode == Resize::Mode::kBilinear) {
      return {2, {inside(low), inside(low + 1)}, {1 - share, share}};
    }
    return {4,
            {inside(low - 1), inside(low), inside(low + 1), inside(low + 2)},
            {cubic(share + 1), cubic(share), cubic(1 - share), cubic(2 - share)}};
  }

  // Keys 1981.
  static float cubic(float x) {
    constexpr float a = -0.75F;
    return x <= 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  }

  const Resize layer_;
};

class PoolOperation final : public Operation {
 public:
  explicit PoolOperation(const Pool& layer) : layer_(layer) {}

  RowSpan needs(int /*input*/, int row, const Shape& in, const Shape& /*out*/) const override {
    if (layer_.global) return all_rows(in);
    const int first = row * layer_.stride_y - layer_.padding.top;
    return {first, first + layer_.kernel_height - 1};
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace&) const override {
    const Shape& in = inputs[0].shape;
    for (int y = first; y < end; ++y) {
      const int top = layer_.global ? 0 : y * layer_.stride_y - layer_.padding.top;
      const int bottom = layer_.global ? in.height : top + layer_.kernel_height;
      for (int x = 0; x < output.shape.width; ++x) {
        const int left = layer_.global ? 0 : x * layer_.stride_x - layer_.padding.left;
        const int right = layer_.global ? in.width : left + layer_.kernel_width;
        // A window that hangs over the far padding too divides by what lies inside of it.
        const int counted = (std::min(bottom, in.height + layer_.padding.bottom) - top) *
                            (std::min(right, in.width + layer_.padding.right) - left);
        pool(inputs[0], pixel_of(output, y, x), {top, left, bottom, right}, counted);
      }
    }
  }

 private:
  void pool(const View& input, float* out, const Sides& window, int counted) const {
    const int top = std::max(0, window.top), bottom = std::min(input.shape.height, window.bottom);
    const int left = std::max(0, window.left), right = std::min(input.shape.width, window.right);
    const int channels = input.shape.channels;
    const bool maximum = layer_.kind == Pool::Kind::kMaximum;
    std::fill_n(out, channels, maximum ? -std::numeric_limits<float>::infinity() : 0.0F);
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        const float* in = pixel_of(input, y, x);
        for (int channel = 0; channel < channels; ++channel) {
          out[channel] = maximum ? std::max(out[channel], in[channel]) : out[channel] + in[channel];
        }
      }
    }
    if (maximum) return;
    const int inside = (bottom - top) * (right - left);
    const auto divisor = static_cast<float>(layer_.count_padding && !layer_.global ? counted : inside);
    for (int channel = 0; channel < channels; ++channel) out[channel] /= divisor;
  }

  const Pool layer_;
};

}  // namespace

OperationPtr make_concat(Axis axis) {
  return std::make_unique<ConcatOperation>(axis);
}
OperationPtr make_slice(const Slice& layer) {
  return std::make_unique<SliceOperation>(layer);
}
OperationPtr make_pad(const Pad& layer) {
  return std::make_unique<PadOperation>(layer);
}
OperationPtr make_pixel_shuffle(int factor, bool by_pixel, int base_factor) {
  return std::make_unique<PixelShuffleOperation>(factor, by_pixel, base_factor);
}
OperationPtr make_pixel_unshuffle(int factor) {
  return std::make_unique<PixelUnshuffleOperation>(factor);
}
OperationPtr make_resize(const Resize& layer) {
  return std::make_unique<ResizeOperation>(layer);
}
OperationPtr make_pool(const Pool& layer) {
  return std::make_unique<PoolOperation>(layer);
}

}  // namespace tintype::engine
