#include <algorithm>

#include "adapters/sql/repositories.h"

namespace tintype::sql {

Result<void> add_usage(Connection& connection, std::string_view user_id, const StorageUsage& more) {
  return done_once(
      connection.execute("UPDATE storage_usage SET bytes = bytes + ?, images = images + ? WHERE user_id = ?",
                         {more.bytes, more.images, user_id}),
      "count what a user has");
}

Result<StorageUsage> SqlUsage::find(std::string_view user_id) {
  const auto found =
      find_one<StorageUsage>(connection_, "SELECT bytes, images FROM storage_usage WHERE user_id = ?", "ii", {user_id},
                             [](const Row& row) { return StorageUsage{row.integer(0), row.integer(1)}; });
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
  return **found;
}

Result<void> count_end(Connection& connection, const Job& job) {
  const bool has_succeeded = job.state == JobState::kSucceeded;
  if (job.operation == OperationKind::kVariants || (!has_succeeded && job.state != JobState::kFailed)) return {};
  return done(connection.execute(
      "INSERT INTO job_days AS d (user_id, day, operation, succeeded, failed, tokens) VALUES (?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (user_id, day, operation) DO UPDATE SET succeeded = d.succeeded + EXCLUDED.succeeded, "
      "failed = d.failed + EXCLUDED.failed, tokens = d.tokens + EXCLUDED.tokens",
      {job.user_id, day_of(job.finished_at_ms.value_or(job.updated_at_ms)), operation_name(job.operation),
       std::int64_t{has_succeeded}, std::int64_t{!has_succeeded}, has_succeeded ? job.price : std::int64_t{0}}));
}

Result<void> count_entry(Connection& connection, const LedgerEntry& entry) {
  const Tokens spent = entry.kind == LedgerKind::kCapture ? -entry.amount : 0;
  const Tokens received = std::max<Tokens>(entry.amount, 0);
  if (spent == 0 && received == 0) return {};
  return done(
      connection.execute("INSERT INTO token_days AS d (user_id, day, spent, received) VALUES (?, ?, ?, ?) "
                         "ON CONFLICT (user_id, day) DO UPDATE SET spent = d.spent + EXCLUDED.spent, "
                         "received = d.received + EXCLUDED.received",
                         {entry.user_id, day_of(entry.created_at_ms), spent, received}));
}

Result<std::vector<JobDay>> SqlUsage::job_days(std::string_view user_id, std::int64_t first_day) {
  return find_all<JobDay>(connection_,
                          "SELECT day, operation, succeeded, failed, tokens FROM job_days "
                          "WHERE user_id = ? AND day >= ? ORDER BY day, operation",
                          "itiii", {user_id, first_day}, [](const Row& row) {
                            return JobDay{row.integer(0),
                                          parse_operation(row.text(1)).value_or(OperationKind::kEnhance),
                                          row.integer(2), row.integer(3), row.integer(4)};
                          });
}

Result<std::vector<TokenDay>> SqlUsage::token_days(std::string_view user_id, std::int64_t first_day) {
  return find_all<TokenDay>(
      connection_, "SELECT day, spent, received FROM token_days WHERE user_id = ? AND day >= ? ORDER BY day", "iii",
      {user_id, first_day}, [](const Row& row) { return TokenDay{row.integer(0), row.integer(1), row.integer(2)}; });
}

}  // namespace tintype::sql
