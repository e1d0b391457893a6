// Files as rasters and back, for operations that look at a whole picture.
#pragma once

#include <filesystem>

#include "engine/codec/codec.h"
#include "engine/raster/raster.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct LoadedPicture {
  ImageFacts facts;
  Raster raster;
};

// Upright, in sRGB; of what moves the first frame. The errors of CanvasReader.
Result<LoadedPicture> load_picture(const std::filesystem::path& file, const ImageLimits& limits,
                                   const std::atomic<bool>& cancel);

// What loading such a picture holds at most, the raster included: by the header.
Result<std::int64_t> loading_bytes_max(const std::filesystem::path& file, const ImageLimits& limits);

// Without alpha where every pixel is opaque. The file is there whole or not at all; answers its size in bytes.
Result<std::int64_t> save_picture(const Raster& raster, const EncodeOptions& options,
                                  const std::filesystem::path& file);

}  // namespace tintype::engine
