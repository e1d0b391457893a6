#include "engine/codec/source.h"

#include <fstream>

namespace tintype::engine {

namespace {

std::optional<ImageFormat> sniff_brand(std::string_view head) {
  // ISO/IEC 14496-12: size, "ftyp", major brand, version, compatible brands.
  const auto says = [&](std::string_view brand) {
    for (std::size_t at = 8; at + 4 <= head.size() && at < 64; at += 4) {
      if (at != 12 && head.substr(at, 4) == brand) return true;
    }
    return false;
  };
  if (says("avif") || says("avis")) return ImageFormat::kAvif;
  for (const std::string_view brand : {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"}) {
    if (says(brand)) return ImageFormat::kHeic;
  }
  return std::nullopt;
}

std::optional<ImageFormat> sniff(std::string_view head) {
  if (head.starts_with("\xff\xd8\xff")) return ImageFormat::kJpeg;
  if (head.starts_with("\x89PNG\r\n\x1a\n")) return ImageFormat::kPng;
  if (head.starts_with("RIFF") && head.substr(8, 4) == "WEBP") return ImageFormat::kWebp;
  if (head.starts_with("GIF87a") || head.starts_with("GIF89a")) return ImageFormat::kGif;
  if (head.starts_with(std::string_view("II*\0", 4)) || head.starts_with(std::string_view("MM\0*", 4))) {
    return ImageFormat::kTiff;
  }
  if (head.size() >= 12 && head.substr(4, 4) == "ftyp") return sniff_brand(head);
  return std::nullopt;
}

// The loader of exactly this format: what the bytes say decides, never a name.
ImagePointer open_image(const std::string& path, ImageFormat format, int jpeg_shrink = 1) {
  VipsImage* image = nullptr;
  const auto access = VIPS_ACCESS_SEQUENTIAL;
  const auto fail_on = VIPS_FAIL_ON_ERROR;
  int failed = -1;
  switch (format) {
    case ImageFormat::kJpeg:
      failed =
          vips_jpegload(path.c_str(), &image, "access", access, "fail_on", fail_on, "shrink", jpeg_shrink, nullptr);
      break;
    case ImageFormat::kPng:
      failed = vips_pngload(path.c_str(), &image, "access", access, "fail_on", fail_on, nullptr);
      break;
    case ImageFormat::kWebp:
      failed = vips_webpload(path.c_str(), &image, "access", access, "fail_on", fail_on, nullptr);
      break;
    case ImageFormat::kHeic:
    case ImageFormat::kAvif:
      failed = vips_heifload(path.c_str(), &image, "access", access, "fail_on", fail_on, nullptr);
      break;
    case ImageFormat::kTiff:
      failed = vips_tiffload(path.c_str(), &image, "access", access, "fail_on", fail_on, nullptr);
      break;
    case ImageFormat::kGif:
      failed = vips_gifload(path.c_str(), &image, "access", access, "fail_on", fail_on, nullptr);
      break;
  }
  return ImagePointer(failed == 0 ? image : nullptr);
}

// What libjpeg keeps of a picture whose scans are not in one piece: all coefficients, two bytes each.
std::int64_t coefficient_bytes(VipsImage* image) {
  const char* subsampling = nullptr;
  const bool halved = vips_image_get_typeof(image, "jpeg-chroma-subsample") != 0 &&
                      vips_image_get_string(image, "jpeg-chroma-subsample", &subsampling) == 0 &&
                      std::string_view(subsampling) == "4:2:0";
  const std::int64_t pixels = std::int64_t{image->Xsize} * image->Ysize;
  return halved ? pixels * 3 : pixels * 2 * image->Bands;
}

// What the decoder holds at once; 0 when it goes row by row.
std::int64_t frame_bytes(VipsImage* image, ImageFormat format) {
  const auto says = [&](const char* name) {
    int value = 0;
    return vips_image_get_typeof(image, name) != 0 && vips_image_get_int(image, name, &value) == 0 && value != 0;
  };
  const bool in_passes = says("interlaced") || says("jpeg-multiscan");
  switch (format) {
    case ImageFormat::kJpeg: return in_passes ? coefficient_bytes(image) : 0;
    case ImageFormat::kPng: return in_passes ? static_cast<std::int64_t>(VIPS_IMAGE_SIZEOF_IMAGE(image)) : 0;
    default: return static_cast<std::int64_t>(VIPS_IMAGE_SIZEOF_IMAGE(image));
  }
}

// frame_bytes() with what was measured beside it: planes of a codec's own, and a canvas to draw frames on.
std::int64_t held_bytes(VipsImage* image, ImageFormat format) {
  const std::int64_t pixels = std::int64_t{image->Xsize} * image->Ysize;
  switch (format) {
    case ImageFormat::kWebp:
    case ImageFormat::kHeic:
    case ImageFormat::kAvif: return 3 * static_cast<std::int64_t>(VIPS_IMAGE_SIZEOF_IMAGE(image));
    case ImageFormat::kGif: return pixels * 12;
    case ImageFormat::kJpeg:
    case ImageFormat::kPng:
    case ImageFormat::kTiff: break;
  }
  return frame_bytes(image, format);
}

Result<void> check_limits(VipsImage* image, const ImageFacts& facts, const ImageLimits& limits) {
  const std::int64_t pixels = std::int64_t{image->Xsize} * image->Ysize;
  if (pixels > limits.pixels_max || std::max(image->Xsize, image->Ysize) > limits.side_max_px ||
      facts.frames > limits.frames_max) {
    return fail(
        ErrorCode::kInvalidInput,
        "The picture is too large: " + std::to_string(image->Xsize) + " x " + std::to_string(image->Ysize) + " pixels",
        "Please use one of at most " + std::to_string(limits.pixels_max / 1'000'000) + " megapixels",
        std::string(kPictureTooLarge));
  }
  if (const std::int64_t bytes = frame_bytes(image, facts.format); bytes > limits.frame_bytes_max) {
    return fail(ErrorCode::kInvalidInput,
                "The picture takes " + std::to_string(bytes >> 20) + " MB at once to decode, " +
                    std::to_string(limits.frame_bytes_max >> 20) + " MB are allowed",
                "Please save it with 8 bits a channel, neither interlaced nor progressive, or smaller",
                std::string(kPictureTooLarge));
  }
  return {};
}

}  // namespace

std::unexpected<Error> damaged() {
  const std::string what = vips_message();
  // What is about our files rather than the picture is not for everybody.
  const bool plain = what.find('/') == std::string::npos && what.find(':') != std::string::npos;
  return fail(ErrorCode::kInvalidInput,
              "The picture is damaged or cut off" + (plain ? " (" + what + ")" : std::string()),
              "Please open it in an image program, save it anew and try again");
}

ImagePointer open_jpeg_shrunk(const std::filesystem::path& file, int shrink) {
  return open_image(file.string(), ImageFormat::kJpeg, shrink);
}

Result<Source> open_source(const std::filesystem::path& file, const ImageLimits& limits) {
  if (auto started = start_codec(); !started) return std::unexpected(started.error());
  vips_error_clear();  // what an earlier picture left behind
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 64> head{};
  stream.read(head.data(), head.size());
  const auto format = sniff({head.data(), static_cast<std::size_t>(stream.gcount())});
  if (!format) {
    return fail(ErrorCode::kUnsupportedMediaType, "This file is not a picture in a format we read",
                "Please use JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF");
  }
  Source source;
  source.image = open_image(file.string(), *format);
  if (!source.image) return damaged();
  VipsImage* image = source.image.get();
  const bool turned = vips_image_get_orientation_swap(image) != 0;
  source.facts.format = *format;
  source.facts.width_px = turned ? image->Ysize : image->Xsize;
  source.facts.height_px = turned ? image->Xsize : image->Ysize;
  source.facts.has_alpha = vips_image_hasalpha(image) != 0;
  source.facts.frames = vips_image_get_n_pages(image);
  if (auto fits = check_limits(image, source.facts, limits); !fits) return std::unexpected(fits.error());
  source.held_bytes = held_bytes(image, *format);
  return source;
}

Evaluation::Evaluation(ImagePointer image, const ImageLimits& limits)
    : image_(std::move(image)), time_left_(std::chrono::milliseconds(limits.decode_ms_max)) {}

PictureShape Evaluation::shape() const {
  return {image_->Xsize, image_->Ysize, image_->Bands, image_->BandFmt == VIPS_FORMAT_USHORT ? 2 : 1};
}

Result<void> Evaluation::read(int rows, std::uint8_t* out) {
  constexpr int kStripRows = 16;  // of what libvips holds on its way, and between two looks at the clock
  const auto row_bytes = static_cast<std::size_t>(VIPS_IMAGE_SIZEOF_LINE(image_.get()));
  const std::unique_ptr<VipsRegion, void (*)(void*)> region(vips_region_new(image_.get()), g_object_unref);
  for (const int end = next_ + rows; next_ < end;) {
    if (time_left_ <= time_left_.zero()) {
      // A busy machine may be to blame as well as the picture.
      return fail(ErrorCode::kDeadlineExceeded, "The picture takes too long to decode",
                  "Please try again later, or save it anew in an image program");
    }
    const auto started = std::chrono::steady_clock::now();
    const VipsRect strip{0, next_, image_->Xsize, std::min(kStripRows, end - next_)};
    if (!region || vips_region_prepare(region.get(), &strip) != 0) return damaged();
    for (; next_ < strip.top + strip.height; ++next_, out += row_bytes) {
      std::memcpy(out, VIPS_REGION_ADDR(region.get(), 0, next_), row_bytes);
    }
    time_left_ -= std::chrono::steady_clock::now() - started;
  }
  return {};
}

}  // namespace tintype::engine
