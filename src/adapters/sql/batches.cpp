#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_BATCH_COLUMNS                                                                                   \
  "id, user_id, name, operation, parameters, images_total, state, paused_at_ms, created_at_ms, started_at_ms, " \
  "updated_at_ms"
constexpr const char* kBatchTypes = "tttttitiiii";

StudioBatch batch_of(const Row& row) {
  StudioBatch batch;
  batch.id = row.text(0);
  batch.user_id = row.text(1);
  batch.name = row.text(2);
  batch.operation = parse_operation(row.text(3)).value_or(OperationKind::kEdit);
  batch.parameters = decode_parameters(row.text(4)).value_or(Parameters{});
  batch.images_total = row.number(5);
  batch.state = parse_batch_state(row.text(6)).value_or(BatchState::kCancelled);
  batch.paused_at_ms = row.optional_integer(7);
  batch.created_at_ms = row.integer(8);
  batch.started_at_ms = row.optional_integer(9);
  batch.updated_at_ms = row.integer(10);
  return batch;
}

BatchImage batch_image_of(const Row& row) {
  BatchImage image;
  image.batch_id = row.text(0);
  image.position = row.number(1);
  image.name = row.text(2);
  image.object_key = row.text(3);
  image.format = parse_image_format(row.text(4)).value_or(ImageFormat::kJpeg);
  image.width_px = row.number(5);
  image.height_px = row.number(6);
  image.size_bytes = row.integer(7);
  image.job_id = row.text(8);
  return image;
}

}  // namespace

Result<void> SqlBatches::insert(const StudioBatch& batch) {
  return done(connection_.execute(
      "INSERT INTO batches (" TINTYPE_BATCH_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {batch.id, batch.user_id, batch.name, operation_name(batch.operation), encode_parameters(batch.parameters),
       std::int64_t{batch.images_total}, batch_state_name(batch.state), nullable(batch.paused_at_ms),
       batch.created_at_ms, nullable(batch.started_at_ms), batch.updated_at_ms}));
}

Result<std::optional<StudioBatch>> SqlBatches::find(std::string_view user_id, std::string_view id) {
  return find_one<StudioBatch>(connection_,
                               "SELECT " TINTYPE_BATCH_COLUMNS " FROM batches WHERE id = ? AND user_id = ?",
                               kBatchTypes, {id, user_id}, batch_of);
}

Result<std::vector<StudioBatch>> SqlBatches::list(std::string_view user_id, const Page& page) {
  return find_all<StudioBatch>(connection_,
                               "SELECT " TINTYPE_BATCH_COLUMNS
                               " FROM batches WHERE user_id = ? AND (created_at_ms, id) < (?, ?) "
                               "ORDER BY created_at_ms DESC, id DESC LIMIT ?",
                               kBatchTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
                               batch_of);
}

Result<std::int64_t> SqlBatches::count(std::string_view user_id) {
  const auto count = find_one<std::int64_t>(connection_, "SELECT COUNT(*) FROM batches WHERE user_id = ?", "i",
                                            {user_id}, [](const Row& row) { return row.integer(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<bool> SqlBatches::update(const StudioBatch& batch, BatchState before) {
  return changed_one(
      connection_.execute("UPDATE batches SET state = ?, paused_at_ms = ?, started_at_ms = ?, updated_at_ms = ? "
                          "WHERE id = ? AND user_id = ? AND state = ?",
                          {batch_state_name(batch.state), nullable(batch.paused_at_ms), nullable(batch.started_at_ms),
                           batch.updated_at_ms, batch.id, batch.user_id, batch_state_name(before)}));
}

Result<void> SqlBatches::add_image(const StudioBatch& batch, const BatchImage& image) {
  auto inserted = done(connection_.execute(
      "INSERT INTO batch_images (batch_id, position, name, object_key, format, width_px, height_px, size_bytes, "
      "job_id) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {batch.id, std::int64_t{image.position}, image.name, image.object_key, image_format_name(image.format),
       std::int64_t{image.width_px}, std::int64_t{image.height_px}, image.size_bytes, null_if_empty(image.job_id)}));
  return inserted ? add_usage(connection_, batch.user_id, {image.size_bytes, 0}) : inserted;
}

Result<std::vector<BatchImage>> SqlBatches::images(std::string_view batch_id) {
  return find_all<BatchImage>(connection_,
                              "SELECT batch_id, position, name, object_key, format, width_px, height_px, size_bytes, "
                              "job_id FROM batch_images WHERE batch_id = ? ORDER BY position",
                              "titttiiit", {batch_id}, batch_image_of);
}

Result<void> SqlBatches::set_job(std::string_view batch_id, int position, std::string_view job_id) {
  return done_once(connection_.execute("UPDATE batch_images SET job_id = ? WHERE batch_id = ? AND position = ?",
                                       {job_id, batch_id, std::int64_t{position}}),
                   "give a batch's picture its job");
}

Result<std::optional<std::string>> SqlBatches::input_of(std::string_view job_id) {
  return find_one<std::string>(connection_, "SELECT object_key FROM batch_images WHERE job_id = ?", "t", {job_id},
                               [](const Row& row) { return row.text(0); });
}

Result<BatchCounts> SqlBatches::counts(std::string_view batch_id) {
  BatchCounts counts;
  const auto ran = connection_.query(
      "SELECT COALESCE(j.state, ''), COUNT(*) FROM batch_images i LEFT JOIN jobs j ON j.id = i.job_id "
      "WHERE i.batch_id = ? GROUP BY 1",
      "ti", {batch_id}, [&](const Row& row) {
        const int count = row.number(1);
        counts.received += count;
        const auto state = parse_job_state(row.text(0));
        if (!state) return;
        switch (*state) {
          case JobState::kQueued: counts.waiting += count; break;
          case JobState::kRunning: counts.running += count; break;
          case JobState::kSucceeded: counts.succeeded += count; break;
          case JobState::kFailed: counts.failed += count; break;
          case JobState::kCancelled: counts.cancelled += count; break;
        }
      });
  if (!ran) return std::unexpected(ran.error());
  return counts;
}

Result<void> SqlBatches::hold(std::string_view user_id, std::string_view batch_id) {
  return done(
      connection_.execute("UPDATE jobs SET waits_for = ?, turn_end = 0 "
                          "WHERE batch_id = ? AND user_id = ? AND state = 'queued' AND waits_for IS NULL",
                          {batch_id, batch_id, user_id}));
}

Result<void> SqlBatches::let_go(std::string_view user_id, std::string_view batch_id, UnixMs now_ms) {
  const auto held = find_all<std::pair<std::int64_t, int>>(
      connection_, "SELECT sequence, priority FROM jobs WHERE waits_for = ? AND user_id = ? ORDER BY sequence", "ii",
      {batch_id, user_id}, [](const Row& row) { return std::pair(row.integer(0), row.number(1)); });
  if (!held) return std::unexpected(held.error());
  for (const auto& [sequence, priority] : *held) {
    const auto turn = turn_of(connection_, user_id, priority, now_ms);
    if (!turn) return std::unexpected(turn.error());
    auto let = done(connection_.execute("UPDATE jobs SET waits_for = NULL, turn = ?, turn_end = ? WHERE sequence = ?",
                                        {turn->turn, turn->end, sequence}));
    if (!let) return let;
  }
  return {};
}

Result<std::vector<Job>> SqlBatches::unfinished(std::string_view user_id, std::string_view batch_id, int limit) {
  return find_all<Job>(connection_,
                       "SELECT " TINTYPE_JOB_COLUMNS
                       " FROM jobs WHERE batch_id = ? AND user_id = ? AND finished_at_ms IS NULL "
                       "AND cancel_requested = 0 ORDER BY sequence LIMIT ?",
                       kJobColumnTypes, {batch_id, user_id, std::int64_t{limit}}, job_of);
}

Result<std::vector<StudioBatch>> SqlBatches::cancelled_with_unfinished(int limit) {
  return find_all<StudioBatch>(connection_,
                               "SELECT " TINTYPE_BATCH_COLUMNS
                               " FROM batches b WHERE state = 'cancelled' AND (EXISTS (SELECT 1 FROM jobs j "
                               "WHERE j.waits_for = b.id) OR id IN (SELECT batch_id FROM jobs WHERE state = 'running' "
                               "AND cancel_requested = 0 AND batch_id IS NOT NULL)) LIMIT ?",
                               kBatchTypes, {std::int64_t{limit}}, batch_of);
}

Result<std::vector<StudioBatch>> SqlBatches::to_remove(UnixMs updated_before_ms, int limit) {
  return find_all<StudioBatch>(connection_,
                               "SELECT " TINTYPE_BATCH_COLUMNS
                               " FROM batches b WHERE updated_at_ms < ? AND NOT EXISTS (SELECT 1 FROM jobs j "
                               "WHERE j.batch_id = b.id AND (j.finished_at_ms IS NULL OR j.finished_at_ms >= ?)) "
                               "ORDER BY updated_at_ms LIMIT ?",
                               kBatchTypes, {updated_before_ms, updated_before_ms, std::int64_t{limit}}, batch_of);
}

Result<bool> SqlBatches::remove(const StudioBatch& batch) {
  const auto freed = find_one<std::int64_t>(
      connection_, "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM batch_images WHERE batch_id = ?", "i",
      {batch.id}, [](const Row& row) { return row.integer(0); });
  if (!freed) return std::unexpected(freed.error());
  const auto removed =
      changed_one(connection_.execute("DELETE FROM batches WHERE id = ? AND user_id = ?", {batch.id, batch.user_id}));
  if (!removed || !*removed) return removed;
  auto counted = add_usage(connection_, batch.user_id, {-freed->value_or(0), 0});
  if (!counted) return std::unexpected(counted.error());
  return true;
}

}  // namespace tintype::sql
