// Rate limits counted in this process's memory.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <unordered_map>

#include "ports/rate_limiter.h"

namespace tintype {

class LocalLimiter final : public RateLimiter {
 public:
  // About `subjects_max` windows are kept, shared evenly among the shards; where a shard is full of live ones, those
  // that end first go first.
  explicit LocalLimiter(std::size_t subjects_max = 200'000) : shard_subjects_max_(subjects_max / kShards + 1) {}

  RateDecision take(std::string_view bucket, std::string_view subject, const RateLimit& limit, UnixMs now_ms) override;
  std::size_t subjects_held();

 private:
  struct Window {
    UnixMs ends_at_ms = 0;
    int taken = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Window> windows;
    std::size_t sweep_at = 0;  // expired windows are looked for when there are this many
  };
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kSweepMin = 64;

  void make_room(Shard& shard, UnixMs now_ms);

  const std::size_t shard_subjects_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tintype
