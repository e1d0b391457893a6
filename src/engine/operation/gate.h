// The last look at a result before anybody pays for it.
#pragma once

#include <vector>

#include "engine/codec/codec.h"

namespace tintype::engine {

// A picture reduced to a few cells, so that the picture itself need not be kept.
struct Overview {
  int columns = 1;
  int rows = 1;
  std::vector<double> averages;  // of all colours, 0 to 1, row by row
};

// Up to 16 by 16 cells, none smaller than 16 pixels a side unless the picture is.
Overview overview_of(const Pixels& pixels);

// kInternal when the result is not the same picture: each cell must be about as bright as in the input, and what was
// drawn in the input must not be gone. A constant picture may stay constant.
Result<void> check_result(const Overview& input, const Pixels& result);

}  // namespace tintype::engine
