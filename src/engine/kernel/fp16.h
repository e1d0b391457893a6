// 3x3 convolutions in half precision, for processors with AVX512-FP16.
#pragma once

#include "engine/kernel/convolution.h"

namespace tintype::engine {

// By Winograd's F(4x4, 3x3), with inputs and weights rounded to halves and sums of at most half the input channels in
// halves; results are off by about 0.4 % (root mean square) of theirs. What it does not fit is done by fp32 kernels.
std::unique_ptr<ConvolutionKernel> make_fp16_convolution(const KernelShape& shape, const KernelWeights& weights);

}  // namespace tintype::engine
