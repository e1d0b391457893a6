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
  // At most `subjects_max` windows are kept; when they are full of live ones, the oldest of a shard goes first.
  explicit LocalLimiter(std::size_t subjects_max = 200'000) : shard_subjects_max_(subjects_max / kShards + 1) {}

  RateDecision take(std::string_view bucket, std::string_view subject, const RateLimit& limit, UnixMs now_ms) override;

 private:
  struct Window {
    UnixMs ends_at_ms = 0;
    int taken = 0;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Window> windows;
  };
  static constexpr std::size_t kShards = 16;

  void make_room(Shard& shard, UnixMs now_ms);

  const std::size_t shard_subjects_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tintype
