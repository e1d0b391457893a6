#include <algorithm>
#include <map>
#include <tuple>

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

// Each day's row is written once, whatever number of jobs ended on it.
Result<void> count_ends(Connection& connection, std::span<const Job* const> jobs) {
  std::map<std::tuple<std::string_view, std::int64_t, OperationKind>, JobDay> days;
  for (const Job* job : jobs) {
    const bool has_succeeded = job->state == JobState::kSucceeded;
    if (job->operation == OperationKind::kVariants || (!has_succeeded && job->state != JobState::kFailed)) continue;
    JobDay& day = days[{job->user_id, day_of(job->finished_at_ms.value_or(job->updated_at_ms)), job->operation}];
    ++(has_succeeded ? day.succeeded : day.failed);
    if (has_succeeded) day.tokens += job->price;
  }
  for (const auto& [of, day] : days) {
    const auto& [user_id, at, operation] = of;
    auto counted = done(connection.execute(
        "INSERT INTO job_days AS d (user_id, day, operation, succeeded, failed, tokens) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (user_id, day, operation) DO UPDATE SET succeeded = d.succeeded + EXCLUDED.succeeded, "
        "failed = d.failed + EXCLUDED.failed, tokens = d.tokens + EXCLUDED.tokens",
        {user_id, at, operation_name(operation), day.succeeded, day.failed, day.tokens}));
    if (!counted) return counted;
  }
  return {};
}

Result<void> count_entries(Connection& connection, std::span<const LedgerEntry> entries) {
  std::map<std::pair<std::string_view, std::int64_t>, TokenDay> days;
  for (const LedgerEntry& entry : entries) {
    const Tokens spent = entry.kind == LedgerKind::kCapture ? -entry.amount : 0;
    const Tokens received = std::max<Tokens>(entry.amount, 0);
    if (spent == 0 && received == 0) continue;
    TokenDay& day = days[{entry.user_id, day_of(entry.created_at_ms)}];
    day.spent += spent;
    day.received += received;
  }
  for (const auto& [of, day] : days) {
    auto counted =
        done(connection.execute("INSERT INTO token_days AS d (user_id, day, spent, received) VALUES (?, ?, ?, ?) "
                                "ON CONFLICT (user_id, day) DO UPDATE SET spent = d.spent + EXCLUDED.spent, "
                                "received = d.received + EXCLUDED.received",
                                {of.first, of.second, day.spent, day.received}));
    if (!counted) return counted;
  }
  return {};
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
