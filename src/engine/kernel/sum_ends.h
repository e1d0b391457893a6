// What is the same in all kernels: what happens to their sums, and the call that says so.
#pragma once

#include "engine/kernel/convolution.h"
#include "engine/kernel/fp32_calls.h"

namespace tintype::engine {

class SumEnds {
 public:
  // Filled up to `room` output channels: whole blocks of the kernel's.
  SumEnds(const KernelWeights& weights, int room);

  std::int64_t bytes() const;
  // All of a call but its weights.
  Fp32Call call(const KernelShape& shape, const ConvolutionRows& rows, void* scratch) const;

 private:
  std::vector<float> bias_;
  std::vector<float> slopes_;  // empty: linear
};

}  // namespace tintype::engine
