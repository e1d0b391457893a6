// Writes WebP, lossy, without a byte that is not of the picture. libwebp is behind it.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "engine/codec/codec.h"
#include "engine/codec/planes.h"

namespace tintype::engine {

// Whole or not at all; answers the size in bytes. `effort` is libwebp's method, 0 to 6. kInternal when the encoder
// fails, e.g. for want of memory or disk.
Result<std::int64_t> write_webp(const Pixels& pixels, int quality, int effort, const std::filesystem::path& file);
Result<std::int64_t> write_webp(const Planes& planes, int quality, int effort, const std::filesystem::path& file);

}  // namespace tintype::engine
