// How exactly a network has to be computed.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/net/network.h"

namespace tintype::engine {

// A picture of 3 x side x side planes in [0, 1]: a slope with an edge, and some grain.
std::vector<float> drawn_picture(int side);

// Whether a network of pictures of any size is as good on the processor's best backend as on an exact one: whether the
// drawn picture comes out the same both ways, but for a level of 255 (root mean square). Nothing where the best backend
// is exact. A network whose numbers half precision does not hold, and a processor that does not keep its word, are
// found so.
std::optional<bool> holds_in_half(const Graph& graph);

// On the backend that is asked for. Else on the processor's best; where that is not exact, only if `half` says so, and
// where that is not known, if it holds.
Result<std::shared_ptr<const Network>> make_network(Graph graph, std::optional<Backend> backend,
                                                    std::optional<bool> half);

}  // namespace tintype::engine
