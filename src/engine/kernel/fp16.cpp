#include "engine/kernel/fp16.h"

#include "engine/kernel/fp16_calls.h"
#include "engine/kernel/fp32.h"
#include "engine/kernel/winograd.h"

namespace tintype::engine {

namespace {

constexpr int kBlock = 32;  // output channels

class Fp16Convolution final : public ConvolutionKernel {
 public:
  Fp16Convolution(const KernelShape& shape, const KernelWeights& weights) : shape_(shape) {
    pack(weights.weights);
    const auto room = static_cast<std::size_t>(rounded_up(shape.out_channels, kBlock));
    bias_ = weights.bias;
    bias_.resize(room, 0.0F);
    slopes_ = weights.slopes;
    if (!slopes_.empty()) slopes_.resize(room, 0.0F);
  }

  int row_multiple() const override { return 4; }

  std::int64_t packed_bytes() const override {
    return static_cast<std::int64_t>(packed_.size() * sizeof(_Float16) +
                                     (bias_.size() + slopes_.size()) * sizeof(float));
  }

  std::int64_t scratch_bytes(int /*width*/) const override { return winograd_fp16_scratch(shape_.in_channels); }

  void run(const ConvolutionRows& rows, void* scratch) const override {
    Fp32Call call;
    call.rows = rows;
    call.bias = bias_.data();
    call.slopes = slopes_.empty() ? nullptr : slopes_.data();
    call.scratch = static_cast<float*>(scratch);
    call.in_channels = shape_.in_channels;
    call.out_channels = shape_.out_channels;
    call.padding_left = shape_.padding_left;
    winograd_fp16(call, packed_.data());
  }

 private:
  void pack(const std::vector<float>& weights) {
    const auto pairs = static_cast<std::size_t>(shape_.in_channels + 1) / 2;
    const auto room = static_cast<std::size_t>(rounded_up(shape_.out_channels, kBlock));
    packed_.assign(kWinogradFrequencies * pairs * 2 * room, _Float16{0});
    const int taps = shape_.kernel_height * shape_.kernel_width;
    for (int out = 0; out < shape_.out_channels; ++out) {
      for (int in = 0; in < shape_.in_channels; ++in) {
        const std::ptrdiff_t kernel = (std::ptrdiff_t{out} * shape_.in_channels + in) * taps;
        const auto frequencies = winograd_kernel(weights.data() + kernel);
        const int lane = out % kBlock / 2 + out % 2 * (kBlock / 2);
        for (std::size_t frequency = 0; frequency < kWinogradFrequencies; ++frequency) {
          const std::size_t row = (static_cast<std::size_t>(out / kBlock) * kWinogradFrequencies + frequency) * pairs +
                                  static_cast<std::size_t>(in / 2);
          packed_[row * 2 * kBlock + static_cast<std::size_t>(lane * 2 + in % 2)] =
              static_cast<_Float16>(frequencies[frequency]);
        }
      }
    }
  }

  const KernelShape shape_;
  std::vector<_Float16> packed_;
  std::vector<float> bias_;
  std::vector<float> slopes_;
};

}  // namespace

std::unique_ptr<ConvolutionKernel> make_fp16_convolution(const KernelShape& shape, const KernelWeights& weights) {
  if (!fits_winograd(shape)) return make_fp32_convolution(shape, weights, Fp32Set::kAvx512);
  return std::make_unique<Fp16Convolution>(shape, weights);
}

}  // namespace tintype::engine
