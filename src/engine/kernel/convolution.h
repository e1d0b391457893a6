// Convolutions for particular processors. Each packs the weights its own way, once; any number of threads may run it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/kernel/rows.h"

namespace tintype::engine {

// A convolution with groups == 1, or a depthwise one.
struct KernelShape {
  int in_channels = 0;
  int out_channels = 0;
  int kernel_height = 3;
  int kernel_width = 3;
  int stride_y = 1;
  int stride_x = 1;
  int dilation_y = 1;
  int dilation_x = 1;
  int padding_left = 1;  // above and below, the caller gives null rows
  bool depthwise = false;
};

struct KernelWeights {
  std::vector<float> weights;  // out x in x kernel_height x kernel_width; depthwise: out x 1 x ...
  std::vector<float> bias;     // out, or empty
  std::vector<float> slopes;   // out, or empty: of PReLU, leaky ReLU and ReLU
};

class ConvolutionKernel {
 public:
  virtual ~ConvolutionKernel() = default;
  // Output rows are made so many at a time: what is cut there is rounded as if it were not.
  virtual int row_multiple() const = 0;
  virtual std::int64_t packed_bytes() const = 0;
  // Of memory that run() may write over, aligned to 64 bytes, for output rows of this width.
  virtual std::int64_t scratch_bytes(int width) const = 0;
  // Stores out_channels numbers of each pixel. Of an input pixel it may read up to a multiple of 16 channels: what lies
  // there is finite and counts for nothing.
  virtual void run(const ConvolutionRows& rows, void* scratch) const = 0;
};

}  // namespace tintype::engine
