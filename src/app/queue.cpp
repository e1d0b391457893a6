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

// A file that came with the call is taken away when the job has ended, and a batch's picture may have another try by
// now, or none any more.
Result<void> check_input(Transaction& transaction, const Job& job) {
  if (job.surface == Surface::kStudio && !job.batch_id.empty()) {
    const auto batch = transaction.batches().find(job.user_id, job.batch_id);
    if (!batch) return std::unexpected(batch.error());
    const auto picture = transaction.batches().input_of(job.id);
    if (!picture) return std::unexpected(picture.error());
    if (*batch && (*batch)->state == BatchState::kStarted && *picture) return {};
    return fail(ErrorCode::kConflict, "The batch of this job has no place for it any more");
  }
  const auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  const bool has_picture =
      !job.image_id.empty() || !takes_picture(job.operation) || (*call && (*call)->inputs.picture.is_there());
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

// A job as the audit log shows it.
JsonText shown(const Job& job) {
  return {{"job", job.id}, {"state", job_state_name(job.state)}, {"cancel_requested", job.cancel_requested}};
}

std::string_view lane_topic(QueueLane lane) {
  switch (lane) {
    case QueueLane::kOperations: return kQueueTopic;
    case QueueLane::kBackground: return kBackgroundTopic;
  }
  return kQueueTopic;
}

}  // namespace

Queue::Queue(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock,
             Random& random)
    : database_(database), wallets_(wallets), outbox_(outbox), notifier_(notifier), clock_(clock), random_(random) {}

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

Result<Job> Queue::retry(std::string_view job_id, const Actor& actor) {
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
    return note_change(transaction, random_, clock_.now_ms(), actor,
                       {AuditAction::kRetryJob, job.user_id, {}, shown(*found), shown(job)});
  });
  if (!written) return std::unexpected(written.error());
  log(LogLevel::kInfo, "queue_retry", {{"job", job.id}, {"by", actor.name}});
  notify_job(notifier_, job);
  notifier_.notify(queue_topic(job));
  return job;
}

Result<Cancelled> Queue::cancel(std::string_view job_id, const Actor& actor) {
  Cancelled cancelled;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto job = any_job(transaction, job_id);
    if (!job) return std::unexpected(job.error());
    auto told = cancel_job(transaction, wallets_, outbox_, *job, clock_.now_ms());
    if (!told) return std::unexpected(told.error());
    cancelled = std::move(*told);
    return note_change(transaction, random_, clock_.now_ms(), actor,
                       {AuditAction::kCancelJob, job->user_id, {}, shown(*job), shown(cancelled.job)});
  });
  if (!written) return std::unexpected(written.error());
  log(LogLevel::kInfo, "queue_cancel", {{"job", job_id}, {"by", actor.name}});
  announce_stop(notifier_, outbox_, cancelled.job);
  notifier_.notify(queue_topic(cancelled.job));
  return cancelled;
}

Result<Drained> Queue::drain(std::optional<QueueLane> lane, std::optional<OperationKind> operation,
                             const Actor& actor) {
  const QueueFilter filter{JobState::kQueued, operation, lane};
  const char* const lane_name = lane ? queue_lane_name(*lane) : "all";
  const char* const operation_shown = operation ? operation_name(*operation) : "all";
  const Change change{AuditAction::kDrainQueue, {}, {}, {{"lane", lane_name}, {"operation", operation_shown}}, {}};
  auto all = cancel_all(actor, change, [&](Transaction& transaction, int limit) {
    return transaction.queue().list(filter, {std::nullopt, limit});
  });
  if (!all) return all;
  log(LogLevel::kInfo, "queue_drain",
      {{"lane", lane_name}, {"operation", operation_shown}, {"jobs", all->cancelled}, {"by", actor.name}});
  return all;
}

Result<Drained> Queue::cancel_banned(std::string_view user_id, const Actor& actor) {
  const Change change{AuditAction::kCancelJobs, std::string(user_id), "The user is banned", {}, {}};
  return cancel_all(actor, change, [&](Transaction& transaction, int limit) {
    return user_id.empty() ? transaction.administration().to_cancel_of_banned(limit)
                           : transaction.administration().to_cancel(user_id, limit);
  });
}

Result<Drained> Queue::cancel_all(const Actor& actor, const Change& change,
                                  FunctionRef<Result<std::vector<Job>>(Transaction&, int)> find) {
  Drained all;
  int told = 0;
  do {
    const auto piece = cancel_piece(std::min(kDrainPiece, kDrainMax - told), actor, change, find);
    if (!piece) return std::unexpected(piece.error());
    all.cancelled += piece->cancelled;
    all.stopping += piece->stopping;
    all.tokens_released += piece->tokens_released;
    all.more = piece->more;
    told = all.cancelled + all.stopping;
  } while (all.more && told < kDrainMax);
  return all;
}

Result<Drained> Queue::cancel_piece(int limit, const Actor& actor, const Change& change,
                                    FunctionRef<Result<std::vector<Job>>(Transaction&, int)> find) {
  Drained piece;
  std::vector<Job> told;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    piece = {};
    told.clear();
    JsonText cancelled = JsonText::array(), stopping = JsonText::array();
    const auto found = find(transaction, limit + 1);
    if (!found) return std::unexpected(found.error());
    piece.more = static_cast<int>(found->size()) > limit;
    for (const Job& job : *found) {
      if (static_cast<int>(told.size()) == limit) break;
      // Read anew: the end of a job before it may have changed what this one waits for.
      auto now = any_job(transaction, job.id);
      if (!now) return std::unexpected(now.error());
      auto one = cancel_job(transaction, wallets_, outbox_, *now, clock_.now_ms());
      if (!one) return std::unexpected(one.error());
      const bool has_ended = is_end_state(one->job.state);
      (has_ended ? cancelled : stopping).push_back(job.id);
      ++(has_ended ? piece.cancelled : piece.stopping);
      piece.tokens_released += one->tokens_released;
      told.push_back(std::move(one->job));
    }
    if (told.empty()) return {};
    Change noted = change;
    noted.after = {{"cancelled", cancelled}, {"stopping", stopping}, {"tokens_released", piece.tokens_released}};
    return note_change(transaction, random_, clock_.now_ms(), actor, noted);
  });
  if (!written) return std::unexpected(written.error());
  for (const Job& job : told) announce_stop(notifier_, outbox_, job);
  return piece;
}

Result<void> Queue::pause(QueueLane lane, const Actor& actor) {
  bool changed = false;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto paused = transaction.queue().pause({lane, clock_.now_ms(), actor.name});
    if (!paused) return std::unexpected(paused.error());
    changed = *paused;
    return changed ? note_lane(transaction, AuditAction::kPauseQueue, lane, actor) : Result<void>();
  });
  if (written && changed) log(LogLevel::kInfo, "queue_pause", {{"lane", queue_lane_name(lane)}, {"by", actor.name}});
  return written;
}

Result<void> Queue::resume(QueueLane lane, const Actor& actor) {
  bool changed = false;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto resumed = transaction.queue().resume(lane);
    if (!resumed) return std::unexpected(resumed.error());
    changed = *resumed;
    return changed ? note_lane(transaction, AuditAction::kResumeQueue, lane, actor) : Result<void>();
  });
  if (!written || !changed) return written;
  log(LogLevel::kInfo, "queue_resume", {{"lane", queue_lane_name(lane)}, {"by", actor.name}});
  notifier_.notify(lane_topic(lane));
  return {};
}

Result<void> Queue::note_lane(Transaction& transaction, AuditAction action, QueueLane lane, const Actor& actor) {
  const bool is_paused = action == AuditAction::kPauseQueue;
  const char* const name = queue_lane_name(lane);
  return note_change(
      transaction, random_, clock_.now_ms(), actor,
      {action, {}, {}, {{"lane", name}, {"paused", !is_paused}}, {{"lane", name}, {"paused", is_paused}}});
}

}  // namespace tintype::app
