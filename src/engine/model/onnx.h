// Reads networks in ONNX's form (opsets 9 to 20): those that make pictures, masks or vectors out of one picture.
// The file may come from a stranger: every count is bounded and every offset checked before it is used.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "engine/net/graph.h"

namespace tintype::engine {

// kInvalidInput names node and operator. Weights stay where they lie in `bytes`, which `owner` keeps alive.
//
// A value's first dimension has to be a batch of one; those behind it are channels, rows and columns, so that a matrix
// of 1 x A x B is A channels of B rows. Where sizes depend on the picture's, the network is read for pictures of two
// sizes at once, of sides that are multiples of 1, of 2, of 4 ... up to 64: with the first that it can be run for
// exactly.
Result<Graph> read_onnx(const std::shared_ptr<const void>& owner, std::string_view bytes);

}  // namespace tintype::engine
