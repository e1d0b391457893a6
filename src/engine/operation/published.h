// The copy of an original for those who are not its owner.
#pragma once

#include <filesystem>

#include "ports/image_engine.h"

namespace tintype::engine {

struct PublishedOptions {
  ImageLimits limits;
  int jpeg_quality = 92;
  std::int64_t memory_bytes_max = 2LL << 30;
};

// What ImageEngine::strip() does.
Result<WrittenPicture> write_published(const std::filesystem::path& input, const std::filesystem::path& output,
                                       const PublishedOptions& options, RunControl& control);

}  // namespace tintype::engine
