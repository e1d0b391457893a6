// Counts a unit of work from when it is given to the database until it is answered.
#pragma once

#include <atomic>

namespace tintype::sql {

class UnitCount {
 public:
  explicit UnitCount(std::atomic<int>& count) : count_(count) { count_.fetch_add(1, std::memory_order_relaxed); }
  ~UnitCount() { count_.fetch_sub(1, std::memory_order_relaxed); }
  UnitCount(const UnitCount&) = delete;
  UnitCount& operator=(const UnitCount&) = delete;

 private:
  std::atomic<int>& count_;
};

}  // namespace tintype::sql
