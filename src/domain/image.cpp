#include "domain/image.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/bytes.h"

namespace tintype {

namespace {

struct FormatRow {
  ImageFormat format;
  const char* name;
  const char* media_type;
  const char* extension;
};

constexpr std::array kFormats = {
    FormatRow{ImageFormat::kJpeg, "jpeg", "image/jpeg", "jpg"},
    FormatRow{ImageFormat::kPng, "png", "image/png", "png"},
    FormatRow{ImageFormat::kWebp, "webp", "image/webp", "webp"},
    FormatRow{ImageFormat::kHeic, "heic", "image/heic", "heic"},
    FormatRow{ImageFormat::kAvif, "avif", "image/avif", "avif"},
    FormatRow{ImageFormat::kTiff, "tiff", "image/tiff", "tiff"},
    FormatRow{ImageFormat::kGif, "gif", "image/gif", "gif"},
};

const FormatRow& row_of(ImageFormat format) {
  return *std::find_if(kFormats.begin(), kFormats.end(), [&](const FormatRow& row) { return row.format == format; });
}

// How many bytes at the start of valid UTF-8 are a control character (C0, DEL, C1) or one that turns the direction of
// the text around it, which makes "gpj.exe" read "exe.jpg". 0 when it is neither.
std::size_t control_bytes(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && byte(1) < 0xa0) return 2;
  if (byte(0) == 0xe2 && byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) return 3;
  if (byte(0) == 0xe2 && byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9) return 3;
  return 0;
}

}  // namespace

const char* image_format_name(ImageFormat format) {
  return row_of(format).name;
}
const char* image_format_media_type(ImageFormat format) {
  return row_of(format).media_type;
}
const char* image_format_extension(ImageFormat format) {
  return row_of(format).extension;
}

std::optional<ImageFormat> parse_image_format(const std::string& name) {
  std::string lower = name;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "heif") lower = "heic";
  if (lower == "tif") lower = "tiff";
  for (const FormatRow& row : kFormats) {
    if (lower == row.name || lower == row.extension) return row.format;
  }
  return std::nullopt;
}

std::optional<ImageFormat> parse_media_type(const std::string& type) {
  constexpr std::string_view kPrefix = "image/";
  std::string lower = type;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!lower.starts_with(kPrefix)) return std::nullopt;
  return parse_image_format(lower.substr(kPrefix.size()));
}

bool is_there(const Image& image) {
  return image.state != ImageState::kUploadPending && !image.deleted_at_ms;
}

const char* image_state_name(ImageState state) {
  switch (state) {
    case ImageState::kUploadPending: return "upload_pending";
    case ImageState::kStored: return "stored";
    case ImageState::kProcessing: return "processing";
    case ImageState::kReady: return "ready";
    case ImageState::kFailed: return "failed";
  }
  return "failed";
}

std::optional<ImageState> parse_image_state(const std::string& name) {
  for (const ImageState state : {ImageState::kUploadPending, ImageState::kStored, ImageState::kProcessing,
                                 ImageState::kReady, ImageState::kFailed}) {
    if (name == image_state_name(state)) return state;
  }
  return std::nullopt;
}

const char* visibility_name(Visibility visibility) {
  switch (visibility) {
    case Visibility::kPrivate: return "private";
    case Visibility::kPublic: return "public";
  }
  return "private";
}

std::optional<Visibility> parse_visibility(const std::string& name) {
  if (name == "private") return Visibility::kPrivate;
  if (name == "public") return Visibility::kPublic;
  return std::nullopt;
}

ImageFormat result_format(ImageFormat original, bool has_alpha) {
  switch (original) {
    case ImageFormat::kPng:
    case ImageFormat::kWebp: return original;
    case ImageFormat::kJpeg:
    case ImageFormat::kHeic:
    case ImageFormat::kAvif:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: return has_alpha ? ImageFormat::kPng : ImageFormat::kJpeg;
  }
  return ImageFormat::kPng;
}

std::string clean_file_name(const std::string& name, const std::string& fallback) {
  constexpr std::size_t kLengthMax = 255;
  if (!is_valid_utf8(name)) return fallback;
  const std::size_t slash = name.find_last_of("/\\");
  std::string_view left(name);
  if (slash != std::string::npos) left.remove_prefix(slash + 1);
  std::string clean;
  while (!left.empty()) {
    const std::size_t control = control_bytes(left);
    if (control == 0) clean.push_back(left.front());
    left.remove_prefix(std::max<std::size_t>(control, 1));
  }
  while (clean.size() > kLengthMax || !is_valid_utf8(clean)) clean.resize(std::min(clean.size() - 1, kLengthMax));
  const bool only_dots = clean.find_first_not_of(". ") == std::string::npos;
  return only_dots ? fallback : clean;
}

}  // namespace tintype
