// Writes a picture row by row. The encoder runs in a thread of its own, beside whoever makes the rows.
#pragma once

#include <memory>
#include <span>

#include "engine/codec/codec.h"

namespace tintype::engine {

// Any thread may call it, one at a time. JPEG, PNG and TIFF are encoded as the rows come; WebP and AVIF take all of
// them first.
//
// The file is written beside its place and renamed by finish(): it is there whole or not at all, and a writer that
// goes without finish() leaves nothing.
class RowWriter {
 public:
  // Alpha is blended onto white where the format has none, 16 bits become 8 in all but PNG
  // and TIFF. EXIF, ICC profile, XMP and
  // resolution go along; the orientation says upright. kInternal when the format is not one of EncodeOptions.
  static Result<RowWriter> create(const PictureShape& shape, const Metadata& metadata, const EncodeOptions& options,
                                  const std::filesystem::path& file);
  RowWriter(RowWriter&&) noexcept;
  RowWriter& operator=(RowWriter&&) noexcept;
  ~RowWriter();

  // kInvalidInput when the format cannot say such sides, kInternal when it is not written.
  static Result<void> check_sides(const PictureShape& shape, ImageFormat format);

  // What writing such a picture holds at most: an estimate on the safe side.
  static std::int64_t bytes_max(const PictureShape& shape, const EncodeOptions& options);

  // Takes a copy of whole rows, from the top; no more than the picture has. Waits while the encoder is many rows
  // behind. kInternal when the encoder failed, e.g. for want of disk space.
  Result<void> write(std::span<const std::uint8_t> rows);

  // Waits for the encoder and puts the file into its place. Answers its size in bytes. kInternal when rows are
  // missing or the encoder failed.
  Result<std::int64_t> finish();

 private:
  class Encoding;
  explicit RowWriter(std::unique_ptr<Encoding> encoding);
  std::unique_ptr<Encoding> encoding_;
};

}  // namespace tintype::engine
