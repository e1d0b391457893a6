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

  RateDecisions take_all(std::span<const RateBound> bounds, UnixMs now_ms) override;
  RateDecisions look(std::span<const RateBound> bounds, UnixMs now_ms) override {
    return limiter_.look(bounds, now_ms);
  }
  void give_back(std::span<const RateBound> bounds, const RateDecisions& taken) override {
    limiter_.give_back(bounds, taken);
  }
  bool may_block() const override { return limiter_.may_block(); }

  std::map<std::string, std::int64_t, std::less<>> refusals() const;  // by bucket, since the process started

 private:
  RateLimiter& limiter_;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> refusals_;
};

}  // namespace tintype::app
