#include "engine/kernel/fp32.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "engine/kernel/fp32_calls.h"
#include "engine/kernel/sum_ends.h"
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
      : shape_(shape),
        calls_(calls_of(set)),
        is_winograd_(fits_winograd(shape)),
        ends_(weights, rounded_up(shape.out_channels, 2 * calls_.lanes)) {
    if (shape.depthwise) {
      pack_depthwise(weights.weights);
    } else {
      pack(weights.weights);
    }
  }

  int row_multiple() const override { return is_winograd_ ? 4 : 1; }

  std::int64_t packed_bytes() const override {
    return static_cast<std::int64_t>(packed_.size() * sizeof(float)) + ends_.bytes();
  }

  std::int64_t scratch_bytes(int /*width*/) const override {
    return is_winograd_ ? winograd_scratch(shape_.in_channels, calls_.lanes) * static_cast<std::int64_t>(sizeof(float))
                        : 0;
  }

  void run(const ConvolutionRows& rows, void* scratch) const override {
    Fp32Call call = ends_.call(shape_, rows, scratch);
    call.weights = packed_.data();
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
    float* to = packed_.data();
    for (int first = 0; first < shape_.out_channels;) {
      const int block = shape_.out_channels - first > calls_.lanes ? 2 * calls_.lanes : calls_.lanes;
      const int count = std::min(block, shape_.out_channels - first);
      const float* kernels = weights.data() + std::ptrdiff_t{first} * shape_.in_channels * taps;
      for (int in = 0; in < shape_.in_channels; ++in, kernels += taps) {
        const std::ptrdiff_t plane = std::ptrdiff_t{shape_.in_channels} * block;
        if (is_winograd_) {
          pack_winograd(kernels, count, to + std::ptrdiff_t{in} * block, plane);
        } else {
          for (int out = 0; out < count; ++out) {
            const float* kernel = kernels + std::ptrdiff_t{out} * shape_.in_channels * taps;
            for (int tap = 0; tap < taps; ++tap) to[tap * plane + std::ptrdiff_t{in} * block + out] = kernel[tap];
          }
        }
      }
      to += std::ptrdiff_t{planes} * shape_.in_channels * block;
      first += block;
    }
  }

  void pack_winograd(const float* kernels, int count, float* to, std::ptrdiff_t plane) const {
    WinogradFrequencies frequencies;
    winograd_kernels(kernels, std::ptrdiff_t{shape_.in_channels} * 9, count, frequencies);
    for (const auto& lanes : frequencies) {
      std::copy_n(lanes.begin(), count, to);
      to += plane;
    }
  }

  // [vector of channels][tap][channel].
  void pack_depthwise(const std::vector<float>& weights) {
    const int taps = shape_.kernel_height * shape_.kernel_width;
    packed_.assign(static_cast<std::size_t>(taps) * rounded_up(shape_.out_channels, calls_.lanes), 0.0F);
    for (int channel = 0; channel < shape_.out_channels; ++channel) {
      for (int tap = 0; tap < taps; ++tap) {
        const int vector = channel / calls_.lanes;
        const std::size_t block = static_cast<std::size_t>(vector) * taps + tap;
        packed_[block * calls_.lanes + channel % calls_.lanes] =
            weights[static_cast<std::size_t>(channel) * taps + tap];
      }
    }
  }

  const KernelShape shape_;
  const Fp32Calls calls_;
  const bool is_winograd_;
  std::vector<float> packed_;
  const SumEnds ends_;
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
