// How exactly a network has to be computed.
#pragma once

#include <memory>
#include <optional>

#include "engine/net/network.h"

namespace tintype::engine {

// The network on the backend that is asked for. Else on the processor's best: when that is not exact, a drawn picture
// is run both ways, and where the results are further apart than a level of 255 (root mean square) the exact one is
// taken. So a network whose numbers half precision does not hold, and a processor that does not keep its word, cost
// speed alone.
Result<std::shared_ptr<const Network>> make_network(Graph graph, std::optional<Backend> backend);

}  // namespace tintype::engine
