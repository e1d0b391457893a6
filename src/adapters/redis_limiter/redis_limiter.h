// Rate limits counted in Redis, for all processes together. Each decision is one Lua script, so that it is one step.
// A window of (bucket, subject) is the hash `ratelimit:BUCKET:SUBJECT` with the fields `ends` and `taken`, which leaves
// by itself when the window has ended.
//
// While Redis is away requests go on: each process counts for itself, from nothing, until Redis is there again. That is
// logged once when it goes and once when it comes back.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/redis_limiter/redis_connection.h"
#include "adapters/redis_limiter/redis_options.h"
#include "ports/rate_limiter.h"

namespace tintype {

class RedisLimiter final : public RateLimiter {
 public:
  // Connects when it is first asked. `meanwhile` counts while Redis is away.
  RedisLimiter(RedisOptions options, std::unique_ptr<RateLimiter> meanwhile);

  RateDecisions take_all(std::span<const RateBound> bounds, UnixMs now_ms) override;
  RateDecisions look(std::span<const RateBound> bounds, UnixMs now_ms) override;
  void give_back(std::span<const RateBound> bounds, const RateDecisions& taken) override;
  bool may_block() const override { return true; }

 private:
  using Numbers = std::vector<std::int64_t>;
  // Nothing while Redis is away.
  std::optional<RateDecisions> decide_all(const char* operation, std::span<const RateBound> bounds, UnixMs now_ms);
  std::optional<Numbers> ask(const RedisScript& script, std::span<const RateBound> bounds,
                             const std::vector<std::string>& arguments);
  Result<Numbers> run(const RedisScript& script, const std::vector<std::string>& keys,
                      const std::vector<std::string>& arguments);
  std::unique_ptr<RedisConnection> idle_connection();
  void forget_idle();
  void keep(std::unique_ptr<RedisConnection> connection);
  bool may_try();
  void note_away(const Error& error);
  void note_back();

  const RedisOptions options_;
  const std::unique_ptr<RateLimiter> meanwhile_;
  const RedisScript decide_script_;
  const RedisScript give_back_script_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RedisConnection>> idle_;
  bool away_ = false;
  std::chrono::steady_clock::time_point next_try_;  // while it is away
};

}  // namespace tintype
