// Reads the .pth files that torch.save writes since PyTorch 1.6: a ZIP archive of a pickle and the raw tensors. The
// pickle's classes are never looked up (see pickle.h).
#pragma once

#include <memory>
#include <string_view>

#include "base/error.h"
#include "engine/model/tensor.h"

namespace tintype::engine {

// The tensors of the state dict under "params_ema", else "params", else "g_ema", else of the outermost. kInvalidInput
// with the tensor named. `bytes` is the whole file, which `owner` keeps alive.
Result<Tensors> read_pytorch(const std::shared_ptr<const void>& owner, std::string_view bytes);

}  // namespace tintype::engine
