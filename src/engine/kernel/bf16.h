// Convolutions in bfloat16 on matrix units.
#pragma once

#include "engine/kernel/convolution.h"

namespace tintype::engine {

enum class Bf16Set : std::uint8_t { kAmx, kEmulated };

// Direct, with inputs and weights rounded to bfloat16 and sums in single precision; results are off by about 0.3 %
// (root mean square) of theirs. What gains nothing by it (few channels, depthwise) is done by fp32 kernels. The
// processor must have the set; kEmulated needs AVX2.
std::unique_ptr<ConvolutionKernel> make_bf16_convolution(const KernelShape& shape, const KernelWeights& weights,
                                                         Bf16Set set);

}  // namespace tintype::engine
