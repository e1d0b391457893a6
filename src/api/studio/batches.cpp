// Batches: created, filled, watched, paused and had as one archive.
#include "app/batches.h"

#include <functional>
#include <memory>

#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "api/shared/paging.h"
#include "api/studio/view.h"
#include "archive/zip_stream.h"
#include "base/content_disposition.h"
#include "base/signed_target.h"

namespace tintype::api {

template <>
inline PageCursor place_of(const app::BatchView& view) {
  return {view.batch.created_at_ms, view.batch.id};
}

}  // namespace tintype::api

namespace tintype::api::studio {

namespace {

constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kWordBytesMax = 64;
constexpr std::size_t kPromptBytesMax = 8'192;
constexpr std::int64_t kFormSlackBytes = 1 << 20;

std::string id_of(const http::Request& request) {
  return std::string(request.path_parameter("id"));
}

std::unexpected<Error> wrong(std::string_view field, std::string message, std::string suggestion = {}) {
  auto refused = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  refused.error().field = field;
  return refused;
}

// ---- Shapes

const char* status_of(const app::BatchView& view) {
  switch (view.batch.state) {
    case BatchState::kOpen: return view.counts.received < view.batch.images_total ? "uploading" : "ready";
    case BatchState::kCancelled: return "cancelled";
    case BatchState::kStarted: break;
  }
  if (view.counts.waiting + view.counts.running == 0) return "completed";
  return view.batch.paused_at_ms ? "paused" : "processing";
}

JsonText picture_json(const Surface& surface, const app::BatchPicture& picture) {
  JsonText json{{"position", picture.image.position},
                {"name", picture.image.name},
                {"width", picture.image.width_px},
                {"height", picture.image.height_px}};
  if (!picture.job) return std::move(json.add("status", "waiting").add("job", nullptr));
  json.add("status", job_status_name(picture.job->state));
  json.add("job", job_json(surface, *picture.job));
  return json;
}

JsonText batch_json(const Surface& surface, const app::BatchView& view) {
  const StudioBatch& batch = view.batch;
  const app::StudioJobs& jobs = surface.services.studio_jobs;
  const auto time = [](const std::optional<UnixMs>& at_ms) {
    return at_ms ? std::optional(iso8601(*at_ms)) : std::nullopt;
  };
  JsonText parameters;
  for (const auto& [name, text] : batch.parameters) parameters.add(name, text);
  return {{"id", batch.id},
          {"name", batch.name},
          {"status", status_of(view)},
          {"operation", operation_name(batch.operation)},
          {"parameters", parameters},
          {"cost_per_image", jobs.price_of(batch.operation)},
          {"total_images", batch.images_total},
          {"received_count", view.counts.received},
          {"waiting_count", view.counts.waiting},
          {"processing_count", view.counts.running},
          {"completed_count", view.counts.succeeded},
          {"failed_count", view.counts.failed},
          {"cancelled_count", view.counts.cancelled},
          {"created_at", iso8601(batch.created_at_ms)},
          {"started_at", time(batch.started_at_ms)}};
}

JsonText whole_batch_json(const Surface& surface, const app::BatchView& view) {
  JsonText json = batch_json(surface, view);
  JsonText pictures = JsonText::array();
  for (const app::BatchPicture& picture : view.pictures) pictures.push_back(picture_json(surface, picture));
  return std::move(json.add("images", pictures));
}

// ---- Creating

Result<void> take_parameters(const Json& data, app::NewBatch& request) {
  if (!data.is_object()) return wrong("data", "data must be an object");
  for (const auto& [name, value] : data.items()) {
    if (value.is_null()) continue;
    const auto& rules = studio_operation(request.operation)->parameters;
    const auto rule = std::ranges::find(rules, name, &ParameterRule::name);
    if (rule == rules.end()) {
      return wrong(
          name, std::string(operation_name(request.operation)) + " takes no '" + name.substr(0, kWordBytesMax) + "'");
    }
    auto text = parameter_text(value, *rule);
    if (!text) return std::unexpected(text.error());
    request.parameters[name] = std::move(*text);
  }
  return {};
}

Result<app::NewBatch> read_new_batch(const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::NewBatch made;
  made.name = fields.required_string("name", 1, kNameBytesMax);
  const auto prompt = fields.optional_string("prompt", 0, kPromptBytesMax);
  const auto aspect = fields.optional_string("aspect_ratio", 1, kWordBytesMax);
  const auto operation = fields.optional_string("operation", 1, kWordBytesMax).value_or("edit");
  made.images_total = static_cast<int>(fields.required_integer("total_images", 1, 1'000'000));
  fields.ignore("data");
  if (auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto kind = parse_operation(operation);
  if (!kind || studio_operation(*kind) == nullptr) {
    return wrong("operation", "There is no operation '" + operation + "'", "GET /api/ai/operations lists them");
  }
  made.operation = *kind;
  if (prompt) made.parameters["prompt"] = *prompt;
  if (aspect) made.parameters["aspect_ratio"] = *aspect;
  if (const auto data = body->find("data"); data != body->end()) {
    if (auto taken = take_parameters(*data, made); !taken) return std::unexpected(taken.error());
  }
  return made;
}

std::string upload_url(const Surface& surface, const StudioBatch& batch) {
  // By the batch's own time, so that it is the same however often it is told.
  const UnixMs expires_at_ms = batch.created_at_ms + surface.options.upload_url_seconds * 1'000;
  const SignedTarget target{"/api/batch/" + batch.id + "/upload-images", {{"user", batch.user_id}}, expires_at_ms};
  return surface.services.public_url + TargetSigner(surface.options.url_keys).sign(target);
}

Result<http::Response> create(const Surface& surface, http::Request& request) {
  auto made = read_new_batch(request);
  if (!made) return std::unexpected(made.error());
  const std::function<JsonText(const StudioBatch&)> to_json = [&surface](const StudioBatch& batch) -> JsonText {
    const std::string url = upload_url(surface, batch);
    return {{"batchId", batch.id}, {"uploadUrl", url}};
  };
  const Principal& principal = principal_of(request);
  const auto once_only = once<StudioBatch>(request, principal, to_json, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.batches.create(principal.user_id, std::move(*made), *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply<StudioBatch>(*outcome, to_json, 201);
}

// ---- Uploading

// By the URL's own signature, where it has one.
http::Admit admit_uploader(const Surface& surface) {
  return [&services = surface.services, signer = TargetSigner(surface.options.url_keys),
          admit = admit_user(surface.services)](http::Request& request) -> std::optional<http::Response> {
    if (!request.query_parameter("signature")) return admit(request);
    const auto target = signer.verify(request.target, services.clock.now_ms());
    if (!target || target->path != request.path) {
      return render_error(request, Error{ErrorCode::kUnauthorized, "This URL is not signed, or its time is over"});
    }
    const auto user = services.accounts.user(target->parameter("user"));
    if (!user) return render_error(request, Error{ErrorCode::kUnauthorized, "The user of this URL is gone"});
    if (user->banned_at_ms) return render_error(request, Error{ErrorCode::kForbidden, "This account is suspended"});
    admit_as(request, Principal{.user_id = user->id, .email = user->email, .role = Role::kUser, .plan = user->plan});
    return std::nullopt;
  };
}

Result<std::vector<app::IncomingFile>> files_of(const http::Request& request) {
  std::vector<app::IncomingFile> files;
  for (const http::FormPart& part : request.form) {
    if (!part.file_name || (part.name != "images" && part.name != "images[]")) {
      return wrong("images",
                   "The form has a part that is not expected here: '" + part.name.substr(0, kWordBytesMax) + "'",
                   "Please send each picture as a file in a part named 'images'");
    }
    files.push_back(
        {*part.file_name, part.file ? part.file->path() : std::filesystem::path(), part.size_bytes, part.too_large});
  }
  if (files.empty()) return wrong("images", "There is no picture", "Please send each in a part named 'images'");
  return files;
}

JsonText uploaded_json(const app::BatchUpload& uploaded) {
  const app::BatchView& view = uploaded.view;
  JsonText json{{"batchId", view.batch.id},
                {"uploaded", uploaded.added},
                {"received_count", view.counts.received},
                {"total_images", view.batch.images_total},
                {"status", status_of(view)}};
  if (!uploaded.not_started) return std::move(json.add("notStarted", nullptr));
  const Error& error = *uploaded.not_started;
  JsonText reason{{"code", studio_code(error.code)}, {"message", error.message}};
  if (error.tokens_required) reason.add("required", *error.tokens_required);
  if (error.tokens_available) reason.add("available", *error.tokens_available);
  return std::move(json.add("notStarted", reason));
}

Result<http::Response> upload(const Surface& surface, http::Request& request) {
  const auto files = files_of(request);
  if (!files) return std::unexpected(files.error());
  const Principal& principal = principal_of(request);
  const auto once_only = once<app::BatchUpload>(request, principal, uploaded_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.batches.upload(principal.user_id, id_of(request), *files, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply<app::BatchUpload>(*outcome, uploaded_json);
}

// ---- What is done with all of it

using Change = Result<app::Outcome<app::BatchView>> (app::Batches::*)(std::string_view, std::string_view,
                                                                      const app::Once<app::BatchView>&);

template <Change change>
Result<http::Response> change_batch(const Surface& surface, http::Request& request) {
  if (auto empty = check_empty(request); !empty) return std::unexpected(empty.error());
  const std::function<JsonText(const app::BatchView&)> to_json = [&surface](const app::BatchView& view) {
    return whole_batch_json(surface, view);
  };
  const Principal& principal = principal_of(request);
  const auto once_only = once<app::BatchView>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = (surface.services.batches.*change)(principal.user_id, id_of(request), *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply<app::BatchView>(*outcome, to_json);
}

Result<http::Response> get(const Surface& surface, http::Request& request) {
  const auto view = surface.services.batches.get(principal_of(request).user_id, id_of(request));
  if (!view) return std::unexpected(view.error());
  return json_response(200, whole_batch_json(surface, *view));
}

Result<http::Response> list(const Surface& surface, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto views = surface.services.batches.list(principal_of(request).user_id, *page);
  if (!views) return std::unexpected(views.error());
  const std::optional<std::string> next_cursor = cut_to(*views, limit);
  JsonText shown = JsonText::array();
  for (const app::BatchView& view : *views) shown.push_back(batch_json(surface, view));
  return json_response(200, {{"batches", shown}, {"nextCursor", next_cursor}});
}

Result<http::Response> cancel(const Surface& surface, http::Request& request) {
  if (auto empty = check_empty(request); !empty) return std::unexpected(empty.error());
  const auto cancelled = surface.services.batches.cancel(principal_of(request).user_id, id_of(request));
  if (!cancelled) return std::unexpected(cancelled.error());
  return json_response(200, {{"success", true},
                             {"message", "Batch cancelled successfully"},
                             {"cancelled", cancelled->cancelled},
                             {"refunded", cancelled->tokens_released}});
}

Result<http::Response> remove(const Surface& surface, http::Request& request) {
  if (auto removed = surface.services.batches.remove(principal_of(request).user_id, id_of(request)); !removed) {
    return std::unexpected(removed.error());
  }
  return json_response(200, {{"success", true}});
}

// ---- Results

// "003 ring.jpg": in order, and never two alike.
std::string entry_name(const app::BatchPicture& picture) {
  std::string number = std::to_string(picture.image.position);
  number.insert(0, number.size() < 3 ? 3 - number.size() : 0, '0');
  const std::string stem = picture.image.name.substr(0, picture.image.name.rfind('.'));
  const std::string& key = picture.job->result->object_key;
  return number + " " + stem + key.substr(key.rfind('.'));
}

archive::ZipEntry entry_of(const Services& services, const app::BatchPicture& picture) {
  const JobResult& result = *picture.job->result;
  return {entry_name(picture), result.size_bytes, picture.job->finished_at_ms.value_or(0),
          [&services, key = result.object_key]() -> Result<archive::FileReader> {
            auto opened = services.objects.open(key);
            if (!opened) return std::unexpected(opened.error());
            return [reader = std::shared_ptr<tintype::ObjectReader>(std::move(*opened))](
                       std::int64_t offset, std::span<char> out) { return reader->read(offset, out); };
          }};
}

// Those that are done by now, made while it is sent.
Result<http::Response> results(const Surface& surface, http::Request& request) {
  const auto view = surface.services.batches.get(principal_of(request).user_id, id_of(request));
  if (!view) return std::unexpected(view.error());
  std::vector<archive::ZipEntry> entries;
  for (const app::BatchPicture& picture : view->pictures) {
    const bool is_done = picture.job && picture.job->result && !picture.job->result->object_key.empty();
    if (is_done) entries.push_back(entry_of(surface.services, picture));
  }
  if (entries.empty()) {
    return fail(ErrorCode::kConflict, "None of the batch's pictures is done yet", "Please wait for the first");
  }
  auto stream = std::make_shared<archive::ZipStream>(std::move(entries));
  http::StreamBody body{.is_open_ended = true};
  body.read = [stream](std::int64_t, std::span<char> out) { return stream->read(out); };
  http::Response response;
  response.headers.add("Content-Type", "application/zip");
  response.headers.add("Content-Disposition", attachment_named(view->batch.name + ".zip"));
  response.headers.add("Cache-Control", "private, no-store");
  response.body = std::move(body);
  return response;
}

}  // namespace

void add_batch_routes(http::Router& router, const Surface& surface) {
  using enum http::Method;
  const std::int64_t file_bytes_max = surface.services.studio_jobs.rules().file_bytes_max;
  const http::BodyPolicy form{.kind = http::BodyKind::kMultipart,
                              .body_bytes_max = file_bytes_max * surface.options.files_max + kFormSlackBytes,
                              .part_bytes_max = file_bytes_max,
                              .field_bytes_max = 1'024,
                              .parts_max = surface.options.files_max};
  add_route(router, surface, kPost, "/api/batch/create", create, {.body = kJsonBody, .bucket = Bucket::kOperation});
  add_route(router, surface, kPost, "/api/batch/{id}/upload-images", upload,
            {.body = form, .admit = admit_uploader(surface)});
  // In the pool: the pictures of many batches are counted, longer than an event loop may be kept.
  add_route(router, surface, kGet, "/api/batch", list);
  add_route(router, surface, kGet, "/api/batch/{id}", get, {.bucket = Bucket::kStatus});
  add_route(router, surface, kDelete, "/api/batch/{id}", remove);
  add_route(router, surface, kPost, "/api/batch/{id}/start", change_batch<&app::Batches::start>,
            {.body = kJsonBody, .bucket = Bucket::kOperation});
  add_route(router, surface, kPost, "/api/batch/{id}/pause", change_batch<&app::Batches::pause>, {.body = kJsonBody});
  add_route(router, surface, kPost, "/api/batch/{id}/resume", change_batch<&app::Batches::resume>, {.body = kJsonBody});
  add_route(router, surface, kPost, "/api/batch/{id}/retry", change_batch<&app::Batches::retry>,
            {.body = kJsonBody, .bucket = Bucket::kOperation});
  add_route(router, surface, kPost, "/api/batch/{id}/cancel", cancel, {.body = kJsonBody});
  add_route(router, surface, kGet, "/api/batch/{id}/results.zip", results);
}

}  // namespace tintype::api::studio
