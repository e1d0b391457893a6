#include "engine/raster/task.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace tintype::engine {

namespace {

constexpr int kBandsPerThread = 8;  // so that all end at about the same time, and a cancel is heard soon

}  // namespace

Task Task::part(double from, double to) const {
  Task part = *this;
  part.begin_ = begin_ + (end_ - begin_) * from;
  part.end_ = begin_ + (end_ - begin_) * to;
  return part;
}

void Task::done(double share) const {
  const int now = static_cast<int>(begin_ + (end_ - begin_) * std::clamp(share, 0.0, 1.0));
  int seen = permille_.load();
  while (seen < now && !permille_.compare_exchange_weak(seen, now)) {
  }
}

Result<void> Task::check() const {
  if (is_cancelled()) return fail(ErrorCode::kCancelled, "The job was cancelled");
  return {};
}

Result<void> Task::rows(int rows, const std::function<void(int begin, int end)>& work) const {
  const int bands = std::clamp(threads_ * kBandsPerThread, 1, std::max(1, rows));
  std::atomic<int> next{0}, ended{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&] {
    try {
      for (int band = next++; band < bands && !is_cancelled(); band = next++) {
        work(static_cast<int>(std::int64_t{rows} * band / bands),
             static_cast<int>(std::int64_t{rows} * (band + 1) / bands));
        done(static_cast<double>(++ended) / bands);
      }
    } catch (...) {
      next = bands;
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (int thread = 1; thread < std::min(threads_, bands); ++thread) others.emplace_back(run);
    run();
  }
  if (thrown) std::rethrow_exception(thrown);
  return check();
}

}  // namespace tintype::engine
