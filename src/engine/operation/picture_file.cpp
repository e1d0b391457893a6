#include "engine/operation/picture_file.h"

#include "engine/codec/canvas.h"

namespace tintype::engine {

namespace {

// Nothing is reduced: no side is longer.
Result<CanvasReader> open(const std::filesystem::path& file, const ImageLimits& limits) {
  return CanvasReader::open(file, limits, limits.side_max_px, {{.format = ImageFormat::kPng}});
}

}  // namespace

Result<LoadedPicture> load_picture(const std::filesystem::path& file, const ImageLimits& limits,
                                   const std::atomic<bool>& cancel) {
  auto reader = open(file, limits);
  if (!reader) return std::unexpected(reader.error());
  const auto canvas = reader->read(cancel);
  if (!canvas) return std::unexpected(canvas.error());
  LoadedPicture picture{reader->facts(), {}};
  picture.raster.width = (*canvas)->extent().width_px;
  picture.raster.height = (*canvas)->extent().height_px;
  picture.raster.rgba = (*canvas)->rgba();
  return picture;
}

Result<std::int64_t> loading_bytes_max(const std::filesystem::path& file, const ImageLimits& limits) {
  const auto reader = open(file, limits);
  if (!reader) return std::unexpected(reader.error());
  const Extent extent = reader->extent();
  return reader->bytes_max() + std::int64_t{extent.width_px} * extent.height_px * Raster::kChannels;
}

Result<std::int64_t> save_picture(const Raster& raster, const EncodeOptions& options,
                                  const std::filesystem::path& file) {
  const bool opaque = is_opaque(raster);
  Pixels pixels{raster.width, raster.height, opaque ? 3 : 4, 1, {}};
  if (!opaque) {
    pixels.data = raster.rgba;
  } else {
    pixels.data.reserve(raster.rgba.size() / 4 * 3);
    for (std::size_t at = 0; at < raster.rgba.size(); at += 4) {
      pixels.data.insert(pixels.data.end(), raster.rgba.begin() + static_cast<std::ptrdiff_t>(at),
                         raster.rgba.begin() + static_cast<std::ptrdiff_t>(at) + 3);
    }
  }
  return encode(pixels, {}, options, file);
}

}  // namespace tintype::engine
