#include "engine/kernel/sum_ends.h"

namespace tintype::engine {

SumEnds::SumEnds(const KernelWeights& weights, int room) : bias_(weights.bias), slopes_(weights.slopes) {
  bias_.resize(static_cast<std::size_t>(room), 0.0F);
  if (!slopes_.empty()) slopes_.resize(static_cast<std::size_t>(room), 0.0F);
}

std::int64_t SumEnds::bytes() const {
  return static_cast<std::int64_t>((bias_.size() + slopes_.size()) * sizeof(float));
}

Fp32Call SumEnds::call(const KernelShape& shape, const ConvolutionRows& rows, void* scratch) const {
  Fp32Call call;
  call.rows = rows;
  call.bias = bias_.data();
  call.slopes = slopes_.empty() ? nullptr : slopes_.data();
  call.scratch = static_cast<float*>(scratch);
  call.in_channels = shape.in_channels;
  call.out_channels = shape.out_channels;
  call.kernel_height = shape.kernel_height;
  call.kernel_width = shape.kernel_width;
  call.stride_y = shape.stride_y;
  call.stride_x = shape.stride_x;
  call.dilation_y = shape.dilation_y;
  call.dilation_x = shape.dilation_x;
  call.padding_left = shape.padding_left;
  return call;
}

}  // namespace tintype::engine
