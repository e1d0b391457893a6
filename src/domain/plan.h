// What a user may have. Tokens are apart from plans.
#pragma once

#include <cstdint>

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

// kQuotaExceeded when `more` does not fit beside `usage`; says what is left.
Result<void> check_quota(const StorageQuota& quota, const StorageUsage& usage, const StorageUsage& more);

}  // namespace tintype
