// What a user may have. Tokens are apart from plans.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype {

struct StorageQuota {
  std::int64_t bytes_max = 0;
  std::int64_t images_max = 0;
};

// What a user has: originals (also those that are announced, and those in the trash) and results. Variants are ours.
struct StorageUsage {
  std::int64_t bytes = 0;
  std::int64_t images = 0;
};

// What the upscale surface lets through.
struct CallBounds {
  int requests_per_hour = 0;
  int requests_per_day = 0;
  int concurrent_jobs = 0;  // that have not ended, waiting ones included
};

// The plans from the least to the greatest: "free", "starter", "professional", "enterprise".
bool is_plan(std::string_view name);
// Its place among them; that of "free" for a name that is none.
int plan_rank(std::string_view name);
std::vector<std::string> plan_names();

// kQuotaExceeded when `more` does not fit beside `usage`; says what is left.
Result<void> check_quota(const StorageQuota& quota, const StorageUsage& usage, const StorageUsage& more);

}  // namespace tintype
