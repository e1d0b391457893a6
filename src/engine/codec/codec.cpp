#include "engine/codec/codec.h"

#include "engine/codec/row_reader.h"
#include "engine/codec/row_resizer.h"
#include "engine/codec/row_writer.h"
#include "engine/codec/source.h"

namespace tintype::engine {

namespace {

Pixels blank(const PictureShape& shape) {
  Pixels pixels{shape.width, shape.height, shape.channels, shape.bytes_per_sample, {}};
  pixels.data.resize(shape.size_bytes());
  return pixels;
}

// libvips' bicubic.
Result<Pixels> enlarge(const Pixels& pixels, const PictureShape& to) {
  if (auto started = start_codec(); !started) return std::unexpected(started.error());
  ImagePointer image = borrow(pixels);
  const double x = static_cast<double>(to.width) / pixels.width;
  const double y = static_cast<double>(to.height) / pixels.height;
  const bool resized = image && apply(image, [&](VipsImage* in, VipsImage** out) {
                         return vips_resize(in, out, x, "vscale", y, "kernel", VIPS_KERNEL_CUBIC, nullptr);
                       });
  if (!resized) return fail_internal(vips_message());
  Pixels enlarged = blank(to);
  const ImagePointer memory(vips_image_new_from_memory(enlarged.data.data(), enlarged.data.size(), to.width, to.height,
                                                       to.channels, image->BandFmt));
  if (!memory || vips_image_write(image.get(), memory.get()) != 0) return fail_internal(vips_message());
  return enlarged;
}

}  // namespace

Result<ImageFacts> inspect(const std::filesystem::path& file, const ImageLimits& limits) {
  auto source = open_source(file, limits);
  if (!source) return std::unexpected(source.error());
  return source->facts;
}

Result<ImageFacts> verify(const std::filesystem::path& file, const ImageLimits& limits) {
  auto source = open_source(file, limits);
  if (!source) return std::unexpected(source.error());
  constexpr int kShrink = 8;
  // libvips rounds down, and ends the process over a picture without columns or rows.
  const bool can_shrink = std::min(source->image->Xsize, source->image->Ysize) >= kShrink;
  if (source->facts.format == ImageFormat::kJpeg && can_shrink) {
    source->image = open_jpeg_shrunk(file, kShrink);
    if (!source->image) return damaged();
  }
  constexpr int kRows = 64;
  const int height = source->image->Ysize;
  std::vector<std::uint8_t> forgotten(static_cast<std::size_t>(VIPS_IMAGE_SIZEOF_LINE(source->image.get())) * kRows);
  Evaluation evaluation(std::move(source->image), limits);
  for (int row = 0; row < height; row += kRows) {
    auto read = evaluation.read(std::min(kRows, height - row), forgotten.data());
    if (!read) return std::unexpected(read.error());
  }
  return source->facts;
}

Result<Decoded> decode(const std::filesystem::path& file, const ImageLimits& limits,
                       std::optional<int> longest_side_max_px) {
  auto reader = RowReader::open(file, limits, longest_side_max_px);
  if (!reader) return std::unexpected(reader.error());
  Decoded decoded{reader->facts(), blank(reader->shape()), reader->metadata()};
  if (auto read = reader->read(decoded.pixels.height, decoded.pixels.data); !read) {
    return std::unexpected(read.error());
  }
  return decoded;
}

Result<std::int64_t> encode(const Pixels& pixels, const Metadata& metadata, const EncodeOptions& options,
                            const std::filesystem::path& file) {
  auto writer = RowWriter::create(pixels.shape(), metadata, options, file);
  if (!writer) return std::unexpected(writer.error());
  if (auto written = writer->write(pixels.data); !written) return std::unexpected(written.error());
  return writer->finish();
}

Result<Pixels> resize(Pixels pixels, int width, int height) {
  if (pixels.width == width && pixels.height == height) return pixels;
  const PictureShape to{width, height, pixels.channels, pixels.bytes_per_sample};
  if (width >= pixels.width && height >= pixels.height) return enlarge(pixels, to);
  Pixels reduced = blank(to);
  reduced.data.clear();  // keeps its room
  RowResizer(pixels.shape(), width, height).push(pixels.data, reduced.data);
  return reduced;
}

}  // namespace tintype::engine
