#include "engine/kernel/fp16.h"

#include <algorithm>
#include <array>

#include "engine/kernel/fp16_calls.h"
#include "engine/kernel/fp32.h"
#include "engine/kernel/sum_ends.h"
#include "engine/kernel/winograd.h"

namespace tintype::engine {

namespace {

constexpr int kBlock = 32;  // output channels

class Fp16Convolution final : public ConvolutionKernel {
 public:
  Fp16Convolution(const KernelShape& shape, const KernelWeights& weights)
      : shape_(shape), ends_(weights, rounded_up(shape.out_channels, kBlock)) {
    pack(weights.weights);
  }

  int row_multiple() const override { return 4; }

  std::int64_t packed_bytes() const override {
    return static_cast<std::int64_t>(packed_.size() * sizeof(std::uint16_t)) + ends_.bytes();
  }

  std::int64_t scratch_bytes(int /*width*/) const override { return winograd_fp16_scratch(shape_.in_channels); }

  void run(const ConvolutionRows& rows, void* scratch) const override {
    const Fp32Call call = ends_.call(shape_, rows, scratch);
    winograd_fp16(call, packed_.data());
  }

 private:
  void pack(const std::vector<float>& weights) {
    const int pairs = (shape_.in_channels + 1) / 2;
    constexpr std::size_t kRow = 2 * kBlock;
    const auto rows = static_cast<std::size_t>(kWinogradFrequencies) * static_cast<std::size_t>(pairs);
    packed_.assign(rows * static_cast<std::size_t>(rounded_up(shape_.out_channels, kBlock)) * 2, 0);
    std::uint16_t* to = packed_.data();
    for (int first = 0; first < shape_.out_channels; first += kBlock) {
      const int count = std::min(kBlock, shape_.out_channels - first);
      for (int pair = 0; pair < pairs; ++pair, to += kRow) {
        std::array<WinogradFrequencies, 2> both{};
        for (int in = 2 * pair; in < std::min(2 * pair + 2, shape_.in_channels); ++in) {
          const float* kernels = weights.data() + (std::ptrdiff_t{first} * shape_.in_channels + in) * 9;
          winograd_kernels(kernels, std::ptrdiff_t{shape_.in_channels} * 9, count,
                           both[static_cast<std::size_t>(in % 2)]);
        }
        for (std::size_t frequency = 0; frequency < kWinogradFrequencies; ++frequency) {
          std::array<float, kRow> row{};
          for (std::size_t out = 0; out < kBlock; ++out) {
            const std::size_t lane = out / 2 + out % 2 * (kBlock / 2);
            row[2 * lane] = both[0][frequency][out];
            row[2 * lane + 1] = both[1][frequency][out];
          }
          narrow_halves(row.data(), kRow, to + frequency * static_cast<std::size_t>(pairs) * kRow);
        }
      }
      to += std::ptrdiff_t{kWinogradFrequencies - 1} * pairs * static_cast<std::ptrdiff_t>(kRow);
    }
  }

  const KernelShape shape_;
  std::vector<std::uint16_t> packed_;  // halves
  const SumEnds ends_;
};

}  // namespace

std::unique_ptr<ConvolutionKernel> make_fp16_convolution(const KernelShape& shape, const KernelWeights& weights) {
  if (!fits_winograd(shape)) return make_fp32_convolution(shape, weights, Fp32Set::kAvx512);
  return std::make_unique<Fp16Convolution>(shape, weights);
}

}  // namespace tintype::engine
