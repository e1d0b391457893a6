#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_UPLOAD_COLUMNS                                                                                    \
  "id, user_id, image_id, state, mode, object_key, staging_key, multipart_upload_id, total_bytes, content_type, " \
  "part_size_bytes, client_sha256, created_at_ms, expires_at_ms"
constexpr const char* kUploadColumnTypes = "ttttttttititii";

UploadSession session_of(const Row& row) {
  UploadSession session;
  session.id = row.text(0);
  session.user_id = row.text(1);
  session.image_id = row.text(2);
  session.state = parse_upload_state(row.text(3)).value_or(UploadState::kExpired);
  session.mode = parse_upload_mode(row.text(4)).value_or(UploadMode::kMultipart);
  session.object_key = row.text(5);
  session.staging_key = row.text(6);
  session.multipart_upload_id = row.text(7);
  session.total_bytes = row.optional_integer(8);
  session.content_type = row.text(9);
  session.part_size_bytes = row.integer(10);
  session.client_sha256 = row.text(11);
  session.created_at_ms = row.integer(12);
  session.expires_at_ms = row.integer(13);
  return session;
}

}  // namespace

Result<void> SqlUploads::insert(const UploadSession& session) {
  return done(connection_.execute(
      "INSERT INTO upload_sessions (" TINTYPE_UPLOAD_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {session.id, session.user_id, session.image_id, upload_state_name(session.state), upload_mode_name(session.mode),
       session.object_key, null_if_empty(session.staging_key), null_if_empty(session.multipart_upload_id),
       nullable(session.total_bytes), session.content_type, session.part_size_bytes,
       null_if_empty(session.client_sha256), session.created_at_ms, session.expires_at_ms}));
}

Result<std::optional<UploadSession>> SqlUploads::find(std::string_view user_id, std::string_view id) {
  return find_one<UploadSession>(connection_,
                                 "SELECT " TINTYPE_UPLOAD_COLUMNS " FROM upload_sessions WHERE id = ? AND user_id = ?",
                                 kUploadColumnTypes, {id, user_id}, session_of);
}

Result<std::optional<UploadSession>> SqlUploads::of_image(std::string_view user_id, std::string_view image_id) {
  return find_one<UploadSession>(
      connection_, "SELECT " TINTYPE_UPLOAD_COLUMNS " FROM upload_sessions WHERE image_id = ? AND user_id = ?",
      kUploadColumnTypes, {image_id, user_id}, session_of);
}

Result<std::optional<UploadSession>> SqlUploads::of_multipart(std::string_view user_id, std::string_view upload_id) {
  return find_one<UploadSession>(connection_,
                                 "SELECT " TINTYPE_UPLOAD_COLUMNS
                                 " FROM upload_sessions WHERE multipart_upload_id = ? AND user_id = ?",
                                 kUploadColumnTypes, {upload_id, user_id}, session_of);
}

Result<bool> SqlUploads::update(const UploadSession& session, const UploadSession& before) {
  return changed_one(connection_.execute(
      "UPDATE upload_sessions SET state = ?, mode = ?, object_key = ?, staging_key = ?, multipart_upload_id = ?, "
      "expires_at_ms = ? WHERE id = ? AND user_id = ? AND state = ? AND COALESCE(multipart_upload_id, '') = ? "
      "AND object_key = ? AND COALESCE(staging_key, '') = ?",
      {upload_state_name(session.state), upload_mode_name(session.mode), session.object_key,
       null_if_empty(session.staging_key), null_if_empty(session.multipart_upload_id), session.expires_at_ms,
       session.id, session.user_id, upload_state_name(before.state), before.multipart_upload_id, before.object_key,
       before.staging_key}));
}

Result<std::vector<UploadSession>> SqlUploads::expired(UnixMs now_ms, int limit) {
  return find_all<UploadSession>(connection_,
                                 "SELECT " TINTYPE_UPLOAD_COLUMNS
                                 " FROM upload_sessions WHERE expires_at_ms <= ? AND state IN ('created', 'open') "
                                 "ORDER BY expires_at_ms LIMIT ?",
                                 kUploadColumnTypes, {now_ms, std::int64_t{limit}}, session_of);
}

Result<std::vector<UploadSession>> SqlUploads::to_abort(int limit) {
  return find_all<UploadSession>(connection_,
                                 "SELECT " TINTYPE_UPLOAD_COLUMNS
                                 " FROM upload_sessions WHERE multipart_upload_id IS NOT NULL "
                                 "AND state IN ('aborted', 'expired') ORDER BY expires_at_ms LIMIT ?",
                                 kUploadColumnTypes, {std::int64_t{limit}}, session_of);
}

Result<std::vector<UploadSession>> SqlUploads::single_ones(const PageCursor& after, int limit) {
  return find_all<UploadSession>(
      connection_,
      "SELECT " TINTYPE_UPLOAD_COLUMNS
      " FROM upload_sessions WHERE state = 'open' AND mode = 'single' AND total_bytes IS NULL "
      "AND (created_at_ms, id) > (?, ?) ORDER BY created_at_ms, id LIMIT ?",
      kUploadColumnTypes, {after.created_at_ms, after.id, std::int64_t{limit}}, session_of);
}

Result<UploadRepository::OpenSessions> SqlUploads::count_open(std::string_view user_id) {
  const auto counted = find_one<OpenSessions>(
      connection_,
      "SELECT COUNT(*), COUNT(*) - COUNT(total_bytes) FROM upload_sessions WHERE user_id = ? "
      "AND state IN ('created', 'open')",
      "ii", {user_id}, [](const Row& row) { return OpenSessions{row.integer(0), row.integer(1)}; });
  if (!counted) return std::unexpected(counted.error());
  return counted->value_or(OpenSessions{});
}

Result<bool> SqlUploads::knows_multipart(std::string_view upload_id) {
  const auto count = find_one<int>(connection_,
                                   "SELECT COUNT(*) FROM upload_sessions WHERE multipart_upload_id = ? "
                                   "AND state IN ('created', 'open')",
                                   "i", {upload_id}, [](const Row& row) { return row.number(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0) > 0;
}

Result<int> SqlUploads::remove_ended(UnixMs expired_before_ms, int limit) {
  const auto removed = connection_.execute(
      "DELETE FROM upload_sessions WHERE id IN (SELECT id FROM upload_sessions WHERE expires_at_ms < ? "
      "AND state IN ('completed', 'aborted', 'expired') AND (multipart_upload_id IS NULL OR state = 'completed') "
      "LIMIT ?)",
      {expired_before_ms, std::int64_t{limit}});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

}  // namespace tintype::sql
