#include "app/jobs.h"

#include "app/called_jobs.h"
#include "app/read.h"
#include "app/variants.h"
#include "domain/queue.h"

namespace tintype::app {

std::string job_topic(std::string_view job_id) {
  return "job:" + std::string(job_id);
}
std::string lease_topic(std::string_view job_id) {
  return "lease:" + std::string(job_id);
}
std::string image_topic(std::string_view image_id) {
  return "image:" + std::string(image_id);
}
std::string batch_topic(std::string_view batch_id) {
  return "batch:" + std::string(batch_id);
}

std::string_view queue_topic(const Job& job) {
  return lane_of(job.priority) == QueueLane::kBackground ? kBackgroundTopic : kQueueTopic;
}

Result<void> check_unfinished(Transaction& transaction, std::string_view user_id, std::size_t more,
                              int unfinished_max) {
  const auto unfinished = transaction.jobs().count_unfinished(user_id);
  if (!unfinished) return std::unexpected(unfinished.error());
  if (*unfinished + static_cast<std::int64_t>(more) <= unfinished_max) return {};
  auto refused = fail(ErrorCode::kOverloaded, "Too many of your jobs are waiting already",
                      "Please wait until some of them have ended");
  refused.error().retry_after_seconds = 30;
  return refused;
}

void notify_job(Notifier& notifier, const Job& job) {
  notifier.notify(job_topic(job.id));
  if (!job.image_id.empty()) notifier.notify(image_topic(job.image_id));
  if (!job.batch_id.empty()) notifier.notify(batch_topic(job.batch_id));
}

void announce_stop(Notifier& notifier, Outbox& outbox, const Job& job) {
  notify_job(notifier, job);
  notifier.notify(lease_topic(job.id));
  outbox.announce(job);
}

Jobs::Jobs(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock)
    : database_(database), wallets_(wallets), outbox_(outbox), notifier_(notifier), clock_(clock) {}

namespace {

Result<Job> own_job(Transaction& transaction, std::string_view user_id, std::string_view job_id, Surface surface) {
  auto found = transaction.jobs().find(user_id, job_id);
  if (!found) return std::unexpected(found.error());
  if (!*found || (*found)->operation == OperationKind::kVariants || (*found)->surface != surface) {
    return fail(ErrorCode::kNotFound, "Job not found");
  }
  return std::move(**found);
}

Result<void> end_queued(Transaction& transaction, Wallets& wallets, const Job& job, UnixMs now_ms) {
  if (auto released = wallets.settle(transaction, {&job, 1}); !released) return released;
  if (auto handed = transaction.jobs().hand_over(job.id, job.waits_for); !handed) return handed;
  if (auto dropped = drop_inputs(transaction, job, now_ms); !dropped) return dropped;
  if (job.operation != OperationKind::kVariants) return {};
  return give_variants_up(transaction, job, now_ms);
}

}  // namespace

Result<Cancelled> cancel_job(Transaction& transaction, Wallets& wallets, Outbox& outbox, const Job& job,
                             UnixMs now_ms) {
  Cancelled cancelled;
  Result<bool> told = false;
  if (job.state == JobState::kQueued) {
    told = transaction.jobs().cancel_queued(job.user_id, job.id, now_ms);
    if (told && *told) {
      if (auto ended = end_queued(transaction, wallets, job, now_ms); !ended) return std::unexpected(ended.error());
      cancelled.tokens_released = job.price;
    }
  } else if (job.state == JobState::kRunning) {
    told = transaction.jobs().request_cancel(job.user_id, job.id, now_ms);
  }
  if (!told) return std::unexpected(told.error());
  if (!*told) return fail(ErrorCode::kConflict, "The job has ended already", "There is nothing left to cancel");
  auto now = transaction.jobs().find(job.user_id, job.id);
  if (!now) return std::unexpected(now.error());
  cancelled.job = std::move(now->value());
  if (auto noted = outbox.note_end(transaction, cancelled.job); !noted) return std::unexpected(noted.error());
  const auto available = wallets.available(transaction, job.user_id);
  if (!available) return std::unexpected(available.error());
  cancelled.new_balance = *available;
  return cancelled;
}

Result<Job> Jobs::get(std::string_view user_id, std::string_view job_id, Surface surface) {
  Job job;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto found = own_job(transaction, user_id, job_id, surface);
    if (!found) return std::unexpected(found.error());
    job = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return job;
}

Result<std::vector<UserJob>> Jobs::of_user(std::string_view user_id, const UserJobFilter& filter, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.jobs().of_user(user_id, filter, page); });
}

Result<Batch> Jobs::batch(std::string_view user_id, std::string_view batch_id) {
  Batch batch{std::string(batch_id), {}};
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto jobs = transaction.jobs().of_batch(user_id, batch_id);
    if (!jobs) return std::unexpected(jobs.error());
    if (jobs->empty()) return fail(ErrorCode::kNotFound, "Batch not found");
    batch.jobs = std::move(*jobs);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return batch;
}

Result<Cancelled> Jobs::cancel(const Principal& principal, std::string_view job_id, Surface surface) {
  Cancelled cancelled;
  auto written = database_.write(principal.user_id, [&](Transaction& transaction) -> Result<void> {
    cancelled = {};
    auto job = own_job(transaction, principal.user_id, job_id, surface);
    if (!job) return std::unexpected(job.error());
    auto told = cancel_job(transaction, wallets_, outbox_, *job, clock_.now_ms());
    if (!told) return std::unexpected(told.error());
    cancelled = std::move(*told);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  announce_stop(notifier_, outbox_, cancelled.job);
  notifier_.notify(kQueueTopic);
  return cancelled;
}

}  // namespace tintype::app
