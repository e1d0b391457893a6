// How much of the upscale surface a caller may use: submits in an hour and in a day, and jobs at a time, by his plan.
//
// A key has the bounds of its plan, and all keys and sessions of a user together have those of the highest plan among
// his own and those of his keys. Test keys have bounds of their own, so that they never use up what live ones have; a
// session is bounded as a key of the user's own plan would be.
//
// Hours and days are counted by the rate limiter, in one step before the submit's unit of work. Jobs that have not
// ended are counted where they are, in the database: what ends a job gives its place back, once and whatever crashes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/account.h"
#include "domain/plan.h"
#include "ports/database.h"
#include "ports/rate_limiter.h"

namespace tintype::app {

struct CallRules {
  std::map<std::string, CallBounds, std::less<>> by_plan;  // those of "free" hold for a plan that has none
  bool enabled = true;                                     // false: nothing is counted, nothing is refused
};

// A submit that was let through and counted. Unless it is kept, its end gives back what it took: a submit that is
// refused, or answered as it was before, does not count.
class CallTicket {
 public:
  CallTicket() = default;
  CallTicket(RateLimiter& limiter, std::vector<RateBound> bounds, RateDecisions taken);
  ~CallTicket();
  CallTicket(CallTicket&& other) noexcept;
  CallTicket& operator=(CallTicket&&) = delete;

  void keep() { limiter_ = nullptr; }
  // The tightest of its bounds; nothing when nothing is counted.
  std::optional<RateDecision> decision() const;

 private:
  RateLimiter* limiter_ = nullptr;  // null: nothing is to be given back
  std::vector<RateBound> bounds_;
  RateDecisions taken_;
};

// How a caller stands with one of his bounds, "hour", "day" or "concurrent"; the last has no window.
struct CallStanding {
  std::string bound;
  RateDecision decision;
  std::optional<std::int64_t> window_ms;
};

class CallLimits {
 public:
  CallLimits(Database& database, RateLimiter& limiter, const Clock& clock, CallRules rules);

  // Before the submit's unit of work. kRateLimited with Error::refused_bound "hour" or "day".
  Result<CallTicket> admit(const Principal& principal);
  // In the unit of work that inserts a job of the surface, before it does: two at once cannot pass a bound together.
  // kRateLimited with Error::refused_bound "concurrent", whose reset is when to ask again.
  Result<void> check_concurrent(Transaction& transaction, const Principal& principal);
  // What is left to this caller: of his bounds by hour and day the one of which the smallest share is left; nothing
  // when nothing is counted.
  Result<std::optional<RateDecision>> look(const Principal& principal);
  // All of them, of his own and those of all his keys and sessions together the one of which less is left; none when
  // nothing is counted.
  Result<std::vector<CallStanding>> look_at_all(const Principal& principal);

 private:
  // Jobs that have not ended, and how many may be: by this key or by sessions, and of all together.
  struct Unfinished {
    std::int64_t own = 0, together = 0;
    int own_max = 0, together_max = 0;
  };
  Result<Unfinished> unfinished(Transaction& transaction, const Principal& principal);
  CallBounds bounds_of(std::string_view plan) const;
  Result<std::string> highest_plan(Transaction& transaction, const Principal& principal);
  Result<std::vector<RateBound>> rate_bounds(const Principal& principal);

  Database& database_;
  RateLimiter& limiter_;
  const Clock& clock_;
  CallRules rules_;
};

}  // namespace tintype::app
