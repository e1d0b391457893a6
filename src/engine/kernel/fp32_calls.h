// The entry points of what is compiled for one instruction set. Nothing here may bring in a header of the standard
// library with code in it: the linker would keep one copy of such code, perhaps the one with instructions that this
// processor lacks.
#pragma once

#include "engine/kernel/rows.h"

namespace tintype::engine {

// One convolution over a few rows. Weights are packed in blocks of `2 * lanes` output channels, the last one of
// `lanes` if that is enough; each block is [tap][input channel][output channel] (direct), [frequency][input channel]
// [output channel] (Winograd) or [tap][output channel] (depthwise, blocks of `lanes`).
struct Fp32Call {
  ConvolutionRows rows;
  const float* bias = nullptr;    // filled up to a whole block
  const float* slopes = nullptr;  // likewise; null: linear
  const float* weights = nullptr;
  float* scratch = nullptr;  // Winograd alone
  int in_channels = 0;
  int out_channels = 0;
  int kernel_height = 3;
  int kernel_width = 3;
  int stride_y = 1;
  int stride_x = 1;
  int dilation_y = 1;
  int dilation_x = 1;
  int padding_left = 1;
};

struct Fp32Calls {
  int lanes;
  int pixels_per_block;  // of `2 * lanes` channels, side by side in registers; twice as many of `lanes` channels
  void (*direct)(const Fp32Call&);
  void (*depthwise)(const Fp32Call&);
  void (*winograd)(const Fp32Call&);
  // Multiplies and adds in registers alone; answers how many operations that were. `sink` takes 2 * lanes numbers.
  double (*spin)(int rounds, float* sink);
};

namespace winograd {

// F(4x4, 3x3) is interpolated at 0, these two, what they are below zero, and infinity. These points lose least to
// rounding of those whose transforms are exact in half precision (see Barabasz et al. 2020, "Error Analysis and
// Improving the Accuracy of Winograd Convolution for Deep Neural Networks").
inline constexpr float kNear = 0.75F;
inline constexpr float kFar = 1.5F;

}  // namespace winograd

// Winograd's work is cut into so many tiles of 4 x 4 pixels at a time, so that they stay in the second-level cache.
// A multiple of every register block.
inline constexpr int kWinogradTiles = 24;
inline constexpr int kWinogradFrequencies = 36;
// Between the planes of two frequencies, so that they do not fall on the same lines of the cache.
inline constexpr int kWinogradGap = 16;

constexpr int rounded_up(int value, int multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// In numbers: transformed inputs, transformed sums of one block, a pixel of zeros.
constexpr std::int64_t winograd_scratch(int in_channels, int lanes) {
  const int channels = rounded_up(in_channels, lanes);
  const std::int64_t inputs = kWinogradFrequencies * (std::int64_t{kWinogradTiles} * channels + kWinogradGap);
  const std::int64_t sums = kWinogradFrequencies * (std::int64_t{kWinogradTiles} * 2 * lanes + kWinogradGap);
  return inputs + sums + channels;
}

Fp32Calls fp32_sse2_calls();
Fp32Calls fp32_avx2_calls();
Fp32Calls fp32_avx512_calls();
Fp32Calls fp32_avx512_emulated_calls();

}  // namespace tintype::engine
