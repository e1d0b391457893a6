#include "engine/kernel/fp32.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "engine/kernel/fp32_calls.h"
#include "engine/kernel/winograd.h"

namespace tintype::engine {

namespace {

Fp32Calls calls_of(Fp32Set set) {
  switch (set) {
    case Fp32Set::kSse2: return fp32_sse2_calls();
    case Fp32Set::kAvx2: return fp32_avx2_calls();
    case Fp32Set::kAvx512: return fp32_avx512_calls();
    case Fp32Set::kAvx512Emulated: return fp32_avx512_emulated_calls();
  }
  return fp32_sse2_calls();
}

class Fp32Convolution final : public ConvolutionKernel {
 public:
  Fp32Convolution(const KernelShape& shape, const KernelWeights& weights, Fp32Set set)
      : shape_(shape), calls_(calls_of(set)), is_winograd_(fits_winograd(shape)) {
    if (shape.depthwise) {
      pack_depthwise(weights.weights);
    } else {
      pack(weights.weights);
    }
    const auto room = static_cast<std::size_t>(rounded_up(shape.out_channels, 2 * calls_.lanes));
    bias_ = weights.bias;
    bias_.resize(room, 0.0F);
    slopes_ = weights.slopes;
    if (!slopes_.empty()) slopes_.resize(room, 0.0F);
  }

  int row_multiple() const override { return is_winograd_ ? 4 : 1; }

  std::int64_t packed_bytes() const override {
    return static_cast<std::int64_t>((packed_.size() + bias_.size() + slopes_.size()) * sizeof(float));
  }

  std::int64_t scratch_bytes(int /*width*/) const override {
    return is_winograd_ ? winograd_scratch(shape_.in_channels, calls_.lanes) * static_cast<std::int64_t>(sizeof(float))
                        : 0;
  }

  void run(const ConvolutionRows& rows, void* scratch) const override {
    Fp32Call call;
    call.rows = rows;
    call.bias = bias_.data();
    call.slopes = slopes_.empty() ? nullptr : slopes_.data();
    call.weights = packed_.data();
    call.scratch = static_cast<float*>(scratch);
    call.in_channels = shape_.in_channels;
    call.out_channels = shape_.out_channels;
    call.kernel_height = shape_.kernel_height;
    call.kernel_width = shape_.kernel_width;
    call.stride_y = shape_.stride_y;
    call.stride_x = shape_.stride_x;
    call.dilation_y = shape_.dilation_y;
    call.dilation_x = shape_.dilation_x;
    call.padding_left = shape_.padding_left;
    if (shape_.depthwise) {
      calls_.depthwise(call);
    } else if (is_winograd_) {
      calls_.winograd(call);
    } else {
      calls_.direct(call);
    }
  }

 private:
  // [block][tap or frequency][input channel][output channel of the block].
  void pack(const std::vector<float>& weights) {
    const int taps = shape_.kernel_height * shape_.kernel_width;
    const int planes = is_winograd_ ? kWinogradFrequencies : taps;
    packed_.assign(static_cast<std::size_t>(planes) * static_cast<std::size_t>(shape_.in_channels) *
                       static_cast<std::size_t>(rounded_up(shape_.out_channels, calls_.lanes)),
                   0.0F);
    std::size_t block_at = 0;
    for (int first = 0; first < shape_.out_channels;) {
      const int block = shape_.out_channels - first > calls_.lanes ? 2 * calls_.lanes : calls_.lanes;
      for (int out = first; out < std::min(first + block, shape_.out_channels); ++out) {
        for (int in = 0; in < shape_.in_channels; ++in) {
          const float* kernel = weights.data() + (static_cast<std::size_t>(out) * shape_.in_channels + in) * taps;
          std::array<float, kWinogradFrequencies> frequencies{};
          if (is_winograd_) frequencies = winograd_kernel(kernel);
          for (int plane = 0; plane < planes; ++plane) {
            packed_[block_at + (static_cast<std::size_t>(plane) * shape_.in_channels + in) * block + (out - first)] =
                is_winograd_ ? frequencies[static_cast<std::size_t>(plane)] : kernel[plane];
          }
        }
      }
      block_at += static_cast<std::size_t>(planes) * shape_.in_channels * block;
      first += block;
    }
  }

  // [vector of channels][tap][channel].
  void pack_depthwise(const std::vector<float>& weights) {
    const int taps = shape_.kernel_height * shape_.kernel_width;
    packed_.assign(static_cast<std::size_t>(taps) * rounded_up(shape_.out_channels, calls_.lanes), 0.0F);
    for (int channel = 0; channel < shape_.out_channels; ++channel) {
      for (int tap = 0; tap < taps; ++tap) {
        const int vector = channel / calls_.lanes;
        packed_[static_cast<std::size_t>((vector * taps + tap) * calls_.lanes + channel % calls_.lanes)] =
            weights[static_cast<std::size_t>(channel * taps + tap)];
      }
    }
  }

  const KernelShape shape_;
  const Fp32Calls calls_;
  const bool is_winograd_;
  std::vector<float> packed_;
  std::vector<float> bias_;
  std::vector<float> slopes_;
};

}  // namespace

std::unique_ptr<ConvolutionKernel> make_fp32_convolution(const KernelShape& shape, const KernelWeights& weights,
                                                         Fp32Set set) {
  return std::make_unique<Fp32Convolution>(shape, weights, set);
}

double measure_peak(Fp32Set set) {
  constexpr int kRounds = 1 << 18, kTurns = 5;
  const Fp32Calls calls = calls_of(set);
  std::array<float, 64> sink{};
  double most = 0;
  for (int turn = 0; turn < kTurns; ++turn) {
    const auto began = std::chrono::steady_clock::now();
    const double operations = calls.spin(kRounds, sink.data());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    most = std::max(most, operations / took.count());
  }
  return most;
}

}  // namespace tintype::engine
