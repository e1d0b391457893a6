#include "app/work.h"

#include "app/called_jobs.h"
#include "app/jobs.h"
#include "app/read.h"
#include "domain/queue.h"

namespace tintype::app {

namespace {

constexpr std::int64_t kFirstLease = 1;  // its fencing token

}  // namespace

Work::Work(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock,
           LeaseRules rules)
    : database_(database), wallets_(wallets), outbox_(outbox), notifier_(notifier), clock_(clock), rules_(rules) {}

Result<std::vector<Job>> Work::claim(int limit, QueueLane lane) {
  std::vector<Job> jobs;
  auto written = database_.write(queue_lane_name(lane), [&](Transaction& transaction) -> Result<void> {
    const UnixMs now_ms = clock_.now_ms();
    auto claimed = transaction.jobs().claim(lane, now_ms, now_ms + rules_.lease_ms, limit);
    if (!claimed) return std::unexpected(claimed.error());
    jobs = std::move(*claimed);
    for (const Job& job : jobs) {
      if (job.fencing_token > kFirstLease) continue;  // it was started before
      if (auto noted = outbox_.note(transaction, job, WebhookEvent::kJobStarted); !noted) return noted;
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  for (const Job& job : jobs) {
    figures_.started(job);
    notify_job(notifier_, job);
    outbox_.announce(job);
  }
  return jobs;
}

Result<std::optional<UnixMs>> Work::next_run_after() {
  std::optional<UnixMs> next;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.jobs().next_run_after(clock_.now_ms());
    if (!found) return std::unexpected(found.error());
    next = *found;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return next;
}

Result<Work::Lease> Work::heartbeat(const Job& job, int progress_permille) {
  Lease lease = Lease::kLost;
  const bool has_moved = progress_permille != job.progress_permille;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const UnixMs now_ms = clock_.now_ms();
    const auto beaten =
        transaction.jobs().heartbeat(job.id, job.fencing_token, now_ms + rules_.lease_ms, progress_permille, now_ms);
    if (!beaten) return std::unexpected(beaten.error());
    lease = !*beaten ? Lease::kLost : **beaten ? Lease::kCancelRequested : Lease::kHeld;
    if (lease != Lease::kHeld || !has_moved) return {};
    Job now = job;
    now.progress_permille = progress_permille;
    return outbox_.note(transaction, now, WebhookEvent::kJobProgress);
  });
  if (!written) return std::unexpected(written.error());
  notify_job(notifier_, job);
  if (has_moved) outbox_.announce(job);
  return lease;
}

Result<JobInputs> Work::inputs_of(const Job& job) {
  return read(database_, [&](Transaction& transaction) -> Result<JobInputs> {
    JobInputs inputs;
    const auto call = transaction.job_calls().find(job.id);
    if (!call) return std::unexpected(call.error());
    if (*call) {
      inputs = {{(*call)->source_url, (*call)->input_key}, (*call)->mask, (*call)->reference};
      if ((*call)->inputs_gone) return tintype::fail(ErrorCode::kNotFound, "The job has ended");
    }
    if (!job.image_id.empty()) {
      const auto image = transaction.images().find(job.user_id, job.image_id);
      if (!image) return std::unexpected(image.error());
      if (!*image) return tintype::fail(ErrorCode::kNotFound, "The image was deleted");
      inputs.picture = {{}, (*image)->object_key};
    }
    if (job.surface == Surface::kStudio && !job.batch_id.empty()) {
      auto key = transaction.batches().input_of(job.id);
      if (!key) return std::unexpected(key.error());
      inputs.picture = {{}, key->value_or("")};
    }
    if (takes_picture(job.operation) && !inputs.picture.is_there()) {
      return tintype::fail(ErrorCode::kNotFound, "The job has ended");
    }
    return inputs;
  });
}

Result<void> Work::note_input_size(const Job& job, int width_px, int height_px) {
  return database_.write(
      [&](Transaction& transaction) { return transaction.job_calls().set_input_size(job.id, width_px, height_px); });
}

Result<void> Work::begin_result(std::string_view object_key) {
  return database_.write(
      [&](Transaction& transaction) { return transaction.objects().begin_writing(object_key, clock_.now_ms()); });
}

Result<Image> Work::begin_variants(const Job& job) {
  Image image;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    if (auto begun = app::begin_variants(transaction, job, clock_.now_ms()); !begun) return begun;
    auto found = transaction.images().find_any(job.user_id, job.image_id);
    if (!found) return std::unexpected(found.error());
    image = std::move(**found);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  notify_job(notifier_, job);
  return image;
}

Result<void> Work::begin_objects(const std::vector<std::string>& object_keys) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    for (const std::string& key : object_keys) {
      if (auto begun = transaction.objects().begin_writing(key, clock_.now_ms()); !begun) return begun;
    }
    return {};
  });
}

Result<bool> Work::succeed(const Job& job, const JobResult& result) {
  Job ended = job;
  ended.state = JobState::kSucceeded;
  ended.progress_permille = 1000;
  if (!result.object_key.empty() || !result.details.empty()) ended.result = result;
  return move_on(std::move(ended));
}

Result<bool> Work::succeed_variants(const Job& job, const MadeVariants& made) {
  Job ended = job;
  bool held = false;
  auto written = database_.write(job.user_id, [&](Transaction& transaction) -> Result<void> {
    ended = job;
    ended.state = JobState::kSucceeded;
    ended.progress_permille = 1000;
    const auto moved = move_on(transaction, ended);
    if (!moved) return std::unexpected(moved.error());
    held = *moved;
    return held ? keep_variants(transaction, ended, made, ended.updated_at_ms) : Result<void>();
  });
  if (!written) return std::unexpected(written.error());
  if (held) tell(ended);
  return held;
}

Result<bool> Work::fail(const Job& job, const JobFailure& failure, FailureKind kind) {
  Job moved = job;
  moved.attempt += 1;
  if (kind == FailureKind::kTransient && moved.attempt < rules_.retry.attempts_max) {
    moved.state = JobState::kQueued;
    moved.run_after_ms = clock_.now_ms() + retry_pause_ms(rules_.retry, moved.attempt);
  } else {
    moved.state = JobState::kFailed;
    moved.failure = failure;
  }
  return move_on(std::move(moved));
}

Result<bool> Work::cancelled(const Job& job) {
  Job ended = job;
  ended.state = JobState::kCancelled;
  return move_on(std::move(ended));
}

Result<bool> Work::give_back(const Job& job) {
  Job again = job;
  again.state = JobState::kQueued;
  again.run_after_ms = clock_.now_ms();
  return move_on(std::move(again));
}

Result<bool> Work::move_on(Job job) {
  bool held = false;
  auto written = database_.write(job.user_id, [&](Transaction& transaction) -> Result<void> {
    const auto moved = move_on(transaction, job);
    if (!moved) return std::unexpected(moved.error());
    held = *moved;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  if (held) tell(job);
  return held;
}

// Takes a running job to the state it has here, and settles it when that is an end; false when the lease was lost.
Result<bool> Work::move_on(Transaction& transaction, Job& job) {
  job.updated_at_ms = clock_.now_ms();
  if (!is_end_state(job.state)) return transaction.jobs().requeue(job);
  job.finished_at_ms = job.updated_at_ms;
  const auto finished = transaction.jobs().finish(job);
  if (!finished || !*finished) return finished;
  if (job.result && !job.result->object_key.empty()) {
    auto live = transaction.objects().make_live(job.result->object_key, job.result->size_bytes, job.updated_at_ms);
    if (!live) return std::unexpected(live.error());
  }
  const bool succeeded = job.state == JobState::kSucceeded;
  auto settled = succeeded ? wallets_.capture(transaction, job) : wallets_.release(transaction, job);
  if (settled && !succeeded && job.operation == OperationKind::kVariants) {
    settled = give_variants_up(transaction, job, job.updated_at_ms);
  }
  if (settled && !job.batch_id.empty()) settled = transaction.jobs().hand_over(job.id, job.waits_for);
  if (settled) settled = outbox_.note_end(transaction, job);
  if (settled) settled = drop_inputs(transaction, job, job.updated_at_ms);
  if (!settled) return std::unexpected(settled.error());
  return true;
}

void Work::tell(const Job& job) {
  figures_.ended(job);
  notify_job(notifier_, job);
  outbox_.announce(job);
  if (!is_end_state(job.state) || !job.batch_id.empty()) notifier_.notify(queue_topic(job));
}

// What becomes of a job whose worker was lost. One that goes on losing them takes them with it: it is ended.
Job Work::without_worker(Job job) const {
  if (job.cancel_requested) {
    job.state = JobState::kCancelled;
  } else if (job.fencing_token - job.attempt >= rules_.lost_leases_max) {
    job.state = JobState::kFailed;
    job.failure = JobFailure{"WORKER_LOST", "The server stopped again and again while it worked on this picture"};
  } else {
    job.state = JobState::kQueued;
    job.run_after_ms = clock_.now_ms();
  }
  return job;
}

Result<int> Work::rescue(int limit) {
  const auto none_lost = [&] {
    bool none = false;
    auto read = database_.read([&](Transaction& transaction) -> Result<void> {
      const auto found = transaction.jobs().expired_leases(clock_.now_ms(), 1);
      if (!found) return std::unexpected(found.error());
      none = found->empty();
      return {};
    });
    return read && none;
  };
  if (none_lost()) return 0;  // nearly always, and a read keeps nobody waiting
  std::vector<Job> rescued;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    rescued.clear();
    auto lost = transaction.jobs().expired_leases(clock_.now_ms(), limit);
    if (!lost) return std::unexpected(lost.error());
    for (Job& job : *lost) {
      rescued.push_back(without_worker(std::move(job)));
      const auto moved = move_on(transaction, rescued.back());
      if (!moved) return std::unexpected(moved.error());
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  for (const Job& job : rescued) tell(job);
  return static_cast<int>(rescued.size());
}

}  // namespace tintype::app
