#include "app/view_counts.h"

#include <utility>

namespace tintype::app {

ViewCounts::ViewCounts(Database& database, std::size_t held_max) : database_(database), held_max_(held_max) {}

void ViewCounts::add(Counts& counts, std::string_view id, std::int64_t count) {
  if (const auto found = counts.find(id); found != counts.end()) {
    found->second += count;
  } else if (counts.size() < held_max_) {
    counts.emplace(id, count);
  }
}

void ViewCounts::add(std::string_view image_id) {
  const std::lock_guard lock(mutex_);
  add(images_, image_id, 1);
}

void ViewCounts::add_share(std::string_view share_id) {
  const std::lock_guard lock(mutex_);
  add(shares_, share_id, 1);
}

Result<void> ViewCounts::flush() {
  Counts images, shares;
  {
    const std::lock_guard lock(mutex_);
    images = std::exchange(images_, {});
    shares = std::exchange(shares_, {});
  }
  if (images.empty() && shares.empty()) return {};
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [id, count] : images) {
      if (auto added = transaction.images().add_views(id, count); !added) return added;
    }
    for (const auto& [id, count] : shares) {
      if (auto added = transaction.shares().add_views(id, count); !added) return added;
    }
    return {};
  });
  if (written) return written;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, count] : images) add(images_, id, count);
  for (const auto& [id, count] : shares) add(shares_, id, count);
  return written;
}

}  // namespace tintype::app
