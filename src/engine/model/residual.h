// Networks that answer what their authors' programs add to the enlarged input, such as Real-CUGAN's for 4 times.
#pragma once

#include "base/error.h"
#include "engine/net/graph.h"

namespace tintype::engine {

// Of a network for pictures of any size: whether what it makes of a drawn picture is no picture of that, but close to
// nothing, as a correction is.
bool answers_residual(const Graph& graph);

// With the input added, enlarged by its nearest pixels, less what the network leaves out at the edges. kInvalidInput
// when it is not for pictures of any size.
Result<Graph> with_input_added(Graph graph);

}  // namespace tintype::engine
