// Numbers with a name and a shape, as files of weights hold them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/net/weights.h"

namespace tintype::engine {

struct Tensor {
  std::vector<std::int64_t> shape;
  Weights values;  // row-major, where they lie in the file
};

using Tensors = std::map<std::string, Tensor>;

}  // namespace tintype::engine
