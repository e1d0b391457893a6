// How often pictures and shares are looked at by others than their owners. Counting touches memory alone, so that a
// read never writes; what has come together is written in batches.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "ports/database.h"

namespace tintype::app {

// Thread-safe. What was counted since the last flush() is lost with the process: a view is no money.
class ViewCounts {
 public:
  // Of at most so many images, and as many shares, views are held between two flushes; those of more are not counted.
  explicit ViewCounts(Database& database, std::size_t held_max = 4'096);

  void add(std::string_view image_id);
  void add_share(std::string_view share_id);
  // Writes all in one unit of work; what is gone meanwhile is no error. After a failure the counts are kept for the
  // next time. Blocks.
  Result<void> flush();

 private:
  // In the order of their ids, so that two processes that write at once lock rows in the same order.
  using Counts = std::map<std::string, std::int64_t, std::less<>>;
  void add(Counts& counts, std::string_view id, std::int64_t count);  // with the mutex held

  Database& database_;
  const std::size_t held_max_;
  std::mutex mutex_;
  Counts images_;
  Counts shares_;
};

}  // namespace tintype::app
