#include "app/work.h"

#include "app/jobs.h"

namespace tintype::app {

Work::Work(Database& database, Wallets& wallets, Notifier& notifier, const Clock& clock, LeaseRules rules)
    : database_(database), wallets_(wallets), notifier_(notifier), clock_(clock), rules_(rules) {}

Result<std::vector<Job>> Work::claim(int limit) {
  std::vector<Job> jobs;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const UnixMs now_ms = clock_.now_ms();
    auto claimed = transaction.jobs().claim(now_ms, now_ms + rules_.lease_ms, limit);
    if (!claimed) return std::unexpected(claimed.error());
    jobs = std::move(*claimed);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  for (const Job& job : jobs) notify_job(notifier_, job);
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
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const UnixMs now_ms = clock_.now_ms();
    const auto beaten =
        transaction.jobs().heartbeat(job.id, job.fencing_token, now_ms + rules_.lease_ms, progress_permille, now_ms);
    if (!beaten) return std::unexpected(beaten.error());
    lease = !*beaten ? Lease::kLost : **beaten ? Lease::kCancelRequested : Lease::kHeld;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  notify_job(notifier_, job);
  return lease;
}

Result<Image> Work::input_of(const Job& job) {
  Image image;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.images().find(job.user_id, job.image_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return tintype::fail(ErrorCode::kNotFound, "The image was deleted");
    image = std::move(**found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return image;
}

Result<void> Work::begin_result(std::string_view object_key) {
  return database_.write(
      [&](Transaction& transaction) { return transaction.objects().begin_writing(object_key, clock_.now_ms()); });
}

// Writes the end of a job and settles it in one unit of work, guarded by its lease.
Result<bool> Work::end(Job job, FunctionRef<Result<void>(Transaction&, const Job&)> settle) {
  bool held = false;
  job.finished_at_ms = job.updated_at_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto finished = transaction.jobs().finish(job);
    if (!finished) return std::unexpected(finished.error());
    held = *finished;
    if (!held) return {};
    if (auto settled = settle(transaction, job); !settled) return settled;
    return job.batch_id.empty() ? Result<void>() : transaction.jobs().hand_over(job.id, job.waits_for);
  });
  if (!written) return std::unexpected(written.error());
  if (held) {
    notify_job(notifier_, job);
    if (!job.batch_id.empty()) notifier_.notify(kQueueTopic);
  }
  return held;
}

Result<bool> Work::succeed(const Job& job, const JobResult& result) {
  Job ended = job;
  ended.state = JobState::kSucceeded;
  ended.progress_permille = 1000;
  const bool has_object = !result.object_key.empty();
  if (has_object) ended.result = result;
  return end(ended, [&](Transaction& transaction, const Job& now) -> Result<void> {
    if (has_object) {
      const UnixMs now_ms = clock_.now_ms();
      auto live = transaction.objects().make_live(result.object_key, result.size_bytes, now_ms);
      if (!live) return live;
    }
    return wallets_.capture(transaction, now);
  });
}

Result<bool> Work::fail(const Job& job, const JobFailure& failure, FailureKind kind) {
  Job ended = job;
  ended.attempt += 1;
  if (kind == FailureKind::kTransient && ended.attempt < rules_.retry.attempts_max) {
    ended.run_after_ms = clock_.now_ms() + retry_pause_ms(rules_.retry, ended.attempt);
    return requeue(ended);
  }
  ended.state = JobState::kFailed;
  ended.failure = failure;
  return end(ended, [&](Transaction& transaction, const Job& now) { return wallets_.release(transaction, now); });
}

Result<bool> Work::cancelled(const Job& job) {
  Job ended = job;
  ended.state = JobState::kCancelled;
  return end(ended, [&](Transaction& transaction, const Job& now) { return wallets_.release(transaction, now); });
}

Result<bool> Work::give_back(const Job& job) {
  Job again = job;
  again.run_after_ms = clock_.now_ms();
  return requeue(again);
}

Result<bool> Work::requeue(Job job) {
  bool held = false;
  job.updated_at_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto requeued = transaction.jobs().requeue(job);
    if (!requeued) return std::unexpected(requeued.error());
    held = *requeued;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  if (held) {
    notify_job(notifier_, job);
    notifier_.notify(kQueueTopic);
  }
  return held;
}

Result<int> Work::rescue(int limit) {
  std::vector<Job> lost;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.jobs().expired_leases(clock_.now_ms(), limit);
    if (!found) return std::unexpected(found.error());
    lost = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  int rescued = 0;
  for (const Job& job : lost) {
    // Guarded by the lease that was read: a worker that still beats has moved it on, and nothing happens.
    const auto moved = job.cancel_requested ? cancelled(job) : give_back(job);
    if (!moved) return std::unexpected(moved.error());
    rescued += *moved ? 1 : 0;
  }
  return rescued;
}

}  // namespace tintype::app
