#include "adapters/local_limiter/local_limiter.h"

#include <algorithm>
#include <vector>

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
  // A window that ends later than one that opened now belongs to a clock that has been set back.
  const UnixMs ends_at_ms = now_ms + limit.window_ms;
  if (window.ends_at_ms <= now_ms || window.ends_at_ms > ends_at_ms) window = {ends_at_ms, 0};
  RateDecision decision;
  decision.limit = limit.requests;
  decision.resets_at_ms = window.ends_at_ms;
  decision.allowed = window.taken < limit.requests;
  if (decision.allowed) {
    ++window.taken;
  } else {
    decision.retry_after_seconds = std::max<std::int64_t>(1, (window.ends_at_ms - now_ms + 999) / 1000);
  }
  decision.remaining = std::max(0, limit.requests - window.taken);
  return decision;
}

std::size_t LocalLimiter::subjects_held() {
  std::size_t held = 0;
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    held += shard.windows.size();
  }
  return held;
}

// Each sweep leaves room for as many more as an eighth of those that it passed over, so that a request pays for a
// few windows on average, whoever sends it.
void LocalLimiter::make_room(Shard& shard, UnixMs now_ms) {
  if (shard.windows.size() < shard.sweep_at) return;
  std::erase_if(shard.windows, [&](const auto& entry) { return entry.second.ends_at_ms <= now_ms; });
  if (shard.windows.size() >= shard_subjects_max_) {
    std::vector<UnixMs> ends_ms;
    ends_ms.reserve(shard.windows.size());
    for (const auto& [key, window] : shard.windows) ends_ms.push_back(window.ends_at_ms);
    const auto eighth = ends_ms.begin() + static_cast<std::ptrdiff_t>(ends_ms.size() / 8);
    std::nth_element(ends_ms.begin(), eighth, ends_ms.end());
    // Many may end at the same time: no more of them go than have to.
    std::size_t to_go = ends_ms.size() / 8 + 1;
    std::erase_if(shard.windows, [&](const auto& entry) {
      if (to_go == 0 || entry.second.ends_at_ms > *eighth) return false;
      --to_go;
      return true;
    });
  }
  shard.sweep_at = std::min(shard_subjects_max_, std::max(kSweepMin, 2 * shard.windows.size()));
}

}  // namespace tintype
