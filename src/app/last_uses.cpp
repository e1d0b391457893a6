#include "app/last_uses.h"

#include <algorithm>
#include <utility>

namespace tintype::app {

namespace {

constexpr std::size_t kUsesHeldMax = 4'096;  // between two flushes; of more ids the use is not noted

}  // namespace

void LastUses::note(std::string_view id, UnixMs used_at_ms) {
  const std::lock_guard lock(mutex_);
  if (const auto found = used_.find(id); found != used_.end()) {
    found->second = std::max(found->second, used_at_ms);
  } else if (used_.size() < kUsesHeldMax) {
    used_.emplace(id, used_at_ms);
  }
}

Result<void> LastUses::flush(Database& database,
                             FunctionRef<Result<void>(Transaction&, const std::string& id, UnixMs used_at_ms)> mark) {
  decltype(used_) used;
  {
    const std::lock_guard lock(mutex_);
    used = std::exchange(used_, {});
  }
  if (used.empty()) return {};
  auto written = database.write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [id, used_at_ms] : used) {
      if (auto marked = mark(transaction, id, used_at_ms); !marked) return marked;
    }
    return {};
  });
  if (written) return written;
  for (const auto& [id, used_at_ms] : used) note(id, used_at_ms);
  return written;
}

}  // namespace tintype::app
