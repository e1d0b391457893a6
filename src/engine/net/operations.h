// The operations' constructors, one of each layer.
#pragma once

#include <functional>

#include "engine/kernel/convolution.h"
#include "engine/net/backend.h"
#include "engine/net/operation.h"

namespace tintype::engine {

using OperationPtr = std::unique_ptr<const Operation>;

// A convolution with what was drawn into it. Input 1, where there is one, is added to the result.
struct FusedConvolution {
  Convolution layer;
  std::vector<float> weights;
  std::vector<float> bias;
  std::vector<float> slopes;  // of the activation; empty for none
  bool is_last = false;       // nothing but copying lies between its result and the network's: it has to be exact
};

OperationPtr make_convolution(const FusedConvolution& convolution, Backend backend);
OperationPtr make_deconvolution(const Deconvolution& layer, std::vector<float> slopes, Backend backend);
OperationPtr make_activation(const Activation& layer);
OperationPtr make_affine(const Affine& layer);
OperationPtr make_arithmetic(const Arithmetic& layer);
// Copies input 0 into a part of a wider value.
OperationPtr make_copy();
OperationPtr make_concat(Axis axis);  // of rows or columns
OperationPtr make_slice(const Slice& layer);
OperationPtr make_pad(const Pad& layer);
// `by_pixel`: the channels come in the order i, j, c instead of c, i, j, so that they are copied in runs. Input 1,
// where there is one, is enlarged `base_factor` times by its nearest pixels and added.
OperationPtr make_pixel_shuffle(int factor, bool by_pixel, int base_factor);
OperationPtr make_pixel_unshuffle(int factor);
OperationPtr make_resize(const Resize& layer);
OperationPtr make_pool(const Pool& layer);
OperationPtr make_constant(const Constant& layer);
OperationPtr make_dense(const Dense& layer);
OperationPtr make_softmax(Axis axis);
OperationPtr make_reshape();
OperationPtr make_permute(const Permute& layer);
OperationPtr make_demodulation(const Demodulation& layer);

// The kernel that a backend has for a convolution.
std::unique_ptr<ConvolutionKernel> make_kernel(Backend backend, const KernelShape& shape, const KernelWeights& weights);

// The slopes below zero of an activation that a convolution can take in; nothing where it cannot.
std::optional<std::vector<float>> slopes_of(const Activation& activation, int channels);

}  // namespace tintype::engine
