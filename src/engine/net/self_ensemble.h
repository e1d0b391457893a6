// The same network on the picture turned.
#pragma once

#include "engine/net/graph.h"

namespace tintype::engine {

// One network that answers the mean of what `graph` makes of the picture in its four quarter turns, each turned back:
// the geometric self-ensemble of Lim et al. 2017 ("EDSR+"; others call it test-time augmentation). Not the picture is
// turned but the kernels, so that rows go on passing by; it takes four times the work and the memory.
// kInvalidInput names the layer for which a turned picture would be another picture, such as a stride.
Result<Graph> self_ensemble(const Graph& graph);

}  // namespace tintype::engine
