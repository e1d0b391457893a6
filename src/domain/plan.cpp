#include "domain/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace tintype {

namespace {

constexpr std::array<std::string_view, 4> kPlans = {"free", "starter", "professional", "enterprise"};

// As the console has it: "1.4 MB", by powers of 1,024; rounded down, so that what is free is not said too large.
std::string bytes_text(std::int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"bytes", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1'024 && unit + 1 < kUnits.size(); ++unit) value /= 1'024;
  const double steps = unit > 0 && value < 100 ? 10 : 1;
  std::array<char, 32> text = {};
  std::snprintf(text.data(), text.size(), "%g %s", std::floor(value * steps) / steps, kUnits[unit]);
  return text.data();
}

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
    std::string message = "Your plan holds " + bytes_text(quota.bytes_max);
    message += left == 0 ? ", and all of it is taken"
                         : ", of which " + bytes_text(left) + " are free; this needs " + bytes_text(more.bytes);
    return fail(ErrorCode::kQuotaExceeded, message, "Delete something for good, or take a larger plan");
  }
  return {};
}

}  // namespace tintype
