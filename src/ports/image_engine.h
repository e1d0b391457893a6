// What runs operations on pixels. Every argument and answer is a plain value (paths, numbers, text), so that an
// engine can live in a sandboxed child process or on another machine.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/image.h"
#include "domain/operation.h"
#include "domain/photo_metadata.h"
#include "domain/studio_operation.h"
#include "domain/variant.h"

namespace tintype {

// What is known of a picture without trusting its name.
struct ImageFacts {
  ImageFormat format = ImageFormat::kJpeg;
  int width_px = 0;  // as displayed
  int height_px = 0;
  bool has_alpha = false;
  int frames = 1;
};

struct ImageLimits {
  std::int64_t pixels_max = 64'000'000;  // width x height of one frame
  int side_max_px = 32'768;
  int frames_max = 1'000;
  // Of what a decoder has to hold at once: all of a picture that is interlaced, progressive, or of a format whose
  // decoders know no rows.
  std::int64_t frame_bytes_max = 256LL << 20;
  std::int64_t decode_ms_max = 5'000;
};

// What a failure's private cause begins with where programs have to tell it from others of its code.
inline constexpr std::string_view kResultRejected = "RESULT_REJECTED";   // the result was no faithful picture
inline constexpr std::string_view kFidelityTooLow = "FIDELITY_TOO_LOW";  // less than Upscale::fidelity_min_db
inline constexpr std::string_view kResultTooLarge = "RESULT_TOO_LARGE";  // more pixels or memory than there may be
inline constexpr std::string_view kPictureTooLarge = "IMAGE_TOO_LARGE";  // over ImageLimits
inline constexpr std::string_view kModelMissing = "MODEL_MISSING";       // not installed
inline constexpr std::string_view kPictureMoves = "IMAGE_ANIMATED";      // more than one frame
inline constexpr std::string_view kNothingChanged = "NOTHING_CHANGED";   // the result would be the picture itself

struct RunRequest {
  OperationKind operation = OperationKind::kEnhance;
  Parameters parameters;
  std::filesystem::path input;                      // empty for operations that take no picture
  std::filesystem::path output;                     // written whole or not at all
  std::optional<ImageFormat> format;                // of the output; else result_format() of the input
  std::string model;                                // empty for the default
  std::filesystem::path mask = {}, reference = {};  // empty: there is none
};

// A file of a network.
struct ModelDigest {
  std::string file;
  std::string sha256;  // hex
  bool operator==(const ModelDigest&) const = default;
};

struct RunOutcome {
  ImageFormat format = ImageFormat::kJpeg;
  int width_px = 0;
  int height_px = 0;
  std::int64_t size_bytes = 0;  // 0: there is no output, `details` are all
  std::string model;
  std::optional<ClipFormat> clip_format;  // the output is a clip; then `format` says nothing
  std::string details;                    // see JobResult
  std::vector<ModelDigest> models = {};   // the files of all networks that had a part in it, each once
};

// A run on less, to see what it would come to.
struct PreviewRequest {
  RunRequest run;       // its input may be a smaller rendition of the picture
  Extent picture;       // the picture's own sides, which the parameters speak of
  int side_max_px = 0;  // of the result
};

// What a run would do, found out without a pixel.
struct RunForecast {
  int width_px = 0;  // of the result
  int height_px = 0;
  std::int64_t memory_bytes_max = 0;  // but for faces, which are found in pixels alone
};

// One picture to make of an original.
struct Rendition {
  Recipe recipe;
  ImageFormat format = ImageFormat::kWebp;  // JPEG, PNG, WebP or AVIF
  std::filesystem::path output;             // written whole or not at all
};

struct RenderRequest {
  std::filesystem::path input;
  std::vector<Rendition> renditions;  // at least one
};

// A picture that was written.
struct WrittenPicture {
  ImageFormat format = ImageFormat::kJpeg;
  int width_px = 0;
  int height_px = 0;
  std::int64_t size_bytes = 0;
};

struct RenderOutcome {
  std::vector<WrittenPicture> renditions;  // in the order they were asked for
  std::string thumb_hash;                  // ThumbHash (Evan Wallace, 2023) in base64, of 5 to 25 bytes
  std::uint64_t perceptual_hash = 0;       // of pictures that look alike few bits differ; see engine/fingerprint
};

// Shared between the one who runs and the one who watches.
struct RunControl {
  std::atomic<bool> cancel{false};        // set by the watcher; obeyed between tiles: kCancelled
  std::atomic<int> progress_permille{0};  // set by the engine, never goes back
};

// What an engine has loaded: now, and since it was made.
struct EngineFigures {
  std::int64_t models = 0;
  std::int64_t model_bytes = 0;
  std::int64_t loads = 0;
  double load_seconds = 0;
};

class ImageEngine {
 public:
  virtual ~ImageEngine() = default;
  // Reads the header alone: type by content, dimensions, frames, limits. kUnsupportedMediaType or kInvalidInput
  // with the fault named.
  virtual Result<ImageFacts> inspect(const std::filesystem::path& file) = 0;
  // inspect(), and then decodes to the end without keeping pixels: damaged or cut-off input is kInvalidInput, what
  // takes too long is kDeadlineExceeded. As many run at once as there are cores; others wait.
  virtual Result<ImageFacts> verify(const std::filesystem::path& file) = 0;
  // Reads the header alone, and fails as inspect() does.
  virtual Result<PhotoMetadata> metadata(const std::filesystem::path& file) = 0;
  virtual Result<RunOutcome> run(const RunRequest& request, RunControl& control) = 0;
  // What run() would make of the picture, of fewer pixels from the start: by the very same steps, as WebP, or as PNG
  // where it has alpha. Of operations that has_preview(): kInvalidInput where they are not done in this process; else
  // fails as run() does.
  virtual Result<WrittenPicture> preview(const PreviewRequest& request, RunControl& control) = 0;
  // Whether there is anything here that runs such an operation. Never waits for a load.
  virtual bool is_ready(OperationKind operation) const = 0;
  // Whether run() would take such a picture, by everything that is decided before the first pixel: fails as it would.
  // Of the request only operation, parameters and model count.
  virtual Result<RunForecast> forecast(const RunRequest& request, const ImageFacts& picture) = 0;
  // Makes all renditions from one decoding of the original. Upright, in sRGB, 8 bits a channel, the first frame alone,
  // without metadata; JPEG shows what is transparent on white. Fails as run() does, and then no output is there; too
  // much memory is kInvalidInput before the first pixel.
  virtual Result<RenderOutcome> render(const RenderRequest& request, RunControl& control) = 0;
  // A copy without location and all else that is no part of the picture. Of JPEG, PNG and WebP the coded pixels are
  // copied as they are, with colour profile and orientation; what else there is becomes JPEG, or PNG where it has
  // alpha. Damaged input is kInvalidInput.
  virtual Result<WrittenPicture> strip(const std::filesystem::path& input, const std::filesystem::path& output,
                                       RunControl& control) = 0;
  virtual Result<void> check() = 0;                     // the default model is loaded and answers
  virtual EngineFigures figures() const { return {}; }  // never waits for a load
};

}  // namespace tintype
