// Reads .safetensors files: eight bytes of little-endian header length, a JSON header, raw tensors. The file may
// come from a stranger: every size is bounded and every offset checked before it is used.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // F32 as it is, F16 widened
};

// kInvalidInput with the tensor named. `bytes` is the whole file.
Result<std::map<std::string, Tensor>> read_safetensors(std::string_view bytes);

}  // namespace tintype::engine
