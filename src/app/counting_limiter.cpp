#include "app/counting_limiter.h"

namespace tintype::app {

RateDecision CountingLimiter::take(std::string_view bucket, std::string_view subject, const RateLimit& limit,
                                   UnixMs now_ms) {
  const RateDecision decision = limiter_.take(bucket, subject, limit, now_ms);
  if (decision.allowed) return decision;
  const std::lock_guard lock(mutex_);
  const auto found = refusals_.find(bucket);
  if (found != refusals_.end())
    ++found->second;
  else
    refusals_.emplace(bucket, 1);
  return decision;
}

std::map<std::string, std::int64_t, std::less<>> CountingLimiter::refusals() const {
  const std::lock_guard lock(mutex_);
  return refusals_;
}

}  // namespace tintype::app
