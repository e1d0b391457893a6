// GFPGAN, which restores faces: the "clean" architecture that its authors publish as v1.3 and v1.4.
#pragma once

#include "base/error.h"
#include "engine/model/tensor.h"
#include "engine/net/graph.h"

namespace tintype::engine {

// GFPGANv1Clean (Wang et al. 2021) with a latent of each layer and half of the decoder's channels conditioned; widths
// and the side of its picture (512 as published) are the tensors'. Takes and answers 3 x side x side in [-1, 1], RGB.
//
// The decoder (StyleGAN2, Karras et al. 2020) adds noise. It is the noise that the file stores, so that one face is
// always restored in one way; where the file stores none, none is added. kInvalidInput names the tensor.
Result<Graph> build_gfpgan(const Tensors& tensors);

// Whether the tensors have GFPGAN's names.
bool is_gfpgan(const Tensors& tensors);

}  // namespace tintype::engine
