#include "engine/operation/published.h"

#include <algorithm>
#include <fstream>

#include "engine/codec/row_reader.h"
#include "engine/codec/row_writer.h"
#include "engine/strip/strip.h"

namespace tintype::engine {

namespace {

// Of the metadata the profile alone, without which colours would be others.
constexpr const char* kProfile = "icc-profile-data";

using Stripper = Result<void> (*)(std::istream& in, std::ostream& out);

// None where a format's coded pixels cannot be told from the rest so easily.
Stripper stripper_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg: return strip_jpeg;
    case ImageFormat::kPng: return strip_png;
    case ImageFormat::kWebp: return strip_webp;
    case ImageFormat::kHeic:
    case ImageFormat::kAvif:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: break;
  }
  return nullptr;
}

// Written beside its place and renamed.
Result<std::int64_t> copy_stripped(Stripper strip, const std::filesystem::path& input,
                                   const std::filesystem::path& output) {
  const std::filesystem::path part = output.string() + ".part";
  std::error_code error;
  const auto copied = [&]() -> Result<void> {
    std::ifstream in(input, std::ios::binary);
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    if (!in || !out) return fail_internal("copy " + input.string() + " to " + part.string());
    if (auto stripped = strip(in, out); !stripped) return stripped;
    out.close();
    return out ? Result<void>() : fail_internal("write " + part.string());
  }();
  if (!copied) {
    std::filesystem::remove(part, error);
    return std::unexpected(copied.error());
  }
  const auto size_bytes = static_cast<std::int64_t>(std::filesystem::file_size(part, error));
  if (!error) std::filesystem::rename(part, output, error);
  if (error) return fail_internal("write " + output.string() + ": " + error.message());
  return size_bytes;
}

Result<WrittenPicture> encode_anew(const std::filesystem::path& input, const std::filesystem::path& output,
                                   const PublishedOptions& options, RunControl& control) {
  constexpr int kRowsAtOnce = 64;
  auto reader = RowReader::open(input, options.limits);
  if (!reader) return std::unexpected(reader.error());
  const PictureShape& shape = reader->shape();
  const EncodeOptions encoding{result_format(reader->facts().format, shape.has_alpha()), options.jpeg_quality};
  const auto rows_bytes = static_cast<std::int64_t>(shape.row_bytes()) * kRowsAtOnce;
  if (reader->bytes_max() + RowWriter::bytes_max(shape, encoding) + rows_bytes > options.memory_bytes_max) {
    return fail(ErrorCode::kInvalidInput, "The picture takes too much memory to encode anew",
                "Please use a smaller one, or raise engine.memory_max_bytes");
  }
  Metadata metadata;
  metadata.pixels_per_mm = reader->metadata().pixels_per_mm;
  if (const auto profile = reader->metadata().blobs.find(kProfile); profile != reader->metadata().blobs.end()) {
    metadata.blobs.insert(*profile);
  }
  auto writer = RowWriter::create(shape, metadata, encoding, output);
  if (!writer) return std::unexpected(writer.error());
  std::vector<std::uint8_t> rows;
  for (int row = 0; row < shape.height; row += kRowsAtOnce) {
    if (control.cancel.load()) return fail(ErrorCode::kCancelled, "The job was cancelled");
    const int count = std::min(kRowsAtOnce, shape.height - row);
    rows.resize(shape.row_bytes() * static_cast<std::size_t>(count));
    if (auto read = reader->read(count, rows); !read) return std::unexpected(read.error());
    if (auto written = writer->write(rows); !written) return std::unexpected(written.error());
    control.progress_permille.store(static_cast<int>(std::int64_t{row} * 1'000 / shape.height));
  }
  const auto size_bytes = writer->finish();
  if (!size_bytes) return std::unexpected(size_bytes.error());
  return WrittenPicture{encoding.format, shape.width, shape.height, *size_bytes};
}

}  // namespace

Result<WrittenPicture> write_published(const std::filesystem::path& input, const std::filesystem::path& output,
                                       const PublishedOptions& options, RunControl& control) {
  const auto facts = inspect(input, options.limits);
  if (!facts) return std::unexpected(facts.error());
  const Stripper strip = stripper_of(facts->format);
  if (strip == nullptr) return encode_anew(input, output, options, control);
  const auto size_bytes = copy_stripped(strip, input, output);
  if (!size_bytes) return std::unexpected(size_bytes.error());
  return WrittenPicture{facts->format, facts->width_px, facts->height_px, *size_bytes};
}

}  // namespace tintype::engine
