#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_LANE "CASE WHEN priority <= -10 THEN 'background' ELSE 'operations' END"
// The number of the first of three bounds that a time lies behind; 3 when it lies behind none.
#define TINTYPE_BAND(TIME) \
  "CAST(CASE WHEN " TIME " > ? THEN 0 WHEN " TIME " > ? THEN 1 WHEN " TIME " > ? THEN 2 ELSE 3 END AS BIGINT)"

constexpr const char* kUnfinished =
    "SELECT operation, lane, state, " TINTYPE_BAND("since_ms") ", COUNT(*), MIN(created_at_ms) FROM "
    "(SELECT operation, " TINTYPE_LANE " AS lane, state, created_at_ms, "
    "CASE WHEN state = 'running' THEN started_at_ms ELSE created_at_ms END AS since_ms "
    "FROM jobs WHERE finished_at_ms IS NULL) AS unfinished GROUP BY 1, 2, 3, 4";
constexpr const char* kFailed = "SELECT operation, " TINTYPE_LANE ", " TINTYPE_BAND("finished_at_ms") ", COUNT(*) "
                                "FROM jobs WHERE state = 'failed' AND finished_at_ms > ? GROUP BY 1, 2, 3";

#define TINTYPE_FILTER " AND (? = '' OR operation = ?) AND (? = '' OR " TINTYPE_LANE " = ?)"
#define TINTYPE_ENDED \
  "AND (finished_at_ms, id) < (?, ?)" TINTYPE_FILTER " ORDER BY finished_at_ms DESC, id DESC LIMIT ?"

// Each says the state in the words of the index that it goes by.
const char* list_statement(JobState state) {
  switch (state) {
    case JobState::kQueued:
    case JobState::kRunning:
      return "SELECT " TINTYPE_JOB_COLUMNS
             " FROM jobs WHERE finished_at_ms IS NULL AND state = ? AND (created_at_ms, id) > (?, "
             "?)" TINTYPE_FILTER " ORDER BY created_at_ms, id LIMIT ?";
    case JobState::kFailed:
      return "SELECT " TINTYPE_JOB_COLUMNS " FROM jobs WHERE state = 'failed' AND state = ? " TINTYPE_ENDED;
    case JobState::kSucceeded:
    case JobState::kCancelled:
      return "SELECT " TINTYPE_JOB_COLUMNS " FROM jobs WHERE finished_at_ms IS NOT NULL AND state = ? " TINTYPE_ENDED;
  }
  return "";
}

// The row of an operation in a lane; a new one when there is none yet.
QueueDepth& depth_of(std::vector<QueueDepth>& depths, const std::string& operation, const std::string& lane) {
  const auto kind = parse_operation(operation).value_or(OperationKind::kEnhance);
  const auto in = parse_queue_lane(lane).value_or(QueueLane::kOperations);
  const auto found = std::ranges::find_if(
      depths, [&](const QueueDepth& depth) { return depth.operation == kind && depth.lane == in; });
  if (found != depths.end()) return *found;
  depths.push_back({.lane = in, .operation = kind});
  return depths.back();
}

void add_unfinished(std::vector<QueueDepth>& depths, const Row& row) {
  QueueDepth& depth = depth_of(depths, row.text(0), row.text(1));
  const auto band = static_cast<std::size_t>(row.integer(3));
  if (row.text(2) == job_state_name(JobState::kRunning)) {
    depth.running[band] += row.integer(4);
    return;
  }
  depth.waiting[band] += row.integer(4);
  depth.oldest_waiting_at_ms = std::min(depth.oldest_waiting_at_ms.value_or(row.integer(5)), row.integer(5));
}

// Rows come by step and state.
void add_ended(std::vector<QueuePoint>& points, UnixMs from_ms, std::int64_t step_ms, const Row& row) {
  const UnixMs at_ms = from_ms + row.integer(0) * step_ms;
  if (points.empty() || points.back().from_ms != at_ms) points.push_back({.from_ms = at_ms});
  QueuePoint& point = points.back();
  const auto state = parse_job_state(row.text(1)).value_or(JobState::kFailed);
  if (state == JobState::kSucceeded) point.succeeded += row.integer(2);
  if (state == JobState::kFailed) point.failed += row.integer(2);
  if (state == JobState::kCancelled) point.cancelled += row.integer(2);
  point.started += row.integer(3);
  point.wait_sum_ms += row.integer(4);
  point.wait_max_ms = std::max(point.wait_max_ms, row.integer(5));
  point.run_sum_ms += row.integer(6);
  point.run_max_ms = std::max(point.run_max_ms, row.integer(7));
}

}  // namespace

Result<std::vector<QueueDepth>> SqlQueue::depths(UnixMs now_ms) {
  std::vector<QueueDepth> depths;
  const auto& ages = kUnfinishedAgeBoundsMs;
  auto ran = connection_.query(kUnfinished, "tttiii", {now_ms - ages[0], now_ms - ages[1], now_ms - ages[2]},
                               [&](const Row& row) { add_unfinished(depths, row); });
  if (!ran) return std::unexpected(ran.error());
  const auto& lately = kFailedAgeBoundsMs;
  ran = connection_.query(
      kFailed, "ttii", {now_ms - lately[0], now_ms - lately[1], now_ms - lately[2], now_ms - lately[2]},
      [&](const Row& row) {
        depth_of(depths, row.text(0), row.text(1)).failed[static_cast<std::size_t>(row.integer(2))] += row.integer(3);
      });
  if (!ran) return std::unexpected(ran.error());
  std::ranges::sort(depths, {}, [](const QueueDepth& depth) { return std::pair(depth.lane, depth.operation); });
  return depths;
}

Result<std::vector<QueuePause>> SqlQueue::pauses() {
  return find_all<QueuePause>(connection_, "SELECT lane, paused_at_ms, paused_by FROM queue_pauses ORDER BY lane",
                              "tit", {}, [](const Row& row) {
                                return QueuePause{parse_queue_lane(row.text(0)).value_or(QueueLane::kOperations),
                                                  row.integer(1), row.text(2)};
                              });
}

Result<bool> SqlQueue::pause(const QueuePause& pause) {
  return changed_one(connection_.execute(
      "INSERT INTO queue_pauses (lane, paused_at_ms, paused_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      {queue_lane_name(pause.lane), pause.paused_at_ms, pause.paused_by}));
}

Result<bool> SqlQueue::resume(QueueLane lane) {
  return changed_one(connection_.execute("DELETE FROM queue_pauses WHERE lane = ?", {queue_lane_name(lane)}));
}

Result<std::vector<Job>> SqlQueue::list(const QueueFilter& filter, const Page& page) {
  const std::string_view operation = filter.operation ? operation_name(*filter.operation) : "";
  const std::string_view lane = filter.lane ? queue_lane_name(*filter.lane) : "";
  const bool oldest_first = !is_end_state(filter.state);
  const Value time = oldest_first && !page.after ? Value(std::int64_t{-1}) : cursor_time(page);
  return find_all<Job>(
      connection_, list_statement(filter.state), kJobColumnTypes,
      {job_state_name(filter.state), time, cursor_id(page), operation, operation, lane, lane, std::int64_t{page.limit}},
      job_of);
}

Result<std::optional<Job>> SqlQueue::find(std::string_view id) {
  return find_one<Job>(connection_, "SELECT " TINTYPE_JOB_COLUMNS " FROM jobs WHERE id = ?", kJobColumnTypes, {id},
                       job_of);
}

// In words of the index of those that may run.
Result<QueuePlace> SqlQueue::place(const Job& job, UnixMs now_ms) {
  QueuePlace place;
  auto ran = connection_.query(
      "SELECT operation, COUNT(*) FROM (SELECT operation FROM jobs WHERE state = 'queued' AND waits_for IS NULL "
      "AND priority > -10 AND run_after_ms <= ? "
      "AND (turn, sequence) < (SELECT turn, sequence FROM jobs WHERE id = ?) "
      "ORDER BY turn, sequence LIMIT ?) AS before GROUP BY operation",
      "ti", {now_ms, job.id, std::int64_t{kPlacesCounted}}, [&](const Row& row) {
        place.ahead[parse_operation(row.text(0)).value_or(OperationKind::kEnhance)] = row.integer(1);
      });
  if (!ran) return std::unexpected(ran.error());
  ran = connection_.query("SELECT COUNT(*) FROM jobs WHERE state = 'running' AND priority > -10", "i", {},
                          [&](const Row& row) { place.running = row.integer(0); });
  if (!ran) return std::unexpected(ran.error());
  return place;
}

Result<std::map<OperationKind, double>> SqlQueue::mean_run_ms(UnixMs from_ms) {
  std::map<OperationKind, double> means;
  const auto ran = connection_.query(
      "SELECT operation, CAST(AVG(finished_at_ms - started_at_ms) AS BIGINT) FROM jobs WHERE "
      "finished_at_ms IS NOT NULL AND finished_at_ms >= ? AND state = 'succeeded' AND started_at_ms IS NOT NULL GROUP "
      "BY operation",
      "ti", {from_ms}, [&](const Row& row) {
        if (const auto kind = parse_operation(row.text(0))) means[*kind] = static_cast<double>(row.integer(1));
      });
  if (!ran) return std::unexpected(ran.error());
  return means;
}

Result<bool> SqlQueue::retry(std::string_view id, UnixMs now_ms) {
  const auto job = find(id);
  if (!job) return std::unexpected(job.error());
  if (!*job) return false;
  const auto turn = turn_of(connection_, (*job)->user_id, (*job)->priority, now_ms);
  if (!turn) return std::unexpected(turn.error());
  connection_.change_view();  // its flow ends elsewhere now
  return changed_one(connection_.execute(
      "UPDATE jobs SET state = 'queued', attempt = 0, cancel_requested = 0, progress_permille = 0, run_after_ms = ?, "
      "failure_code = NULL, failure_message = NULL, started_at_ms = NULL, finished_at_ms = NULL, updated_at_ms = ?, "
      "turn = ?, turn_end = ? WHERE id = ? AND state = 'failed'",
      {now_ms, now_ms, turn->turn, turn->end, id}));
}

Result<std::vector<QueuePoint>> SqlQueue::series(UnixMs from_ms, std::int64_t step_ms,
                                                 std::optional<OperationKind> operation) {
  const std::string_view name = operation ? operation_name(*operation) : "";
  std::vector<QueuePoint> points;
  // All columns stand in the index of ended jobs.
  const auto ran = connection_.query(
      "SELECT CAST((finished_at_ms - ?) / ? AS BIGINT), state, COUNT(*), COUNT(started_at_ms), "
      "CAST(COALESCE(SUM(started_at_ms - run_after_ms), 0) AS BIGINT), "
      "COALESCE(MAX(started_at_ms - run_after_ms), 0), "
      "CAST(COALESCE(SUM(finished_at_ms - started_at_ms), 0) AS BIGINT), "
      "COALESCE(MAX(finished_at_ms - started_at_ms), 0) "
      "FROM jobs WHERE finished_at_ms IS NOT NULL AND finished_at_ms >= ? AND (? = '' OR operation = ?) "
      "GROUP BY 1, 2 ORDER BY 1, 2",
      "itiiiiii", {from_ms, step_ms, from_ms, name, name},
      [&](const Row& row) { add_ended(points, from_ms, step_ms, row); });
  if (!ran) return std::unexpected(ran.error());
  return points;
}

}  // namespace tintype::sql
