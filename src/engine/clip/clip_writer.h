// Clips out of frames, through FFmpeg's libraries, which do not show here.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "domain/studio_operation.h"
#include "engine/raster/raster.h"

namespace tintype::engine {

// Writes MP4 with H.264, its index at the front so that it plays while it comes, or WebM with VP9: 4:2:0 in the colours
// of BT.709, limited range. The file is written beside its place and is there whole or not at all. The same frames make
// the same bytes, on any number of cores: the encoders always have as many threads.
class ClipWriter {
 public:
  // `sides` are even. kInternal where the disk or an encoder does not do it.
  static Result<ClipWriter> create(const std::filesystem::path& file, ClipFormat format, const Extent& sides, int fps);

  // What writing a clip holds at most, as measured.
  static std::int64_t bytes_max(const Extent& sides);

  ClipWriter(ClipWriter&&) noexcept;
  ClipWriter& operator=(ClipWriter&&) noexcept;
  ~ClipWriter();  // what was not finished is removed

  // The next frame, of the clip's sides; its alpha says nothing.
  Result<void> write(const Raster& frame);

  // Encodes what the encoder has kept back, a second or so of frames: kCancelled between two of them. Answers the size
  // in bytes.
  Result<std::int64_t> finish(const std::atomic<bool>& cancel);

 private:
  struct Parts;
  explicit ClipWriter(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace tintype::engine
