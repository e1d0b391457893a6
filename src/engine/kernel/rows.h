// How kernels see pictures in memory: rows of pixels, the channels of a pixel side by side (NHWC).
//
// Rows need not follow one another: a picture that flows through a network row by row keeps only its latest rows, in a
// ring. To the left and right of each row, kernels may read `kSlackPx` pixels; those to the left and the first to the
// right are zeros wherever a convolution needs padding, what lies further right is finite.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype::engine {

// On either side of every row.
inline constexpr int kSlackPx = 32;

// Kernels work in blocks of so many columns, counted from the first: what is cut there is rounded as if it were not.
inline constexpr int kColumnMultiple = 4;

// Any number of output rows at once. A null pointer among the input rows stands for a row of zeros. What happens to a
// sum before it is stored: bias added, multiplied by the slope where it is below zero, the residual added.
struct ConvolutionRows {
  const float* const* in = nullptr;        // (rows - 1) * stride_y + (kernel_height - 1) * dilation_y + 1 rows
  float* const* out = nullptr;             // `rows` rows
  const float* const* residual = nullptr;  // as out, or null: added last
  std::ptrdiff_t in_pixel = 0;             // numbers from one pixel to the next
  std::ptrdiff_t out_pixel = 0;
  std::ptrdiff_t residual_pixel = 0;
  int rows = 0;
  int width = 0;  // of the output
};

}  // namespace tintype::engine
