// Convolutions and their transposes, put together from kernels.
#include <algorithm>

#include "engine/kernel/bf16.h"
#include "engine/kernel/fp16.h"
#include "engine/kernel/fp32.h"
#include "engine/net/operations.h"

namespace tintype::engine {

namespace {

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

int floor_divided(int value, int divisor) {
  return value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor);
}

// Points at the rows that a kernel reads, from `first` on.
void collect_input(const View& view, int offset, int first, int count, std::vector<const void*>& rows) {
  rows.clear();
  for (int y = first; y < first + count; ++y) {
    rows.push_back(y < 0 || y >= view.shape.height ? nullptr : view.row(y) + offset);
  }
}

// A kernel for some of the channels.
struct Part {
  std::unique_ptr<ConvolutionKernel> kernel;
  int in_offset = 0;
  int out_offset = 0;
};

class ConvolutionOperation final : public Operation {
 public:
  ConvolutionOperation(const FusedConvolution& fused, Backend backend) : layer_(fused.layer) {
    const bool depthwise =
        layer_.groups > 1 && layer_.groups == layer_.in_channels && layer_.out_channels == layer_.in_channels;
    const int parts = depthwise ? 1 : layer_.groups;
    const int in = layer_.in_channels / parts, out = layer_.out_channels / parts;
    const KernelShape shape{in,
                            out,
                            layer_.kernel_height,
                            layer_.kernel_width,
                            layer_.stride_y,
                            layer_.stride_x,
                            layer_.dilation_y,
                            layer_.dilation_x,
                            layer_.padding.left,
                            depthwise};
    const std::size_t taps = fused.weights.size() / at(parts);
    for (int part = 0; part < parts; ++part) {
      const auto cut = [&](const std::vector<float>& all, std::size_t length) {
        if (all.empty()) return all;
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at(part) * length);
        return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(length));
      };
      const KernelWeights weights{cut(fused.weights, taps), cut(fused.bias, at(out)), cut(fused.slopes, at(out))};
      parts_.push_back({make_kernel(fused.is_last ? exact(backend) : backend, shape, weights), part * in, part * out});
    }
  }

  RowSpan needs(int input, int row, const Shape& in, const Shape& /*out*/) const override {
    if (input > 0) return same_row(row, in);
    const int first = row * layer_.stride_y - layer_.padding.top;
    return {first, first + (layer_.kernel_height - 1) * layer_.dilation_y};
  }

  Sides zeros(const Shape& in, const Shape& out) const override {
    const int last = (out.width - 1) * layer_.stride_x + (layer_.kernel_width - 1) * layer_.dilation_x;
    Sides sides;
    sides.left = layer_.padding.left;
    sides.right = std::max(0, last - layer_.padding.left - (in.width - 1));
    return sides;
  }

  std::int64_t scratch_bytes(const Shape& /*in*/, const Shape& out) const override {
    return parts_.front().kernel->scratch_bytes(out.width);
  }

  std::int64_t packed_bytes() const override {
    std::int64_t sum = 0;
    for (const auto& part : parts_) sum += part.kernel->packed_bytes();
    return sum;
  }

  int row_multiple() const override { return parts_.front().kernel->row_multiple(); }

  // In pieces, so that a cancel is heard in time however wide the picture and slow the processor.
  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace& workspace) const override {
    constexpr std::int64_t kPieceOperations = std::int64_t{1} << 32;
    const std::int64_t row_operations = std::int64_t{2} * output.shape.width * layer_.out_channels *
                                        (layer_.in_channels / layer_.groups) * layer_.kernel_height *
                                        layer_.kernel_width;
    const int multiple = row_multiple();
    const auto pieces = kPieceOperations / std::max<std::int64_t>(1, row_operations * multiple);
    const int piece = static_cast<int>(std::clamp<std::int64_t>(pieces, 1, end - first)) * multiple;
    for (int row = first; row < end; row += piece) {
      if (workspace.cancel != nullptr && workspace.cancel->load()) return;
      run_piece(inputs, output, row, std::min(row + piece, end), workspace);
    }
  }

 private:
  void run_piece(std::span<const View> inputs, const View& output, int first, int end, Workspace& workspace) const {
    const View& input = inputs[0];
    ConvolutionRows rows;
    rows.in_pixel = input.pixel;
    rows.out_pixel = output.pixel;
    rows.rows = end - first;
    rows.width = output.shape.width;
    const int needed = (rows.rows - 1) * layer_.stride_y + (layer_.kernel_height - 1) * layer_.dilation_y + 1;
    for (const auto& part : parts_) {
      collect_input(input, part.in_offset, first * layer_.stride_y - layer_.padding.top, needed, workspace.in_rows);
      rows.in = reinterpret_cast<const float* const*>(workspace.in_rows.data());
      point_at_output(rows, output, part.out_offset, first, workspace);
      if (inputs.size() > 1) {
        collect_input(inputs[1], part.out_offset, first, rows.rows, workspace.residual_rows);
        rows.residual = reinterpret_cast<const float* const*>(workspace.residual_rows.data());
        rows.residual_pixel = inputs[1].pixel;
      }
      part.kernel->run(rows, workspace.scratch);
    }
  }

  static void point_at_output(ConvolutionRows& rows, const View& output, int offset, int first, Workspace& workspace) {
    workspace.out_rows.clear();
    for (int y = first; y < first + rows.rows; ++y) workspace.out_rows.push_back(output.row(y) + offset);
    rows.out = reinterpret_cast<float* const*>(workspace.out_rows.data());
  }

  const Convolution layer_;
  std::vector<Part> parts_;
};

// Output pixels whose place, counted in the uncropped result, leaves the same remainder when divided by the stride are
// made of the same taps: each such phase is an ordinary convolution whose output is spread out.
class DeconvolutionOperation final : public Operation {
 public:
  DeconvolutionOperation(const Deconvolution& layer, std::vector<float> slopes, Backend backend)
      : layer_(layer), slopes_(std::move(slopes)) {
    const std::vector<float> weights = layer_.weights.values();
    const std::vector<float> bias = layer_.bias.values();
    for (int group = 0; group < layer_.groups; ++group) {
      for (int y = 0; y < layer_.stride_y; ++y) {
        for (int x = 0; x < layer_.stride_x; ++x) add_phase(group, y, x, weights, bias, backend);
      }
    }
  }

  RowSpan needs(int input, int row, const Shape& in, const Shape& /*out*/) const override {
    if (input > 0) return same_row(row, in);
    const int place = row + layer_.crop.top;
    return {floor_divided(place - layer_.kernel_height + layer_.stride_y, layer_.stride_y),
            floor_divided(place, layer_.stride_y)};
  }

  Sides zeros(const Shape& in, const Shape& out) const override {
    Sides sides;
    sides.left = std::max(0, taps_of(layer_.kernel_width, layer_.stride_x, 0) - 1);
    sides.right = std::max(0, floor_divided(out.width - 1 + layer_.crop.left, layer_.stride_x) - (in.width - 1));
    return sides;
  }

  std::int64_t scratch_bytes(const Shape& /*in*/, const Shape& out) const override {
    std::int64_t most = 0;
    for (const Phase& phase : phases_) {
      if (phase.kernel) most = std::max(most, phase.kernel->scratch_bytes(out.width));
    }
    return most;
  }

  std::int64_t packed_bytes() const override {
    std::int64_t sum = 0;
    for (const Phase& phase : phases_) sum += phase.kernel->packed_bytes();
    return sum;
  }

  void run(std::span<const View> inputs, const View& output, int first, int end, Workspace& workspace) const override {
    for (const Phase& phase : phases_) {
      if (workspace.cancel != nullptr && workspace.cancel->load()) return;
      for (int y = first; y < end; ++y) {
        if ((y + layer_.crop.top) % layer_.stride_y == phase.y) run_row(phase, inputs[0], output, y, workspace);
      }
    }
  }

 private:
  struct Phase {
    std::unique_ptr<ConvolutionKernel> kernel;
    int group = 0;
    int y = 0;
    int x = 0;
    int taps_y = 0;
    int taps_x = 0;
  };

  // Of a kernel side, the taps that phase sees.
  static int taps_of(int kernel, int stride, int phase) {
    return phase < kernel ? (kernel - phase + stride - 1) / stride : 0;
  }

  void add_phase(int group, int y, int x, const std::vector<float>& weights, const std::vector<float>& bias,
                 Backend backend) {
    Phase phase;
    phase.group = group;
    phase.y = y;
    phase.x = x;
    // A phase without taps has the bias alone: one tap of zeros says so.
    phase.taps_y = std::max(1, taps_of(layer_.kernel_height, layer_.stride_y, y));
    phase.taps_x = std::max(1, taps_of(layer_.kernel_width, layer_.stride_x, x));
    const int in = layer_.in_channels / layer_.groups, out = layer_.out_channels / layer_.groups;
    KernelWeights packed;
    packed.weights.assign(at(in) * at(out) * at(phase.taps_y) * at(phase.taps_x), 0.0F);
    for (int i = 0; i < in; ++i) {
      for (int o = 0; o < out; ++o) {
        for (int ty = 0; ty < phase.taps_y; ++ty) {
          for (int tx = 0; tx < phase.taps_x; ++tx) {
            // Tap 0 is the input row that lies furthest up, which the furthest tap of the kernel reaches down from.
            const int ky = y + (phase.taps_y - 1 - ty) * layer_.stride_y;
            const int kx = x + (phase.taps_x - 1 - tx) * layer_.stride_x;
            if (ky >= layer_.kernel_height || kx >= layer_.kernel_width) continue;
            packed.weights[((at(o) * at(in) + at(i)) * at(phase.taps_y) + at(ty)) * at(phase.taps_x) + at(tx)] =
                weights[((at(group * in + i) * at(out) + at(o)) * at(layer_.kernel_height) + at(ky)) *
                            at(layer_.kernel_width) +
                        at(kx)];
          }
        }
      }
    }
    const auto cut = [&](const std::vector<float>& all) {
      if (all.empty()) return all;
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(group) * out;
      return std::vector<float>(from, from + out);
    };
    packed.bias = cut(bias);
    packed.slopes = cut(slopes_);
    KernelShape shape;
    shape.in_channels = in;
    shape.out_channels = out;
    shape.kernel_height = phase.taps_y;
    shape.kernel_width = phase.taps_x;
    shape.padding_left = phase.taps_x - 1;
    phase.kernel = make_kernel(backend, shape, packed);
    phases_.push_back(std::move(phase));
  }

  void run_row(const Phase& phase, const View& input, const View& output, int y, Workspace& workspace) const {
    const int in = layer_.in_channels / layer_.groups, out = layer_.out_channels / layer_.groups;
    // The first output column of this phase, and the input column that its last tap reads.
    const int column = ((phase.x - layer_.crop.left) % layer_.stride_x + layer_.stride_x) % layer_.stride_x;
    if (column >= output.shape.width) return;
    const int in_column = (column + layer_.crop.left - phase.x) / layer_.stride_x;
    const int in_row = (y + layer_.crop.top - phase.y) / layer_.stride_y;
    collect_input(input, phase.group * in, in_row - phase.taps_y + 1, phase.taps_y, workspace.in_rows);
    for (const void*& row : workspace.in_rows) {
      if (row != nullptr) row = static_cast<const float*>(row) + std::ptrdiff_t{in_column} * input.pixel;
    }
    workspace.out_rows.assign(
        1, output.row(y) + std::ptrdiff_t{column} * output.pixel + std::ptrdiff_t{phase.group} * out);
    ConvolutionRows rows;
    rows.in = reinterpret_cast<const float* const*>(workspace.in_rows.data());
    rows.out = reinterpret_cast<float* const*>(workspace.out_rows.data());
    rows.in_pixel = input.pixel;
    rows.out_pixel = std::ptrdiff_t{output.pixel} * layer_.stride_x;
    rows.rows = 1;
    rows.width = (output.shape.width - column + layer_.stride_x - 1) / layer_.stride_x;
    phase.kernel->run(rows, workspace.scratch);
  }

  const Deconvolution layer_;
  const std::vector<float> slopes_;
  std::vector<Phase> phases_;
};

}  // namespace

std::unique_ptr<ConvolutionKernel> make_kernel(Backend backend, const KernelShape& shape,
                                               const KernelWeights& weights) {
  switch (backend) {
    case Backend::kAvx512Fp16: return make_fp16_convolution(shape, weights);
    case Backend::kAmx: return make_bf16_convolution(shape, weights, Bf16Set::kAmx);
    case Backend::kAvx512: return make_fp32_convolution(shape, weights, Fp32Set::kAvx512);
    case Backend::kAvx2: return make_fp32_convolution(shape, weights, Fp32Set::kAvx2);
    case Backend::kSse2:
    case Backend::kReference: break;
  }
  return make_fp32_convolution(shape, weights, Fp32Set::kSse2);
}

OperationPtr make_convolution(const FusedConvolution& convolution, Backend backend) {
  return std::make_unique<ConvolutionOperation>(convolution, backend);
}

OperationPtr make_deconvolution(const Deconvolution& layer, std::vector<float> slopes, Backend backend) {
  return std::make_unique<DeconvolutionOperation>(layer, std::move(slopes), backend);
}

}  // namespace tintype::engine
