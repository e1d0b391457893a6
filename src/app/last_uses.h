// When credentials were last used. Noting it touches memory alone, so that a read never writes; what has come together
// is written in batches.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/function_ref.h"
#include "ports/database.h"

namespace tintype::app {

// Thread-safe. What was noted since the last flush() is lost with the process.
class LastUses {
 public:
  void note(std::string_view id, UnixMs used_at_ms);
  // Writes all by `mark`, in one unit of work. After a failure it is kept for the next time. Blocks.
  Result<void> flush(Database& database,
                     FunctionRef<Result<void>(Transaction&, const std::string& id, UnixMs used_at_ms)> mark);

 private:
  std::mutex mutex_;
  // In the order of their ids, so that two processes that write at once lock rows in the same order.
  std::map<std::string, UnixMs, std::less<>> used_;
};

}  // namespace tintype::app
