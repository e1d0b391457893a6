#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "adapters/sql/repositories.h"
#include "adapters/sql/row_statement.h"

namespace tintype::sql {

namespace {

void read_end(const Row& row, Job& job) {
  if (!row.is_null(18)) {
    const std::string& format = row.text(19);
    job.result = JobResult{row.text(18),
                           parse_image_format(format).value_or(ImageFormat::kJpeg),
                           row.number(20),
                           row.number(21),
                           row.integer(22),
                           row.text(23),
                           parse_clip_format(format),
                           row.text(30)};
  }
  if (!row.is_null(24)) job.failure = JobFailure{row.text(24), row.text(25)};
}

}  // namespace

Job job_of(const Row& row) {
  Job job;
  job.id = row.text(0);
  job.user_id = row.text(1);
  job.image_id = row.text(2);
  job.batch_id = row.text(3);
  job.waits_for = row.text(4);
  job.surface = parse_surface(row.text(5)).value_or(Surface::kEnhancement);
  job.operation = parse_operation(row.text(6)).value_or(OperationKind::kEnhance);
  job.parameters = decode_parameters(row.text(7)).value_or(Parameters{});
  job.tier = row.text(8);
  job.state = parse_job_state(row.text(9)).value_or(JobState::kFailed);
  job.priority = row.number(10);
  job.price = row.integer(11);
  job.attempt = row.number(12);
  job.cancel_requested = row.integer(13) != 0;
  job.progress_permille = row.number(14);
  job.run_after_ms = row.integer(15);
  job.lease_expires_at_ms = row.optional_integer(16);
  job.fencing_token = row.integer(17);
  read_end(row, job);
  job.created_at_ms = row.integer(26);
  job.started_at_ms = row.optional_integer(27);
  job.finished_at_ms = row.optional_integer(28);
  job.updated_at_ms = row.integer(29);
  return job;
}

namespace {

#define TINTYPE_OPERATIONS "priority > -10"
#define TINTYPE_BACKGROUND "priority <= -10"

#define TINTYPE_CLAIM(LANE, NAME, LOCK)                                                                     \
  "UPDATE jobs SET state = 'running', started_at_ms = ?, lease_expires_at_ms = ?, "                         \
  "fencing_token = fencing_token + 1, progress_permille = 0, updated_at_ms = ? WHERE sequence IN "          \
  "(SELECT sequence FROM jobs WHERE state = 'queued' AND waits_for IS NULL AND run_after_ms <= ? "          \
  "AND " LANE " AND NOT EXISTS (SELECT 1 FROM queue_pauses WHERE lane = '" NAME                             \
  "') AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = jobs.batch_id "                                  \
  "AND b.paused_at_ms IS NOT NULL) ORDER BY turn, sequence LIMIT ?" LOCK ") RETURNING " TINTYPE_JOB_COLUMNS \
  ", turn, sequence"

#define TINTYPE_LOCK " FOR UPDATE SKIP LOCKED"

const char* claim_statement(QueueLane lane, Dialect dialect) {
  const bool is_sqlite = dialect == Dialect::kSqlite;
  switch (lane) {
    case QueueLane::kOperations:
      return is_sqlite ? TINTYPE_CLAIM(TINTYPE_OPERATIONS, "operations", "")
                       : TINTYPE_CLAIM(TINTYPE_OPERATIONS, "operations", TINTYPE_LOCK);
    case QueueLane::kBackground:
      return is_sqlite ? TINTYPE_CLAIM(TINTYPE_BACKGROUND, "background", "")
                       : TINTYPE_CLAIM(TINTYPE_BACKGROUND, "background", TINTYPE_LOCK);
  }
  return TINTYPE_CLAIM(TINTYPE_OPERATIONS, "operations", "");
}

// The job that is next in the lane, the furthest that was taken, and the end of the flow's last one; each in words of
// its index.
#define TINTYPE_PLACES(LANE)                                                                             \
  "SELECT * FROM (SELECT 'next', turn, priority FROM jobs WHERE state = 'queued' AND waits_for IS NULL " \
  "AND run_after_ms <= ? AND " LANE                                                                      \
  " ORDER BY turn, sequence LIMIT 1) AS next UNION ALL "                                                 \
  "SELECT * FROM (SELECT 'taken', turn, priority FROM jobs WHERE started_at_ms IS NOT NULL AND " LANE    \
  " ORDER BY turn DESC LIMIT 1) AS taken UNION ALL "                                                     \
  "SELECT * FROM (SELECT 'flow', turn_end, priority FROM jobs WHERE user_id = ? AND priority = ? "       \
  "ORDER BY turn_end DESC LIMIT 1) AS flow"

}  // namespace

Result<Turn> turn_of(Connection& connection, std::string_view user_id, int priority, UnixMs now_ms) {
  std::optional<LaneHead> next, taken;
  std::optional<std::int64_t> flow_end;
  const bool is_background = lane_of(priority) == QueueLane::kBackground;
  const auto ran =
      connection.query(is_background ? TINTYPE_PLACES(TINTYPE_BACKGROUND) : TINTYPE_PLACES(TINTYPE_OPERATIONS), "tii",
                       {now_ms, user_id, std::int64_t{priority}}, [&](const Row& row) {
                         if (row.text(0) == "flow") {
                           flow_end = row.integer(1);
                         } else {
                           (row.text(0) == "next" ? next : taken) = LaneHead{row.integer(1), row.number(2)};
                         }
                       });
  if (!ran) return std::unexpected(ran.error());
  return next_turn(further(next, taken), flow_end, priority);
}

namespace {

// Jobs that stand behind one another in one flow, from this turn on; answers where the flow ends.
Result<std::int64_t> insert_from(Connection& connection, std::span<const Job> jobs, Turn turn) {
  static const RowStatement kInsert(
      "INSERT INTO jobs (id, user_id, image_id, batch_id, waits_for, surface, operation, parameters, tier, state, "
      "priority, price, attempt, cancel_requested, progress_permille, run_after_ms, fencing_token, created_at_ms, "
      "updated_at_ms, turn, turn_end) VALUES ",
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  std::vector<Value> values;
  std::deque<std::string> parameters;  // the values point into it
  std::int64_t end = turn.end;
  for (const Job& job : jobs) {
    values.insert(values.end(), {job.id,
                                 job.user_id,
                                 null_if_empty(job.image_id),
                                 null_if_empty(job.batch_id),
                                 null_if_empty(job.waits_for),
                                 surface_name(job.surface),
                                 operation_name(job.operation),
                                 parameters.emplace_back(encode_parameters(job.parameters)),
                                 null_if_empty(job.tier),
                                 job_state_name(job.state),
                                 std::int64_t{job.priority},
                                 job.price,
                                 std::int64_t{job.attempt},
                                 std::int64_t{job.cancel_requested},
                                 std::int64_t{job.progress_permille},
                                 job.run_after_ms,
                                 job.fencing_token,
                                 job.created_at_ms,
                                 job.updated_at_ms,
                                 turn.turn,
                                 turn.end});
    end = turn.end;
    turn = next_turn(std::nullopt, end, job.priority);
  }
  const auto inserted = kInsert.execute(connection, values);
  return inserted ? Result<std::int64_t>(end) : std::unexpected(inserted.error());
}

}  // namespace

Result<void> SqlJobs::insert(std::span<const Job> jobs) {
  while (!jobs.empty()) {
    const Job& first = jobs.front();
    const auto other = std::ranges::find_if(
        jobs, [&](const Job& job) { return job.user_id != first.user_id || job.priority != first.priority; });
    const auto flow = jobs.first(static_cast<std::size_t>(other - jobs.begin()));
    const auto turn = turn_behind(first);
    if (!turn) return std::unexpected(turn.error());
    const auto end = insert_from(connection_, flow, *turn);
    if (!end) return std::unexpected(end.error());
    flow_end_ = FlowEnd{first.user_id, first.priority, *end, connection_.view()};
    jobs = jobs.subspan(flow.size());
  }
  return {};
}

// Behind the last one of its flow there is nothing to look up, while the lane has come no further.
Result<Turn> SqlJobs::turn_behind(const Job& job) {
  if (flow_end_ && flow_end_->view == connection_.view() && flow_end_->user_id == job.user_id &&
      flow_end_->priority == job.priority) {
    return next_turn(std::nullopt, flow_end_->end, job.priority);
  }
  return turn_of(connection_, job.user_id, job.priority, job.created_at_ms);
}

Result<std::optional<Job>> SqlJobs::find(std::string_view user_id, std::string_view id) {
  return find_one<Job>(connection_, "SELECT " TINTYPE_JOB_COLUMNS " FROM jobs WHERE id = ? AND user_id = ?",
                       kJobColumnTypes, {id, user_id}, job_of);
}

Result<std::vector<Job>> SqlJobs::of_image(std::string_view user_id, std::string_view image_id) {
  return find_all<Job>(connection_,
                       "SELECT " TINTYPE_JOB_COLUMNS
                       " FROM jobs WHERE image_id = ? AND user_id = ? ORDER BY created_at_ms DESC, sequence DESC",
                       kJobColumnTypes, {image_id, user_id}, job_of);
}

Result<std::vector<Job>> SqlJobs::of_batch(std::string_view user_id, std::string_view batch_id) {
  return find_all<Job>(connection_,
                       "SELECT " TINTYPE_JOB_COLUMNS " FROM jobs WHERE batch_id = ? AND user_id = ? ORDER BY sequence",
                       kJobColumnTypes, {batch_id, user_id}, job_of);
}

Result<std::vector<std::string>> SqlJobs::enhanced_images(std::string_view user_id,
                                                          const std::vector<std::string>& image_ids,
                                                          std::string_view tier) {
  std::vector<std::string> found;
  for (const std::string& image_id : image_ids) {
    const auto count = find_one<int>(connection_,
                                     "SELECT COUNT(*) FROM jobs WHERE image_id = ? AND user_id = ? AND tier = ? "
                                     "AND operation = 'enhance' AND state = 'succeeded'",
                                     "i", {image_id, user_id, tier}, [](const Row& row) { return row.number(0); });
    if (!count) return std::unexpected(count.error());
    if (count->value_or(0) > 0) found.push_back(image_id);
  }
  return found;
}

// In words of the index jobs_alone.
Result<std::int64_t> SqlJobs::count_unfinished(std::string_view user_id) {
  const auto count = find_one<std::int64_t>(
      connection_,
      "SELECT COUNT(*) FROM jobs WHERE user_id = ? AND finished_at_ms IS NULL AND operation <> 'variants' "
      "AND (batch_id IS NULL OR surface <> 'studio')",
      "i", {user_id}, [](const Row& row) { return row.integer(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<std::vector<Job>> SqlJobs::list(std::string_view user_id, Surface surface, std::optional<JobState> state,
                                       const Page& page) {
  const std::string_view name = state ? job_state_name(*state) : "";
  return find_all<Job>(
      connection_,
      "SELECT " TINTYPE_JOB_COLUMNS
      " FROM jobs WHERE user_id = ? AND surface = ? AND surface IN ('studio', 'upscale') AND (created_at_ms, id) < (?, "
      "?) "
      "AND (? = '' OR state = ?) ORDER BY created_at_ms DESC, id DESC LIMIT ?",
      kJobColumnTypes,
      {user_id, surface_name(surface), cursor_time(page), cursor_id(page), name, name, std::int64_t{page.limit}},
      job_of);
}

namespace {

// In words of the indexes jobs_shown and jobs_unfinished; those of an image are so few that jobs_image serves them.
#define TINTYPE_TOKENS_OF(STATE) \
  "COALESCE((SELECT r.tokens FROM reservations r WHERE r.job_id = jobs.id AND r.state = '" STATE "'), 0)"
#define TINTYPE_JOBS_WHERE(OWNER, PHASE)                                                         \
  "SELECT " TINTYPE_JOB_COLUMNS ", " TINTYPE_TOKENS_OF("open") ", " TINTYPE_TOKENS_OF(           \
      "captured") " FROM jobs WHERE " OWNER " AND operation <> 'variants' AND price >= 0 " PHASE \
                  "AND (created_at_ms, id) < (?, ?) ORDER BY created_at_ms DESC, id DESC LIMIT ?"
#define TINTYPE_JOBS_OF(OWNER, phase)                                                       \
  (!(phase)                      ? TINTYPE_JOBS_WHERE(OWNER, "")                            \
   : *(phase) == JobPhase::kOpen ? TINTYPE_JOBS_WHERE(OWNER, "AND finished_at_ms IS NULL ") \
                                 : TINTYPE_JOBS_WHERE(OWNER, "AND finished_at_ms IS NOT NULL "))

UserJob user_job_of(const Row& row) {
  return {job_of(row), row.integer(31), row.integer(32)};
}

}  // namespace

Result<std::vector<UserJob>> SqlJobs::of_user(std::string_view user_id, const UserJobFilter& filter, const Page& page) {
  static const std::string kTypes = std::string(kJobColumnTypes) + "ii";
  const Value time = cursor_time(page), id = cursor_id(page), limit = std::int64_t{page.limit};
  if (filter.image_id.empty()) {
    return find_all<UserJob>(connection_, TINTYPE_JOBS_OF("user_id = ?", filter.phase), kTypes.c_str(),
                             {user_id, time, id, limit}, user_job_of);
  }
  return find_all<UserJob>(connection_, TINTYPE_JOBS_OF("image_id = ? AND user_id = ?", filter.phase), kTypes.c_str(),
                           {filter.image_id, user_id, time, id, limit}, user_job_of);
}

Result<std::vector<Job>> SqlJobs::claim(QueueLane lane, UnixMs now_ms, UnixMs lease_expires_at_ms, int limit) {
  flow_end_.reset();  // the lane goes on
  const char* statement = claim_statement(lane, connection_.dialect());
  static const std::string kTypes = std::string(kJobColumnTypes) + "ii";
  struct Claimed {
    std::pair<std::int64_t, std::int64_t> place;  // turn and sequence
    Job job;
  };
  std::vector<Claimed> claimed;
  const auto ran =
      connection_.query(statement, kTypes.c_str(), {now_ms, lease_expires_at_ms, now_ms, now_ms, std::int64_t{limit}},
                        [&](const Row& row) { claimed.push_back({{row.integer(31), row.integer(32)}, job_of(row)}); });
  if (!ran) return std::unexpected(ran.error());
  std::ranges::sort(claimed, {}, &Claimed::place);  // RETURNING promises no order
  std::vector<Job> jobs;
  for (Claimed& one : claimed) jobs.push_back(std::move(one.job));
  return jobs;
}

Result<std::optional<UnixMs>> SqlJobs::next_run_after(UnixMs now_ms) {
  std::optional<UnixMs> next;
  const auto ran = connection_.query(
      "SELECT MIN(run_after_ms) FROM jobs WHERE state = 'queued' AND waits_for IS NULL "
      "AND run_after_ms > created_at_ms AND run_after_ms > ?",
      "i", {now_ms}, [&](const Row& row) { next = row.optional_integer(0); });
  if (!ran) return std::unexpected(ran.error());
  return next;
}

Result<std::optional<bool>> SqlJobs::heartbeat(std::string_view id, std::int64_t fencing_token,
                                               UnixMs lease_expires_at_ms, int progress_permille, UnixMs now_ms) {
  return find_one<bool>(connection_,
                        "UPDATE jobs SET lease_expires_at_ms = ?, progress_permille = ?, updated_at_ms = ? "
                        "WHERE id = ? AND fencing_token = ? AND state = 'running' RETURNING cancel_requested",
                        "i", {lease_expires_at_ms, std::int64_t{progress_permille}, now_ms, id, fencing_token},
                        [](const Row& row) { return row.integer(0) != 0; });
}

Result<std::vector<Job>> SqlJobs::expired_leases(UnixMs now_ms, int limit) {
  return find_all<Job>(connection_,
                       "SELECT " TINTYPE_JOB_COLUMNS
                       " FROM jobs WHERE state = 'running' AND lease_expires_at_ms < ? "
                       "ORDER BY lease_expires_at_ms LIMIT ?",
                       kJobColumnTypes, {now_ms, std::int64_t{limit}}, job_of);
}

namespace {

// Writes the ends of those that are still as they were read; answers their ids.
Result<std::set<std::string, std::less<>>> write_ends(Connection& connection, std::span<const Job> jobs) {
  static const RowStatement kFinish(
      "UPDATE jobs SET state = e.column3, attempt = e.column4, progress_permille = e.column5, "
      "lease_expires_at_ms = NULL, result_key = e.column6, result_format = e.column7, result_width_px = e.column8, "
      "result_height_px = e.column9, result_size_bytes = e.column10, result_sha256 = e.column11, "
      "failure_code = e.column12, failure_message = e.column13, finished_at_ms = e.column14, "
      "updated_at_ms = e.column15, waits_for = NULL, result_details = e.column16 FROM (VALUES ",
      "(CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT), "
      "CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT), CAST(? AS TEXT), "
      "CAST(? AS TEXT), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS TEXT))",
      ") AS e WHERE id = e.column1 AND fencing_token = e.column2 AND state = 'running' RETURNING id");
  static const JobResult kNone;
  std::vector<Value> values;
  for (const Job& job : jobs) {
    const JobResult& result = job.result ? *job.result : kNone;
    values.insert(values.end(),
                  {job.id, job.fencing_token, job_state_name(job.state), std::int64_t{job.attempt},
                   std::int64_t{job.progress_permille}, job.result ? Value(result.object_key) : Value(NullText{}),
                   job.result ? Value(result_format_name(result)) : Value(NullText{}), std::int64_t{result.width_px},
                   std::int64_t{result.height_px}, result.size_bytes, result.sha256,
                   job.failure ? null_if_empty(job.failure->code) : Value(NullText{}),
                   job.failure ? null_if_empty(job.failure->message) : Value(NullText{}), nullable(job.finished_at_ms),
                   job.updated_at_ms, null_if_empty(result.details)});
  }
  std::set<std::string, std::less<>> ended;
  const auto ran = kFinish.query(connection, "t", values, [&](const Row& row) { ended.insert(row.text(0)); });
  if (!ran) return std::unexpected(ran.error());
  return ended;
}

}  // namespace

Result<std::vector<bool>> SqlJobs::finish(std::span<const Job> jobs) {
  const auto written = write_ends(connection_, jobs);
  if (!written) return std::unexpected(written.error());
  std::vector<bool> were_running;
  std::vector<const Job*> ended;
  std::map<std::string_view, std::int64_t> stored_bytes;
  for (const Job& job : jobs) {
    were_running.push_back(written->contains(job.id));
    if (!were_running.back()) continue;
    ended.push_back(&job);
    if (job.result && job.result->size_bytes != 0) stored_bytes[job.user_id] += job.result->size_bytes;
  }
  if (auto counted = count_ends(connection_, ended); !counted) return std::unexpected(counted.error());
  for (const auto& [user_id, bytes] : stored_bytes) {
    if (auto added = add_usage(connection_, user_id, {bytes, 0}); !added) return std::unexpected(added.error());
  }
  return were_running;
}

Result<bool> SqlJobs::requeue(const Job& job) {
  return changed_one(connection_.execute(
      "UPDATE jobs SET state = 'queued', attempt = ?, run_after_ms = ?, lease_expires_at_ms = NULL, "
      "progress_permille = 0, updated_at_ms = ? WHERE id = ? AND state = 'running' AND fencing_token = ?",
      {std::int64_t{job.attempt}, job.run_after_ms, job.updated_at_ms, job.id, job.fencing_token}));
}

Result<bool> SqlJobs::cancel_queued(std::string_view user_id, std::string_view id, UnixMs now_ms) {
  flow_end_.reset();
  return changed_one(connection_.execute(
      "UPDATE jobs SET state = 'cancelled', cancel_requested = 1, waits_for = NULL, finished_at_ms = ?, "
      "updated_at_ms = ?, turn_end = CASE WHEN started_at_ms IS NULL THEN 0 ELSE turn_end END "
      "WHERE id = ? AND user_id = ? AND state = 'queued'",
      {now_ms, now_ms, id, user_id}));
}

Result<bool> SqlJobs::request_cancel(std::string_view user_id, std::string_view id, UnixMs now_ms) {
  return changed_one(connection_.execute(
      "UPDATE jobs SET cancel_requested = 1, updated_at_ms = ? WHERE id = ? AND user_id = ? AND state = 'running'",
      {now_ms, id, user_id}));
}

Result<void> SqlJobs::hand_over(std::string_view finished_job_id, std::string_view waits_for) {
  return done(connection_.execute("UPDATE jobs SET waits_for = ? WHERE waits_for = ?",
                                  {null_if_empty(waits_for), finished_job_id}));
}

// In words of its index: by "image_id IS NULL" SQLite reads all jobs without an image, and sorts them.
Result<std::vector<Job>> SqlJobs::ended_without_image(UnixMs ended_before_ms, int limit) {
  return find_all<Job>(connection_,
                       "SELECT " TINTYPE_JOB_COLUMNS
                       " FROM jobs WHERE COALESCE(image_id, '') = '' AND finished_at_ms IS NOT NULL "
                       "AND finished_at_ms < ? AND surface IN ('studio', 'upscale') "
                       "AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = jobs.batch_id) "
                       "ORDER BY finished_at_ms LIMIT ?",
                       kJobColumnTypes, {ended_before_ms, std::int64_t{limit}}, job_of);
}

Result<bool> SqlJobs::remove_ended(const Job& job) {
  const auto removed = changed_one(connection_.execute(
      "DELETE FROM jobs WHERE id = ? AND user_id = ? AND state IN ('succeeded', 'failed', 'cancelled')",
      {job.id, job.user_id}));
  if (!removed || !*removed || !job.result) return removed;
  auto counted = add_usage(connection_, job.user_id, {-job.result->size_bytes, 0});
  if (!counted) return std::unexpected(counted.error());
  return true;
}

}  // namespace tintype::sql
