// Pictures in and out. libvips is behind it and nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "ports/image_engine.h"

namespace tintype::engine {

// Interleaved samples, rows from the top, nothing between rows. Two-byte samples are in native order.
struct Pixels {
  int width = 0;
  int height = 0;
  int channels = 0;          // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  int bytes_per_sample = 1;  // 1 or 2
  std::vector<std::uint8_t> data;

  bool has_alpha() const { return channels == 2 || channels == 4; }
  std::size_t row_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels * bytes_per_sample);
  }
};

// What belongs to a picture beside its pixels: EXIF, ICC profile, XMP, resolution. Opaque to all but the codec.
struct Metadata {
  std::map<std::string, std::string> blobs;
  double pixels_per_mm = 1.0;
};

struct Decoded {
  ImageFacts facts;
  Pixels pixels;
  Metadata metadata;
};

struct EncodeOptions {
  ImageFormat format = ImageFormat::kJpeg;  // JPEG, PNG, WebP or AVIF
  int quality = 92;                         // 4:4:4 above 90
};

// Starts libvips once for the process and blocks every loader that is not on the list.
Result<void> start_codec();

// Type by content, dimensions and frames from the header alone. kUnsupportedMediaType or kInvalidInput.
Result<ImageFacts> inspect(const std::filesystem::path& file, const ImageLimits& limits);

// inspect(), and every pixel decoded and forgotten. Damaged or cut-off is kInvalidInput, too slow kDeadlineExceeded.
Result<ImageFacts> verify(const std::filesystem::path& file, const ImageLimits& limits);

// Orientation applied, CMYK and Lab taken to sRGB by their profile, grey kept grey, 16 bits kept. A picture whose
// longest side is over `longest_side_max_px` is reduced to it (Lanczos) while it is decoded.
Result<Decoded> decode(const std::filesystem::path& file, const ImageLimits& limits,
                       std::optional<int> longest_side_max_px);

// Written beside `file` and renamed: it is there whole or not at all. Alpha is blended onto white where the format
// has none. Answers the size in bytes.
Result<std::int64_t> encode(const Pixels& pixels, const Metadata& metadata, const EncodeOptions& options,
                            const std::filesystem::path& file);

// Lanczos when it shrinks, bicubic when it enlarges. Takes the pixels over, so that both are not held longer than
// needed.
Result<Pixels> resize(Pixels pixels, int width, int height);

}  // namespace tintype::engine
