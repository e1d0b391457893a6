// JPEG in and out by planes: what is coded as luminance and colour differences is not taken to RGB and back. libjpeg is
// behind it. For the codec's sources alone.
#pragma once

#include <atomic>
#include <filesystem>

#include "base/error.h"
#include "engine/codec/planes.h"
#include "ports/image_engine.h"

namespace tintype::engine {

// Whether a JPEG is of three components in JFIF's Y'CbCr, 8 bits each.
bool is_planar_jpeg(const std::filesystem::path& file);

// Decodes such a file, not upright, and reduces its planes (Lanczos) while they are read to `wanted`, which is no
// larger than the picture; the decoder leaves out what is certain to go. kInvalidInput when it is damaged or cut off,
// kDeadlineExceeded when it takes longer than the limits allow, kCancelled.
Result<Planes> read_jpeg_planes(const std::filesystem::path& file, const Extent& wanted, const ImageLimits& limits,
                                const std::atomic<bool>& cancel);

// Baseline, 4:2:0, without metadata. Whole or not at all; answers the size in bytes.
Result<std::int64_t> write_jpeg(const Planes& planes, int quality, const std::filesystem::path& file);

}  // namespace tintype::engine
