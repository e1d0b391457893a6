#include "app/work.h"

#include <utility>

#include "app/called_jobs.h"
#include "app/jobs.h"
#include "app/read.h"
#include "domain/queue.h"

namespace tintype::app {

namespace {

constexpr std::int64_t kFirstLease = 1;        // its fencing token
constexpr std::size_t kEndsTogetherMax = 256;  // of one unit of work; more do not wait with them

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
  if (has_moved) {
    notify_job(notifier_, job);
    outbox_.announce(job);
  }
  return lease;
}

Result<JobInputs> Work::inputs_of(const Job& job) {
  return read(database_, [&](Transaction& transaction) -> Result<JobInputs> {
    JobInputs inputs;
    const auto call = transaction.job_calls().find(job.id);
    if (!call) return std::unexpected(call.error());
    if (*call) {
      inputs = (*call)->inputs;
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

void Work::succeed(const Job& job, const JobResult& result, Settled settled) {
  Job ended = job;
  ended.state = JobState::kSucceeded;
  ended.progress_permille = 1000;
  if (!result.object_key.empty() || !result.details.empty()) ended.result = result;
  move_on(std::move(ended), std::move(settled));
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

void Work::fail(const Job& job, const JobFailure& failure, FailureKind kind, Settled settled) {
  Job moved = job;
  moved.attempt += 1;
  if (kind == FailureKind::kTransient && moved.attempt < rules_.retry.attempts_max) {
    moved.state = JobState::kQueued;
    moved.run_after_ms = clock_.now_ms() + retry_pause_ms(rules_.retry, moved.attempt);
  } else {
    moved.state = JobState::kFailed;
    moved.failure = failure;
  }
  move_on(std::move(moved), std::move(settled));
}

void Work::cancelled(const Job& job, Settled settled) {
  Job ended = job;
  ended.state = JobState::kCancelled;
  move_on(std::move(ended), std::move(settled));
}

void Work::give_back(const Job& job, Settled settled) {
  Job again = job;
  again.state = JobState::kQueued;
  again.run_after_ms = clock_.now_ms();
  move_on(std::move(again), std::move(settled));
}

void Work::move_on(Job job, Settled settled) {
  if (is_end_state(job.state)) return end(std::move(job), std::move(settled));
  bool held = false;
  auto written = database_.write(job.user_id, [&](Transaction& transaction) -> Result<void> {
    const auto moved = move_on(transaction, job);
    if (!moved) return std::unexpected(moved.error());
    held = *moved;
    return {};
  });
  if (written && held) tell(job);
  settled(written ? Result<bool>(held) : std::unexpected(written.error()));
}

// Whoever writes an end of a user's goes on with what has ended meanwhile, until there is nothing. What is written
// together is known before its unit of work is asked for: a job that was claimed behind the snapshot which that one
// reads would seem to be lost.
void Work::end(Job job, Settled settled) {
  const std::string user_id = job.user_id;
  bool is_first = false;
  {
    std::lock_guard lock(mutex_);
    auto [waiting, inserted] = waiting_ends_.try_emplace(user_id);
    is_first = inserted;
    if (!is_first && waiting->second.jobs.size() < kEndsTogetherMax) {
      waiting->second.jobs.push_back(std::move(job));
      waiting->second.settled.push_back(std::move(settled));
      return;
    }
  }
  Ends ends;
  ends.jobs.push_back(std::move(job));
  ends.settled.push_back(std::move(settled));
  write(ends);
  while (is_first && take_waiting(user_id, ends)) write(ends);
}

// False when nothing waits: from here on others write.
bool Work::take_waiting(const std::string& user_id, Ends& ends) {
  std::lock_guard lock(mutex_);
  const auto waiting = waiting_ends_.find(user_id);
  ends = std::exchange(waiting->second, {});
  if (!ends.jobs.empty()) return true;
  waiting_ends_.erase(waiting);
  return false;
}

// An exception would leave those behind it waiting for ever; the end of the process does not.
void Work::write(Ends& ends) noexcept {
  std::vector<bool> held;
  auto written = database_.write(ends.jobs.front().user_id, [&](Transaction& transaction) -> Result<void> {
    held.clear();
    auto ended = end(transaction, ends.jobs);
    if (!ended) return std::unexpected(ended.error());
    held = std::move(*ended);
    return {};
  });
  // What one of them cannot do the others need not answer for. Not after a commit that may have been done.
  if (!written && held.empty() && ends.jobs.size() > 1) {
    for (std::size_t at = 0; at < ends.jobs.size(); ++at) {
      Ends one{{std::move(ends.jobs[at])}, {std::move(ends.settled[at])}};
      write(one);
    }
    return;
  }
  for (std::size_t at = 0; at < ends.jobs.size(); ++at) {
    if (written && held[at]) tell(ends.jobs[at]);
    ends.settled[at](written ? Result<bool>(held[at]) : std::unexpected(written.error()));
  }
}

// Takes a running job to the state it has here, and settles it when that is an end; false when the lease was lost.
Result<bool> Work::move_on(Transaction& transaction, Job& job) {
  if (!is_end_state(job.state)) {
    job.updated_at_ms = clock_.now_ms();
    return transaction.jobs().requeue(job);
  }
  const auto ended = end(transaction, {&job, 1});
  return ended ? Result<bool>(ended->front()) : std::unexpected(ended.error());
}

// Ends running jobs of one user and settles them; which of them were still held.
Result<std::vector<bool>> Work::end(Transaction& transaction, std::span<Job> jobs) {
  for (Job& job : jobs) job.finished_at_ms = job.updated_at_ms = clock_.now_ms();
  auto held = transaction.jobs().finish(jobs);
  if (!held) return held;
  std::vector<Job> ended;
  for (std::size_t at = 0; at < jobs.size(); ++at) {
    if ((*held)[at]) ended.push_back(jobs[at]);
  }
  if (auto settled = wallets_.settle(transaction, ended); !settled) return std::unexpected(settled.error());
  for (const Job& job : ended) {
    if (auto rest = end_rest(transaction, job); !rest) return std::unexpected(rest.error());
  }
  return held;
}

// What the end of a job brings with it beside its tokens.
Result<void> Work::end_rest(Transaction& transaction, const Job& job) {
  Result<void> done;
  if (job.result && !job.result->object_key.empty()) {
    done = transaction.objects().make_live(job.result->object_key, job.result->size_bytes, job.updated_at_ms);
  }
  if (done && job.state != JobState::kSucceeded && job.operation == OperationKind::kVariants) {
    done = give_variants_up(transaction, job, job.updated_at_ms);
  }
  if (done && !job.batch_id.empty()) done = transaction.jobs().hand_over(job.id, job.waits_for);
  if (done) done = outbox_.note_end(transaction, job);
  if (done) done = drop_inputs(transaction, job, job.updated_at_ms);
  return done;
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
  for (const Job& job : rescued) {
    tell(job);
    notifier_.notify(lease_topic(job.id));
  }
  return static_cast<int>(rescued.size());
}

}  // namespace tintype::app
