#include "app/queue.h"

#include "app/read.h"
#include "app/variants.h"
#include "base/log.h"

namespace tintype::app {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 3'600'000;
constexpr int kDrainPiece = 50;  // jobs of one unit of work

Result<Job> any_job(Transaction& transaction, std::string_view job_id) {
  auto found = transaction.queue().find(job_id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Job not found");
  return std::move(**found);
}

// A file that came with the call is taken away when the job has ended.
Result<void> check_input(Transaction& transaction, const Job& job) {
  const auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  const bool is_of_batch = job.surface == Surface::kStudio && !job.batch_id.empty();
  const bool has_picture = !job.image_id.empty() || !takes_picture(job.operation) || is_of_batch ||
                           (*call && (!(*call)->source_url.empty() || !(*call)->input_key.empty()));
  if (has_picture && !(*call && (*call)->inputs_gone)) return {};
  return fail(ErrorCode::kConflict, "The picture that came with this job is gone", "Please submit it again");
}

Result<void> begin_again(Transaction& transaction, Wallets& wallets, const Job& job, UnixMs now_ms) {
  if (auto there = check_input(transaction, job); !there) return there;
  if (auto held = wallets.reserve_again(transaction, job); !held) return held;
  const auto moved = transaction.queue().retry(job.id, now_ms);
  if (!moved) return std::unexpected(moved.error());
  if (!*moved) return fail_internal("the job " + job.id + " moved on within its unit of work");
  if (job.operation != OperationKind::kVariants) return {};
  return take_variants_up(transaction, job, now_ms);
}

// Every step of the window, filled with what the database found.
std::vector<QueuePoint> filled(const std::vector<QueuePoint>& found, UnixMs from_ms, std::int64_t step_ms, int steps) {
  std::vector<QueuePoint> points(static_cast<std::size_t>(steps));
  for (int at = 0; at < steps; ++at) points[static_cast<std::size_t>(at)].from_ms = from_ms + at * step_ms;
  for (const QueuePoint& point : found) {
    const auto at = static_cast<std::size_t>((point.from_ms - from_ms) / step_ms);
    if (at < points.size()) points[at] = point;
  }
  return points;
}

std::string_view lane_topic(QueueLane lane) {
  switch (lane) {
    case QueueLane::kOperations: return kQueueTopic;
    case QueueLane::kBackground: return kBackgroundTopic;
  }
  return kQueueTopic;
}

}  // namespace

Queue::Queue(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock)
    : database_(database), wallets_(wallets), outbox_(outbox), notifier_(notifier), clock_(clock) {}

Result<QueueState> Queue::state() {
  return read(database_, [&](Transaction& transaction) -> Result<QueueState> {
    QueueState state{.at_ms = clock_.now_ms()};
    auto depths = transaction.queue().depths(state.at_ms);
    if (!depths) return std::unexpected(depths.error());
    auto pauses = transaction.queue().pauses();
    if (!pauses) return std::unexpected(pauses.error());
    state.depths = std::move(*depths);
    state.pauses = std::move(*pauses);
    return state;
  });
}

Result<std::vector<Job>> Queue::list(const QueueFilter& filter, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.queue().list(filter, page); });
}

Result<QueueSeries> Queue::series(QueueWindow window, std::optional<OperationKind> operation) {
  const std::int64_t step_ms = window == QueueWindow::kHour ? kMinuteMs : kHourMs;
  const int steps = window == QueueWindow::kHour ? 60 : 24;
  const UnixMs from_ms = (clock_.now_ms() / step_ms - (steps - 1)) * step_ms;
  auto found = read(database_,
                    [&](Transaction& transaction) { return transaction.queue().series(from_ms, step_ms, operation); });
  if (!found) return std::unexpected(found.error());
  return QueueSeries{step_ms, filled(*found, from_ms, step_ms, steps)};
}

Result<Job> Queue::retry(std::string_view job_id, std::string_view who) {
  Job job;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto found = any_job(transaction, job_id);
    if (!found) return std::unexpected(found.error());
    if (found->state != JobState::kFailed) {
      return fail(ErrorCode::kConflict, "Only a failed job can be tried again",
                  std::string("This one is ") + job_state_name(found->state));
    }
    if (auto begun = begin_again(transaction, wallets_, *found, clock_.now_ms()); !begun) return begun;
    auto now = any_job(transaction, job_id);
    if (!now) return std::unexpected(now.error());
    job = std::move(*now);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  log(LogLevel::kInfo, "queue_retry", {{"job", job.id}, {"by", who}});
  notify_job(notifier_, job);
  notifier_.notify(queue_topic(job));
  return job;
}

Result<Cancelled> Queue::cancel(std::string_view job_id, std::string_view who) {
  Cancelled cancelled;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto job = any_job(transaction, job_id);
    if (!job) return std::unexpected(job.error());
    auto told = cancel_job(transaction, wallets_, outbox_, *job, clock_.now_ms());
    if (!told) return std::unexpected(told.error());
    cancelled = std::move(*told);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  log(LogLevel::kInfo, "queue_cancel", {{"job", job_id}, {"by", who}});
  notify_job(notifier_, cancelled.job);
  outbox_.announce(cancelled.job);
  notifier_.notify(queue_topic(cancelled.job));
  return cancelled;
}

Result<Drained> Queue::drain(std::optional<QueueLane> lane, std::optional<OperationKind> operation,
                             std::string_view who) {
  const QueueFilter filter{JobState::kQueued, operation, lane};
  Drained all;
  do {
    const auto piece = drain_piece(filter, std::min(kDrainPiece, kDrainMax - all.cancelled));
    if (!piece) return std::unexpected(piece.error());
    all.cancelled += piece->cancelled;
    all.tokens_released += piece->tokens_released;
    all.more = piece->more;
  } while (all.more && all.cancelled < kDrainMax);
  log(LogLevel::kInfo, "queue_drain",
      {{"lane", lane ? queue_lane_name(*lane) : "all"},
       {"operation", operation ? operation_name(*operation) : "all"},
       {"jobs", all.cancelled},
       {"by", who}});
  return all;
}

Result<Drained> Queue::drain_piece(const QueueFilter& filter, int limit) {
  Drained piece;
  std::vector<Job> ended;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    piece = {};
    ended.clear();
    const auto waiting = transaction.queue().list(filter, {std::nullopt, limit + 1});
    if (!waiting) return std::unexpected(waiting.error());
    piece.more = static_cast<int>(waiting->size()) > limit;
    for (const Job& job : *waiting) {
      if (piece.cancelled == limit) break;
      // Read anew: the end of a job before it may have changed what this one waits for.
      auto now = any_job(transaction, job.id);
      if (!now) return std::unexpected(now.error());
      auto told = cancel_job(transaction, wallets_, outbox_, *now, clock_.now_ms());
      if (!told) return std::unexpected(told.error());
      piece.tokens_released += told->tokens_released;
      ++piece.cancelled;
      ended.push_back(std::move(told->job));
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  for (const Job& job : ended) {
    notify_job(notifier_, job);
    outbox_.announce(job);
  }
  return piece;
}

Result<void> Queue::pause(QueueLane lane, std::string_view who) {
  bool changed = false;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto paused = transaction.queue().pause({lane, clock_.now_ms(), std::string(who)});
    if (!paused) return std::unexpected(paused.error());
    changed = *paused;
    return {};
  });
  if (written && changed) log(LogLevel::kInfo, "queue_pause", {{"lane", queue_lane_name(lane)}, {"by", who}});
  return written;
}

Result<void> Queue::resume(QueueLane lane, std::string_view who) {
  bool changed = false;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto resumed = transaction.queue().resume(lane);
    if (!resumed) return std::unexpected(resumed.error());
    changed = *resumed;
    return {};
  });
  if (!written || !changed) return written;
  log(LogLevel::kInfo, "queue_resume", {{"lane", queue_lane_name(lane)}, {"by", who}});
  notifier_.notify(lane_topic(lane));
  return {};
}

}  // namespace tintype::app
