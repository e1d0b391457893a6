#include <algorithm>
#include <array>
#include <cstring>

#include "engine/codec/jpeg_library.h"
#include "engine/codec/jpeg_planes.h"
#include "engine/codec/part_file.h"

namespace tintype::engine {

namespace {

constexpr int kBlock = DCTSIZE;

// libjpeg's encoder. Each function that calls it has a setjmp of its own and owns nothing.
class Encoder {
 public:
  Encoder() {
    codec_.err = &errors_;
    if (setjmp(errors_.jump) == 0) {
      jpeg_create_compress(&codec_);
      is_made_ = true;
    }
  }
  ~Encoder() {
    if (is_made_) jpeg_destroy_compress(&codec_);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // Baseline 4:2:0 is what libjpeg's defaults say of Y'CbCr.
  bool start(std::FILE* file, const Extent& extent, int quality) {
    if (!is_made_ || setjmp(errors_.jump) != 0) return false;
    jpeg_stdio_dest(&codec_, file);
    codec_.image_width = static_cast<JDIMENSION>(extent.width_px);
    codec_.image_height = static_cast<JDIMENSION>(extent.height_px);
    codec_.input_components = 3;
    codec_.in_color_space = JCS_YCbCr;
    jpeg_set_defaults(&codec_);
    jpeg_set_quality(&codec_, quality, TRUE);
    codec_.raw_data_in = TRUE;
    jpeg_start_compress(&codec_, TRUE);
    return true;
  }

  bool write(JSAMPIMAGE rows) {
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_write_raw_data(&codec_, rows, 2 * kBlock);
    return true;
  }

  bool finish() {
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_finish_compress(&codec_);
    return true;
  }

  std::unexpected<Error> failure(const std::filesystem::path& file) {
    return fail_internal("encode " + file.string() + ": " + errors_.words(reinterpret_cast<j_common_ptr>(&codec_)));
  }

 private:
  JpegErrors errors_;
  jpeg_compress_struct codec_{};
  bool is_made_ = false;
};

// Rows of a plane as wide as whole blocks; what is beside and below the picture repeats its edge.
class BlockRows {
 public:
  BlockRows(const Plane& plane, int count)
      : plane_(plane), stride_((plane.extent.width_px + 2 * kBlock - 1) / (2 * kBlock) * (2 * kBlock)) {
    samples_.resize(static_cast<std::size_t>(stride_) * static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) rows_.push_back(samples_.data() + std::ptrdiff_t{row} * stride_);
  }

  JSAMPARRAY from(int top) {
    const int width = plane_.extent.width_px;
    for (std::size_t at = 0; at < rows_.size(); ++at) {
      const std::uint16_t* row = plane_.row(std::min(top + static_cast<int>(at), plane_.extent.height_px - 1));
      std::transform(row, row + width, rows_[at], narrowed);
      std::memset(rows_[at] + width, rows_[at][width - 1], static_cast<std::size_t>(stride_ - width));
    }
    return rows_.data();
  }

 private:
  const Plane& plane_;
  int stride_;
  std::vector<std::uint8_t> samples_;
  std::vector<JSAMPROW> rows_;
};

}  // namespace

Result<std::int64_t> write_jpeg(const Planes& planes, int quality, const std::filesystem::path& file) {
  PartFile part(file);
  if (part.stream() == nullptr) return part.finish();
  const Extent& extent = planes.light.extent;
  Encoder encoder;
  if (!encoder.start(part.stream(), extent, quality)) return encoder.failure(file);
  BlockRows light(planes.light, 2 * kBlock), blue(planes.blue, kBlock), red(planes.red, kBlock);
  for (int top = 0; top < extent.height_px; top += 2 * kBlock) {
    std::array<JSAMPARRAY, 3> rows{light.from(top), blue.from(top / 2), red.from(top / 2)};
    if (!encoder.write(rows.data())) return encoder.failure(file);
  }
  if (!encoder.finish()) return encoder.failure(file);
  return part.finish();
}

}  // namespace tintype::engine
