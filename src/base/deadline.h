// A point in monotonic time that travels with a request as a value.
#pragma once

#include <chrono>

namespace tintype {

class Deadline {
 public:
  using clock = std::chrono::steady_clock;

  static Deadline after(std::chrono::milliseconds duration) { return Deadline(clock::now() + duration); }
  static Deadline never() { return Deadline(clock::time_point::max()); }

  bool expired() const { return clock::now() >= at_; }
  clock::time_point at() const { return at_; }

 private:
  explicit Deadline(clock::time_point at) : at_(at) {}
  clock::time_point at_;
};

}  // namespace tintype
