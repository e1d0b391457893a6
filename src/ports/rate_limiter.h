// Counts requests against named bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tintype {

struct RateLimit {
  int requests = 0;  // per window
  std::int64_t window_ms = 0;
};

// A subject's fixed window of a bucket, which opens with its first request, as the contracts' `X-RateLimit-Reset`
// implies.
struct RateBound {
  std::string bucket;
  std::string subject;
  RateLimit limit;
};

struct RateDecision {
  bool allowed = true;
  int limit = 0;
  int remaining = 0;
  UnixMs resets_at_ms = 0;
  std::int64_t retry_after_seconds = 0;  // at least 1 when refused
};

// Of several bounds, in their order.
struct RateDecisions {
  std::vector<RateDecision> bounds;

  // The place of the bound that refuses; of several the one that clears last, as all others have cleared by then.
  std::optional<std::size_t> refused() const;
};

// Thread-safe.
class RateLimiter {
 public:
  virtual ~RateLimiter() = default;
  // Takes one from each of the bounds, which are all different, or from none when one of them refuses: in one step, so
  // that of many at once no more get through than the narrowest lets.
  virtual RateDecisions take_all(std::span<const RateBound> bounds, UnixMs now_ms) = 0;
  // What they are, with nothing taken: `remaining` is what could be.
  virtual RateDecisions look(std::span<const RateBound> bounds, UnixMs now_ms) = 0;
  // Undoes a take_all that `taken` answered; in windows that have ended since then there is nothing to undo.
  virtual void give_back(std::span<const RateBound> bounds, const RateDecisions& taken) = 0;
  // Whether its calls must not run on an event loop.
  virtual bool may_block() const = 0;

  RateDecision take(std::string_view bucket, std::string_view subject, const RateLimit& limit, UnixMs now_ms);
};

inline std::optional<std::size_t> RateDecisions::refused() const {
  std::optional<std::size_t> last;
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    if (bounds[at].allowed) continue;
    if (!last || bounds[at].resets_at_ms > bounds[*last].resets_at_ms) last = at;
  }
  return last;
}

inline RateDecision RateLimiter::take(std::string_view bucket, std::string_view subject, const RateLimit& limit,
                                      UnixMs now_ms) {
  const RateBound bound{std::string(bucket), std::string(subject), limit};
  return take_all({&bound, 1}, now_ms).bounds.front();
}

// A bound's decision, by how many its window has let through and when it ends; of a window that is not open, 0 and
// the time at which one that opened now would end. For the adapters.
inline RateDecision decide(const RateLimit& limit, int taken, UnixMs ends_at_ms, UnixMs now_ms) {
  RateDecision decision;
  decision.allowed = taken < limit.requests;
  decision.limit = limit.requests;
  decision.remaining = decision.allowed ? limit.requests - taken : 0;
  decision.resets_at_ms = ends_at_ms;
  const std::int64_t left_ms = ends_at_ms - now_ms;
  if (!decision.allowed) decision.retry_after_seconds = left_ms > 1'000 ? (left_ms + 999) / 1'000 : 1;
  return decision;
}

}  // namespace tintype
