// Reads .safetensors files: eight bytes of little-endian header length, a JSON header, raw tensors. The file may
// come from a stranger: every size is bounded and every offset checked before it is used.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/model/tensor.h"

namespace tintype::engine {

// Of F32, F16 or BF16. kInvalidInput with the tensor named. `bytes` is the whole file, which `owner` keeps alive.
Result<Tensors> read_safetensors(const std::shared_ptr<const void>& owner, std::string_view bytes);

}  // namespace tintype::engine
