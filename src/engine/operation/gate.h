// The last look at a result before anybody is told that it succeeded.
#pragma once

#include "base/error.h"
#include "engine/codec/codec.h"

namespace tintype::engine {

// Compares coarse averages of input and result: a result that is black, constant or of another picture is refused,
// with "RESULT_REJECTED" in the cause. A constant input may stay constant.
Result<void> check_result(const Pixels& input, const Pixels& result);

}  // namespace tintype::engine
