#include "engine/kernel/bf16.h"

#include <bit>

#include "engine/kernel/bf16_calls.h"
#include "engine/kernel/fp32.h"
#include "engine/kernel/sum_ends.h"

namespace tintype::engine {

namespace {

constexpr int kDepthMin = 24;        // of all taps together: fewer leave most of a multiplication empty
constexpr int kOutChannelsMin = 16;  // fewer leave most of a tile empty

Bf16Layout layout_of(const KernelShape& shape) {
  return bf16_layout(shape.in_channels, shape.kernel_height, shape.kernel_width, shape.stride_y, shape.stride_x,
                     shape.dilation_y, shape.dilation_x);
}

// To the nearest, of two the even one. Weights are numbers.
std::uint16_t narrowed(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

class Bf16Convolution final : public ConvolutionKernel {
 public:
  Bf16Convolution(const KernelShape& shape, const KernelWeights& weights, Bf16Set set)
      : shape_(shape),
        layout_(layout_of(shape)),
        set_(set),
        ends_(weights, rounded_up(shape.out_channels, kBf16Block)) {
    pack(weights.weights);
  }

  int row_multiple() const override { return 2; }

  std::int64_t packed_bytes() const override {
    return static_cast<std::int64_t>(packed_.size() * sizeof(std::uint16_t)) + ends_.bytes();
  }

  std::int64_t scratch_bytes(int /*width*/) const override {
    return layout_.tall * layout_.row_numbers * static_cast<std::int64_t>(sizeof(std::uint16_t));
  }

  void run(const ConvolutionRows& rows, void* scratch) const override {
    const Fp32Call call = ends_.call(shape_, rows, scratch);
    switch (set_) {
      case Bf16Set::kAmx: return bf16_amx(call, packed_.data());
      case Bf16Set::kEmulated: return bf16_emulated(call, packed_.data());
    }
  }

 private:
  void pack(const std::vector<float>& weights) {
    const auto blocks = static_cast<std::size_t>((shape_.out_channels + kBf16Block - 1) / kBf16Block);
    packed_.assign(blocks * static_cast<std::size_t>(layout_.block_numbers), 0);
    std::size_t from = 0;
    for (int out = 0; out < shape_.out_channels; ++out) {
      for (int in = 0; in < shape_.in_channels; ++in) {
        for (int ky = 0; ky < shape_.kernel_height; ++ky) {
          for (int kx = 0; kx < shape_.kernel_width; ++kx) packed_[place(out, in, ky, kx)] = narrowed(weights[from++]);
        }
      }
    }
  }

  std::size_t place(int out, int in, int ky, int kx) const {
    const bool is_joined = layout_.runs == 1;
    const int run = is_joined ? 0 : kx;
    const int input = is_joined ? kx * shape_.in_channels + in : in;
    const std::ptrdiff_t step = ((std::ptrdiff_t{ky} * layout_.runs + run) * layout_.run + input) / kBf16Depth;
    const int within = input % kBf16Depth, channel = out % kBf16Block;
    const int in_tile = within / 2 * 32 + channel % 16 * 2 + within % 2;
    const std::ptrdiff_t tile = 2 * step + channel / 16;
    return static_cast<std::size_t>(out / kBf16Block * layout_.block_numbers + tile * kBf16TileNumbers + in_tile);
  }

  const KernelShape shape_;
  const Bf16Layout layout_;
  const Bf16Set set_;
  std::vector<std::uint16_t> packed_;
  const SumEnds ends_;
};

}  // namespace

std::unique_ptr<ConvolutionKernel> make_bf16_convolution(const KernelShape& shape, const KernelWeights& weights,
                                                         Bf16Set set) {
  const int depth = shape.in_channels * shape.kernel_height * shape.kernel_width;
  if (shape.depthwise || depth < kDepthMin || shape.out_channels < kOutChannelsMin ||
      layout_of(shape).tall > kBf16RowsMax) {
    return make_fp32_convolution(shape, weights, set == Bf16Set::kAmx ? Fp32Set::kAvx512 : Fp32Set::kAvx512Emulated);
  }
  return std::make_unique<Bf16Convolution>(shape, weights, set);
}

}  // namespace tintype::engine
