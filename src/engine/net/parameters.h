// How large a network is.
#pragma once

#include <cstdint>

#include "engine/net/graph.h"

namespace tintype::engine {

// Numbers that were learnt: weights, biases, slopes and constants of all layers.
std::int64_t parameters_of(const Graph& graph);

}  // namespace tintype::engine
