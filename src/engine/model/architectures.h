// Networks that are files of tensors alone: how their layers hang together is known here, by the names that their
// authors gave the tensors.
#pragma once

#include <optional>

#include "base/error.h"
#include "engine/model/tensor.h"
#include "engine/net/graph.h"

namespace tintype::engine {

// SRVGGNetCompact (Wang et al. 2021, Real-ESRGAN) for 3 colours: "body.N", convolution and PReLU by turns. Features and
// depth are the tensors'. With `unshuffle`, the input's pixels are first folded into channels. With a strength of
// denoising, every bias is "body.N.bias" + strength x "body.N.bias.denoise", and what "denoiser.N" adds to the picture,
// a network of the same make that keeps its size, is added in that share beforehand, if there is one.
struct SrvggOptions {
  int scale = 4;
  int unshuffle = 1;
  std::optional<double> denoise_strength;
};
Result<Graph> build_srvgg(const Tensors& tensors, const SrvggOptions& options);

// Residual blocks of two convolutions with PReLU between them (Lim et al. 2017, EDSR), for 3 colours: "first",
// "blocks.N.0" to "blocks.N.2", "last", added to the first features, and "shuffled", with the nearest enlarged input
// added to the result. Features and depth are the tensors'.
Result<Graph> build_edsr(const Tensors& tensors, int scale);

// RRDBNet (Wang et al. 2018, ESRGAN), as Real-ESRGAN's authors publish it: features, growth, blocks and scale (4; 2 and
// 1 by folding the input's pixels) are the tensors'.
Result<Graph> build_rrdb(const Tensors& tensors);

// Whether the tensors have RRDBNet's names.
bool is_rrdb(const Tensors& tensors);

}  // namespace tintype::engine
