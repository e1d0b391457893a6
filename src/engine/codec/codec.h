// Pictures in and out, whole. libvips is behind it and nowhere else. Row by row: row_reader.h, row_writer.h and
// row_resizer.h, which these are made of.
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

// What a picture's rows are: interleaved samples, nothing between rows. Two-byte samples are in native order.
struct PictureShape {
  int width = 0;
  int height = 0;
  int channels = 0;          // 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha
  int bytes_per_sample = 1;  // 1 or 2

  bool has_alpha() const { return channels == 2 || channels == 4; }
  std::size_t row_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels * bytes_per_sample);
  }
  std::size_t size_bytes() const { return row_bytes() * static_cast<std::size_t>(height); }
};

// A picture's rows from the top, as PictureShape says.
struct Pixels {
  int width = 0;
  int height = 0;
  int channels = 0;
  int bytes_per_sample = 1;
  std::vector<std::uint8_t> data;

  PictureShape shape() const { return {width, height, channels, bytes_per_sample}; }
  bool has_alpha() const { return shape().has_alpha(); }
  std::size_t row_bytes() const { return shape().row_bytes(); }
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
  ImageFormat format = ImageFormat::kJpeg;  // JPEG, PNG, WebP, AVIF or TIFF
  int quality = 92;                         // 4:4:4 above 90
  int webp_effort = 4;                      // 0 to 6, libwebp's method
  bool is_bare = false;                     // the pixels alone, not even an orientation
};

// Starts libvips once for the process and blocks every loader that is not on the list.
Result<void> start_codec();

// Type by content, dimensions and frames from the header alone. kUnsupportedMediaType or kInvalidInput.
Result<ImageFacts> inspect(const std::filesystem::path& file, const ImageLimits& limits);

// inspect(), and every pixel decoded and forgotten. Damaged or cut-off is kInvalidInput, too slow kDeadlineExceeded.
Result<ImageFacts> verify(const std::filesystem::path& file, const ImageLimits& limits);

// All that a RowReader reads.
Result<Decoded> decode(const std::filesystem::path& file, const ImageLimits& limits,
                       std::optional<int> longest_side_max_px);

// Through a RowWriter: the file is there whole or not at all. Answers the size in bytes.
Result<std::int64_t> encode(const Pixels& pixels, const Metadata& metadata, const EncodeOptions& options,
                            const std::filesystem::path& file);

// Lanczos, through a RowResizer, when a side shrinks; else bicubic. Takes the pixels over, so that both are not held
// longer than needed.
Result<Pixels> resize(Pixels pixels, int width, int height);

}  // namespace tintype::engine
