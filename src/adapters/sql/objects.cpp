#include "adapters/sql/repositories.h"

namespace tintype::sql {

Result<void> SqlObjects::begin_writing(std::string_view key, UnixMs now_ms) {
  return done(connection_.execute(
      "INSERT INTO objects (key, state, size_bytes, changed_at_ms) VALUES (?, 'writing', 0, ?)", {key, now_ms}));
}

Result<void> SqlObjects::make_live(std::string_view key, std::int64_t size_bytes, UnixMs now_ms) {
  const auto changed = connection_.execute(
      "UPDATE objects SET state = 'live', size_bytes = ?, changed_at_ms = ? WHERE key = ? AND state = 'writing'",
      {size_bytes, now_ms, key});
  if (!changed) return std::unexpected(changed.error());
  if (*changed != 1) {
    return fail(ErrorCode::kConflict, "The upload took too long and was cleaned up", "Please send it again");
  }
  return {};
}

Result<void> SqlObjects::mark_deleting(std::string_view key, UnixMs now_ms) {
  return done(
      connection_.execute("UPDATE objects SET state = 'deleting', changed_at_ms = ? WHERE key = ?", {now_ms, key}));
}

Result<std::vector<std::string>> SqlObjects::to_purge(UnixMs writing_before_ms, UnixMs now_ms, int limit) {
  const auto abandoned = connection_.execute(
      "UPDATE objects SET state = 'deleting', changed_at_ms = ? WHERE state = 'writing' AND changed_at_ms < ? "
      "AND NOT EXISTS (SELECT 1 FROM upload_sessions s WHERE s.state IN ('created', 'open') "
      "AND (s.object_key = objects.key OR s.staging_key = objects.key))",
      {now_ms, writing_before_ms});
  if (!abandoned) return std::unexpected(abandoned.error());
  return find_all<std::string>(connection_,
                               "SELECT key FROM objects WHERE state <> 'live' AND state = 'deleting' "
                               "AND changed_at_ms <= ? ORDER BY changed_at_ms LIMIT ?",
                               "t", {now_ms, std::int64_t{limit}}, [](const Row& row) { return row.text(0); });
}

Result<void> SqlObjects::forget(std::string_view key) {
  return done(connection_.execute("DELETE FROM objects WHERE key = ? AND state <> 'live'", {key}));
}

Result<std::vector<ObjectRecord>> SqlObjects::list(std::string_view after_key, int limit) {
  return find_all<ObjectRecord>(
      connection_, "SELECT key, state, size_bytes, changed_at_ms FROM objects WHERE key > ? ORDER BY key LIMIT ?",
      "ttii", {after_key, std::int64_t{limit}}, [](const Row& row) {
        const std::string& state = row.text(1);
        return ObjectRecord{row.text(0),
                            state == "live"       ? ObjectState::kLive
                            : state == "deleting" ? ObjectState::kDeleting
                                                  : ObjectState::kWriting,
                            row.integer(2), row.integer(3)};
      });
}

Result<std::optional<IdempotencyRecord>> SqlIdempotency::find(std::string_view user_id, std::string_view key,
                                                              UnixMs not_before_ms) {
  return find_one<IdempotencyRecord>(
      connection_,
      "SELECT user_id, key, fingerprint, status, body, created_at_ms FROM idempotency_keys "
      "WHERE user_id = ? AND key = ? AND created_at_ms >= ?",
      "tttiti", {user_id, key, not_before_ms}, [](const Row& row) {
        return IdempotencyRecord{row.text(0), row.text(1), row.text(2), StoredReply{row.number(3), row.text(4)},
                                 row.integer(5)};
      });
}

Result<void> SqlIdempotency::insert(const IdempotencyRecord& record, UnixMs not_before_ms) {
  const auto inserted = connection_.execute(
      "INSERT INTO idempotency_keys (user_id, key, fingerprint, status, body, created_at_ms) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, "
      "status = excluded.status, body = excluded.body, created_at_ms = excluded.created_at_ms "
      "WHERE idempotency_keys.created_at_ms < ?",
      {record.user_id, record.key, record.fingerprint, std::int64_t{record.reply.status}, record.reply.body,
       record.created_at_ms, not_before_ms});
  if (!inserted) return std::unexpected(inserted.error());
  if (*inserted == 0) {
    // Another unit with this key was committed since this one began: run again, it will find the answer.
    connection_.note_conflict();
    return fail(ErrorCode::kConflict, "A request with this Idempotency-Key is being answered", "Please try again");
  }
  return {};
}

Result<int> SqlIdempotency::remove_older(UnixMs before_ms, int limit) {
  const auto removed = connection_.execute(
      "DELETE FROM idempotency_keys WHERE (user_id, key) IN "
      "(SELECT user_id, key FROM idempotency_keys WHERE created_at_ms < ? LIMIT ?)",
      {before_ms, std::int64_t{limit}});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

}  // namespace tintype::sql
