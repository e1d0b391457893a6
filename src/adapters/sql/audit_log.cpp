#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_AUDIT_COLUMNS "id, at_ms, actor, action, user_id, reason, state_before, state_after, request_id"
constexpr const char* kAuditColumnTypes = "tittttttt";

AuditEntry audit_entry_of(const Row& row) {
  return {row.text(0),
          row.integer(1),
          {row.text(2), row.text(8)},
          parse_audit_action(row.text(3)).value_or(AuditAction::kCreateUser),
          row.text(4),
          row.text(5),
          row.text(6),
          row.text(7)};
}

#define TINTYPE_BEHIND                                                  \
  "sequence < COALESCE((SELECT sequence FROM audit_log WHERE id = ?), " \
  "9223372036854775807) ORDER BY sequence DESC LIMIT ?"

}  // namespace

Result<void> SqlAuditLog::append(const AuditEntry& entry) {
  return done(connection_.execute(
      "INSERT INTO audit_log (" TINTYPE_AUDIT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {entry.id, entry.at_ms, entry.actor.name, audit_action_name(entry.action), null_if_empty(entry.user_id),
       entry.reason, entry.before, entry.after, null_if_empty(entry.actor.request_id)}));
}

Result<std::vector<AuditEntry>> SqlAuditLog::list(const Filter& filter, const Page& page) {
  const std::string_view actor = filter.actor, user_id = filter.user_id;
  const Value after = cursor_id(page), limit = std::int64_t{page.limit};
  if (!user_id.empty()) {
    return find_all<AuditEntry>(connection_,
                                "SELECT " TINTYPE_AUDIT_COLUMNS
                                " FROM audit_log WHERE user_id = ? AND (? = '' OR actor = ?) AND " TINTYPE_BEHIND,
                                kAuditColumnTypes, {user_id, actor, actor, after, limit}, audit_entry_of);
  }
  if (!actor.empty()) {
    return find_all<AuditEntry>(connection_,
                                "SELECT " TINTYPE_AUDIT_COLUMNS " FROM audit_log WHERE actor = ? AND " TINTYPE_BEHIND,
                                kAuditColumnTypes, {actor, after, limit}, audit_entry_of);
  }
  return find_all<AuditEntry>(connection_, "SELECT " TINTYPE_AUDIT_COLUMNS " FROM audit_log WHERE " TINTYPE_BEHIND,
                              kAuditColumnTypes, {after, limit}, audit_entry_of);
}

}  // namespace tintype::sql
