// Reads networks in ncnn's form: a .param file of text, one layer a line, and a .bin file of weights in that order.
// Both may come from a stranger: every count is bounded and every offset checked before it is used.
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "engine/net/graph.h"

namespace tintype::engine {

// kInvalidInput with line, layer and name. `weights` stay where they lie, which `owner` keeps alive. Whether the
// layers fit together is for infer_shapes() to say.
Result<Graph> read_ncnn(std::string_view parameters, const std::shared_ptr<const void>& owner,
                        std::string_view weights);

}  // namespace tintype::engine
