// What every rate limiter has to hold. An adapter's test instantiates it with a way to make one:
//
//   INSTANTIATE_TEST_SUITE_P(Local, RateLimiterContract, testing::Values([] { return ...; }));
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "ports/rate_limiter.h"

namespace tintype {

using MakeRateLimiter = std::function<std::unique_ptr<RateLimiter>()>;

// Every limiter that is made has to be empty.
class RateLimiterContract : public testing::TestWithParam<MakeRateLimiter> {
 protected:
  static constexpr UnixMs kNow = 1'765'535'400'000;
  static constexpr RateLimit kThreeAMinute{3, 60'000};

  RateDecision take(UnixMs now_ms, std::string_view subject = "user", std::string_view bucket = "submit") {
    return limiter_->take(bucket, subject, kThreeAMinute, now_ms);
  }

  std::unique_ptr<RateLimiter> limiter_ = GetParam()();
};

TEST_P(RateLimiterContract, AWindowOpensWithItsFirstRequest) {
  for (int at = 0; at < 3; ++at) {
    const RateDecision decision = take(kNow + at * 1'000);
    EXPECT_TRUE(decision.allowed);
    EXPECT_EQ(decision.limit, 3);
    EXPECT_EQ(decision.remaining, 2 - at);
    EXPECT_EQ(decision.resets_at_ms, kNow + 60'000);
    EXPECT_EQ(decision.retry_after_seconds, 0);
  }
}

TEST_P(RateLimiterContract, ARefusalSaysWhenToComeBackAndTakesNothing) {
  for (int at = 0; at < 3; ++at) take(kNow);
  for (int at = 0; at < 5; ++at) {
    const RateDecision refused = take(kNow + 100);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0);
    EXPECT_EQ(refused.resets_at_ms, kNow + 60'000);
    EXPECT_EQ(refused.retry_after_seconds, 60) << "59.9 s, rounded up";
  }
  EXPECT_EQ(take(kNow + 59'999).retry_after_seconds, 1);
}

TEST_P(RateLimiterContract, TheNextWindowOpensAfterTheLast) {
  for (int at = 0; at < 4; ++at) take(kNow);
  const RateDecision fresh = take(kNow + 60'000);
  EXPECT_TRUE(fresh.allowed);
  EXPECT_EQ(fresh.remaining, 2);
  EXPECT_EQ(fresh.resets_at_ms, kNow + 120'000);
}

TEST_P(RateLimiterContract, BucketsAndSubjectsAreCountedApart) {
  for (int at = 0; at < 4; ++at) take(kNow, "a", "submit");
  EXPECT_FALSE(take(kNow, "a", "submit").allowed);
  EXPECT_TRUE(take(kNow, "b", "submit").allowed);
  EXPECT_TRUE(take(kNow, "a", "read").allowed);
}

TEST_P(RateLimiterContract, ALowerLimitHoldsAtOnce) {
  for (int at = 0; at < 3; ++at) take(kNow);
  const RateDecision decision = limiter_->take("submit", "user", RateLimit{1, 60'000}, kNow);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.limit, 1);
  EXPECT_EQ(decision.remaining, 0);
}

TEST_P(RateLimiterContract, AClockSetBackLocksNobodyOut) {
  for (int at = 0; at < 4; ++at) take(kNow);
  const RateDecision decision = take(kNow - 3'600'000);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.resets_at_ms, kNow - 3'600'000 + 60'000);
}

TEST_P(RateLimiterContract, ThreadsTogetherGetNoMoreThanTheLimit) {
  constexpr int kLimit = 100;
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  for (int at = 0; at < 4; ++at) {
    threads.emplace_back([&] {
      for (int request = 0; request < kLimit; ++request) {
        if (limiter_->take("submit", "user", RateLimit{kLimit, 60'000}, kNow).allowed) ++allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, kLimit);
}

}  // namespace tintype
