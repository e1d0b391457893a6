// Rate limits counted in this process's memory.
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ports/rate_limiter.h"

namespace tintype {

class LocalLimiter final : public RateLimiter {
 public:
  // About `subjects_max` windows are kept, shared evenly among the shards; where a shard is full of live ones, those
  // that end first go first.
  explicit LocalLimiter(std::size_t subjects_max = 200'000) : shard_subjects_max_(subjects_max / kShards + 1) {}

  RateDecisions take_all(std::span<const RateBound> bounds, UnixMs now_ms) override;
  RateDecisions look(std::span<const RateBound> bounds, UnixMs now_ms) override;
  void give_back(std::span<const RateBound> bounds, const RateDecisions& taken) override;
  bool may_block() const override { return false; }
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
  // A bound's name in its shard.
  struct Place {
    std::string key;
    std::size_t shard = 0;
  };
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kSweepMin = 64;

  static std::vector<Place> places_of(std::span<const RateBound> bounds);
  std::vector<std::unique_lock<std::mutex>> lock(const std::vector<Place>& places);
  // The rest with the shards locked.
  Window window_at(const Place& place, const RateLimit& limit, UnixMs now_ms) const;
  RateDecisions decide_all(std::span<const RateBound> bounds, const std::vector<Place>& places, UnixMs now_ms) const;
  static void make_room(Shard& shard, std::size_t subjects_max, UnixMs now_ms);

  const std::size_t shard_subjects_max_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tintype
