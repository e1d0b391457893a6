#include "engine/codec/planar_canvas.h"

#include <algorithm>
#include <cmath>

#include "engine/codec/jpeg_planes.h"
#include "engine/codec/row_resizer.h"
#include "engine/codec/webp_file.h"

namespace tintype::engine {

namespace {

Plane reduced_plane(const Plane& plane, const Part& part, const Extent& to) {
  Plane made{to, {}};
  made.bytes.reserve(made.size_bytes());
  std::optional<RowResizer> resizer;
  if (part.extent != to) {
    const PictureShape from{part.extent.width_px, part.extent.height_px, 1, Plane::kBytesPerSample};
    resizer.emplace(from, to.width_px, to.height_px);
  }
  for (int y = part.top; y < part.top + part.extent.height_px; ++y) {
    const std::span<const std::uint8_t> row(reinterpret_cast<const std::uint8_t*>(plane.row(y) + part.left),
                                            static_cast<std::size_t>(part.extent.width_px) * Plane::kBytesPerSample);
    if (resizer) {
      resizer->push(row, made.bytes);
    } else {
      made.bytes.insert(made.bytes.end(), row.begin(), row.end());
    }
  }
  return made;
}

std::uint8_t clamped(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

}  // namespace

Result<std::unique_ptr<Canvas>> PlanarCanvas::reduced(const Part& part, const Extent& to) const {
  const Part light{part.left & ~1, part.top & ~1, part.extent};
  const Part colour{part.left / 2, part.top / 2, halved(part.extent)};
  return std::make_unique<PlanarCanvas>(Planes{reduced_plane(planes_.light, light, to),
                                               reduced_plane(planes_.blue, colour, halved(to)),
                                               reduced_plane(planes_.red, colour, halved(to))});
}

Result<std::int64_t> PlanarCanvas::write(const EncodeOptions& options, const std::filesystem::path& file) const {
  switch (options.format) {
    case ImageFormat::kJpeg: return write_jpeg(planes_, options.quality, file);
    case ImageFormat::kWebp: return write_webp(planes_, options.quality, options.webp_effort, file);
    case ImageFormat::kPng:
    case ImageFormat::kAvif:
    case ImageFormat::kHeic:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: break;
  }
  return fail_internal(std::string("planes are not written as ") + image_format_name(options.format));
}

// ITU T.871 (JFIF), clause 7.
std::vector<std::uint8_t> PlanarCanvas::rgba() const {
  std::vector<std::uint8_t> made;
  const auto [width, height] = planes_.light.extent;
  made.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 4);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double light = planes_.light.row(y)[x] / 257.0;
      const double blue = planes_.blue.row(y / 2)[x / 2] / 257.0 - 128;
      const double red = planes_.red.row(y / 2)[x / 2] / 257.0 - 128;
      made.insert(made.end(), {clamped(light + 1.402 * red), clamped(light - 0.344136 * blue - 0.714136 * red),
                               clamped(light + 1.772 * blue), std::uint8_t{255}});
    }
  }
  return made;
}

}  // namespace tintype::engine
