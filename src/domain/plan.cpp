#include "domain/plan.h"

#include <algorithm>

namespace tintype {

Result<void> check_quota(const StorageQuota& quota, const StorageUsage& usage, const StorageUsage& more) {
  if (more.images > 0 && usage.images + more.images > quota.images_max) {
    return fail(ErrorCode::kQuotaExceeded, "Your plan holds " + std::to_string(quota.images_max) + " images",
                "Delete some for good, or take a larger plan");
  }
  if (more.bytes > 0 && usage.bytes + more.bytes > quota.bytes_max) {
    const std::int64_t left = std::max<std::int64_t>(0, quota.bytes_max - usage.bytes);
    return fail(ErrorCode::kQuotaExceeded,
                "Your plan holds " + std::to_string(quota.bytes_max) + " bytes, of which " + std::to_string(left) +
                    " are free; this needs " + std::to_string(more.bytes),
                "Delete something for good, or take a larger plan");
  }
  return {};
}

}  // namespace tintype
