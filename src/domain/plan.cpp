#include "domain/plan.h"

#include <algorithm>
#include <array>

namespace tintype {

namespace {

constexpr std::array<std::string_view, 4> kPlans = {"free", "starter", "professional", "enterprise"};

}  // namespace

bool is_plan(std::string_view name) {
  return std::ranges::find(kPlans, name) != kPlans.end();
}

int plan_rank(std::string_view name) {
  const auto found = std::ranges::find(kPlans, name);
  return found == kPlans.end() ? 0 : static_cast<int>(found - kPlans.begin());
}

std::vector<std::string> plan_names() {
  return {kPlans.begin(), kPlans.end()};
}

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
