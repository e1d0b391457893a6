// A picture in memory as it is shown: upright, in sRGB, 8 bits a channel.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/error.h"
#include "domain/variant.h"
#include "engine/codec/codec.h"

namespace tintype::engine {

// Where a part of a picture lies, in pixels.
struct Part {
  int left = 0;
  int top = 0;
  Extent extent;
};

// It does not change: any number of threads may call it at once.
class Canvas {
 public:
  virtual ~Canvas() = default;
  virtual Extent extent() const = 0;
  // A part of it, resampled (Lanczos) to an extent that is no larger.
  virtual Result<std::unique_ptr<Canvas>> reduced(const Part& part, const Extent& to) const = 0;
  // Encodes it, without metadata. The file is there whole or not at all. Answers its size in bytes.
  virtual Result<std::int64_t> write(const EncodeOptions& options, const std::filesystem::path& file) const = 0;
  // Its pixels as R, G, B and alpha, which is not multiplied in.
  virtual std::vector<std::uint8_t> rgba() const = 0;
};

// Decodes a picture's file into a canvas, once.
class CanvasReader {
 public:
  // Finds the type by content and reads the header alone. A picture whose longest side is over `longest_side_max_px` is
  // reduced to it while it is decoded; of a JPEG the decoder leaves out what is certain to go. The canvas takes all
  // the ways to be written that are in `uses`. kUnsupportedMediaType, or kInvalidInput with the fault named.
  static Result<CanvasReader> open(const std::filesystem::path& file, const ImageLimits& limits,
                                   int longest_side_max_px, const std::vector<EncodeOptions>& uses);
  CanvasReader(CanvasReader&&) noexcept;
  CanvasReader& operator=(CanvasReader&&) noexcept;
  ~CanvasReader();

  const ImageFacts& facts() const;  // of the file
  Extent extent() const;            // of the canvas

  // What reading holds at most, the canvas included: by the header, an estimate on the safe side.
  std::int64_t bytes_max() const;

  // kInvalidInput when the picture is damaged or cut off, kDeadlineExceeded when it takes longer than the limits allow,
  // kCancelled when `cancel` was set.
  Result<std::unique_ptr<Canvas>> read(const std::atomic<bool>& cancel);

 private:
  struct State;
  explicit CanvasReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tintype::engine
