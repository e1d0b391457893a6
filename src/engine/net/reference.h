// Runs a graph with plain loops over planes: what everything faster is compared with.
#pragma once

#include <span>
#include <vector>

#include "engine/net/graph.h"

namespace tintype::engine {

// `values`: channels x height x width planes of the input. Answers such planes of each output.
Result<std::vector<std::vector<float>>> run_reference(const Graph& graph, const Shape& input,
                                                      std::span<const float> values);

// What a ReferenceRunner holds at most. Errors as infer_shapes().
Result<std::int64_t> reference_bytes(const Graph& graph, const Shape& input);

}  // namespace tintype::engine
