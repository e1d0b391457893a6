#include "app/activity.h"

#include <algorithm>
#include <tuple>

#include "app/read.h"

namespace tintype::app {

namespace {

OperationTotal& total_of(std::vector<OperationTotal>& totals, OperationKind operation) {
  const auto found = std::ranges::find(totals, operation, &OperationTotal::operation);
  return found != totals.end() ? *found : totals.emplace_back(operation);
}

}  // namespace

Result<ActivityReport> Activity::of(std::string_view user_id, int days) {
  const std::int64_t today = day_of(clock_.now_ms()), first_day = today - days + 1;
  return read(database_, [&](Transaction& transaction) -> Result<ActivityReport> {
    const auto jobs = transaction.usage().job_days(user_id, first_day);
    if (!jobs) return std::unexpected(jobs.error());
    const auto tokens = transaction.usage().token_days(user_id, first_day);
    if (!tokens) return std::unexpected(tokens.error());
    ActivityReport report;
    for (std::int64_t day = first_day; day <= today; ++day) report.days.push_back({day_begins_at_ms(day)});
    // A clock that ran ahead may have counted for a day that has not begun.
    const auto slot = [&](std::int64_t day) { return static_cast<std::size_t>(std::min(day, today) - first_day); };
    for (const JobDay& one : *jobs) {
      ActiveDay& day = report.days[slot(one.day)];
      day.jobs_succeeded += one.succeeded;
      day.jobs_failed += one.failed;
      OperationTotal& total = total_of(report.operations, one.operation);
      total.jobs += one.succeeded + one.failed;
      total.tokens += one.tokens;
    }
    for (const TokenDay& one : *tokens) {
      ActiveDay& day = report.days[slot(one.day)];
      day.tokens_spent += one.spent;
      day.tokens_received += one.received;
    }
    std::ranges::sort(report.operations, [](const OperationTotal& one, const OperationTotal& other) {
      return std::tie(other.jobs, one.operation) < std::tie(one.jobs, other.operation);
    });
    return report;
  });
}

}  // namespace tintype::app
