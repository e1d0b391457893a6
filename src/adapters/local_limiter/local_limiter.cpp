#include "adapters/local_limiter/local_limiter.h"

#include <algorithm>

namespace tintype {

RateDecision LocalLimiter::take(std::string_view bucket, std::string_view subject, const RateLimit& limit,
                                UnixMs now_ms) {
  std::string key;
  key.reserve(bucket.size() + subject.size() + 1);
  key.append(bucket).append(1, '\n').append(subject);
  Shard& shard = shards_[std::hash<std::string>()(key) % kShards];
  std::lock_guard lock(shard.mutex);
  auto found = shard.windows.find(key);
  if (found == shard.windows.end()) {
    make_room(shard, now_ms);
    found = shard.windows.emplace(std::move(key), Window{}).first;
  }
  Window& window = found->second;
  if (window.ends_at_ms <= now_ms) window = {now_ms + limit.window_ms, 0};
  RateDecision decision;
  decision.limit = limit.requests;
  decision.resets_at_ms = window.ends_at_ms;
  decision.allowed = window.taken < limit.requests;
  if (decision.allowed) {
    ++window.taken;
  } else {
    decision.retry_after_seconds = std::max<std::int64_t>(1, (window.ends_at_ms - now_ms + 999) / 1000);
  }
  decision.remaining = limit.requests - window.taken;
  return decision;
}

void LocalLimiter::make_room(Shard& shard, UnixMs now_ms) {
  if (shard.windows.size() < shard_subjects_max_) return;
  std::erase_if(shard.windows, [&](const auto& entry) { return entry.second.ends_at_ms <= now_ms; });
  if (shard.windows.size() < shard_subjects_max_) return;
  shard.windows.erase(std::min_element(shard.windows.begin(), shard.windows.end(), [](const auto& a, const auto& b) {
    return a.second.ends_at_ms < b.second.ends_at_ms;
  }));
}

}  // namespace tintype
