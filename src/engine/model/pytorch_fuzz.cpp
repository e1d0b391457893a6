// Whatever a .pth file holds, it is refused, or its tensors have as many values as their shapes say.
#include "engine/model/pytorch.h"

#include <cstdlib>

#include "engine/model/architectures.h"
#include "engine/model/gfpgan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tensors = tintype::engine::read_pytorch(nullptr, {reinterpret_cast<const char*>(data), size});
  if (!tensors) return 0;
  for (const auto& [name, tensor] : *tensors) {
    std::size_t count = 1;
    for (const std::int64_t length : tensor.shape) count *= static_cast<std::size_t>(length);
    if (count != tensor.values.size()) std::abort();
  }
  static_cast<void>(tintype::engine::build_rrdb(*tensors));
  static_cast<void>(tintype::engine::build_gfpgan(*tensors));
  static_cast<void>(tintype::engine::build_srvgg(*tensors, {4, 1, std::nullopt}));
  return 0;
}
