// A rate limiter that counts, by bucket, what another one refuses.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "ports/rate_limiter.h"

namespace tintype::app {

class CountingLimiter final : public RateLimiter {
 public:
  explicit CountingLimiter(RateLimiter& limiter) : limiter_(limiter) {}

  RateDecision take(std::string_view bucket, std::string_view subject, const RateLimit& limit, UnixMs now_ms) override;
  std::map<std::string, std::int64_t, std::less<>> refusals() const;  // by bucket, since the process started

 private:
  RateLimiter& limiter_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> refusals_;
};

}  // namespace tintype::app
