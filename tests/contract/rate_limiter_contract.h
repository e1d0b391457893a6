// What every rate limiter has to hold. An adapter's test instantiates it with a way to make one:
//
//   INSTANTIATE_TEST_SUITE_P(Local, RateLimiterContract, testing::Values([] { return ...; }));
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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

  int left(const RateBound& bound, UnixMs now_ms) { return limiter_->look({&bound, 1}, now_ms).bounds[0].remaining; }

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

TEST_P(RateLimiterContract, SeveralBoundsAreTakenTogetherOrNotAtAll) {
  const std::vector<RateBound> bounds = {{"hour", "user", {2, 3'600'000}}, {"day", "user", {3, 86'400'000}}};
  RateDecisions taken = limiter_->take_all(bounds, kNow);
  ASSERT_EQ(taken.bounds.size(), 2U);
  EXPECT_FALSE(taken.refused());
  EXPECT_EQ(taken.bounds[0].remaining, 1);
  EXPECT_EQ(taken.bounds[1].remaining, 2);
  EXPECT_EQ(taken.bounds[0].resets_at_ms, kNow + 3'600'000);
  EXPECT_EQ(taken.bounds[1].resets_at_ms, kNow + 86'400'000);
  limiter_->take_all(bounds, kNow);
  for (int at = 0; at < 5; ++at) {
    const RateDecisions refused = limiter_->take_all(bounds, kNow + 1'000);
    EXPECT_EQ(refused.refused(), std::optional<std::size_t>(0));
    EXPECT_EQ(refused.bounds[0].retry_after_seconds, 3'599);
    EXPECT_TRUE(refused.bounds[1].allowed);
    EXPECT_EQ(refused.bounds[1].remaining, 1) << "a refusal takes nothing from the other";
  }
  taken = limiter_->take_all(bounds, kNow + 3'600'000);
  EXPECT_FALSE(taken.refused());
  EXPECT_EQ(taken.bounds[0].remaining, 1);
  EXPECT_EQ(taken.bounds[1].remaining, 0);
  EXPECT_EQ(limiter_->take_all(bounds, kNow + 3'600'001).refused(), std::optional<std::size_t>(1));
}

TEST_P(RateLimiterContract, OfSeveralThatRefuseTheLastToClearIsNamed) {
  const std::vector<RateBound> bounds = {{"hour", "user", {1, 3'600'000}}, {"day", "user", {1, 86'400'000}}};
  limiter_->take_all(bounds, kNow);
  EXPECT_EQ(limiter_->take_all(bounds, kNow).refused(), std::optional<std::size_t>(1));
}

TEST_P(RateLimiterContract, LookingTakesNothing) {
  const std::vector<RateBound> bounds = {{"submit", "user", kThreeAMinute}};
  EXPECT_EQ(left(bounds[0], kNow), 3);
  EXPECT_EQ(limiter_->look(bounds, kNow).bounds[0].resets_at_ms, kNow + 60'000);
  take(kNow + 1'000);
  const RateDecision seen = limiter_->look(bounds, kNow + 2'000).bounds[0];
  EXPECT_TRUE(seen.allowed);
  EXPECT_EQ(seen.remaining, 2);
  EXPECT_EQ(seen.resets_at_ms, kNow + 61'000) << "looking has opened no window";
  take(kNow + 2'000);
  take(kNow + 2'000);
  EXPECT_FALSE(limiter_->look(bounds, kNow + 2'000).bounds[0].allowed);
  EXPECT_EQ(left(bounds[0], kNow + 61'000), 3);
}

TEST_P(RateLimiterContract, WhatIsGivenBackCanBeTakenAgain) {
  const std::vector<RateBound> bounds = {{"hour", "user", {1, 3'600'000}}, {"day", "user", {2, 86'400'000}}};
  const RateDecisions taken = limiter_->take_all(bounds, kNow);
  limiter_->give_back(bounds, taken);
  EXPECT_EQ(left(bounds[0], kNow), 1);
  EXPECT_EQ(left(bounds[1], kNow), 2);
  EXPECT_FALSE(limiter_->take_all(bounds, kNow).refused());
}

TEST_P(RateLimiterContract, NothingIsGivenBackToAnotherWindow) {
  const std::vector<RateBound> bounds = {{"hour", "user", {2, 3'600'000}}};
  const RateDecisions taken = limiter_->take_all(bounds, kNow);
  limiter_->take_all(bounds, kNow + 3'600'000);
  limiter_->give_back(bounds, taken);
  EXPECT_EQ(left(bounds[0], kNow + 3'600'000), 1);
  const std::vector<RateBound> others = {{"hour", "nobody", {2, 3'600'000}}};
  limiter_->give_back(others, taken);
  EXPECT_EQ(left(others[0], kNow), 2);
}

TEST_P(RateLimiterContract, ABoundOfNothingRefuses) {
  const RateDecision refused = limiter_->take("submit", "user", RateLimit{0, 60'000}, kNow);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.resets_at_ms, kNow + 60'000);
}

TEST_P(RateLimiterContract, NamesMayHoldAnything) {
  const std::string odd("a b:c\n*\"'\\\0\xff", 12);
  EXPECT_EQ(take(kNow, odd).remaining, 2);
  EXPECT_EQ(take(kNow, odd).remaining, 1);
  EXPECT_EQ(take(kNow, "a b").remaining, 2);
}

// 200 at once, each of several bounds of which none is the narrowest for all.
TEST_P(RateLimiterContract, ThreadsTogetherPassNoneOfSeveralBounds) {
  constexpr int kThreads = 8, kEach = 25;
  const RateLimit hour{30, 3'600'000}, day{70, 86'400'000};
  std::atomic<int> allowed = 0, given_back = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, key = "key" + std::to_string(thread % 4)] {
      const std::vector<RateBound> bounds = {{"hour", key, hour}, {"day", "user", day}};
      for (int at = 0; at < kEach; ++at) {
        const RateDecisions taken = limiter_->take_all(bounds, kNow);
        if (taken.refused()) continue;
        ++allowed;
        if (at % 5 != 0) continue;
        limiter_->give_back(bounds, taken);
        ++given_back;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(left({"day", "user", day}, kNow), 70 - (allowed - given_back));
  EXPECT_LE(allowed - given_back, 70);
  for (int key = 0; key < 4; ++key) {
    EXPECT_GE(left({"hour", "key" + std::to_string(key), hour}, kNow), 0);
  }
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
