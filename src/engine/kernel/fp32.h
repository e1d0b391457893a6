// fp32 convolutions: Winograd's F(4x4, 3x3) (Lavin and Gray 2016) where it applies, else direct.
#pragma once

#include "engine/kernel/convolution.h"

namespace tintype::engine {

// The instruction sets, and what the widest kernels do on a processor that has AVX2 alone: for tests.
enum class Fp32Set : std::uint8_t { kSse2, kAvx2, kAvx512, kAvx512Emulated };

// The processor must have the set.
std::unique_ptr<ConvolutionKernel> make_fp32_convolution(const KernelShape& shape, const KernelWeights& weights,
                                                         Fp32Set set);

// What one thread reaches when all it does is multiply and add in registers, in operations a second: what a kernel can
// be measured by. Takes a few milliseconds.
double measure_peak(Fp32Set set);

}  // namespace tintype::engine
