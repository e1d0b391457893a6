// Counts requests against named bounds.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace tintype {

struct RateLimit {
  int requests = 0;  // per window
  std::int64_t window_ms = 0;
};

struct RateDecision {
  bool allowed = true;
  int limit = 0;
  int remaining = 0;
  UnixMs resets_at_ms = 0;
  std::int64_t retry_after_seconds = 0;  // at least 1 when refused
};

class RateLimiter {
 public:
  virtual ~RateLimiter() = default;
  // Takes one from (bucket, subject): a fixed window that opens with its first request, as the contract's
  // `X-RateLimit-Reset` implies. Thread-safe. A refused request takes nothing.
  virtual RateDecision take(std::string_view bucket, std::string_view subject, const RateLimit& limit,
                            UnixMs now_ms) = 0;
};

}  // namespace tintype
