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

Result<app::ReadableFile> Inputs::open(const Job& job, const std::filesystem::path& copy, RunControl& control) {
  const auto input = work_.input_of(job);
  if (!input) return std::unexpected(input.error());
  if (!input->source_url.empty()) return fetch(job, input->source_url, copy, control);
  return app::ReadableFile::of(objects_, input->object_key, copy);
}

Result<app::ReadableFile> Inputs::fetch(const Job& job, const std::string& url, const std::filesystem::path& copy,
                                        RunControl& control) {
  const auto fetched = egress_.fetch({url, copy, 0}, control.cancel);
  if (!fetched) return not_fetched(fetched.error());
  auto file = app::ReadableFile::owned(copy);
  const auto facts = engine_.inspect(copy);
  if (!facts && facts.error().code == ErrorCode::kUnsupportedMediaType) {
    return with_cause(facts.error(), kSourceNotAnImage);
  }
  if (!facts) return std::unexpected(facts.error());
  if (auto noted = work_.note_input_size(job, facts->width_px, facts->height_px); !noted) {
    return std::unexpected(noted.error());
  }
  return file;
}

}  // namespace tintype::worker
