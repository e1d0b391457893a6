// Winograd's F(4x4, 3x3) (Lavin and Gray 2016): what is made of kernels before anything runs.
#pragma once

#include <array>

#include "engine/kernel/convolution.h"
#include "engine/kernel/fp32_calls.h"

namespace tintype::engine {

// Whether a convolution can be done by it, and gains by it.
bool fits_winograd(const KernelShape& shape);

// G g G^T of one 3 x 3 kernel, row by row.
std::array<float, kWinogradFrequencies> winograd_kernel(const float* kernel);

}  // namespace tintype::engine
