// A picture's file, opened and held to its limits; for the codec's sources alone.
#pragma once

#include <chrono>

#include "engine/codec/vips_image.h"

namespace tintype::engine {

struct Source {
  ImageFacts facts;
  ImagePointer image;           // evaluated as it is read, from the top
  std::int64_t held_bytes = 0;  // what its decoder holds at once, an estimate on the safe side
};

// Type by content, limits by the header. kUnsupportedMediaType or kInvalidInput.
Result<Source> open_source(const std::filesystem::path& file, const ImageLimits& limits);

// A JPEG at a half, a quarter or an eighth of its sides (`shrink` 2, 4 or 8), which none may be shorter than: every
// coefficient is read, and few are transformed. Null on failure.
ImagePointer open_jpeg_shrunk(const std::filesystem::path& file, int shrink);

// What libvips complained of, as kInvalidInput.
std::unexpected<Error> damaged();

// Reads an image from the top and keeps its time.
class Evaluation {
 public:
  Evaluation(ImagePointer image, const ImageLimits& limits);

  VipsImage* image() const { return image_.get(); }
  PictureShape shape() const;

  // The next rows into `out`. kInvalidInput when the picture is damaged; kDeadlineExceeded when all calls together
  // took longer than the limits allow. The time between the calls is the caller's.
  Result<void> read(int rows, std::uint8_t* out);

 private:
  ImagePointer image_;
  int next_ = 0;
  std::chrono::steady_clock::duration time_left_;
};

}  // namespace tintype::engine
