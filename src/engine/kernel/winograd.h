// Winograd's F(4x4, 3x3) (Lavin and Gray 2016): what is made of kernels before anything runs.
#pragma once

#include <array>

#include "engine/kernel/convolution.h"
#include "engine/kernel/fp32_calls.h"

namespace tintype::engine {

// Whether a convolution can be done by it, and gains by it.
bool fits_winograd(const KernelShape& shape);

inline constexpr int kWinogradLanes = 32;

// G g G^T of `count` 3 x 3 kernels, at most kWinogradLanes, that lie `step` numbers apart. Lanes beyond are zeros.
using WinogradFrequencies = std::array<std::array<float, kWinogradLanes>, kWinogradFrequencies>;
void winograd_kernels(const float* kernels, std::ptrdiff_t step, int count, WinogradFrequencies& frequencies);

}  // namespace tintype::engine
