#include "app/studio_jobs.h"

#include <algorithm>
#include <cmath>

#include "app/object_keys.h"
#include "app/read.h"
#include "app/unseen_picture.h"

namespace tintype::app {

namespace {

constexpr UnixMs kMeasuredMs = 15 * 60 * 1'000;  // of the past, for how long operations take
constexpr UnixMs kPaceKeptMs = 10'000;
constexpr double kRunMsUnknown = 10'000;     // of an operation that nobody has run lately
constexpr double kClipFrameMsUnknown = 200;  // of a clip where nobody has made one
constexpr int kClipsMeasured = 10;           // the last ones, whoever's they were

std::unexpected<Error> refused(std::string_view field, std::string message, std::string suggestion = {}) {
  auto error = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  error.error().field = field;
  return error;
}

double clip_frames(const Parameters& parameters) {
  const auto clip = video_replicate_from(parameters);
  return clip ? clip->duration_seconds * clip->fps : 0;
}

Result<double> clip_frame_ms(Transaction& transaction) {
  const auto clips = transaction.administration().jobs(
      {.state = JobState::kSucceeded, .operation = OperationKind::kVideoReplicate}, {std::nullopt, kClipsMeasured});
  if (!clips) return std::unexpected(clips.error());
  double frames = 0, ms = 0;
  for (const Job& clip : *clips) {
    if (!clip.started_at_ms || !clip.finished_at_ms) continue;
    frames += clip_frames(clip.parameters);
    ms += static_cast<double>(*clip.finished_at_ms - *clip.started_at_ms);
  }
  return frames > 0 ? ms / frames : kClipFrameMsUnknown;
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
      rules_(std::move(rules)),
      quotes_(rules_.quote_keys, clock) {}

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

Result<Tokens> StudioJobs::price_for(const Principal& principal, const StudioCall& call) const {
  const Tokens price = price_of(call.operation);
  if (call.quote.empty()) return price;
  const auto promised = quotes_.price_of(call.quote, principal.user_id, call.operation);
  if (!promised) return promised;
  return std::min(price, *promised);
}

CalledJob StudioJobs::new_job(const Principal& principal, const StudioCall& call, const CheckedCall& checked,
                              Tokens price) {
  CalledJob called;
  Job& job = called.job;
  job.id = new_id(random_, "job_");
  job.user_id = principal.user_id;
  job.image_id = call.image_id;
  job.surface = Surface::kStudio;
  job.operation = call.operation;
  job.parameters = call.parameters;
  job.priority = call.priority;
  job.price = price;
  job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock_.now_ms();
  JobCall& record = called.call;
  record.job_id = job.id;
  record.user_id = principal.user_id;
  record.api_key_id = principal.api_key_id;
  record.webhook_events = call.webhook_events;
  record.inputs = {{call.picture.source_url, {}}, {call.mask.source_url, {}}, {call.reference.source_url, {}}};
  if (checked.picture) {
    record.input_width_px = checked.picture->width_px;
    record.input_height_px = checked.picture->height_px;
  }
  return called;
}

// ---- Submitting

std::vector<InputFile> StudioJobs::take_files(const StudioCall& call, const CheckedCall& checked, CalledJob& called) {
  std::vector<InputFile> files;
  JobInputs& inputs = called.call.inputs;
  for (const auto& [picture, facts, place] : {std::tuple(&call.picture, &checked.picture, &inputs.picture),
                                              std::tuple(&call.mask, &checked.mask, &inputs.mask),
                                              std::tuple(&call.reference, &checked.reference, &inputs.reference)}) {
    if (!picture->file) continue;
    place->object_key = input_key(random_, called.job.id, (*facts)->format);
    files.push_back({place->object_key, &*picture->file, (*facts)->format});
  }
  return files;
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
  const auto price = price_for(principal, call);
  if (!price) return std::unexpected(price.error());
  CalledJob called = new_job(principal, call, *checked, *price);
  const std::vector<InputFile> files = take_files(call, *checked, called);
  if (auto stored = store_inputs(database_, objects_, files, clock_.now_ms()); !stored) {
    return std::unexpected(stored.error());
  }
  auto outcome = run_once<SubmittedStudio>(
      database_, principal.user_id, once, clock_.now_ms(),
      [&](Transaction& transaction) { return insert(transaction, principal, call, called, files); });
  if (nobody_names_it(outcome)) take_back_inputs(database_, objects_, files);
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
                                           CalledJob called, const std::vector<InputFile>& files) {
  if (!call.image_id.empty()) {
    const auto image = own_image(transaction, principal.user_id, call.image_id);
    if (!image) return std::unexpected(image.error());
  }
  if (auto admitted = admit(transaction, principal); !admitted) return std::unexpected(admitted.error());
  auto inserted = insert_called(transaction, webhooks_, call.webhook_url, called);
  if (inserted) inserted = make_inputs_live(transaction, files, called.job.created_at_ms);
  if (!inserted) return std::unexpected(inserted.error());
  const auto reserved = wallets_.reserve(transaction, principal.user_id, {called.job});
  if (!reserved) return std::unexpected(reserved.error());
  const auto wait = wait_of(transaction, called.job);
  if (!wait) return std::unexpected(wait.error());
  return SubmittedStudio{std::move(called.job), *wait};
}

// ---- Waiting

Result<void> StudioJobs::look_at_pace(Transaction& transaction) {
  const UnixMs now_ms = clock_.now_ms();
  if (now_ms < pace_read_at_ms_ + kPaceKeptMs) return {};
  auto means = transaction.queue().mean_run_ms(now_ms - kMeasuredMs);
  if (!means) return std::unexpected(means.error());
  const auto frame_ms = clip_frame_ms(transaction);
  if (!frame_ms) return std::unexpected(frame_ms.error());
  mean_run_ms_ = std::move(*means);
  clip_frame_ms_ = *frame_ms;
  pace_read_at_ms_ = now_ms;
  return {};
}

Result<double> StudioJobs::run_seconds(Transaction& transaction, OperationKind operation) {
  const std::lock_guard lock(pace_mutex_);
  if (auto looked = look_at_pace(transaction); !looked) return std::unexpected(looked.error());
  const auto mean = mean_run_ms_.find(operation);
  return (mean == mean_run_ms_.end() ? kRunMsUnknown : mean->second) / 1e3;
}

Result<double> StudioJobs::run_seconds(Transaction& transaction, OperationKind operation,
                                       const Parameters& parameters) {
  if (operation != OperationKind::kVideoReplicate) return run_seconds(transaction, operation);
  const std::lock_guard lock(pace_mutex_);
  if (auto looked = look_at_pace(transaction); !looked) return std::unexpected(looked.error());
  return clip_frame_ms_ * clip_frames(parameters) / 1e3;
}

Result<StudioWait> StudioJobs::wait_of(Transaction& transaction, const Job& job) {
  StudioWait wait;
  auto own = run_seconds(transaction, job.operation, job.parameters);
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
  estimate.quote = quotes_.make(principal.user_id, call.operation, estimate.price);
  const auto checked = check(principal, call);
  if (checked) {
    estimate.output = checked->output;
  } else if (checked.error().code == ErrorCode::kEngineUnavailable) {
    estimate.refusal = checked.error();
  } else {
    return std::unexpected(checked.error());
  }
  // A unit that writes nothing in the end: what admits locks.
  std::optional<Error> refused;
  auto looked = database_.write(principal.user_id, [&](Transaction& transaction) -> Result<void> {
    const auto seconds = run_seconds(transaction, call.operation, call.parameters);
    if (!seconds) return std::unexpected(seconds.error());
    estimate.seconds = std::max<std::int64_t>(1, std::llround(std::ceil(*seconds)));
    const auto available = wallets_.available(transaction, principal.user_id);
    if (!available) return std::unexpected(available.error());
    estimate.available = *available;
    const auto admitted = admit(transaction, principal);
    refused = admitted ? std::nullopt : std::optional(admitted.error());
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  if (refused && refused->code == ErrorCode::kInternal) return std::unexpected(*refused);
  if (!refused && estimate.available < estimate.price) {
    refused = Error{ErrorCode::kInsufficientTokens, "Insufficient tokens for this operation"};
    refused->tokens_required = estimate.price;
    refused->tokens_available = estimate.available;
  }
  if (!estimate.refusal) estimate.refusal = std::move(refused);
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
