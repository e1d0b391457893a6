#include "app/batches.h"

#include <algorithm>
#include <map>

#include "app/input_files.h"
#include "app/object_keys.h"
#include "app/read.h"

namespace tintype::app {

namespace {

constexpr int kCancelPiece = 50;  // jobs of one unit of work

std::unexpected<Error> refused(std::string_view field, std::string message, std::string suggestion = {}) {
  auto error = fail(ErrorCode::kInvalidInput, std::move(message), std::move(suggestion));
  error.error().field = field;
  return error;
}

std::unexpected<Error> not_open(const StudioBatch& batch) {
  const bool is_started = batch.state == BatchState::kStarted;
  return fail(ErrorCode::kConflict, is_started ? "The batch was started already" : "The batch was cancelled",
              "Please create another one");
}

Result<void> forget(Transaction& transaction, const StudioBatch& batch, UnixMs now_ms) {
  const auto images = transaction.batches().images(batch.id);
  if (!images) return std::unexpected(images.error());
  for (const BatchImage& image : *images) {
    if (auto marked = transaction.objects().mark_deleting(image.object_key, now_ms); !marked) return marked;
  }
  const auto removed = transaction.batches().remove(batch);
  return removed ? Result<void>() : std::unexpected(removed.error());
}

}  // namespace

Batches::Batches(Database& database, Wallets& wallets, Outbox& outbox, ObjectStore& objects, ImageEngine& engine,
                 const StudioJobs& studio_jobs, const Storage& storage, Notifier& notifier, const Clock& clock,
                 Random& random, BatchRules rules)
    : database_(database),
      wallets_(wallets),
      outbox_(outbox),
      objects_(objects),
      engine_(engine),
      studio_jobs_(studio_jobs),
      storage_(storage),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(rules) {}

void Batches::tell(std::string_view batch_id) {
  notifier_.notify(batch_topic(batch_id));
  notifier_.notify(kQueueTopic);
}

Result<StudioBatch> Batches::own(Transaction& transaction, std::string_view user_id, std::string_view id) {
  auto found = transaction.batches().find(user_id, id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Batch not found");
  return std::move(**found);
}

// ---- Creating

Result<Outcome<StudioBatch>> Batches::create(std::string_view user_id, const NewBatch& request,
                                             const Once<StudioBatch>& once) {
  const OperationRule& rule = *studio_operation(request.operation);
  if (rule.picture == Need::kNone) {
    return refused("operation", std::string(operation_name(request.operation)) + " takes no pictures");
  }
  if (request.images_total < 1 || request.images_total > rules_.images_max) {
    return refused("total_images", "total_images must be an integer from 1 to " + std::to_string(rules_.images_max));
  }
  auto parameters = studio_jobs_.check_operation(request.operation, request.parameters);
  if (!parameters) return std::unexpected(parameters.error());
  StudioBatch batch;
  batch.id = new_id(random_, "batch_");
  batch.user_id = user_id;
  batch.name = request.name;
  batch.operation = request.operation;
  batch.parameters = std::move(*parameters);
  batch.images_total = request.images_total;
  batch.created_at_ms = batch.updated_at_ms = clock_.now_ms();
  return run_once<StudioBatch>(
      database_, user_id, once, batch.created_at_ms, [&](Transaction& transaction) -> Result<StudioBatch> {
        const auto count = transaction.batches().count(user_id);
        if (!count) return std::unexpected(count.error());
        if (*count >= rules_.batches_max) {
          return fail(ErrorCode::kQuotaExceeded, "You have too many batches", "Please delete some that are over");
        }
        if (auto inserted = transaction.batches().insert(batch); !inserted) {
          return std::unexpected(inserted.error());
        }
        return batch;
      });
}

// ---- Arriving

Result<std::vector<Batches::Arrived>> Batches::look_at(const StudioBatch& batch,
                                                       const std::vector<IncomingFile>& files) {
  std::vector<Arrived> arrived;
  for (const IncomingFile& file : files) {
    if (file.too_large || file.size_bytes > studio_jobs_.rules().file_bytes_max) {
      return refused("images", "'" + file.name + "' is larger than " +
                                   std::to_string(studio_jobs_.rules().file_bytes_max >> 20) + " MB");
    }
    const auto facts = engine_.verify(file.path);
    if (!facts && facts.error().code == ErrorCode::kInternal) return std::unexpected(facts.error());
    if (!facts) return refused("images", "'" + file.name + "': " + facts.error().message, facts.error().suggestion);
    BatchImage image;
    image.batch_id = batch.id;
    image.name = clean_file_name(file.name, std::string("image.") + image_format_extension(facts->format));
    image.object_key = input_key(random_, batch.id, facts->format);
    image.format = facts->format;
    image.width_px = facts->width_px;
    image.height_px = facts->height_px;
    image.size_bytes = file.size_bytes;
    arrived.push_back({std::move(image), &file});
  }
  return arrived;
}

Result<std::variant<StudioBatch, StoredReply>> Batches::before_upload(std::string_view user_id, std::string_view id,
                                                                      const std::optional<IdempotencyKey>& key) {
  using Found = std::variant<StudioBatch, StoredReply>;
  return read(database_, [&](Transaction& transaction) -> Result<Found> {
    if (key) {
      auto kept = find_reply(transaction, *key, clock_.now_ms());
      if (!kept) return std::unexpected(kept.error());
      if (*kept) return Found(std::move(**kept));
    }
    auto batch = own(transaction, user_id, id);
    if (!batch) return std::unexpected(batch.error());
    if (batch->state != BatchState::kOpen) return not_open(*batch);
    return Found(std::move(*batch));
  });
}

Result<Outcome<BatchUpload>> Batches::upload(std::string_view user_id, std::string_view id,
                                             const std::vector<IncomingFile>& files, const Once<BatchUpload>& once) {
  auto found = before_upload(user_id, id, once.key);
  if (!found) return std::unexpected(found.error());
  if (auto* kept = std::get_if<StoredReply>(&*found)) return Outcome<BatchUpload>(std::move(*kept));
  const auto arrived = look_at(std::get<StudioBatch>(*found), files);
  if (!arrived) return std::unexpected(arrived.error());
  std::vector<InputFile> inputs;
  for (const Arrived& one : *arrived) inputs.push_back({one.image.object_key, one.file, one.image.format});
  if (auto stored = store_inputs(database_, objects_, inputs, clock_.now_ms()); !stored) {
    return std::unexpected(stored.error());
  }
  auto outcome = run_once<BatchUpload>(database_, user_id, once, clock_.now_ms(), [&](Transaction& transaction) {
    return add(transaction, user_id, id, *arrived);
  });
  if (nobody_names_it(outcome)) take_back_inputs(database_, objects_, inputs);
  if (outcome) tell(id);
  return outcome;
}

// What has been stored becomes the batch's.
Result<BatchUpload> Batches::add(Transaction& transaction, std::string_view user_id, std::string_view id,
                                 const std::vector<Arrived>& arrived) {
  BatchUpload uploaded;
  uploaded.added = static_cast<int>(arrived.size());
  auto batch = own(transaction, user_id, id);
  if (!batch) return std::unexpected(batch.error());
  batch->updated_at_ms = clock_.now_ms();
  const auto held = transaction.batches().update(*batch, BatchState::kOpen);
  if (!held) return std::unexpected(held.error());
  if (!*held) return not_open(*batch);
  const auto counts = transaction.batches().counts(id);
  if (!counts) return std::unexpected(counts.error());
  const int left = batch->images_total - counts->received;
  if (uploaded.added > left) {
    return refused("images", left == 0 ? std::string("All pictures of this batch have arrived")
                                       : "At most " + std::to_string(left) + " more may come");
  }
  std::int64_t bytes = 0;
  for (const Arrived& one : arrived) bytes += one.image.size_bytes;
  if (auto fits = storage_.admit(transaction, user_id, {bytes, 0}); !fits) return std::unexpected(fits.error());
  int position = counts->received;
  for (const Arrived& one : arrived) {
    BatchImage image = one.image;
    image.position = ++position;
    if (auto added = transaction.batches().add_image(*batch, image); !added) return std::unexpected(added.error());
    auto live = transaction.objects().make_live(image.object_key, image.size_bytes, batch->updated_at_ms);
    if (!live) return std::unexpected(live.error());
  }
  if (uploaded.added == left) {
    auto started = start_when_admitted(transaction, *batch, uploaded.not_started);
    if (!started) return std::unexpected(started.error());
  }
  auto view = seen(transaction, user_id, id);
  if (!view) return std::unexpected(view.error());
  uploaded.view = std::move(*view);
  return uploaded;
}

// Part of the upload that was the last: what keeps the batch from starting does not keep its pictures from arriving.
Result<void> Batches::start_when_admitted(Transaction& transaction, const StudioBatch& batch,
                                          std::optional<Error>& not_started) {
  not_started.reset();
  auto admitted = admit(transaction, batch, batch.images_total);
  if (admitted) return start(transaction, batch);
  const ErrorCode code = admitted.error().code;
  if (code != ErrorCode::kInsufficientTokens && code != ErrorCode::kQuotaExceeded) return admitted;
  not_started = std::move(admitted.error());
  return {};
}

// ---- Starting

// Before jobs are made that could not be paid, or whose results could not be kept.
Result<void> Batches::admit(Transaction& transaction, const StudioBatch& batch, std::size_t images) {
  const Tokens required = studio_jobs_.price_of(batch.operation) * static_cast<Tokens>(images);
  const auto available = wallets_.available(transaction, batch.user_id);
  if (!available) return std::unexpected(available.error());
  // How large the results will be is not known; all may be begun while anything is left.
  if (*available >= required) return storage_.admit(transaction, batch.user_id, {1, 0});
  auto too_few = fail(ErrorCode::kInsufficientTokens, "Insufficient tokens for this operation",
                      "Purchase more tokens to continue");
  too_few.error().tokens_required = required;
  too_few.error().tokens_available = *available;
  return too_few;
}

// A job for each of the pictures, all or none.
Result<void> Batches::submit(Transaction& transaction, const StudioBatch& batch,
                             const std::vector<BatchImage>& images) {
  if (auto admitted = admit(transaction, batch, images.size()); !admitted) return admitted;
  std::vector<Job> jobs(images.size());
  for (Job& job : jobs) {
    job.id = new_id(random_, "job_");
    job.user_id = batch.user_id;
    job.batch_id = batch.id;
    job.surface = Surface::kStudio;
    job.operation = batch.operation;
    job.parameters = batch.parameters;
    job.price = studio_jobs_.price_of(batch.operation);
    job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock_.now_ms();
  }
  if (auto inserted = transaction.jobs().insert(jobs); !inserted) return inserted;
  for (std::size_t at = 0; at < jobs.size(); ++at) {
    const BatchImage& image = images[at];
    JobCall call;
    call.job_id = jobs[at].id;
    call.user_id = batch.user_id;
    call.input_width_px = image.width_px;
    call.input_height_px = image.height_px;
    if (auto noted = transaction.job_calls().insert(call); !noted) return noted;
    if (auto set = transaction.batches().set_job(batch.id, image.position, jobs[at].id); !set) return set;
  }
  const auto reserved = wallets_.reserve(transaction, batch.user_id, jobs);
  return reserved ? Result<void>() : std::unexpected(reserved.error());
}

Result<void> Batches::start(Transaction& transaction, StudioBatch batch) {
  if (batch.state != BatchState::kOpen) return not_open(batch);
  const auto images = transaction.batches().images(batch.id);
  if (!images) return std::unexpected(images.error());
  if (images->empty()) return fail(ErrorCode::kConflict, "No picture has arrived yet", "Please upload some first");
  batch.state = BatchState::kStarted;
  batch.started_at_ms = batch.updated_at_ms = clock_.now_ms();
  const auto moved = transaction.batches().update(batch, BatchState::kOpen);
  if (!moved) return std::unexpected(moved.error());
  if (!*moved) return not_open(batch);
  return submit(transaction, batch, *images);
}

Result<Outcome<BatchView>> Batches::change(std::string_view user_id, std::string_view id, const Once<BatchView>& once,
                                           FunctionRef<Result<void>(Transaction&, StudioBatch)> act) {
  auto outcome = run_once<BatchView>(database_, user_id, once, clock_.now_ms(),
                                     [&](Transaction& transaction) -> Result<BatchView> {
                                       auto batch = own(transaction, user_id, id);
                                       if (!batch) return std::unexpected(batch.error());
                                       if (auto acted = act(transaction, std::move(*batch)); !acted)
                                         return std::unexpected(acted.error());
                                       return seen(transaction, user_id, id);
                                     });
  if (outcome) tell(id);
  return outcome;
}

Result<Outcome<BatchView>> Batches::start(std::string_view user_id, std::string_view id, const Once<BatchView>& once) {
  return change(user_id, id, once,
                [&](Transaction& transaction, StudioBatch batch) { return start(transaction, std::move(batch)); });
}

Result<Outcome<BatchView>> Batches::pause(std::string_view user_id, std::string_view id, const Once<BatchView>& once) {
  return change(user_id, id, once, [&](Transaction& transaction, StudioBatch batch) -> Result<void> {
    if (batch.state != BatchState::kStarted) {
      return fail(ErrorCode::kConflict, "Only a batch that was started can be paused");
    }
    if (batch.paused_at_ms) return {};
    batch.paused_at_ms = batch.updated_at_ms = clock_.now_ms();
    if (auto moved = transaction.batches().update(batch, BatchState::kStarted); !moved) {
      return std::unexpected(moved.error());
    }
    return transaction.batches().hold(user_id, batch.id);
  });
}

Result<Outcome<BatchView>> Batches::resume(std::string_view user_id, std::string_view id, const Once<BatchView>& once) {
  return change(user_id, id, once, [&](Transaction& transaction, StudioBatch batch) -> Result<void> {
    if (batch.state != BatchState::kStarted) {
      return fail(ErrorCode::kConflict, "Only a batch that was started can be resumed");
    }
    if (!batch.paused_at_ms) return {};
    batch.paused_at_ms.reset();
    batch.updated_at_ms = clock_.now_ms();
    if (auto moved = transaction.batches().update(batch, BatchState::kStarted); !moved) {
      return std::unexpected(moved.error());
    }
    return transaction.batches().let_go(user_id, batch.id, batch.updated_at_ms);
  });
}

Result<Outcome<BatchView>> Batches::retry(std::string_view user_id, std::string_view id, const Once<BatchView>& once) {
  return change(user_id, id, once, [&](Transaction& transaction, StudioBatch batch) -> Result<void> {
    if (batch.state != BatchState::kStarted) {
      return fail(ErrorCode::kConflict, "Only a batch that was started can be tried again");
    }
    const auto view = view_of(transaction, batch);
    if (!view) return std::unexpected(view.error());
    std::vector<BatchImage> failed;
    for (const BatchPicture& picture : view->pictures) {
      if (picture.job && picture.job->state == JobState::kFailed) failed.push_back(picture.image);
    }
    if (failed.empty()) return fail(ErrorCode::kConflict, "None of its pictures has failed");
    batch.updated_at_ms = clock_.now_ms();
    if (auto moved = transaction.batches().update(batch, BatchState::kStarted); !moved) {
      return std::unexpected(moved.error());
    }
    if (auto submitted = submit(transaction, batch, failed); !submitted) return submitted;
    return batch.paused_at_ms ? transaction.batches().hold(user_id, batch.id) : Result<void>();
  });
}

// ---- Cancelling

Result<BatchCancelled> Batches::cancel_jobs(const StudioBatch& batch) {
  BatchCancelled all;
  for (bool more = true; more;) {
    std::vector<Job> told;
    BatchCancelled piece;
    auto written = database_.write(batch.user_id, [&](Transaction& transaction) -> Result<void> {
      told.clear();
      piece = {};
      const auto jobs = transaction.batches().unfinished(batch.user_id, batch.id, kCancelPiece);
      if (!jobs) return std::unexpected(jobs.error());
      more = static_cast<int>(jobs->size()) == kCancelPiece;
      for (const Job& job : *jobs) {
        auto cancelled = cancel_job(transaction, wallets_, outbox_, job, clock_.now_ms());
        if (!cancelled) return std::unexpected(cancelled.error());
        piece.tokens_released += cancelled->tokens_released;
        ++piece.cancelled;
        told.push_back(std::move(cancelled->job));
      }
      return {};
    });
    if (!written) return std::unexpected(written.error());
    all.cancelled += piece.cancelled;
    all.tokens_released += piece.tokens_released;
    for (const Job& job : told) announce_stop(notifier_, outbox_, job);
  }
  return all;
}

Result<BatchCancelled> Batches::cancel(std::string_view user_id, std::string_view id) {
  StudioBatch batch;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto found = own(transaction, user_id, id);
    if (!found) return std::unexpected(found.error());
    batch = std::move(*found);
    const auto counts = transaction.batches().counts(id);
    if (!counts) return std::unexpected(counts.error());
    const bool is_over = batch.state == BatchState::kStarted && counts->waiting + counts->running == 0;
    if (batch.state == BatchState::kCancelled || is_over) {
      return fail(ErrorCode::kConflict, "The batch has ended already", "There is nothing left to cancel");
    }
    const BatchState before = batch.state;
    batch.state = BatchState::kCancelled;
    batch.updated_at_ms = clock_.now_ms();
    if (auto moved = transaction.batches().update(batch, before); !moved) return std::unexpected(moved.error());
    // From here on none of them is begun, however long the rest takes.
    return transaction.batches().hold(user_id, id);
  });
  if (!written) return std::unexpected(written.error());
  auto cancelled = cancel_jobs(batch);
  tell(id);
  return cancelled;
}

Result<int> Batches::sweep(int limit) {
  const auto batches =
      read(database_, [&](Transaction& transaction) { return transaction.batches().cancelled_with_unfinished(limit); });
  if (!batches) return std::unexpected(batches.error());
  for (const StudioBatch& batch : *batches) {
    if (auto cancelled = cancel_jobs(batch); !cancelled) return std::unexpected(cancelled.error());
  }
  return static_cast<int>(batches->size());
}

Result<void> Batches::remove(std::string_view user_id, std::string_view id) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto batch = own(transaction, user_id, id);
    if (!batch) return std::unexpected(batch.error());
    const auto counts = transaction.batches().counts(id);
    if (!counts) return std::unexpected(counts.error());
    if (counts->waiting + counts->running > 0) {
      return fail(ErrorCode::kConflict, "The batch goes on", "Please cancel it first");
    }
    return forget(transaction, *batch, clock_.now_ms());
  });
}

Result<int> remove_batches(Transaction& transaction, UnixMs updated_before_ms, UnixMs now_ms) {
  const auto batches = transaction.batches().to_remove(updated_before_ms, kBatchesForgotten);
  if (!batches) return std::unexpected(batches.error());
  for (const StudioBatch& batch : *batches) {
    if (auto forgotten = forget(transaction, batch, now_ms); !forgotten) return std::unexpected(forgotten.error());
  }
  return static_cast<int>(batches->size());
}

// ---- Looking

Result<BatchView> Batches::view_of(Transaction& transaction, StudioBatch batch) {
  BatchView view;
  auto images = transaction.batches().images(batch.id);
  if (!images) return std::unexpected(images.error());
  const auto jobs = transaction.jobs().of_batch(batch.user_id, batch.id);
  if (!jobs) return std::unexpected(jobs.error());
  std::map<std::string_view, const Job*> by_id;
  for (const Job& job : *jobs) by_id[job.id] = &job;
  for (BatchImage& image : *images) {
    const auto job = by_id.find(image.job_id);
    const bool has_job = job != by_id.end();
    view.pictures.push_back({std::move(image), has_job ? std::optional(*job->second) : std::nullopt});
  }
  const auto counts = transaction.batches().counts(batch.id);
  if (!counts) return std::unexpected(counts.error());
  view.counts = *counts;
  view.batch = std::move(batch);
  return view;
}

Result<BatchView> Batches::seen(Transaction& transaction, std::string_view user_id, std::string_view id) {
  auto batch = own(transaction, user_id, id);
  if (!batch) return std::unexpected(batch.error());
  return view_of(transaction, std::move(*batch));
}

Result<BatchView> Batches::get(std::string_view user_id, std::string_view id) {
  return read(database_, [&](Transaction& transaction) { return seen(transaction, user_id, id); });
}

Result<std::vector<BatchView>> Batches::list(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<BatchView>> {
    auto batches = transaction.batches().list(user_id, page);
    if (!batches) return std::unexpected(batches.error());
    std::vector<BatchView> views;
    for (StudioBatch& batch : *batches) {
      const auto counts = transaction.batches().counts(batch.id);
      if (!counts) return std::unexpected(counts.error());
      views.push_back({std::move(batch), *counts, {}});
    }
    return views;
  });
}

}  // namespace tintype::app
