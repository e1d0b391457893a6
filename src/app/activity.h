// What a user did and spent in the last days.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/activity.h"
#include "ports/database.h"

namespace tintype::app {

inline constexpr int kActivityDaysMax = 365;

struct ActiveDay {
  UnixMs begins_at_ms = 0;
  std::int64_t jobs_succeeded = 0, jobs_failed = 0;
  Tokens tokens_spent = 0, tokens_received = 0;
};

struct OperationTotal {
  OperationKind operation = OperationKind::kEnhance;
  std::int64_t jobs = 0;  // that succeeded or failed
  Tokens tokens = 0;
};

struct ActivityReport {
  std::vector<ActiveDay> days;             // every one, oldest first; the last is today
  std::vector<OperationTotal> operations;  // those that were asked for, most jobs first
};

class Activity {
 public:
  Activity(Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Of the last `days` days, 1 to kActivityDaysMax, from counts by day: how much a user has makes no difference.
  Result<ActivityReport> of(std::string_view user_id, int days);

 private:
  Database& database_;
  const Clock& clock_;
};

}  // namespace tintype::app
