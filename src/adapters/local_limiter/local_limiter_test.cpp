#include "adapters/local_limiter/local_limiter.h"

#include "contract/rate_limiter_contract.h"

namespace tintype {

INSTANTIATE_TEST_SUITE_P(Local, RateLimiterContract,
                         testing::Values(MakeRateLimiter([] { return std::make_unique<LocalLimiter>(); })));

namespace {

constexpr RateLimit kOneASecond{1, 1'000};

TEST(LocalLimiterClock, RequestsThatPassEachOtherCountInOneWindow) {
  LocalLimiter limiter;
  const RateLimit limit{2, 60'000};
  EXPECT_TRUE(limiter.take("reads", "ann", limit, 1'000'001).allowed);
  EXPECT_TRUE(limiter.take("reads", "ann", limit, 1'000'000).allowed) << "it looked at the clock a moment before";
  EXPECT_FALSE(limiter.take("reads", "ann", limit, 1'000'000).allowed);
}

TEST(LocalLimiter, ExpiredWindowsAreSweptAsItGoes) {
  LocalLimiter limiter;
  for (int at = 0; at < 50'000; ++at) limiter.take("ip", std::to_string(at), kOneASecond, UnixMs{at} * 10);
  EXPECT_LT(limiter.subjects_held(), 5'000U) << "a hundred live at a time";
}

TEST(LocalLimiter, LiveWindowsAreBoundedAndTheNewestStay) {
  LocalLimiter limiter(1'600);
  for (int at = 0; at < 20'000; ++at) {
    limiter.take("ip", std::to_string(at), {1, 1'000'000}, at);
    ASSERT_LE(limiter.subjects_held(), 1'616U);
  }
  EXPECT_GT(limiter.subjects_held(), 1'200U);
  for (int at = 19'500; at < 20'000; ++at) {
    EXPECT_FALSE(limiter.take("ip", std::to_string(at), {1, 1'000'000}, 20'000).allowed) << at;
  }
}

TEST(LocalLimiter, WindowsThatEndTogetherDoNotAllGoTogether) {
  LocalLimiter limiter(1'600);
  for (int at = 0; at < 20'000; ++at) limiter.take("ip", std::to_string(at), {1, 1'000'000}, 0);
  EXPECT_GT(limiter.subjects_held(), 1'200U);
}

}  // namespace
}  // namespace tintype
