// An operation under way: how far it is, whether it is still wanted, and how many threads it may take.
#pragma once

#include <atomic>
#include <functional>

#include "base/error.h"

namespace tintype::engine {

// A span of the whole, from `begin` to `end` permille. An operation gives each of its steps a part of its own span.
class Task {
 public:
  Task(std::atomic<int>& permille, const std::atomic<bool>& cancel, int threads)
      : permille_(permille), cancel_(cancel), threads_(threads) {}

  // The part of this span between two shares of it, 0 to 1.
  Task part(double from, double to) const;

  // This much of the span is done, 0 to 1; never goes back.
  void done(double share) const;
  bool is_cancelled() const { return cancel_.load(std::memory_order_relaxed); }
  const std::atomic<bool>& cancel() const { return cancel_; }
  Result<void> check() const;  // kCancelled once it is not wanted any more
  int threads() const { return threads_; }

  // Runs `work` over all rows from 0 to `rows`, a band of them at a time, in as many threads as there may be; what each
  // band does must not depend on the others. The span is done at the end. kCancelled between bands.
  Result<void> rows(int rows, const std::function<void(int begin, int end)>& work) const;

 private:
  std::atomic<int>& permille_;
  const std::atomic<bool>& cancel_;
  int threads_;
  double begin_ = 0, end_ = 1'000;
};

}  // namespace tintype::engine
