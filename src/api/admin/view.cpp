#include "api/admin/view.h"

#include <cstdlib>
#include <numeric>

#include "domain/queue.h"

namespace tintype::api::admin {

namespace {

constexpr QueueLane kLanes[] = {QueueLane::kOperations, QueueLane::kBackground};

std::optional<std::string> time_or_null(const std::optional<UnixMs>& time_ms) {
  return time_ms ? std::optional(iso8601(*time_ms)) : std::nullopt;
}

std::optional<std::int64_t> seconds_since(const std::optional<UnixMs>& time_ms, UnixMs now_ms) {
  return time_ms ? std::optional(std::max<std::int64_t>(0, now_ms - *time_ms) / 1000) : std::nullopt;
}

template <class Bands>
std::int64_t sum(const Bands& bands) {
  return std::accumulate(bands.begin(), bands.end(), std::int64_t{0});
}

JsonText unfinished_json(const AgeBands& bands) {
  return {{"total", sum(bands)},
          {"underMinute", bands[0]},
          {"underTenMinutes", bands[1]},
          {"underHour", bands[2]},
          {"overHour", bands[3]}};
}

JsonText failed_json(const FailedBands& bands) {
  return {{"total", sum(bands)}, {"underHour", bands[0]}, {"underDay", bands[1]}, {"underWeek", bands[2]}};
}

JsonText operation_json(const QueueDepth& depth, UnixMs now_ms) {
  return {{"lane", queue_lane_name(depth.lane)},
          {"operation", operation_name(depth.operation)},
          {"waiting", unfinished_json(depth.waiting)},
          {"running", unfinished_json(depth.running)},
          {"failed", failed_json(depth.failed)},
          {"oldestWaitingAt", time_or_null(depth.oldest_waiting_at_ms)},
          {"oldestWaitingSeconds", seconds_since(depth.oldest_waiting_at_ms, now_ms)}};
}

JsonText lane_json(const app::QueueState& state, QueueLane lane) {
  std::int64_t waiting = 0, running = 0, failed = 0;
  std::optional<UnixMs> oldest_ms;
  for (const QueueDepth& depth : state.depths) {
    if (depth.lane != lane) continue;
    waiting += sum(depth.waiting);
    running += sum(depth.running);
    failed += sum(depth.failed);
    const auto at_ms = depth.oldest_waiting_at_ms;
    if (at_ms && (!oldest_ms || *at_ms < *oldest_ms)) oldest_ms = at_ms;
  }
  const auto paused = std::ranges::find(state.pauses, lane, &QueuePause::lane);
  const bool is_paused = paused != state.pauses.end();
  return {{"lane", queue_lane_name(lane)},
          {"paused", is_paused},
          {"pausedAt", is_paused ? std::optional(iso8601(paused->paused_at_ms)) : std::nullopt},
          {"pausedBy", is_paused ? std::optional(paused->paused_by) : std::nullopt},
          {"waiting", waiting},
          {"running", running},
          {"failed", failed},
          {"oldestWaitingSeconds", seconds_since(oldest_ms, state.at_ms)}};
}

// Of those that have times.
JsonText times_json(std::int64_t count, std::int64_t sum_ms, std::int64_t max_ms) {
  const auto mean = [&]() -> std::optional<std::int64_t> {
    return count > 0 ? std::optional(sum_ms / count) : std::nullopt;
  };
  return {{"meanMs", mean()}, {"maxMs", count > 0 ? std::optional(max_ms) : std::nullopt}};
}

// Tokens by what became of them, all above zero.
JsonText tokens_json(const std::map<LedgerKind, Tokens>& sums) {
  const auto of = [&](LedgerKind kind) {
    const auto found = sums.find(kind);
    return found == sums.end() ? Tokens{0} : std::abs(found->second);
  };
  return {{"initial", of(LedgerKind::kInitial)},    {"regenerated", of(LedgerKind::kRegeneration)},
          {"granted", of(LedgerKind::kGrant)},      {"removed", of(LedgerKind::kRemoval)},
          {"purchased", of(LedgerKind::kPurchase)}, {"reversed", of(LedgerKind::kReversal)},
          {"captured", of(LedgerKind::kCapture)}};
}

// Purchases less what was taken back of them.
Tokens revenue(const std::map<LedgerKind, Tokens>& sums) {
  Tokens all = 0;
  for (const LedgerKind kind : {LedgerKind::kPurchase, LedgerKind::kReversal}) {
    if (const auto found = sums.find(kind); found != sums.end()) all += found->second;
  }
  return all;
}

}  // namespace

JsonText state_json(const app::QueueState& state) {
  JsonText lanes = JsonText::array();
  for (const QueueLane lane : kLanes) lanes.push_back(lane_json(state, lane));
  JsonText operations = JsonText::array();
  for (const QueueDepth& depth : state.depths) operations.push_back(operation_json(depth, state.at_ms));
  return {{"success", true}, {"at", iso8601(state.at_ms)}, {"lanes", lanes}, {"operations", operations}};
}

JsonText series_json(const app::QueueSeries& series) {
  JsonText points = JsonText::array();
  for (const QueuePoint& point : series.points) {
    points.push_back(JsonText{{"from", iso8601(point.from_ms)},
                              {"succeeded", point.succeeded},
                              {"failed", point.failed},
                              {"cancelled", point.cancelled},
                              {"wait", times_json(point.started, point.wait_sum_ms, point.wait_max_ms)},
                              {"run", times_json(point.started, point.run_sum_ms, point.run_max_ms)}});
  }
  return {{"success", true}, {"stepSeconds", series.step_ms / 1000}, {"points", points}};
}

JsonText job_json(const Job& job) {
  return {{"id", job.id},
          {"userId", job.user_id},
          {"imageId", null_or(job.image_id)},
          {"batchId", null_or(job.batch_id)},
          {"surface", surface_name(job.surface)},
          {"operation", operation_name(job.operation)},
          {"lane", queue_lane_name(lane_of(job.priority))},
          {"state", job_state_name(job.state)},
          {"price", job.price},
          {"failedAttempts", job.attempt},
          {"cancelRequested", job.cancel_requested},
          {"progress", job.progress_permille / 10},
          {"waitsFor", null_or(job.waits_for)},
          {"runAfter", iso8601(job.run_after_ms)},
          {"errorCode", job.failure ? JsonValue(job.failure->code) : JsonValue(nullptr)},
          {"errorMessage", job.failure ? JsonValue(job.failure->message) : JsonValue(nullptr)},
          {"createdAt", iso8601(job.created_at_ms)},
          {"startedAt", time_or_null(job.started_at_ms)},
          {"finishedAt", time_or_null(job.finished_at_ms)}};
}

JsonText user_json(const app::UserView& view) {
  const User& user = view.user;
  return {{"id", user.id},
          {"email", user.email},
          {"name", user.name},
          {"role", role_name(user.role)},
          {"plan", user.plan},
          {"status", user.banned_at_ms ? "banned" : "active"},
          {"balance", view.wallet.balance},
          {"reserved", view.wallet.reserved},
          {"available", view.wallet.available},
          {"images", view.usage.images},
          {"storage_bytes", view.usage.bytes},
          {"created_at", iso8601(user.created_at_ms)},
          {"banned_at", time_or_null(user.banned_at_ms)}};
}

JsonText user_list_json(const app::UserList& list) {
  JsonText users = JsonText::array();
  for (const app::UserView& user : list.users) users.push_back(user_json(user));
  return {{"users", users}, {"total", list.total}, {"stats", {{"active", list.active}, {"banned", list.banned}}}};
}

JsonText statistics_json(const app::Statistics& statistics) {
  const auto jobs_in = [&](JobState state) {
    const auto found = statistics.jobs.find(state);
    return found == statistics.jobs.end() ? std::int64_t{0} : found->second;
  };
  JsonText jobs;
  for (const JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kSucceeded, JobState::kFailed, JobState::kCancelled}) {
    jobs.add(job_state_name(state), jobs_in(state));
  }
  JsonText queue = JsonText::array();
  for (const QueueDepth& depth : statistics.queue) {
    queue.push_back(JsonText{{"lane", queue_lane_name(depth.lane)},
                             {"operation", operation_name(depth.operation)},
                             {"waiting", sum(depth.waiting)},
                             {"running", sum(depth.running)},
                             {"oldest_waiting_seconds", seconds_since(depth.oldest_waiting_at_ms, statistics.at_ms)}});
  }
  const std::int64_t active = statistics.users - statistics.users_banned;
  return {{"at", iso8601(statistics.at_ms)},
          {"users", {{"total", statistics.users}, {"active", active}, {"banned", statistics.users_banned}}},
          {"images", statistics.storage.images},
          {"storage_bytes", statistics.storage.bytes},
          {"jobs", jobs},
          {"tokens",
           {{"today", tokens_json(statistics.tokens_today)},
            {"all", tokens_json(statistics.tokens)},
            {"reserved", statistics.tokens_reserved}}},
          {"revenue_tokens", {{"today", revenue(statistics.tokens_today)}, {"all", revenue(statistics.tokens)}}},
          {"queue", queue}};
}

JsonText audit_entry_json(const AuditEntry& entry) {
  return {{"id", entry.id},
          {"at", iso8601(entry.at_ms)},
          {"actor", entry.actor.name},
          {"action", audit_action_name(entry.action)},
          {"user_id", null_or(entry.user_id)},
          {"reason", null_or(entry.reason)},
          {"before", JsonText::of(entry.before)},
          {"after", JsonText::of(entry.after)},
          {"request_id", null_or(entry.actor.request_id)}};
}

}  // namespace tintype::api::admin
