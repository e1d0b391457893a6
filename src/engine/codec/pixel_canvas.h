// A canvas of interleaved samples: any picture, and any format.
#pragma once

#include "engine/codec/canvas.h"
#include "engine/codec/row_reader.h"

namespace tintype::engine {

// Whether pixels with this profile are shown as they are: the profile is sRGB's, or there is none.
bool is_srgb(const Metadata& metadata);

class PixelCanvas final : public Canvas {
 public:
  explicit PixelCanvas(Pixels pixels) : pixels_(std::move(pixels)) {}  // of 8 bits

  // What read() holds at most, the canvas included: by the header, on the safe side.
  static std::int64_t reading_bytes_max(const RowReader& reader, const Extent& to);
  // Decodes all that the reader reads, and reduces it to `to` where it is larger. kCancelled when `cancel` is set.
  static Result<std::unique_ptr<Canvas>> read(RowReader& reader, const Extent& to, const std::atomic<bool>& cancel);

  Extent extent() const override { return {pixels_.width, pixels_.height}; }
  Result<std::unique_ptr<Canvas>> reduced(const Part& part, const Extent& to) const override;
  Result<std::int64_t> write(const EncodeOptions& options, const std::filesystem::path& file) const override;
  std::vector<std::uint8_t> rgba() const override;

 private:
  Pixels pixels_;
};

}  // namespace tintype::engine
