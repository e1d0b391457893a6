#include "engine/codec/codec.h"

#include <vips/vips.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>

namespace tintype::engine {

namespace {

constexpr const char* kKeptBlobs[] = {VIPS_META_EXIF_NAME, VIPS_META_ICC_NAME, VIPS_META_XMP_NAME, VIPS_META_IPTC_NAME};

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using Image = std::unique_ptr<VipsImage, Unref>;

// The last line of libvips' buffer for this thread, which says most; for the log.
std::string vips_message() {
  std::string text = vips_error_buffer();
  vips_error_clear();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

// Says what libvips says, unless that is about our files rather than the picture.
std::unexpected<Error> damaged() {
  const std::string what = vips_message();
  const bool plain = what.find('/') == std::string::npos && what.find(':') != std::string::npos;
  return fail(ErrorCode::kInvalidInput,
              "The picture is damaged or cut off" + (plain ? " (" + what + ")" : std::string()),
              "Please open it in an image program, save it anew and try again");
}

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

// The loader of exactly this format: what the bytes say decides, never a name. A JPEG may be had at an eighth of its
// sides: every coefficient is read, and few are transformed.
Image open_image(const std::string& path, ImageFormat format, int jpeg_shrink = 1) {
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
  return Image(failed == 0 ? image : nullptr);
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

struct Opened {
  ImageFacts facts;
  Image image;
};

Result<Opened> open_checked(const std::filesystem::path& file, const ImageLimits& limits) {
  if (auto started = start_codec(); !started) return std::unexpected(started.error());
  vips_error_clear();  // what an earlier picture left behind on this thread
  std::ifstream stream(file, std::ios::binary);
  std::array<char, 64> head{};
  stream.read(head.data(), head.size());
  const auto format = sniff({head.data(), static_cast<std::size_t>(stream.gcount())});
  if (!format) {
    return fail(ErrorCode::kUnsupportedMediaType, "This file is not a picture in a format we read",
                "Please use JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF");
  }
  Opened opened;
  opened.image = open_image(file.string(), *format);
  if (!opened.image) return damaged();
  VipsImage* image = opened.image.get();
  const bool turned = vips_image_get_orientation_swap(image) != 0;
  opened.facts.format = *format;
  opened.facts.width_px = turned ? image->Ysize : image->Xsize;
  opened.facts.height_px = turned ? image->Xsize : image->Ysize;
  opened.facts.has_alpha = vips_image_hasalpha(image) != 0;
  opened.facts.frames = vips_image_get_n_pages(image);
  const std::int64_t pixels = std::int64_t{image->Xsize} * image->Ysize;
  if (pixels > limits.pixels_max || std::max(image->Xsize, image->Ysize) > limits.side_max_px ||
      opened.facts.frames > limits.frames_max) {
    return fail(
        ErrorCode::kInvalidInput,
        "The picture is too large: " + std::to_string(image->Xsize) + " x " + std::to_string(image->Ysize) + " pixels",
        "Please use one of at most " + std::to_string(limits.pixels_max / 1'000'000) + " megapixels");
  }
  if (const std::int64_t bytes = frame_bytes(image, *format); bytes > limits.frame_bytes_max) {
    return fail(ErrorCode::kInvalidInput,
                "The picture takes " + std::to_string(bytes >> 20) + " MB at once to decode, " +
                    std::to_string(limits.frame_bytes_max >> 20) + " MB are allowed",
                "Please save it with 8 bits a channel, neither interlaced nor progressive, or smaller");
  }
  return opened;
}

// Ends an evaluation that takes too long. Connected to the image that is evaluated.
struct Watch {
  explicit Watch(const ImageLimits& limits)
      : until(std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.decode_ms_max)) {}
  const std::chrono::steady_clock::time_point until;
  bool expired = false;

  static void on_eval(VipsImage* image, VipsProgress*, void* data) {
    auto& watch = *static_cast<Watch*>(data);
    if (std::chrono::steady_clock::now() < watch.until) return;
    watch.expired = true;
    vips_image_set_kill(image, TRUE);
  }
  void over(VipsImage* image) {
    vips_image_set_progress(image, TRUE);
    g_signal_connect(image, "eval", G_CALLBACK(on_eval), this);
  }
};

std::unexpected<Error> evaluation_failed(const Watch& watch) {
  if (!watch.expired) return damaged();
  vips_error_clear();
  // A busy machine may be to blame as well as the picture.
  return fail(ErrorCode::kDeadlineExceeded, "The picture takes too long to decode",
              "Please try again later, or save it anew in an image program");
}

int forget_region(VipsRegion*, void*, void*, void*, gboolean*) {
  return 0;
}

// Applies one libvips call to an image and lets go of what it was.
template <class Call>
bool apply(Image& image, Call call) {
  VipsImage* next = nullptr;
  if (call(image.get(), &next) != 0) return false;
  image.reset(next);
  return true;
}

// To 8 or 16 bits of grey or sRGB, whatever it was.
bool to_plain_colour(Image& image) {
  const VipsInterpretation was = image->Type;
  const bool wide = image->BandFmt == VIPS_FORMAT_USHORT || image->BandFmt == VIPS_FORMAT_SHORT;
  const bool needs_profile = was == VIPS_INTERPRETATION_CMYK || was == VIPS_INTERPRETATION_LAB;
  if (was == VIPS_INTERPRETATION_CMYK) {
    if (!apply(image, [](VipsImage* in, VipsImage** out) {
          return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "input_profile", "cmyk", nullptr);
        })) {
      return false;
    }
  }
  const bool grey = image->Bands <= 2;
  const VipsInterpretation wanted = wide ? (grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16)
                                         : (grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
  if (image->Type != wanted &&
      !apply(image, [&](VipsImage* in, VipsImage** out) { return vips_colourspace(in, out, wanted, nullptr); })) {
    return false;
  }
  if (needs_profile) vips_image_remove(image.get(), VIPS_META_ICC_NAME);
  const VipsBandFormat format = wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  if (image->BandFmt != format &&
      !apply(image, [&](VipsImage* in, VipsImage** out) { return vips_cast(in, out, format, nullptr); })) {
    return false;
  }
  if (image->Bands > 4) {
    return apply(image, [](VipsImage* in, VipsImage** out) { return vips_extract_band(in, out, 0, "n", 4, nullptr); });
  }
  return true;
}

Metadata metadata_of(VipsImage* image) {
  Metadata metadata;
  metadata.pixels_per_mm = image->Xres;
  for (const char* name : kKeptBlobs) {
    const void* data = nullptr;
    std::size_t length = 0;
    if (vips_image_get_typeof(image, name) != 0 && vips_image_get_blob(image, name, &data, &length) == 0) {
      metadata.blobs[name].assign(static_cast<const char*>(data), length);
    }
  }
  return metadata;
}

// An image over borrowed pixels.
Image borrow(const Pixels& pixels) {
  const bool wide = pixels.bytes_per_sample == 2;
  Image image(vips_image_new_from_memory(pixels.data.data(), pixels.data.size(), pixels.width, pixels.height,
                                         pixels.channels, wide ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR));
  if (!image) return image;
  const bool grey = pixels.channels <= 2;
  image->Type = wide ? (grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16)
                     : (grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB);
  return image;
}

Result<Pixels> take_pixels(VipsImage* image, const Watch* watch) {
  Pixels pixels;
  pixels.width = image->Xsize;
  pixels.height = image->Ysize;
  pixels.channels = image->Bands;
  pixels.bytes_per_sample = image->BandFmt == VIPS_FORMAT_USHORT ? 2 : 1;
  pixels.data.resize(pixels.row_bytes() * static_cast<std::size_t>(pixels.height));
  const Image memory(vips_image_new_from_memory(pixels.data.data(), pixels.data.size(), pixels.width, pixels.height,
                                                pixels.channels, image->BandFmt));
  if (!memory || vips_image_write(image, memory.get()) != 0) {
    return watch != nullptr ? Result<Pixels>(evaluation_failed(*watch)) : fail_internal(vips_message());
  }
  return pixels;
}

int save(VipsImage* image, const std::string& path, const EncodeOptions& options) {
  switch (options.format) {
    case ImageFormat::kJpeg:
      return vips_jpegsave(image, path.c_str(), "Q", options.quality, "optimize_coding", TRUE, "subsample_mode",
                           options.quality > 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON, nullptr);
    case ImageFormat::kPng: return vips_pngsave(image, path.c_str(), "compression", 6, nullptr);
    case ImageFormat::kWebp: return vips_webpsave(image, path.c_str(), "Q", options.quality, nullptr);
    case ImageFormat::kAvif:
      return vips_heifsave(image, path.c_str(), "Q", options.quality * 3 / 4, "compression",
                           VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 3, nullptr);
    case ImageFormat::kHeic:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: break;
  }
  vips_error("tintype", "this format is not written");
  return -1;
}

}  // namespace

Result<void> start_codec() {
  static std::once_flag once;
  static bool started = false;
  std::call_once(once, [] {
    started = vips_init("tintype") == 0;
    if (!started) return;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp",
                               "VipsForeignLoadHeif", "VipsForeignLoadTiff", "VipsForeignLoadNsgif"}) {
      vips_operation_block_set(loader, FALSE);
    }
    // libvips' warnings are about pictures; what matters of them comes back as an error.
    g_log_set_handler(
        "VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO),
        [](const char*, GLogLevelFlags, const char*, void*) {}, nullptr);
  });
  if (!started) return fail_internal("libvips does not start: " + vips_message());
  return {};
}

Result<ImageFacts> inspect(const std::filesystem::path& file, const ImageLimits& limits) {
  auto opened = open_checked(file, limits);
  if (!opened) return std::unexpected(opened.error());
  return opened->facts;
}

Result<ImageFacts> verify(const std::filesystem::path& file, const ImageLimits& limits) {
  auto opened = open_checked(file, limits);
  if (!opened) return std::unexpected(opened.error());
  if (opened->facts.format == ImageFormat::kJpeg) {
    opened->image = open_image(file.string(), ImageFormat::kJpeg, 8);
    if (!opened->image) return damaged();
  }
  Watch watch(limits);
  watch.over(opened->image.get());
  const int failed = vips_sink(opened->image.get(), nullptr, forget_region, nullptr, nullptr, nullptr);
  const ImageFacts facts = opened->facts;
  opened->image.reset();
  if (failed != 0) return evaluation_failed(watch);
  return facts;
}

Result<Decoded> decode(const std::filesystem::path& file, const ImageLimits& limits,
                       std::optional<int> longest_side_max_px) {
  auto opened = open_checked(file, limits);
  if (!opened) return std::unexpected(opened.error());
  Decoded decoded;
  decoded.facts = opened->facts;
  Image& image = opened->image;
  Watch watch(limits);
  if (!to_plain_colour(image)) return damaged();
  const int longest = std::max(image->Xsize, image->Ysize);
  if (longest_side_max_px && longest > *longest_side_max_px) {
    const double ratio = static_cast<double>(*longest_side_max_px) / longest;
    // Each axis by its own ratio, so that both come out at whole pixels.
    const double x = std::max(1.0, std::round(image->Xsize * ratio)) / image->Xsize;
    const double y = std::max(1.0, std::round(image->Ysize * ratio)) / image->Ysize;
    const bool resized = apply(image, [&](VipsImage* in, VipsImage** out) {
      return vips_resize(in, out, x, "vscale", y, "kernel", VIPS_KERNEL_LANCZOS3, nullptr);
    });
    if (!resized) return damaged();
  }
  decoded.metadata = metadata_of(image.get());
  const int orientation = vips_image_get_orientation(image.get());
  watch.over(image.get());
  auto pixels = take_pixels(image.get(), &watch);
  if (!pixels) return std::unexpected(pixels.error());
  decoded.pixels = std::move(*pixels);
  if (orientation == 1) return decoded;
  // Turning needs the pixels in any order, so it is done on those in memory.
  Image turned = borrow(decoded.pixels);
  vips_image_set_int(turned.get(), VIPS_META_ORIENTATION, orientation);
  if (!apply(turned, [](VipsImage* in, VipsImage** out) { return vips_autorot(in, out, nullptr); })) {
    return fail_internal(vips_message());
  }
  pixels = take_pixels(turned.get(), nullptr);
  turned.reset();
  if (!pixels) return std::unexpected(pixels.error());
  decoded.pixels = std::move(*pixels);
  return decoded;
}

Result<std::int64_t> encode(const Pixels& pixels, const Metadata& metadata, const EncodeOptions& options,
                            const std::filesystem::path& file) {
  if (auto started = start_codec(); !started) return std::unexpected(started.error());
  Image image = borrow(pixels);
  if (!image) return fail_internal(vips_message());
  // A borrowed image may not be written to, a copy of its header may.
  if (!apply(image, [](VipsImage* in, VipsImage** out) { return vips_copy(in, out, nullptr); })) {
    return fail_internal(vips_message());
  }
  const bool deep = options.format == ImageFormat::kPng;
  if (pixels.bytes_per_sample == 2 && !deep) {
    const VipsInterpretation narrow = pixels.channels <= 2 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    if (!apply(image, [&](VipsImage* in, VipsImage** out) { return vips_colourspace(in, out, narrow, nullptr); })) {
      return fail_internal(vips_message());
    }
  }
  if (pixels.has_alpha() && options.format == ImageFormat::kJpeg) {
    const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble*)> white(
        vips_array_double_newv(1, 255.0), [](VipsArrayDouble* array) { vips_area_unref(VIPS_AREA(array)); });
    const bool flat = apply(image, [&](VipsImage* in, VipsImage** out) {
      return vips_flatten(in, out, "background", white.get(), nullptr);
    });
    if (!flat) return fail_internal(vips_message());
  }
  for (const auto& [name, bytes] : metadata.blobs) {
    vips_image_set_blob_copy(image.get(), name.c_str(), bytes.data(), bytes.size());
  }
  vips_image_set_int(image.get(), VIPS_META_ORIENTATION, 1);
  image->Xres = image->Yres = metadata.pixels_per_mm;
  const std::filesystem::path temporary = file.string() + ".part";
  std::error_code error;
  if (save(image.get(), temporary.string(), options) != 0) {
    const std::string cause = vips_message();
    std::filesystem::remove(temporary, error);
    return fail_internal("encode " + file.string() + ": " + cause);
  }
  const auto size_bytes = static_cast<std::int64_t>(std::filesystem::file_size(temporary, error));
  if (!error) std::filesystem::rename(temporary, file, error);
  if (error) return fail_internal("write " + file.string() + ": " + error.message());
  return size_bytes;
}

Result<Pixels> resize(Pixels pixels, int width, int height) {
  if (pixels.width == width && pixels.height == height) return pixels;
  if (auto started = start_codec(); !started) return std::unexpected(started.error());
  Image image = borrow(pixels);
  if (!image) return fail_internal(vips_message());
  const double x = static_cast<double>(width) / pixels.width;
  const double y = static_cast<double>(height) / pixels.height;
  const auto kernel = x < 1 || y < 1 ? VIPS_KERNEL_LANCZOS3 : VIPS_KERNEL_CUBIC;
  if (!apply(image, [&](VipsImage* in, VipsImage** out) {
        return vips_resize(in, out, x, "vscale", y, "kernel", kernel, nullptr);
      })) {
    return fail_internal(vips_message());
  }
  return take_pixels(image.get(), nullptr);
}

}  // namespace tintype::engine
