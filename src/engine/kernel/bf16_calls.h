// The entry points of what multiplies matrices in bfloat16; what fp32_calls.h says of headers holds here too.
#pragma once

#include "engine/kernel/fp32_calls.h"

namespace tintype::engine {

// Weights are packed in blocks of 32 output channels; each is [kernel row][run][32 inputs][two tiles], a tile being
// [pair of inputs][16 output channels][of the pair]. The inputs of a run lie side by side in a row: they are all taps
// of a kernel row, or one of them where they are dilated.
inline constexpr int kBf16Block = 32;
inline constexpr int kBf16Depth = 32;  // inputs of one multiplication
inline constexpr int kBf16TileNumbers = kBf16Depth * 16;
inline constexpr int kBf16ColumnsMax = 96;  // output columns of a band: a multiple of 16
inline constexpr int kBf16RowsMax = 64;     // input rows of a band

struct Bf16Layout {
  int runs = 1;                      // of a kernel row
  int run = 0;                       // inputs of each, filled up to whole multiplications
  int run_pixels = 0;                // from one run to the next
  int depth = 0;                     // input rows that an output row needs
  int tall = 0;                      // that two need
  std::ptrdiff_t block_numbers = 0;  // of the weights of a block
  std::ptrdiff_t row_numbers = 0;    // of a row of the band
};

constexpr Bf16Layout bf16_layout(int in_channels, int kernel_height, int kernel_width, int stride_y, int stride_x,
                                 int dilation_y, int dilation_x) {
  Bf16Layout layout;
  layout.runs = dilation_x == 1 ? 1 : kernel_width;
  layout.run = rounded_up(dilation_x == 1 ? kernel_width * in_channels : in_channels, kBf16Depth);
  layout.run_pixels = dilation_x;
  layout.depth = (kernel_height - 1) * dilation_y + 1;
  layout.tall = layout.depth + stride_y;
  layout.block_numbers = std::ptrdiff_t{kernel_height} * layout.runs * layout.run * kBf16Block;
  const int pixels = (kBf16ColumnsMax - 1) * stride_x + (kernel_width - 1) * dilation_x + 1;
  layout.row_numbers = rounded_up(pixels * in_channels + kBf16Depth, kBf16Depth);
  return layout;
}

// Scratch memory: layout.tall rows.
void bf16_amx(const Fp32Call& call, const void* weights);
// The same loops on a unit of plain code, for tests on other processors.
void bf16_emulated(const Fp32Call& call, const void* weights);

}  // namespace tintype::engine
