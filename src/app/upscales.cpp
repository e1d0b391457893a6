#include "app/upscales.h"

#include <algorithm>
#include <cmath>

#include "app/object_keys.h"
#include "app/read.h"
#include "app/unseen_picture.h"

namespace tintype::app {

namespace {

// Of a job's time: what is assumed until jobs have shown how fast this machine is.
constexpr double kSecondsPerMegapixel = 0.15;                             // of the result
constexpr int kJobsMeasured = 20;                                         // the last ones, whoever's they were
constexpr double kFetchSecondsMax = 5;                                    // of all that is not the engine's work
constexpr double kUnknownMinMegapixels = 0.5, kUnknownMaxMegapixels = 8;  // of a picture nobody has seen yet

double megapixels(std::int64_t width_px, std::int64_t height_px) {
  return static_cast<double>(width_px * height_px) / 1e6;
}

struct Pace {
  double seconds = 0, megapixels_made = 0;

  void add(const Job& job) {
    if (!job.result || !job.started_at_ms || !job.finished_at_ms) return;
    seconds += static_cast<double>(*job.finished_at_ms - *job.started_at_ms) / 1e3;
    megapixels_made += megapixels(job.result->width_px, job.result->height_px);
  }
};

// By what was made with the model; by what was made with any while that one has made nothing.
double seconds_per_megapixel(const std::vector<Job>& ended, const std::string& model) {
  Pace own, all;
  for (const Job& job : ended) {
    const auto upscale = upscale_from(job.parameters);
    if (upscale && upscale->model == model) own.add(job);
    all.add(job);
  }
  const Pace& pace = own.megapixels_made > 0 ? own : all;
  return pace.megapixels_made > 0 ? pace.seconds / pace.megapixels_made : kSecondsPerMegapixel;
}

bool is_test(const Principal& principal) {
  return principal.credential == CredentialKind::kApiKey && principal.key_environment == KeyEnvironment::kTest;
}

Result<CalledJob> with_call(Transaction& transaction, Job job) {
  auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  if (!*call) return fail_internal("the job " + job.id + " has no call");
  return CalledJob{std::move(job), std::move(**call)};
}

}  // namespace

Upscales::Upscales(Database& database, ObjectStore& objects, ImageEngine& engine, const Egress& egress,
                   Webhooks& webhooks, CallLimits& limits, const Storage& storage, Jobs& jobs, Notifier& notifier,
                   const Clock& clock, Random& random, UpscaleRules rules)
    : database_(database),
      objects_(objects),
      engine_(engine),
      egress_(egress),
      webhooks_(webhooks),
      limits_(limits),
      storage_(storage),
      jobs_(jobs),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

// ---- What is asked for

Result<std::optional<ImageFacts>> Upscales::facts_of(const Principal& principal, const UpscaleCall& call) {
  if (call.file) {
    if (call.file->too_large || call.file->size_bytes > rules_.file_bytes_max) {
      return fail(ErrorCode::kFileTooLarge,
                  "The file is larger than " + std::to_string(rules_.file_bytes_max >> 20) + " MB",
                  "Please send a smaller one, or an image_url");
    }
    const auto facts = engine_.verify(call.file->path);
    if (!facts) return std::unexpected(facts.error());
    return *facts;
  }
  if (call.image_id.empty()) return std::nullopt;
  return read(database_, [&](Transaction& transaction) -> Result<std::optional<ImageFacts>> {
    const auto image = own_image(transaction, principal.user_id, call.image_id);
    if (!image) return std::unexpected(image.error());
    return ImageFacts{image->format, image->width_px, image->height_px, image->has_alpha, 1};
  });
}

Result<std::optional<Extent>> Upscales::check(const UpscaleCall& call, const std::optional<ImageFacts>& facts) {
  for (const std::string* url : {&call.source_url, &call.webhook_url}) {
    if (url->empty()) continue;
    if (auto allowed = egress_.vet(*url); !allowed) return std::unexpected(allowed.error());
  }
  RunRequest request;
  request.operation = OperationKind::kUpscale;
  request.parameters = to_parameters(call.upscale);
  auto forecast = engine_.forecast(request, facts.value_or(kUnseenPicture));
  if (!forecast && forecast.error().code == ErrorCode::kNotFound) {
    // Its message names our folders.
    if (call.upscale.model.empty()) return fail_internal(forecast.error().message);
    return fail(ErrorCode::kInvalidInput, "There is no model '" + call.upscale.model + "' here",
                "Please leave model out, or name one that is installed");
  }
  if (!forecast) return std::unexpected(forecast.error());
  if (!facts) return std::nullopt;
  return Extent{forecast->width_px, forecast->height_px};
}

CalledJob Upscales::new_job(const Principal& principal, const UpscaleCall& call,
                            const std::optional<ImageFacts>& facts) {
  CalledJob called;
  Job& job = called.job;
  job.id = new_id(random_, "job_");
  job.user_id = principal.user_id;
  job.image_id = call.image_id;
  job.surface = Surface::kUpscale;
  job.operation = OperationKind::kUpscale;
  job.parameters = to_parameters(call.upscale);
  job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock_.now_ms();
  JobCall& record = called.call;
  record.job_id = job.id;
  record.user_id = principal.user_id;
  record.api_key_id = principal.api_key_id;
  record.is_test = is_test(principal);
  record.inputs.picture.source_url = call.source_url;
  if (call.file) record.inputs.picture.object_key = input_key(random_, job.id, facts->format);
  record.webhook_events = call.webhook_events;
  record.metadata = call.metadata;
  if (facts) {
    record.input_width_px = facts->width_px;
    record.input_height_px = facts->height_px;
  }
  return called;
}

// ---- Submitting

Result<std::optional<StoredReply>> Upscales::kept_reply(const std::optional<IdempotencyKey>& key) {
  if (!key) return std::nullopt;
  return read(database_, [&](Transaction& transaction) { return find_reply(transaction, *key, clock_.now_ms()); });
}

Result<UpscaleSubmission> Upscales::submit(const Principal& principal, UpscaleCall call,
                                           const Once<SubmittedUpscale>& once) {
  auto kept = kept_reply(once.key);
  if (!kept) return std::unexpected(kept.error());
  if (*kept) return UpscaleSubmission{std::move(**kept), std::nullopt};
  auto ticket = limits_.admit(principal);
  if (!ticket) return std::unexpected(ticket.error());
  call.upscale.is_test = is_test(principal);
  const auto facts = facts_of(principal, call);
  if (!facts) return std::unexpected(facts.error());
  const auto output = check(call, *facts);
  if (!output) return std::unexpected(output.error());
  const CalledJob called = new_job(principal, call, *facts);
  std::vector<InputFile> files;
  if (call.file) files.push_back({called.call.inputs.picture.object_key, &*call.file, (*facts)->format});
  if (auto stored = store_inputs(database_, objects_, files, clock_.now_ms()); !stored) {
    return std::unexpected(stored.error());
  }
  auto outcome = run_once<SubmittedUpscale>(
      database_, principal.user_id, once, clock_.now_ms(),
      [&](Transaction& transaction) { return insert(transaction, principal, call, called, files, *output); });
  if (nobody_names_it(outcome)) take_back_inputs(database_, objects_, files);
  if (!outcome) return std::unexpected(outcome.error());
  UpscaleSubmission submission{std::move(*outcome), std::nullopt};
  if (std::holds_alternative<StoredReply>(submission.outcome)) return submission;
  submission.left = ticket->decision();
  ticket->keep();
  notifier_.notify(kQueueTopic);
  return submission;
}

Result<void> Upscales::admit(Transaction& transaction, const Principal& principal) {
  if (auto admitted = limits_.check_concurrent(transaction, principal); !admitted) return admitted;
  auto room = check_unfinished(transaction, principal.user_id, 1, rules_.unfinished_jobs_max);
  if (!room) return room;
  // How large the result will be is not known; one more may be begun while anything is left.
  return storage_.admit(transaction, principal, {1, 0});
}

Result<SubmittedUpscale> Upscales::insert(Transaction& transaction, const Principal& principal, const UpscaleCall& call,
                                          CalledJob called, const std::vector<InputFile>& files,
                                          const std::optional<Extent>& output) {
  if (!call.image_id.empty()) {
    const auto image = own_image(transaction, principal.user_id, call.image_id);
    if (!image) return std::unexpected(image.error());
  }
  if (auto admitted = admit(transaction, principal); !admitted) return std::unexpected(admitted.error());
  const auto time = time_of(transaction, principal, call.upscale, output);
  if (!time) return std::unexpected(time.error());
  auto inserted = insert_called(transaction, webhooks_, call.webhook_url, called);
  if (inserted) inserted = make_inputs_live(transaction, files, called.job.created_at_ms);
  if (!inserted) return std::unexpected(inserted.error());
  return SubmittedUpscale{std::move(called.job), *time};
}

// ---- Estimating

Result<TimeSpan> Upscales::time_of(Transaction& transaction, const Principal& principal, const Upscale& upscale,
                                   const std::optional<Extent>& output) {
  const auto ended = transaction.administration().jobs(
      {.state = JobState::kSucceeded, .operation = OperationKind::kUpscale}, {std::nullopt, kJobsMeasured});
  if (!ended) return std::unexpected(ended.error());
  const auto waiting = transaction.jobs().count_unfinished(principal.user_id);
  if (!waiting) return std::unexpected(waiting.error());
  const double pace = seconds_per_megapixel(*ended, upscale.model);
  const double larger = upscale.scale * upscale.scale;
  const double least = output ? megapixels(output->width_px, output->height_px) : kUnknownMinMegapixels * larger;
  const double most = output ? least : kUnknownMaxMegapixels * larger;
  // Half of what it should take, and twice of it behind all that waits.
  return TimeSpan{
      std::max<std::int64_t>(1, static_cast<std::int64_t>(pace * least / 2)),
      static_cast<std::int64_t>(std::ceil((2 * pace * most + kFetchSecondsMax) * static_cast<double>(1 + *waiting)))};
}

Result<UpscaleEstimate> Upscales::estimate(const Principal& principal, UpscaleCall call,
                                           const std::optional<Extent>& sides) {
  call.upscale.is_test = is_test(principal);
  auto facts = facts_of(principal, call);
  if (!facts) return std::unexpected(facts.error());
  if (!*facts && sides) *facts = ImageFacts{ImageFormat::kJpeg, sides->width_px, sides->height_px, false, 1};
  UpscaleEstimate estimate;
  if (*facts) estimate.original = Extent{(*facts)->width_px, (*facts)->height_px};
  const auto output = check(call, *facts);
  if (output) {
    estimate.output = *output;
  } else if (output.error().code == ErrorCode::kInternal) {
    return std::unexpected(output.error());
  } else {
    estimate.refusal = output.error();
  }
  const auto left = limits_.look(principal);
  if (!left) return std::unexpected(left.error());
  if (!estimate.refusal && *left && (*left)->remaining == 0) {
    estimate.refusal =
        fail(ErrorCode::kRateLimited, "No requests are left to you until " + iso8601((*left)->resets_at_ms)).error();
  }
  // A unit that writes nothing in the end: what admits locks.
  std::optional<Error> refused;
  auto looked = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto time = time_of(transaction, principal, call.upscale, estimate.output);
    if (!time) return std::unexpected(time.error());
    estimate.time = *time;
    const auto admitted = admit(transaction, principal);
    refused = admitted ? std::nullopt : std::optional(admitted.error());
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  if (refused && refused->code == ErrorCode::kInternal) return std::unexpected(*refused);
  if (!estimate.refusal) estimate.refusal = std::move(refused);
  return estimate;
}

// ---- Looking

Result<CalledJob> Upscales::get(std::string_view user_id, std::string_view job_id) {
  return read(database_, [&](Transaction& transaction) -> Result<CalledJob> {
    auto job = transaction.jobs().find(user_id, job_id);
    if (!job) return std::unexpected(job.error());
    if (!*job || (*job)->surface != Surface::kUpscale) return fail(ErrorCode::kNotFound, "Job not found");
    return with_call(transaction, std::move(**job));
  });
}

Result<std::vector<CalledJob>> Upscales::list(std::string_view user_id, std::optional<JobState> state,
                                              const Page& page) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<CalledJob>> {
    auto jobs = transaction.jobs().list(user_id, Surface::kUpscale, state, page);
    if (!jobs) return std::unexpected(jobs.error());
    std::vector<CalledJob> called;
    for (Job& job : *jobs) {
      auto one = with_call(transaction, std::move(job));
      if (!one) return std::unexpected(one.error());
      called.push_back(std::move(*one));
    }
    return called;
  });
}

Result<CalledJob> Upscales::cancel(const Principal& principal, std::string_view job_id) {
  const auto cancelled = jobs_.cancel(principal, job_id, Surface::kUpscale);
  if (!cancelled) return std::unexpected(cancelled.error());
  return get(principal.user_id, job_id);
}

}  // namespace tintype::app
