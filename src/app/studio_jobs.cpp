#include "app/studio_jobs.h"

#include <algorithm>
#include <cmath>

#include "app/object_keys.h"
#include "app/purge.h"
#include "app/read.h"
#include "app/unseen_picture.h"

namespace tintype::app {

namespace {

constexpr UnixMs kMeasuredMs = 15 * 60 * 1'000;  // of the past, for how long operations take
constexpr UnixMs kMeansKeptMs = 10'000;
constexpr double kRunMsUnknown = 10'000;  // of an operation that nobody has run lately

std::unexpected<Error> refused(std::string_view field, std::string message, std::string suggestion = {}) {
  auto error = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  error.error().field = field;
  return error;
}

// Of the pictures that a call has and those that its operation takes.
Result<void> check_need(Need need, bool is_there, std::string_view field, OperationKind operation) {
  if (need == Need::kMust && !is_there) {
    return refused(field, "A picture is required", "Please give image_url or image_id");
  }
  if (need == Need::kNone && is_there) {
    return refused(field, std::string(operation_name(operation)) + " takes no '" + std::string(field) + "'");
  }
  return {};
}

Result<void> check_pictures(const OperationRule& rule, const StudioCall& call) {
  if (call.picture.is_there() && !call.image_id.empty()) {
    return refused("image_url", "There is more than one picture", "Please give one of image_url and image_id");
  }
  const bool has_picture = call.picture.is_there() || !call.image_id.empty();
  const char* field = call.image_id.empty() ? "image_url" : "image_id";
  if (auto needed = check_need(rule.picture, has_picture, field, rule.kind); !needed) return needed;
  if (auto needed = check_need(rule.mask, call.mask.is_there(), "mask_url", rule.kind); !needed) return needed;
  return check_need(rule.reference, call.reference.is_there(), "reference_url", rule.kind);
}

}  // namespace

StudioJobs::StudioJobs(Database& database, Wallets& wallets, ObjectStore& objects, ImageEngine& engine,
                       const Egress& egress, Webhooks& webhooks, const Storage& storage, Jobs& jobs, Notifier& notifier,
                       const Clock& clock, Random& random, StudioRules rules)
    : database_(database),
      wallets_(wallets),
      objects_(objects),
      engine_(engine),
      egress_(egress),
      webhooks_(webhooks),
      storage_(storage),
      jobs_(jobs),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(std::move(rules)) {}

Tokens StudioJobs::price_of(OperationKind operation) const {
  const auto priced = rules_.prices.find(operation);
  return priced != rules_.prices.end() ? priced->second : studio_operation(operation)->price;
}

// ---- What is asked for

Result<std::optional<ImageFacts>> StudioJobs::facts_of(const StudioPicture& picture, std::string_view field) {
  if (!picture.source_url.empty()) {
    auto allowed = egress_.vet(picture.source_url);
    if (allowed) return std::nullopt;
    allowed.error().field = field;
    return std::unexpected(allowed.error());
  }
  if (!picture.file) return std::nullopt;
  if (picture.file->too_large || picture.file->size_bytes > rules_.file_bytes_max) {
    return refused(field, "The picture is larger than " + std::to_string(rules_.file_bytes_max >> 20) + " MB",
                   "Please send a smaller one, or upload it as an image");
  }
  auto facts = engine_.verify(picture.file->path);
  if (facts) return *facts;
  if (facts.error().code == ErrorCode::kUnsupportedMediaType) facts.error().code = ErrorCode::kInvalidInput;
  facts.error().field = field;
  return std::unexpected(facts.error());
}

Result<std::optional<Extent>> StudioJobs::forecast(OperationKind operation, const Parameters& parameters,
                                                   const std::optional<ImageFacts>& picture) const {
  RunRequest request;
  request.operation = operation;
  request.parameters = parameters;
  const auto forecast = engine_.forecast(request, picture.value_or(kUnseenPicture));
  if (!forecast) {
    // Its message would name our folders.
    if (forecast.error().code == ErrorCode::kNotFound) return fail_internal(forecast.error().message);
    return std::unexpected(forecast.error());
  }
  const bool is_known = picture || !takes_picture(operation);
  if (!is_known || forecast->width_px == 0) return std::nullopt;
  return Extent{forecast->width_px, forecast->height_px};
}

Result<Parameters> StudioJobs::check_operation(OperationKind operation, const Parameters& said) const {
  auto parameters = studio_parameters(operation, said);
  if (!parameters) return parameters;
  if (!engine_.is_ready(operation)) {
    return fail(ErrorCode::kEngineUnavailable,
                std::string(operation_name(operation)) + " cannot be done here at the moment",
                "GET /api/ai/operations says what can");
  }
  if (auto holds = forecast(operation, *parameters, std::nullopt); !holds) return std::unexpected(holds.error());
  return parameters;
}

Result<CheckedCall> StudioJobs::check(const Principal& principal, StudioCall& call) {
  const OperationRule& rule = *studio_operation(call.operation);
  auto parameters = check_operation(call.operation, call.parameters);
  if (!parameters) return std::unexpected(parameters.error());
  call.parameters = std::move(*parameters);
  if (auto pictures = check_pictures(rule, call); !pictures) return std::unexpected(pictures.error());
  if (!call.webhook_url.empty()) {
    auto allowed = egress_.vet(call.webhook_url);
    if (!allowed) {
      allowed.error().field = "webhookUrl";
      return std::unexpected(allowed.error());
    }
  }
  CheckedCall checked;
  for (const auto& [picture, facts, field] :
       {std::tuple(&call.picture, &checked.picture, "image_url"), std::tuple(&call.mask, &checked.mask, "mask_url"),
        std::tuple(&call.reference, &checked.reference, "reference_url")}) {
    auto found = facts_of(*picture, field);
    if (!found) return std::unexpected(found.error());
    *facts = *found;
  }
  if (!call.image_id.empty()) {
    auto image = read(
        database_, [&](Transaction& transaction) { return own_image(transaction, principal.user_id, call.image_id); });
    if (!image) return std::unexpected(image.error());
    checked.picture = ImageFacts{image->format, image->width_px, image->height_px, image->has_alpha, 1};
    checked.image = std::move(*image);
  }
  const auto output = forecast(call.operation, call.parameters, checked.picture);
  if (!output) return std::unexpected(output.error());
  checked.output = *output;
  return checked;
}

StudioJobs::NewJob StudioJobs::new_job(const Principal& principal, const StudioCall& call, const CheckedCall& checked) {
  NewJob made;
  Job& job = made.job;
  job.id = new_id(random_, "job_");
  job.user_id = principal.user_id;
  job.image_id = call.image_id;
  job.surface = Surface::kStudio;
  job.operation = call.operation;
  job.parameters = call.parameters;
  job.priority = call.priority;
  job.price = price_of(call.operation);
  job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock_.now_ms();
  JobCall& record = made.call;
  record.job_id = job.id;
  record.user_id = principal.user_id;
  record.api_key_id = principal.api_key_id;
  record.webhook_events = call.webhook_events;
  record.source_url = call.picture.source_url;
  record.mask.source_url = call.mask.source_url;
  record.reference.source_url = call.reference.source_url;
  if (call.picture.file) record.input_key = input_key(random_, job.id, checked.picture->format);
  if (call.mask.file) record.mask.object_key = input_key(random_, job.id, checked.mask->format);
  if (call.reference.file) record.reference.object_key = input_key(random_, job.id, checked.reference->format);
  if (checked.picture) {
    record.input_width_px = checked.picture->width_px;
    record.input_height_px = checked.picture->height_px;
  }
  return made;
}

// ---- Submitting

Result<void> StudioJobs::store_files(const StudioCall& call, const NewJob& made, const CheckedCall& checked) {
  for (const auto& [picture, key, facts] :
       {std::tuple(&call.picture, &made.call.input_key, &checked.picture),
        std::tuple(&call.mask, &made.call.mask.object_key, &checked.mask),
        std::tuple(&call.reference, &made.call.reference.object_key, &checked.reference)}) {
    if (key->empty()) continue;
    auto begun = database_.write(
        [&](Transaction& transaction) { return transaction.objects().begin_writing(*key, clock_.now_ms()); });
    if (!begun) return begun;
    auto put = objects_.put_file(*key, picture->file->path, image_format_media_type((*facts)->format));
    if (!put) return std::unexpected(put.error());
  }
  return {};
}

void StudioJobs::take_back_files(const NewJob& made) {
  std::vector<std::string> keys;
  for (const std::string* key : {&made.call.input_key, &made.call.mask.object_key, &made.call.reference.object_key}) {
    if (!key->empty()) keys.push_back(*key);
  }
  if (!keys.empty()) static_cast<void>(purge(database_, objects_, keys));
}

Result<Outcome<SubmittedStudio>> StudioJobs::submit(const Principal& principal, StudioCall call,
                                                    const Once<SubmittedStudio>& once) {
  if (once.key) {
    auto kept =
        read(database_, [&](Transaction& transaction) { return find_reply(transaction, *once.key, clock_.now_ms()); });
    if (!kept) return std::unexpected(kept.error());
    if (*kept) return std::move(**kept);
  }
  const auto checked = check(principal, call);
  if (!checked) return std::unexpected(checked.error());
  const NewJob made = new_job(principal, call, *checked);
  if (auto stored = store_files(call, made, *checked); !stored) {
    take_back_files(made);
    return std::unexpected(stored.error());
  }
  auto outcome =
      run_once<SubmittedStudio>(database_, principal.user_id, once, clock_.now_ms(),
                                [&](Transaction& transaction) { return insert(transaction, principal, call, made); });
  if (nobody_names_it(outcome)) take_back_files(made);
  if (outcome && std::holds_alternative<SubmittedStudio>(*outcome)) notifier_.notify(kQueueTopic);
  return outcome;
}

Result<void> StudioJobs::admit(Transaction& transaction, const Principal& principal) {
  auto room = check_unfinished(transaction, principal.user_id, 1, rules_.unfinished_jobs_max);
  if (!room) return room;
  // How large the result will be is not known; one more may be begun while anything is left.
  return storage_.admit(transaction, principal, {1, 0});
}

Result<SubmittedStudio> StudioJobs::insert(Transaction& transaction, const Principal& principal, const StudioCall& call,
                                           NewJob made) {
  if (!call.image_id.empty()) {
    const auto image = own_image(transaction, principal.user_id, call.image_id);
    if (!image) return std::unexpected(image.error());
  }
  if (auto admitted = admit(transaction, principal); !admitted) return std::unexpected(admitted.error());
  if (!call.webhook_url.empty()) {
    const auto endpoint = webhooks_.find_or_make_endpoint(transaction, principal.user_id, call.webhook_url);
    if (!endpoint) return std::unexpected(endpoint.error());
    made.call.webhook_endpoint_id = endpoint->id;
  }
  if (auto inserted = transaction.jobs().insert(made.job); !inserted) return std::unexpected(inserted.error());
  if (auto noted = transaction.job_calls().insert(made.call); !noted) return std::unexpected(noted.error());
  for (const auto& [picture, key] :
       {std::tuple(&call.picture, &made.call.input_key), std::tuple(&call.mask, &made.call.mask.object_key),
        std::tuple(&call.reference, &made.call.reference.object_key)}) {
    if (key->empty()) continue;
    auto live = transaction.objects().make_live(*key, picture->file->size_bytes, made.job.created_at_ms);
    if (!live) return std::unexpected(live.error());
  }
  const auto reserved = wallets_.reserve(transaction, principal.user_id, {made.job});
  if (!reserved) return std::unexpected(reserved.error());
  const auto wait = wait_of(transaction, made.job);
  if (!wait) return std::unexpected(wait.error());
  return SubmittedStudio{std::move(made.job), *wait};
}

// ---- Waiting

Result<double> StudioJobs::run_seconds(Transaction& transaction, OperationKind operation) {
  const std::lock_guard lock(means_mutex_);
  const UnixMs now_ms = clock_.now_ms();
  if (now_ms >= means_read_at_ms_ + kMeansKeptMs) {
    auto means = transaction.queue().mean_run_ms(now_ms - kMeasuredMs);
    if (!means) return std::unexpected(means.error());
    mean_run_ms_ = std::move(*means);
    means_read_at_ms_ = now_ms;
  }
  const auto mean = mean_run_ms_.find(operation);
  return (mean == mean_run_ms_.end() ? kRunMsUnknown : mean->second) / 1e3;
}

Result<StudioWait> StudioJobs::wait_of(Transaction& transaction, const Job& job) {
  StudioWait wait;
  auto own = run_seconds(transaction, job.operation);
  if (!own) return std::unexpected(own.error());
  double seconds = *own;
  if (job.state == JobState::kRunning) {
    seconds *= 1 - static_cast<double>(job.progress_permille) / 1'000;
  } else {
    const auto place = transaction.queue().place(job, clock_.now_ms());
    if (!place) return std::unexpected(place.error());
    wait.position = 1;
    double before = 0;
    for (const auto& [operation, count] : place->ahead) {
      const auto each = run_seconds(transaction, operation);
      if (!each) return std::unexpected(each.error());
      wait.position += count;
      before += *each * static_cast<double>(count);
    }
    // As many run at once as do now.
    seconds += before / static_cast<double>(std::max<std::int64_t>(1, place->running));
  }
  wait.seconds = std::max<std::int64_t>(1, std::llround(std::ceil(seconds)));
  return wait;
}

Result<StudioEstimate> StudioJobs::estimate(const Principal& principal, StudioCall call) {
  StudioEstimate estimate;
  estimate.price = price_of(call.operation);
  const auto checked = check(principal, call);
  if (checked) {
    estimate.output = checked->output;
  } else if (checked.error().code == ErrorCode::kEngineUnavailable) {
    estimate.refusal = checked.error();
  } else {
    return std::unexpected(checked.error());
  }
  const auto view = wallets_.view(principal.user_id);
  if (!view) return std::unexpected(view.error());
  estimate.available = view->available;
  if (!estimate.refusal && estimate.available < estimate.price) {
    Error too_few{ErrorCode::kInsufficientTokens, "Insufficient tokens for this operation"};
    too_few.tokens_required = estimate.price;
    too_few.tokens_available = estimate.available;
    estimate.refusal = std::move(too_few);
  }
  auto seconds = read(database_, [&](Transaction& transaction) { return run_seconds(transaction, call.operation); });
  if (!seconds) return std::unexpected(seconds.error());
  estimate.seconds = std::max<std::int64_t>(1, std::llround(std::ceil(*seconds)));
  return estimate;
}

// ---- Looking

Result<WatchedJob> StudioJobs::get(std::string_view user_id, std::string_view job_id) {
  return read(database_, [&](Transaction& transaction) -> Result<WatchedJob> {
    auto job = transaction.jobs().find(user_id, job_id);
    if (!job) return std::unexpected(job.error());
    if (!*job || (*job)->surface != Surface::kStudio) return fail(ErrorCode::kNotFound, "Job not found");
    WatchedJob watched{std::move(**job), {}};
    if (is_end_state(watched.job.state)) return watched;
    const auto wait = wait_of(transaction, watched.job);
    if (!wait) return std::unexpected(wait.error());
    watched.wait = *wait;
    return watched;
  });
}

Result<std::vector<Job>> StudioJobs::list(std::string_view user_id, std::optional<JobState> state, const Page& page) {
  return read(database_, [&](Transaction& transaction) {
    return transaction.jobs().list(user_id, Surface::kStudio, state, page);
  });
}

Result<Cancelled> StudioJobs::cancel(const Principal& principal, std::string_view job_id) {
  return jobs_.cancel(principal, job_id, Surface::kStudio);
}

}  // namespace tintype::app
