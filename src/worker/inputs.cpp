#include "worker/inputs.h"

#include "worker/failures.h"

namespace tintype::worker {

namespace {

std::unexpected<Error> with_cause(Error error, std::string_view code) {
  error.cause = std::string(code) + (error.cause.empty() ? "" : ": " + error.cause);
  return std::unexpected(std::move(error));
}

// What egress could not do, in the words of jobs.
std::unexpected<Error> not_fetched(Error error) {
  const bool is_unreachable = error.code == ErrorCode::kSourceUnreachable || error.code == ErrorCode::kDeadlineExceeded;
  if (error.code == ErrorCode::kUrlNotAllowed) return with_cause(std::move(error), kUrlNotAllowed);
  if (error.code == ErrorCode::kFileTooLarge) return with_cause(std::move(error), kSourceTooLarge);
  if (is_unreachable) return with_cause(std::move(error), kSourceUnreachable);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<JobFiles> Inputs::open(const Job& job, const std::filesystem::path& scratch, RunControl& control) {
  const auto inputs = work_.inputs_of(job);
  if (!inputs) return std::unexpected(inputs.error());
  JobFiles files;
  const std::filesystem::path copy = scratch.string() + ".in";
  if (!inputs->picture.source_url.empty()) {
    auto fetched = fetch(inputs->picture.source_url, copy, control);
    if (!fetched) return std::unexpected(fetched.error());
    auto noted = work_.note_input_size(job, fetched->facts.width_px, fetched->facts.height_px);
    if (!noted) return std::unexpected(noted.error());
    files.picture.emplace(std::move(fetched->file));
  } else if (inputs->picture.is_there()) {
    auto file = app::ReadableFile::of(objects_, inputs->picture.object_key, copy);
    if (!file) return std::unexpected(file.error());
    files.picture.emplace(std::move(*file));
  }
  auto masked = open_side(inputs->mask, scratch.string() + ".mask", control, files.mask);
  if (!masked) return std::unexpected(masked.error());
  auto referred = open_side(inputs->reference, scratch.string() + ".reference", control, files.reference);
  if (!referred) return std::unexpected(referred.error());
  return files;
}

Result<void> Inputs::open_side(const InputPlace& place, const std::filesystem::path& copy, RunControl& control,
                               std::optional<app::ReadableFile>& opened) {
  if (!place.is_there()) return {};
  if (!place.source_url.empty()) {
    auto fetched = fetch(place.source_url, copy, control);
    if (!fetched) return std::unexpected(fetched.error());
    opened.emplace(std::move(fetched->file));
    return {};
  }
  auto file = app::ReadableFile::of(objects_, place.object_key, copy);
  if (!file) return std::unexpected(file.error());
  opened.emplace(std::move(*file));
  return {};
}

Result<Inputs::Fetched> Inputs::fetch(const std::string& url, const std::filesystem::path& copy, RunControl& control) {
  const auto fetched = egress_.fetch({url, copy, 0}, control.cancel);
  if (!fetched) return not_fetched(fetched.error());
  auto file = app::ReadableFile::owned(copy);
  const auto facts = engine_.inspect(copy);
  if (!facts && facts.error().code == ErrorCode::kUnsupportedMediaType) {
    return with_cause(facts.error(), kSourceNotAnImage);
  }
  if (!facts) return std::unexpected(facts.error());
  return Fetched{std::move(file), *facts};
}

}  // namespace tintype::worker
