#include "adapters/sql/group_writer.h"

#include <algorithm>
#include <utility>

#include "adapters/sql/connection_pool.h"

namespace tintype::sql {

GroupWriter::GroupWriter(int queued_units_max, int group_units_max, std::function<void(UnitGroup)> commit)
    : queued_units_max_(static_cast<std::size_t>(queued_units_max)),
      group_units_max_(static_cast<std::size_t>(group_units_max)),
      commit_(std::move(commit)),
      thread_([this] { write_groups(); }) {}

GroupWriter::~GroupWriter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  arrived_.notify_one();
  thread_.join();
}

Result<void> GroupWriter::write(UnitOfWork unit) {
  WaitingUnit waiting(unit);
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= queued_units_max_) return overloaded();
    queue_.push_back(&waiting);
  }
  arrived_.notify_one();
  waiting.done.wait(0, std::memory_order_acquire);
  return std::move(waiting.result);
}

void GroupWriter::write_groups() {
  std::vector<WaitingUnit*> group;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(queue_.size(), group_units_max_));
      group.assign(queue_.begin(), queue_.begin() + count);
      queue_.erase(queue_.begin(), queue_.begin() + count);
    }
    commit_(group);
    for (WaitingUnit* waiting : group) waiting->answer();
  }
}

Result<void> run_fenced(const UnitOfWork& unit, Transaction& transaction) {
  try {
    return unit(transaction);
  } catch (const std::exception& exception) {
    return fail_internal(std::string("a unit of work threw: ") + exception.what());
  }
}

}  // namespace tintype::sql
