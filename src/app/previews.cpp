#include "app/previews.h"

#include <fstream>
#include <future>
#include <iterator>

#include "app/read.h"
#include "base/step_back.h"

namespace tintype::app {

namespace {

constexpr std::int64_t kRetrySeconds = 1;
constexpr const char* kMedium = "medium";  // of the display variants, the smallest with more pixels than a preview

std::unexpected<Error> all_busy() {
  auto full =
      fail(ErrorCode::kOverloaded, "Too many previews are being made at the moment", "Please try again at once");
  full.error().retry_after_seconds = kRetrySeconds;
  return full;
}

Result<void> check_operation(OperationKind operation) {
  if (has_preview(operation)) return {};
  std::string all;
  for (const OperationRule& rule : studio_operations()) {
    if (has_preview(rule.kind)) all.append(all.empty() ? "" : ", ").append(operation_name(rule.kind));
  }
  auto refused = fail(ErrorCode::kInvalidInput, std::string("There is no preview of ") + operation_name(operation),
                      "Please submit it, or ask for a preview of " + all);
  refused.error().field = "operationType";
  return refused;
}

// A preview is there soon or not at all: it waits for nobody's server.
Result<void> check_nothing_is_fetched(const StudioCall& call) {
  for (const auto& [picture, field] : {std::pair(&call.picture, "image_url"), std::pair(&call.mask, "mask_url"),
                                       std::pair(&call.reference, "reference_url")}) {
    if (picture->source_url.empty()) continue;
    auto refused = fail(ErrorCode::kInvalidInput, "A preview fetches nothing from elsewhere",
                        "Please give image_id, or a data URL");
    refused.error().field = field;
    return refused;
  }
  return {};
}

Result<std::string> bytes_of(const std::filesystem::path& path, std::int64_t size_bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  if (static_cast<std::int64_t>(bytes.size()) != size_bytes) return fail_internal("a preview is not what was written");
  return bytes;
}

}  // namespace

Previews::Previews(StudioJobs& studio_jobs, Database& database, ObjectStore& objects, ImageEngine& engine,
                   Random& random, PreviewRules rules)
    : studio_jobs_(studio_jobs),
      database_(database),
      objects_(objects),
      engine_(engine),
      random_(random),
      rules_(rules),
      turns_(rules.at_once_max) {}

Result<Preview> Previews::make(const Principal& principal, StudioCall call) {
  if (auto has_one = check_operation(call.operation); !has_one) return std::unexpected(has_one.error());
  if (auto here = check_nothing_is_fetched(call); !here) return std::unexpected(here.error());
  if (!turns_.try_take()) return all_busy();
  const TakenTurn turn(turns_, std::adopt_lock);
  RunControl control;
  auto made = std::async(std::launch::async, [&] {
    step_back();
    return produce(principal, std::move(call), control);
  });
  if (made.wait_for(rules_.make_max) == std::future_status::timeout) control.cancel.store(true);
  auto preview = made.get();
  if (preview || preview.error().code != ErrorCode::kCancelled) return preview;
  return fail(ErrorCode::kDeadlineExceeded, "This preview takes too long to make", "Please submit the operation");
}

Result<Preview> Previews::produce(const Principal& principal, StudioCall call, RunControl& control) {
  const auto checked = studio_jobs_.check(principal, call);
  if (!checked) return std::unexpected(checked.error());
  const std::string name = (scratch_folder(objects_) / new_id(random_, "preview-")).string();
  const ScratchFile output(name + ".out");
  PreviewRequest request;
  request.run.operation = call.operation;
  request.run.parameters = std::move(call.parameters);
  request.run.output = output.path();
  request.side_max_px = kPreviewSideMaxPx;
  if (checked->picture) request.picture = {checked->picture->width_px, checked->picture->height_px};
  std::optional<ReadableFile> picture;
  if (call.picture.file) {
    request.run.input = call.picture.file->path;
  } else if (checked->image) {
    auto file = picture_of(*checked->image, name + ".in");
    if (!file) return std::unexpected(file.error());
    picture.emplace(std::move(*file));
    request.run.input = picture->path();
  }
  if (call.mask.file) request.run.mask = call.mask.file->path;
  if (call.reference.file) request.run.reference = call.reference.file->path;
  const auto written = engine_.preview(request, control);
  if (!written) return std::unexpected(written.error());
  auto bytes = bytes_of(output.path(), written->size_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  return Preview{std::move(*bytes), written->format};
}

// Decoding a rendition is a fraction of the work that the original is. Of a picture that is no larger, only the
// original has all that there is.
Result<ReadableFile> Previews::picture_of(const Image& image, const std::string& copy) {
  const auto medium = read(database_, [&](Transaction& transaction) {
    return transaction.variants().find(image.user_id, image.id, {kMedium, ImageFormat::kWebp});
  });
  if (!medium) return std::unexpected(medium.error());
  const bool is_smaller = *medium && (*medium)->state == VariantState::kReady && (*medium)->width_px < image.width_px;
  return ReadableFile::of(objects_, is_smaller ? (*medium)->object_key : image.object_key, copy);
}

}  // namespace tintype::app
