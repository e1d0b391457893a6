// A user's picture: metadata plus its original object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace tintype {

// Formats that are read. Those that are written are JPEG, PNG, WebP, AVIF and TIFF.
enum class ImageFormat { kJpeg, kPng, kWebp, kHeic, kAvif, kTiff, kGif };

enum class ImageState { kUploadPending, kStored, kProcessing, kReady, kFailed };

enum class Visibility { kPrivate, kPublic };

// Why the file of an announced image was refused, or why nothing could be made of one that is there.
struct ImageFault {
  std::string code;     // a stable name, as in the error that said so, or of the job that failed
  std::string message;  // for its owner
};

struct Image {
  std::string id;  // img_...
  std::string user_id;
  std::string name;         // the file name it came with, cleaned; for display and download only
  std::string title;        // empty when none
  std::string description;  // empty when none
  ImageFormat format = ImageFormat::kJpeg;
  ImageState state = ImageState::kStored;
  Visibility visibility = Visibility::kPrivate;
  int width_px = 0;  // as displayed: orientation applied
  int height_px = 0;
  bool has_alpha = false;
  std::int64_t size_bytes = 0;
  std::string sha256;      // hex of the original's bytes
  std::string object_key;  // of the original
  std::string thumb_hash;  // base64; empty until the variants are made
  std::optional<std::uint64_t> perceptual_hash;
  std::optional<ImageFault> fault;  // until a file was taken, or the variants were made
  std::int64_t view_count = 0;
  UnixMs created_at_ms = 0;
  UnixMs updated_at_ms = 0;
  // A deleted image is hidden at once and kept until `deletes_at_ms`; until then it can be had back.
  std::optional<UnixMs> deleted_at_ms;
  std::optional<UnixMs> deletes_at_ms;
};

// What lays an image out before it is shown.
struct ImageOutline {
  std::string id;
  int width_px = 0, height_px = 0;  // as displayed
  UnixMs created_at_ms = 0;
};

// Whether there is a picture to show, enhance or share: its original has arrived and it was not deleted.
bool is_there(const Image& image);

inline constexpr std::size_t kTagsMax = 64;
inline constexpr std::size_t kTagBytesMax = 64;
inline constexpr std::size_t kTitleBytesMax = 200;
inline constexpr std::size_t kDescriptionBytesMax = 2'000;

const char* image_format_name(ImageFormat format);                       // "jpeg", "png", ... lower case
std::optional<ImageFormat> parse_image_format(const std::string& name);  // either case; "jpg" and "heif" too
const char* image_format_media_type(ImageFormat format);                 // "image/jpeg"
std::optional<ImageFormat> parse_media_type(const std::string& type);    // of those that are read; "image/jpg" too
const char* image_format_extension(ImageFormat format);                  // "jpg", no dot
const char* image_state_name(ImageState state);
std::optional<ImageState> parse_image_state(const std::string& name);
const char* visibility_name(Visibility visibility);  // "private" | "public"
std::optional<Visibility> parse_visibility(const std::string& name);

// The format that a result gets when nothing else was asked for: JPEG, PNG and WebP stay; HEIC, AVIF, TIFF and
// GIF become JPEG, or PNG when the picture has alpha.
ImageFormat result_format(ImageFormat original, bool has_alpha);

// A file name made safe for display and for Content-Disposition: path parts, control characters and those that turn
// the direction of text are taken out, at most 255 bytes; `fallback` when nothing is left, or for invalid UTF-8.
std::string clean_file_name(const std::string& name, const std::string& fallback);

}  // namespace tintype
