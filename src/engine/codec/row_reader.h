// Reads a picture row by row, without holding it where its format lets that be.
#pragma once

#include <memory>
#include <span>

#include "engine/codec/codec.h"

namespace tintype::engine {

// Orientation applied, CMYK and Lab taken to sRGB by their profile, grey kept grey, 16 bits kept. Any thread may call
// it, one at a time.
//
// Baseline JPEG, PNG that is not interlaced and TIFF go row by row. Of a progressive JPEG libjpeg holds the
// coefficients; WebP, HEIC, AVIF and GIF are decoded whole before the first row; a picture that EXIF turns is held
// whole, after it was reduced.
class RowReader {
 public:
  // How a picture is made smaller: by Lanczos alone, or after the JPEG decoder has left out what is certain to go,
  // which is several times faster and looks the same.
  enum class Reduction { kLanczos, kFast };

  // Finds the type by content and reads the header alone. A picture whose longest side is over `longest_side_max_px`
  // is reduced to it while it is decoded. kUnsupportedMediaType, or kInvalidInput with the fault named.
  static Result<RowReader> open(const std::filesystem::path& file, const ImageLimits& limits,
                                std::optional<int> longest_side_max_px = std::nullopt,
                                Reduction reduction = Reduction::kLanczos);
  RowReader(RowReader&&) noexcept;
  RowReader& operator=(RowReader&&) noexcept;
  ~RowReader();

  const ImageFacts& facts() const;    // of the file
  const PictureShape& shape() const;  // of the rows: upright and reduced
  const Metadata& metadata() const;
  int orientation() const;  // EXIF's, of the file; the rows are upright

  // What reading holds at most beside the rows it is given room for, by the header: an estimate on the safe side.
  std::int64_t bytes_max() const;

  // The next `rows` rows, from the top; no more than are left. `out` is exactly theirs. Damaged or cut-off is
  // kInvalidInput; kDeadlineExceeded when all calls together took longer than the limits allow. After an error there
  // is no reading on.
  Result<void> read(int rows, std::span<std::uint8_t> out);

 private:
  struct State;
  explicit RowReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tintype::engine
