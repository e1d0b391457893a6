// Uploading, listing, showing and deleting images.
#include "api/enhancement/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "api/shared/subscription.h"
#include "base/bytes.h"

namespace tintype::api::enhancement {

namespace {

// How much of a body is read beyond what the contract allows, so that a file that is somewhat too large gets the
// contract's own 400 instead of a 413.
constexpr std::int64_t kBodySlackBytes = 22LL << 20;
constexpr int kBatchPartsMax = 64;

// The form of an upload: files under `file_field`, and perhaps an albumId.
struct UploadForm {
  std::vector<app::IncomingFile> files;
  std::string album_id;
};

Result<UploadForm> read_form(const http::Request& request, std::string_view file_field) {
  UploadForm form;
  bool album_seen = false;
  for (const http::FormPart& part : request.form) {
    if (part.name == file_field) {
      if (!part.file_name) {
        return fail(ErrorCode::kInvalidInput, "The part '" + part.name + "' is not a file",
                    "Send it as a file part, with a file name");
      }
      form.files.push_back(
          {*part.file_name, part.file ? part.file->path() : std::filesystem::path(), part.size_bytes, part.too_large});
    } else if (part.name == "albumId" && !part.file_name && !album_seen) {
      if (!is_valid_utf8(part.text) || part.text.size() > 128) {
        return fail(ErrorCode::kInvalidInput, "albumId is not an album's id");
      }
      form.album_id = part.text;
      album_seen = true;
    } else {
      return fail(ErrorCode::kInvalidInput,
                  "The form has a part that is not expected here: '" + part.name.substr(0, 64) + "'",
                  "Send files as '" + std::string(file_field) + "', and at most one albumId");
    }
  }
  if (form.files.empty()) {
    return fail(ErrorCode::kInvalidInput, "No file was sent",
                "Please provide the picture in a form part named '" + std::string(file_field) + "'");
  }
  return form;
}

// A picture that is none of ours to read is the caller's mistake in the file, not in the request's own type.
template <class T>
Result<T> as_invalid_file(Result<T> result) {
  if (!result && result.error().code == ErrorCode::kUnsupportedMediaType) {
    result.error().code = ErrorCode::kInvalidInput;
  }
  return result;
}

Result<http::Response> upload(const Surface& surface, const http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto form = read_form(request, "file");
  if (!form) return std::unexpected(form.error());
  if (form->files.size() != 1) {
    return fail(ErrorCode::kInvalidInput, "More than one file was sent", "Use /api/images/batch-upload for several");
  }
  const std::function<JsonText(const Image&)> to_json = [&surface](const Image& image) -> JsonText {
    return {{"success", true}, {"image", image_json(surface, image)}};
  };
  const auto once_only = once<Image>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome =
      as_invalid_file(surface.services.images.upload(principal, form->files.front(), form->album_id, *once_only));
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

JsonText batch_item_json(const Surface& surface, const app::BatchItem& item) {
  if (const auto* error = std::get_if<Error>(&item.outcome)) {
    const bool ours = error->code == ErrorCode::kInternal || error->code == ErrorCode::kOverloaded ||
                      error->code == ErrorCode::kDeadlineExceeded;
    return {{"success", false},
            {"filename", item.file_name},
            {"error", error->message},
            {"errorType", ours ? "processing" : "validation"}};
  }
  const auto& image = std::get<Image>(item.outcome);
  return {{"success", true},          {"filename", item.file_name},
          {"imageId", image.id},      {"url", object_url(surface, image.object_key)},
          {"width", image.width_px},  {"height", image.height_px},
          {"size", image.size_bytes}, {"format", format_name(image.format)}};
}

Result<http::Response> batch_upload(const Surface& surface, const http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto form = read_form(request, "files");
  if (!form) return std::unexpected(form.error());
  using Items = std::vector<app::BatchItem>;
  const std::function<JsonText(const Items&)> to_json = [&surface](const Items& items) -> JsonText {
    JsonText results = JsonText::array();
    std::size_t successful = 0;
    for (const app::BatchItem& item : items) {
      results.push_back(batch_item_json(surface, item));
      successful += std::holds_alternative<Image>(item.outcome) ? 1 : 0;
    }
    return {{"success", true},
            {"results", results},
            {"summary", {{"total", items.size()}, {"successful", successful}, {"failed", items.size() - successful}}}};
  };
  const auto once_only = once<Items>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.images.upload_batch(principal, form->files, form->album_id, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

JsonText image_with_jobs_json(const Surface& surface, const app::ImageWithJobs& found) {
  JsonText image = image_detail_json(surface, found.image);
  JsonText jobs = JsonText::array();
  for (const Job& job : found.jobs) jobs.push_back(job_json(surface, job));
  image.add("jobs", jobs);
  return {{"success", true}, {"image", image}};
}

// The states of an image's jobs, to see whether one changed. Progress alone is no change: whoever wants it takes
// the events of the job.
std::string states_of(const std::vector<Job>& jobs) {
  std::string states;
  for (const Job& job : jobs) states += job.id + "=" + job_state_name(job.state) + ";";
  return states;
}

bool any_unfinished(const std::vector<Job>& jobs) {
  for (const Job& job : jobs) {
    if (!is_end_state(job.state)) return true;
  }
  return false;
}

// Answers as soon as the state of one of the image's jobs is another than when it was asked.
http::Response wait_for_change(const Surface& surface, const http::Request& request, std::string before,
                               std::int64_t seconds) {
  auto wait = std::make_shared<http::Wait>();
  wait->timeout = std::chrono::seconds(seconds);
  wait->subscribe = subscription(surface.services.notifier, app::image_topic(request.path_parameter("id")));
  wait->attempt = [surface, user_id = principal_of(request).user_id, id = std::string(request.path_parameter("id")),
                   request_id = request.request_id, path = request.path,
                   before = std::move(before)](bool last) -> std::optional<http::Response> {
    const auto found = surface.services.images.get(user_id, id);
    if (!found) {
      log_cause(request_id, path, found.error());
      return enhancement_error(found.error());
    }
    if (!last && states_of(found->jobs) == before) return std::nullopt;
    return json_response(200, image_with_jobs_json(surface, *found));
  };
  http::Response response;
  response.body = std::move(wait);
  return response;
}

Result<http::Response> get_image(const Surface& surface, const http::Request& request) {
  const auto seconds = wait_seconds(request, surface.options.wait_seconds_max);
  if (!seconds) return std::unexpected(seconds.error());
  const auto found = surface.services.images.get(principal_of(request).user_id, request.path_parameter("id"));
  if (!found) return std::unexpected(found.error());
  if (*seconds > 0 && any_unfinished(found->jobs)) {
    return wait_for_change(surface, request, states_of(found->jobs), *seconds);
  }
  return json_response(200, image_with_jobs_json(surface, *found));
}

Result<http::Response> list_images(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto images = surface.services.images.list(principal_of(request).user_id, *page);
  if (!images) return std::unexpected(images.error());
  return json_response(200, list_json("images", std::move(*images), limit,
                                      [&](const Image& image) { return image_detail_json(surface, image); }));
}

Result<http::Response> delete_image(const Surface& surface, const http::Request& request) {
  const auto removed = surface.services.images.remove(principal_of(request).user_id, request.path_parameter("id"));
  if (!removed) return std::unexpected(removed.error());
  return json_response(200, {{"success", true}, {"message", "Image deleted successfully"}});
}

http::BodyPolicy upload_body(std::int64_t files_bytes_max, std::int64_t file_bytes_max, int parts_max) {
  return {http::BodyKind::kMultipart, files_bytes_max + kBodySlackBytes, file_bytes_max, 16 * 1024, parts_max};
}

}  // namespace

void add_image_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  const EnhancementLimits& limits = surface.options.limits;
  const app::IngestRules& rules = services.images.rules();
  router.add({.method = http::Method::kPost,
              .pattern = "/api/images/upload",
              .handler = handler([surface](http::Request& request) { return upload(surface, request); }),
              .body = upload_body(rules.file_bytes_max, rules.file_bytes_max, 8),
              .admit = admit_user(services, {"upload", limits.upload}),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kPost,
              .pattern = "/api/images/batch-upload",
              .handler = handler([surface](http::Request& request) { return batch_upload(surface, request); }),
              .body = upload_body(2 * rules.batch_bytes_max, rules.file_bytes_max, kBatchPartsMax),
              .admit = admit_user(services, {"batch_upload", limits.batch_upload}),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/images",
              .handler = handler([surface](http::Request& request) { return list_images(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/images/{id}",
              .handler = handler([surface](http::Request& request) { return get_image(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services, {"get_image", limits.get_image}),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kDelete,
              .pattern = "/api/images/{id}",
              .handler = handler([surface](http::Request& request) { return delete_image(surface, request); }),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
}

}  // namespace tintype::api::enhancement
