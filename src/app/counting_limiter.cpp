#include "app/counting_limiter.h"

namespace tintype::app {

RateDecisions CountingLimiter::take_all(std::span<const RateBound> bounds, UnixMs now_ms) {
  RateDecisions taken = limiter_.take_all(bounds, now_ms);
  if (const auto refused = taken.refused()) {
    const std::lock_guard lock(mutex_);
    refusals_[bounds[*refused].bucket] += 1;
  }
  return taken;
}

std::map<std::string, std::int64_t, std::less<>> CountingLimiter::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

}  // namespace tintype::app
