// Whatever a model file holds, what is read from it has as many values as its shape says.
#include <cstdlib>

#include "engine/model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tensors = tintype::engine::read_safetensors(nullptr, {reinterpret_cast<const char*>(data), size});
  if (!tensors) return 0;
  for (const auto& [name, tensor] : *tensors) {
    std::size_t count = 1;
    for (const std::int64_t length : tensor.shape) count *= static_cast<std::size_t>(length);
    if (count != tensor.values.size()) std::abort();
  }
  return 0;
}
