#include "domain/image.h"

#include <algorithm>
#include <array>
#include <cctype>

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
  std::string clean;
  for (const char c : slash == std::string::npos ? name : name.substr(slash + 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) clean.push_back(c);
  }
  while (clean.size() > kLengthMax || !is_valid_utf8(clean)) clean.resize(std::min(clean.size() - 1, kLengthMax));
  const bool only_dots = clean.find_first_not_of(". ") == std::string::npos;
  return only_dots ? fallback : clean;
}

}  // namespace tintype
