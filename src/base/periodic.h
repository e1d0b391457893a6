// Calls a function again and again in a thread of its own, and a last time when it is told to stop.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace tintype {

class Periodic {
 public:
  Periodic(std::chrono::milliseconds interval, std::function<void()> function)
      : thread_([this, interval, call = std::move(function)](const std::stop_token& stop) {
          for (bool is_last = false; !is_last;) {
            {
              std::unique_lock lock(mutex_);
              stopping_.wait_for(lock, stop, interval, [] { return false; });
            }
            is_last = stop.stop_requested();
            call();
          }
        }) {}
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable_any stopping_;
  std::jthread thread_;  // last: it uses the others, and its destructor waits for the last call
};

}  // namespace tintype
