// What a picture's Exif says of how it was taken, from the header alone.
#pragma once

#include "domain/photo_metadata.h"
#include "engine/codec/codec.h"

namespace tintype::engine {

inline constexpr std::size_t kPhotoFieldsMax = 200;
inline constexpr std::size_t kPhotoValueBytesMax = 500;

// Fails as inspect() does. What in it makes no sense is left out.
Result<PhotoMetadata> read_photo_metadata(const std::filesystem::path& file, const ImageLimits& limits);

}  // namespace tintype::engine
