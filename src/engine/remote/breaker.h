// Stops asking a provider that does not answer.
#pragma once

#include <mutex>

#include "base/clock.h"

namespace tintype::engine {

struct BreakerRules {
  int failures_max = 5;           // in a row, after which it opens
  std::int64_t open_ms = 60'000;  // that it stays open
};

// Closed, it lets all pass. Open, none, until its pause is over: then one is let through to find out (half-open), which
// closes it or opens it for another pause. Thread-safe; each process has its own.
class Breaker {
 public:
  Breaker(const BreakerRules& rules, const Clock& clock) : rules_(rules), clock_(clock) {}

  // Whether one that came now would be let through.
  bool lets_pass() const;
  // Lets one through, who then has to tell how it went; false while none may pass.
  bool enter();
  void succeeded();
  void failed();
  void left();  // it ended in a way that says nothing about the provider

 private:
  bool may_pass() const { return failures_ < rules_.failures_max || (!is_probing_ && clock_.now_ms() >= probe_at_ms_); }

  const BreakerRules rules_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  int failures_ = 0;  // in a row
  UnixMs probe_at_ms_ = 0;
  bool is_probing_ = false;
};

}  // namespace tintype::engine
