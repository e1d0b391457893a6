#include "engine/operation/studio_run.h"

#include "engine/operation/picture_file.h"
#include "engine/raster/task.h"

namespace tintype::engine {

namespace {

constexpr double kReadShare = 0.05, kMadeShare = 0.95;  // of a run's progress

// What an operation is given beside its parameters.
struct Sources {
  LoadedPicture picture;
  std::optional<Raster> mask, reference;
};

// What came of it.
struct Made {
  Raster raster;
  std::optional<ImageFormat> format;  // that was asked for
  std::string details;                // see JobResult
};

std::unexpected<Error> unavailable(OperationKind operation) {
  return fail(ErrorCode::kEngineUnavailable, std::string(operation_name(operation)) + " does not run here");
}

Result<std::optional<Raster>> load_side(const std::filesystem::path& file, const ImageLimits& limits,
                                        const std::atomic<bool>& cancel) {
  if (file.empty()) return std::nullopt;
  auto picture = load_picture(file, limits, cancel);
  if (!picture) return std::unexpected(picture.error());
  return std::move(picture->raster);
}

Result<Sources> load(const RunRequest& request, const ImageLimits& limits, const std::atomic<bool>& cancel) {
  auto picture = load_picture(request.input, limits, cancel);
  if (!picture) return std::unexpected(picture.error());
  auto mask = load_side(request.mask, limits, cancel);
  if (!mask) return std::unexpected(mask.error());
  auto reference = load_side(request.reference, limits, cancel);
  if (!reference) return std::unexpected(reference.error());
  return Sources{std::move(*picture), std::move(*mask), std::move(*reference)};
}

Result<Made> make(const RunRequest& request, const Sources& sources, const Task& task) {
  static_cast<void>(sources);
  static_cast<void>(task);
  return unavailable(request.operation);
}

}  // namespace

bool runs_here(OperationKind operation) {
  static_cast<void>(operation);
  return false;
}

Result<RunOutcome> run_studio(const RunRequest& request, const StudioOptions& options, RunControl& control) {
  if (!runs_here(request.operation)) return unavailable(request.operation);
  const Task task(control.progress_permille, control.cancel, options.threads);
  const auto sources = load(request, options.limits, control.cancel);
  if (!sources) return std::unexpected(sources.error());
  task.done(kReadShare);
  auto made = make(request, *sources, task.part(kReadShare, kMadeShare));
  if (!made) return std::unexpected(made.error());
  if (made->raster == sources->picture.raster) {
    return fail(ErrorCode::kInvalidInput, "There was nothing to change: the result would be the picture itself",
                "Please ask for something else", std::string(kNothingChanged));
  }
  const ImageFormat format =
      made->format.value_or(result_format(sources->picture.facts.format, !is_opaque(made->raster)));
  const auto size_bytes = save_picture(made->raster, {.format = format, .quality = options.quality}, request.output);
  if (!size_bytes) return std::unexpected(size_bytes.error());
  task.done(1);
  RunOutcome outcome;
  outcome.format = format;
  outcome.width_px = made->raster.width;
  outcome.height_px = made->raster.height;
  outcome.size_bytes = *size_bytes;
  outcome.details = std::move(made->details);
  return outcome;
}

Result<RunForecast> forecast_studio(const RunRequest& request, const ImageFacts& picture,
                                    std::int64_t memory_bytes_max) {
  static_cast<void>(picture);
  static_cast<void>(memory_bytes_max);
  return unavailable(request.operation);
}

}  // namespace tintype::engine
