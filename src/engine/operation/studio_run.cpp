#include "engine/operation/studio_run.h"

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "domain/photo_prompt.h"
#include "engine/clip/clip_writer.h"
#include "engine/codec/row_writer.h"
#include "engine/operation/picture_file.h"
#include "engine/raster/task.h"
#include "engine/studio/camera_control.h"
#include "engine/studio/clip.h"
#include "engine/studio/clip_frame.h"
#include "engine/studio/edit.h"
#include "engine/studio/expand.h"
#include "engine/studio/magic_edit.h"
#include "engine/studio/relight.h"
#include "engine/studio/remove_background.h"

namespace tintype::engine {

namespace {

constexpr std::string_view kAllIsWell =
    "Light, colours, contrast, sharpness, noise and dust were looked at and are well as they are, so nothing was "
    "changed. For another look say it in words with edit; to take something away, cover it with a mask";
constexpr double kReadShare = 0.05, kMadeShare = 0.95;  // of a run's progress

// What an operation is given beside its parameters.
struct Sources {
  LoadedPicture picture;
  std::optional<Raster> mask, reference;
};

// What came of it: a picture, or an outcome that has been written already or has nothing to write.
struct Made {
  Raster raster;
  std::optional<ImageFormat> format;  // that was asked for
  std::string details;                // see JobResult
  std::optional<RunOutcome> outcome = {};
  // Said where the result is the picture itself.
  std::string unchanged = "There was nothing to change: the result would be the picture itself";
};

// What an operation would do with a picture.
struct Outlook {
  Extent sides;                // of the result
  std::int64_t bytes_max = 0;  // held at most beside what it is given, the result included
};

// How one operation is run. Of one without a picture, `picture` says nothing.
struct Maker {
  OperationKind operation;
  bool looks_for_subject;
  Result<Outlook> (*outlook)(const Parameters& parameters, const Extent& picture);
  Result<Made> (*make)(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                       const Task& task);
};

Result<Outlook> outlook_on_cut_out(const Parameters&, const Extent& picture) {
  return Outlook{picture, remove_background_bytes_max(picture)};
}

Result<Made> make_cut_out(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                          const Task& task) {
  const auto how = remove_background_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  auto made = remove_background(sources.picture.raster, *how, options.subject.saliency, task);
  if (!made) return std::unexpected(made.error());
  return Made{std::move(*made), how->format, {}};
}

Result<Outlook> outlook_on_edit(const Parameters& parameters, const Extent& picture) {
  const auto how = edit_from(parameters);
  if (!how) return std::unexpected(how.error());
  const auto sides = edited_sides(picture, *how);
  if (!sides) return std::unexpected(sides.error());
  return Outlook{*sides, edit_bytes_max(picture, *sides)};
}

Result<Made> make_edit(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                       const Task& task) {
  const auto how = edit_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  auto edited = edit(sources.picture.raster, *how, options.subject.saliency, task);
  if (!edited) return std::unexpected(edited.error());
  return Made{std::move(edited->picture), how->format, std::move(edited->details)};
}

Result<Outlook> outlook_on_prompt(const Parameters&, const Extent&) {
  return Outlook{};
}

Result<Made> make_prompt(const RunRequest& request, const Sources&, const StudioOptions&, const Task& task) {
  const auto wish = magic_prompt_from(request.parameters);
  if (!wish) return std::unexpected(wish.error());
  const std::vector<std::string> prompts = photo_prompts(*wish);
  JsonText all = JsonText::array();
  for (const std::string& prompt : prompts) all.push_back(prompt);
  RunOutcome outcome;
  outcome.details = JsonText{{"prompt", prompts.front()}, {"prompts", all}}.text();
  task.done(1);
  return Made{.outcome = std::move(outcome)};
}

Result<Outlook> outlook_on_relight(const Parameters&, const Extent& picture) {
  return Outlook{picture, relight_bytes_max(picture)};
}

Result<Made> make_relit(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                        const Task& task) {
  const auto how = relight_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  const Raster* reference = sources.reference ? &*sources.reference : nullptr;
  auto made = relight(sources.picture.raster, *how, reference, options.subject.saliency, task);
  if (!made) return std::unexpected(made.error());
  return Made{std::move(*made), how->format, {}};
}

Result<Outlook> outlook_on_camera_control(const Parameters& parameters, const Extent& picture) {
  const auto how = camera_control_from(parameters);
  if (!how) return std::unexpected(how.error());
  return Outlook{camera_control_sides(picture, how->move), camera_control_bytes_max(picture)};
}

Result<Made> make_seen_anew(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                            const Task& task) {
  const auto how = camera_control_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  auto made = camera_control(sources.picture.raster, *how, options.subject.saliency, task);
  if (!made) return std::unexpected(made.error());
  return Made{std::move(*made), how->format, {}};
}

Result<Outlook> outlook_on_clip(const Parameters& parameters, const Extent& picture) {
  const auto how = video_replicate_from(parameters);
  if (!how) return std::unexpected(how.error());
  const Extent sides = clip_sides(picture, how->sides);
  return Outlook{sides, clip_bytes_max(picture, *how) + ClipWriter::bytes_max(sides)};
}

Result<Made> make_moving(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                         const Task& task) {
  const auto how = video_replicate_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  const Raster& picture = sources.picture.raster;
  RunOutcome outcome;
  const Extent sides = clip_sides(picture.extent(), how->sides);
  outcome.width_px = sides.width_px;
  outcome.height_px = sides.height_px;
  outcome.clip_format = how->format;
  auto writer = ClipWriter::create(request.output, how->format, sides, how->fps);
  if (!writer) return std::unexpected(writer.error());
  const auto write = [&](const Raster& frame) { return writer->write(frame); };
  if (auto made = make_clip(picture, *how, options.subject.saliency, write, task); !made) {
    return std::unexpected(made.error());
  }
  const auto size_bytes = writer->finish(task.cancel());
  if (!size_bytes) return std::unexpected(size_bytes.error());
  outcome.size_bytes = *size_bytes;
  outcome.details = JsonText{{"duration", how->duration_seconds}, {"fps", how->fps}}.text();
  return Made{.outcome = std::move(outcome)};
}

Result<Outlook> outlook_on_expand(const Parameters& parameters, const Extent& picture) {
  const auto how = expand_from(parameters);
  if (!how) return std::unexpected(how.error());
  const auto sides = expanded_sides(picture, how->sides);
  if (!sides) return std::unexpected(sides.error());
  if (*sides == picture) {
    auto same = fail(ErrorCode::kInvalidInput, "The picture has that shape already",
                     "Please ask for a wider or a higher one", std::string(kNothingChanged));
    same.error().field = how->sides.aspect ? "aspect_ratio" : "width";
    return same;
  }
  return Outlook{*sides, expand_bytes_max(picture, *sides)};
}

Result<Made> make_expanded(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                           const Task& task) {
  const auto how = expand_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  auto made = expand(sources.picture.raster, *how, options.subject.saliency, task);
  if (!made) return std::unexpected(made.error());
  return Made{std::move(*made), how->format, {}};
}

Result<Outlook> outlook_on_magic_edit(const Parameters&, const Extent& picture) {
  return Outlook{picture, magic_edit_bytes_max(picture)};
}

Result<Made> make_magic_edit(const RunRequest& request, const Sources& sources, const StudioOptions& options,
                             const Task& task) {
  const auto how = magic_edit_from(request.parameters);
  if (!how) return std::unexpected(how.error());
  auto made =
      magic_edit(sources.picture.raster, *how, sources.mask ? &*sources.mask : nullptr, options.subject.saliency, task);
  if (!made) return std::unexpected(made.error());
  Made result{std::move(made->picture), how->format, std::move(made->details)};
  if (!sources.mask && how->strength > 0) result.unchanged = kAllIsWell;
  return result;
}

constexpr Maker kMakers[] = {
    {OperationKind::kEdit, true, outlook_on_edit, make_edit},
    {OperationKind::kMagicEdit, true, outlook_on_magic_edit, make_magic_edit},
    {OperationKind::kExpand, true, outlook_on_expand, make_expanded},
    {OperationKind::kRemoveBackground, true, outlook_on_cut_out, make_cut_out},
    {OperationKind::kRelight, true, outlook_on_relight, make_relit},
    {OperationKind::kCameraControl, true, outlook_on_camera_control, make_seen_anew},
    {OperationKind::kMagicPrompt, false, outlook_on_prompt, make_prompt},
    {OperationKind::kVideoReplicate, true, outlook_on_clip, make_moving},
};

const Maker* maker_of(OperationKind operation) {
  const auto* const found = std::ranges::find(kMakers, operation, &Maker::operation);
  return found == std::end(kMakers) ? nullptr : found;
}

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
  if (!takes_picture(request.operation)) return Sources{};
  auto picture = load_picture(request.input, limits, cancel);
  if (!picture) return std::unexpected(picture.error());
  auto mask = load_side(request.mask, limits, cancel);
  if (!mask) return std::unexpected(mask.error());
  auto reference = load_side(request.reference, limits, cancel);
  if (!reference) return std::unexpected(reference.error());
  return Sources{std::move(*picture), std::move(*mask), std::move(*reference)};
}

std::int64_t raster_bytes(const Extent& sides) {
  return std::int64_t{sides.width_px} * sides.height_px * Raster::kChannels;
}

// Held at most: by the operation beside what it is given, or by its result and the writing of it.
std::int64_t making_bytes_max(const Maker& maker, const Outlook& outlook, const StudioOptions& options) {
  const PictureShape shape{outlook.sides.width_px, outlook.sides.height_px, Raster::kChannels, 1};
  // Of the formats, AVIF takes the most.
  const std::int64_t writing = 2 * raster_bytes(outlook.sides) +
                               RowWriter::bytes_max(shape, {.format = ImageFormat::kAvif, .quality = options.quality});
  return std::max(outlook.bytes_max + (maker.looks_for_subject ? options.subject.bytes_max : 0), writing);
}

Result<void> check_memory(std::int64_t bytes, const StudioOptions& options) {
  if (bytes <= options.memory_bytes_max) return {};
  return fail(ErrorCode::kInvalidInput,
              "This would take " + std::to_string(bytes >> 20) + " MB of memory, " +
                  std::to_string(options.memory_bytes_max >> 20) + " MB are allowed",
              "Please send a smaller picture, or raise engine.memory_max_bytes", std::string(kResultTooLarge));
}

// By the headers of all files.
Result<void> check_memory(const Maker& maker, const RunRequest& request, const StudioOptions& options) {
  std::int64_t rasters = 0, loading = 0;
  Extent picture;
  for (const std::filesystem::path* file : {&request.input, &request.mask, &request.reference}) {
    if (file->empty()) continue;
    const auto facts = inspect(*file, options.limits);
    if (!facts) return std::unexpected(facts.error());
    const auto bytes = loading_bytes_max(*file, options.limits);
    if (!bytes) return std::unexpected(bytes.error());
    const Extent sides{facts->width_px, facts->height_px};
    if (file == &request.input) picture = sides;
    loading = std::max(loading, rasters + *bytes);
    rasters += raster_bytes(sides);
  }
  const auto outlook = maker.outlook(request.parameters, picture);
  if (!outlook) return std::unexpected(outlook.error());
  return check_memory(std::max(loading, rasters + making_bytes_max(maker, *outlook, options)), options);
}

}  // namespace

bool runs_here(OperationKind operation) {
  return maker_of(operation) != nullptr;
}

bool looks_for_subject(OperationKind operation) {
  const Maker* maker = maker_of(operation);
  return maker != nullptr && maker->looks_for_subject;
}

Result<RunOutcome> run_studio(const RunRequest& request, const StudioOptions& options, RunControl& control) {
  const Maker* maker = maker_of(request.operation);
  if (maker == nullptr) return unavailable(request.operation);
  if (auto fits = check_memory(*maker, request, options); !fits) return std::unexpected(fits.error());
  const Task task(control.progress_permille, control.cancel, options.threads);
  const auto sources = load(request, options.limits, control.cancel);
  if (!sources) return std::unexpected(sources.error());
  task.done(kReadShare);
  auto made = maker->make(request, *sources, options, task.part(kReadShare, kMadeShare));
  if (!made) return std::unexpected(made.error());
  if (made->outcome) {
    task.done(1);
    return std::move(*made->outcome);
  }
  if (made->raster == sources->picture.raster) {
    return fail(ErrorCode::kInvalidInput, std::move(made->unchanged), "Please ask for something else",
                std::string(kNothingChanged));
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
                                    const StudioOptions& options) {
  const Maker* maker = maker_of(request.operation);
  if (maker == nullptr) return unavailable(request.operation);
  const Extent sides = takes_picture(request.operation) ? Extent{picture.width_px, picture.height_px} : Extent{};
  const auto outlook = maker->outlook(request.parameters, sides);
  if (!outlook) return std::unexpected(outlook.error());
  const std::int64_t bytes = raster_bytes(sides) + making_bytes_max(*maker, *outlook, options);
  if (auto fits = check_memory(bytes, options); !fits) return std::unexpected(fits.error());
  return RunForecast{outlook->sides.width_px, outlook->sides.height_px, bytes};
}

}  // namespace tintype::engine
