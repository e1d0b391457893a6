// A turn among those who do something costly at once, for as long as it lives.
#pragma once

#include <condition_variable>
#include <mutex>

namespace tintype {

// How many may be at it. Not std::counting_semaphore: whoever waits for libstdc++'s decides by one look at the count to
// sleep, and falls asleep when it is the same later, which it also is after a turn was taken and given back meanwhile.
// Nobody wakes him then, as none was waiting, until all turns are taken once more.
class Turns {
 public:
  explicit Turns(int at_once_max) : free_(at_once_max) {}

  void take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return free_ > 0; });
    --free_;
  }
  bool try_take() {
    const std::lock_guard lock(mutex_);
    if (free_ == 0) return false;
    --free_;
    return true;
  }
  void give_back() {
    const std::lock_guard lock(mutex_);
    ++free_;
    freed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable freed_;
  int free_;
};

class TakenTurn {
 public:
  explicit TakenTurn(Turns& turns) : turns_(turns) { turns_.take(); }
  TakenTurn(Turns& turns, std::adopt_lock_t) : turns_(turns) {}  // of one that was taken before
  ~TakenTurn() { turns_.give_back(); }
  TakenTurn(const TakenTurn&) = delete;
  TakenTurn& operator=(const TakenTurn&) = delete;

 private:
  Turns& turns_;
};

}  // namespace tintype
