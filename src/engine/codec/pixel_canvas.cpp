#include "engine/codec/pixel_canvas.h"

#include <algorithm>

#include "engine/codec/alpha_resizer.h"
#include "engine/codec/vips_image.h"
#include "engine/codec/webp_file.h"

namespace tintype::engine {

namespace {

constexpr int kRowsAtOnce = 64;

PictureShape shaped(const PictureShape& like, const Extent& extent) {
  return {extent.width_px, extent.height_px, like.channels, like.bytes_per_sample};
}

bool is_extent(const PictureShape& shape, const Extent& extent) {
  return shape.width == extent.width_px && shape.height == extent.height_px;
}

// Whether the profile is the one that a picture without a profile has anyway.
bool says_srgb(const std::string& profile) {
  // The description of ICC's own and of HP's; it stands in the first kilobytes, in UTF-16 in profiles of version 4.
  const std::string_view head = std::string_view(profile).substr(0, 4'096);
  return head.find("sRGB IEC61966-2") != std::string_view::npos ||
         head.find(std::string_view("s\0R\0G\0B\0 \0I\0E\0C", 15)) != std::string_view::npos;
}

// Takes pixels by their profile to sRGB and to 8 bits. A profile that says nothing of use is passed over.
bool to_srgb(ImagePointer& image, const Metadata& metadata) {
  if (!to_eight_bits(image)) return false;
  if (!is_srgb(metadata)) {
    const auto profile = metadata.blobs.find(VIPS_META_ICC_NAME);
    vips_image_set_blob_copy(image.get(), VIPS_META_ICC_NAME, profile->second.data(), profile->second.size());
    // The intent that profiles made of tables always have.
    const bool converted = apply(image, [](VipsImage* in, VipsImage** out) {
      return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "depth", 8, "intent", VIPS_INTENT_PERCEPTUAL,
                                nullptr);
    });
    if (!converted) vips_error_clear();
  }
  return true;
}

Result<Pixels> shown(Pixels pixels, const Metadata& metadata) {
  if (pixels.bytes_per_sample == 1 && is_srgb(metadata)) return pixels;
  ImagePointer image = borrow(pixels);
  if (!image || !to_srgb(image, metadata)) return fail_internal(vips_message());
  Pixels made{image->Xsize, image->Ysize, image->Bands, 1, {}};
  made.data.resize(made.shape().size_bytes());
  const ImagePointer memory(vips_image_new_from_memory(made.data.data(), made.data.size(), made.width, made.height,
                                                       made.channels, VIPS_FORMAT_UCHAR));
  if (!memory || vips_image_write(image.get(), memory.get()) != 0) return fail_internal(vips_message());
  return made;
}

// Beside the resizer's: the rows on their way, the picture, and the picture once more while its colours are converted.
std::int64_t held_bytes_max(const PictureShape& read, const Extent& to) {
  const auto rows = static_cast<std::int64_t>(read.row_bytes()) * kRowsAtOnce;
  const auto picture = static_cast<std::int64_t>(shaped(read, to).size_bytes());
  return rows + 2 * picture + kLibraryBytes + std::int64_t{to.width_px} * to.height_px;
}

}  // namespace

bool is_srgb(const Metadata& metadata) {
  const auto profile = metadata.blobs.find(VIPS_META_ICC_NAME);
  return profile == metadata.blobs.end() || says_srgb(profile->second);
}

std::int64_t PixelCanvas::reading_bytes_max(const RowReader& reader, const Extent& to) {
  const std::int64_t held = reader.bytes_max() + held_bytes_max(reader.shape(), to);
  return is_extent(reader.shape(), to) ? held : held + AlphaResizer::bytes_max(reader.shape(), to);
}

Result<std::unique_ptr<Canvas>> PixelCanvas::read(RowReader& reader, const Extent& to,
                                                  const std::atomic<bool>& cancel) {
  const PictureShape& from = reader.shape();
  std::optional<AlphaResizer> resizer;
  if (!is_extent(from, to)) resizer.emplace(from, to);
  const PictureShape made = shaped(from, to);
  Pixels pixels{made.width, made.height, made.channels, made.bytes_per_sample, {}};
  pixels.data.reserve(made.size_bytes());
  std::vector<std::uint8_t> rows;
  for (int row = 0; row < from.height; row += kRowsAtOnce) {
    if (cancel.load()) return fail(ErrorCode::kCancelled, "The job was cancelled");
    const int count = std::min(kRowsAtOnce, from.height - row);
    rows.resize(from.row_bytes() * static_cast<std::size_t>(count));
    if (auto read = reader.read(count, rows); !read) return std::unexpected(read.error());
    if (resizer) {
      resizer->push(rows, pixels.data);
    } else {
      pixels.data.insert(pixels.data.end(), rows.begin(), rows.end());
    }
  }
  auto plain = shown(std::move(pixels), reader.metadata());
  if (!plain) return std::unexpected(plain.error());
  return std::make_unique<PixelCanvas>(std::move(*plain));
}

Result<std::unique_ptr<Canvas>> PixelCanvas::reduced(const Part& part, const Extent& to) const {
  const PictureShape from = shaped(pixels_.shape(), part.extent);
  Pixels made{to.width_px, to.height_px, pixels_.channels, 1, {}};
  made.data.reserve(made.shape().size_bytes());
  std::optional<AlphaResizer> resizer;
  if (!is_extent(from, to)) resizer.emplace(from, to);
  const auto left = static_cast<std::size_t>(part.left) * static_cast<std::size_t>(pixels_.channels);
  for (int row = part.top; row < part.top + part.extent.height_px; ++row) {
    const std::size_t begin = static_cast<std::size_t>(row) * pixels_.row_bytes() + left;
    const std::span<const std::uint8_t> samples(pixels_.data.data() + begin, from.row_bytes());
    if (resizer) {
      resizer->push(samples, made.data);
    } else {
      made.data.insert(made.data.end(), samples.begin(), samples.end());
    }
  }
  return std::make_unique<PixelCanvas>(std::move(made));
}

Result<std::int64_t> PixelCanvas::write(const EncodeOptions& options, const std::filesystem::path& file) const {
  if (options.format == ImageFormat::kWebp) return write_webp(pixels_, options.quality, options.webp_effort, file);
  return encode(pixels_, {}, options, file);
}

std::vector<std::uint8_t> PixelCanvas::rgba() const {
  std::vector<std::uint8_t> made;
  made.reserve(static_cast<std::size_t>(pixels_.width) * static_cast<std::size_t>(pixels_.height) * 4);
  const auto step = static_cast<std::size_t>(pixels_.channels);
  for (std::size_t at = 0; at < pixels_.data.size(); at += step) {
    const std::uint8_t* samples = pixels_.data.data() + at;
    const bool grey = step <= 2;
    made.insert(made.end(), {samples[0], samples[grey ? 0 : 1], samples[grey ? 0 : 2],
                             pixels_.has_alpha() ? samples[step - 1] : std::uint8_t{255}});
  }
  return made;
}

}  // namespace tintype::engine
