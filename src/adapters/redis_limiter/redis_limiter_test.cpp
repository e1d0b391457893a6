#include "adapters/redis_limiter/redis_limiter.h"

#include "adapters/local_limiter/local_limiter.h"
#include "contract/rate_limiter_contract.h"
#include "support/redis_server.h"

namespace tintype {

namespace {

// One for the whole program; null where none is installed.
test::RedisServer* server() {
  static const auto started =
      test::RedisServer::is_installed() ? std::make_unique<test::RedisServer>("sesame") : nullptr;
  return started.get();
}

RedisOptions options_of(const test::RedisServer& redis) {
  RedisOptions options = parse_redis_url(redis.url()).value();
  // What a busy machine takes is no failure; those that wait for one set their own.
  options.timeout = std::chrono::seconds(20);
  options.retry_pause = std::chrono::milliseconds(0);
  return options;
}

std::unique_ptr<RedisLimiter> limiter_of(RedisOptions options) {
  return std::make_unique<RedisLimiter>(std::move(options), std::make_unique<LocalLimiter>());
}

std::vector<MakeRateLimiter> makers() {
  if (!test::RedisServer::is_installed()) return {};
  return {[] {
    server()->empty();
    return limiter_of(options_of(*server()));
  }};
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Redis, RateLimiterContract, testing::ValuesIn(makers()));
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RateLimiterContract);

namespace {

constexpr UnixMs kNow = 1'765'535'400'000;
constexpr RateLimit kTwoAnHour{2, 3'600'000};

int left(RateLimiter& limiter) {
  const RateBound bound{"hour", "user", kTwoAnHour};
  return limiter.look({&bound, 1}, kNow).bounds[0].remaining;
}

class Redis : public testing::Test {
 protected:
  void SetUp() override {
    if (server() == nullptr) GTEST_SKIP() << "Redis is not installed";
    server()->empty();
  }
};

TEST_F(Redis, ProcessesCountTogether) {
  const auto one = limiter_of(options_of(*server())), other = limiter_of(options_of(*server()));
  EXPECT_EQ(one->take("hour", "user", kTwoAnHour, kNow).remaining, 1);
  EXPECT_EQ(other->take("hour", "user", kTwoAnHour, kNow).remaining, 0);
  EXPECT_FALSE(one->take("hour", "user", kTwoAnHour, kNow).allowed);
}

TEST_F(Redis, DatabasesAreApart) {
  RedisOptions second = options_of(*server());
  second.database = 3;
  limiter_of(options_of(*server()))->take("hour", "user", kTwoAnHour, kNow);
  EXPECT_EQ(limiter_of(second)->take("hour", "user", kTwoAnHour, kNow).remaining, 1);
}

TEST_F(Redis, WhileItIsAwayEachProcessCountsForItself) {
  const test::RedisServer redis;
  const auto one = limiter_of(options_of(redis)), other = limiter_of(options_of(redis));
  one->take("hour", "user", kTwoAnHour, kNow);
  other->take("hour", "user", kTwoAnHour, kNow);
  EXPECT_FALSE(one->take("hour", "user", kTwoAnHour, kNow).allowed);
  redis.kill();
  for (const auto& limiter : {one.get(), other.get()}) {
    EXPECT_TRUE(limiter->take("hour", "user", kTwoAnHour, kNow).allowed);
    EXPECT_EQ(left(*limiter), 1);
    EXPECT_TRUE(limiter->take("hour", "user", kTwoAnHour, kNow).allowed);
    EXPECT_FALSE(limiter->take("hour", "user", kTwoAnHour, kNow).allowed) << "nobody gets through without bounds";
  }
  redis.restart();
  EXPECT_EQ(one->take("hour", "user", kTwoAnHour, kNow).remaining, 1);
  EXPECT_EQ(other->take("hour", "user", kTwoAnHour, kNow).remaining, 0) << "together again";
}

TEST_F(Redis, WhatItTookWhileRedisWasAwayGoesBackWhereItCameFrom) {
  const test::RedisServer redis;
  const auto limiter = limiter_of(options_of(redis));
  const std::vector<RateBound> bounds = {{"hour", "user", kTwoAnHour}};
  redis.kill();
  const RateDecisions taken = limiter->take_all(bounds, kNow);
  limiter->give_back(bounds, taken);
  EXPECT_EQ(left(*limiter), 2);
}

TEST_F(Redis, ConnectionsThatWereCutOffMeanwhileAreNoFailure) {
  const test::RedisServer redis;
  const auto limiter = limiter_of(options_of(redis));
  limiter->take("hour", "user", kTwoAnHour, kNow);
  redis.restart();
  limiter->take("hour", "user", kTwoAnHour, kNow);
  EXPECT_EQ(left(*limiter_of(options_of(redis))), 1) << "it was counted in Redis, which has forgotten the first";
}

TEST_F(Redis, AfterAFailureItIsLeftAloneForAWhile) {
  const test::RedisServer redis;
  RedisOptions options = options_of(redis);
  options.retry_pause = std::chrono::hours(1);
  const auto limiter = limiter_of(options);
  redis.kill();
  limiter->take("hour", "user", kTwoAnHour, kNow);
  redis.restart();
  EXPECT_EQ(limiter->take("hour", "user", kTwoAnHour, kNow).remaining, 0) << "still counted here";
}

TEST_F(Redis, AWrongPasswordIsAsIfItWereAway) {
  RedisOptions options = options_of(*server());
  options.password = "wrong";
  EXPECT_EQ(limiter_of(options)->take("hour", "user", kTwoAnHour, kNow).remaining, 1);
  EXPECT_EQ(left(*limiter_of(options_of(*server()))), 2);
}

TEST(RedisUrl, SaysWhereRedisIs) {
  const RedisOptions plain = parse_redis_url("redis://redis.internal").value();
  EXPECT_EQ(plain.host, "redis.internal");
  EXPECT_EQ(plain.port, 6'379);
  EXPECT_EQ(plain.database, 0);
  EXPECT_EQ(plain.password, "");
  const RedisOptions full = parse_redis_url("redis://ann:a%40b%3Ac@[::1]:7000/12").value();
  EXPECT_EQ(full.user, "ann");
  EXPECT_EQ(full.password, "a@b:c");
  EXPECT_EQ(full.host, "::1");
  EXPECT_EQ(full.port, 7'000);
  EXPECT_EQ(full.database, 12);
  EXPECT_EQ(parse_redis_url("redis://:secret@10.0.0.1/")->password, "secret");
}

TEST(RedisUrl, RefusesWhatItIsNotAndKeepsThePasswordToItself) {
  for (const char* url : {"", "memory", "http://a", "redis://", "redis://:1", "redis://secret@a", "redis://:secret@",
                          "redis://:secret@a:0", "redis://:secret@a:x", "redis://:secret@a/x", "redis://:secret@a/-1",
                          "redis://:secret@a/1/2", "redis://:secret%@a", "redis://:secret@[::1", "redis://[::1]x",
                          "redis://:secret@a?b=c", "rediss://:secret@a"}) {
    const auto parsed = parse_redis_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidInput);
    EXPECT_FALSE(parsed.error().message.contains("secret")) << url;
  }
}

}  // namespace
}  // namespace tintype
