// Units of work that come one after another and commit together: one thread takes what waits as a group, so that many
// share one wait for the disk, and none of them meets another in a conflict.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "ports/database.h"

namespace tintype::sql {

// A unit that waits for its commit. It lives on its caller's stack.
struct WaitingUnit {
  explicit WaitingUnit(UnitOfWork work) : unit(work) {}
  UnitOfWork unit;
  Result<void> result;
  std::atomic<int> done{0};  // an int is waited for by itself, a bool among others: that would wake them too

  // After the store the caller may be gone, so the waking goes by an address alone, as std::atomic's does. No weaker
  // store: notify_one() looks whether anybody waits, and must not do so before who begins to wait can see the store.
  void answer() {
    done.store(1, std::memory_order_seq_cst);
    done.notify_one();
  }
};

using UnitGroup = std::span<WaitingUnit* const>;

class GroupWriter {
 public:
  // `commit` leaves a result in each unit of the group; it is called by one thread.
  GroupWriter(int queued_units_max, int group_units_max, std::function<void(UnitGroup)> commit);
  ~GroupWriter();  // commits what waits
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  // Blocks until the unit's group is committed: kOverloaded at once when too many wait.
  Result<void> write(UnitOfWork unit);

 private:
  void write_groups();

  const std::size_t queued_units_max_, group_units_max_;
  const std::function<void(UnitGroup)> commit_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<WaitingUnit*> queue_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

// A unit that throws is our bug; it must not take its writer with it.
Result<void> run_fenced(const UnitOfWork& unit, Transaction& transaction);

}  // namespace tintype::sql
