#include "app/view_counts.h"

#include <utility>

namespace tintype::app {

ViewCounts::ViewCounts(Database& database, std::size_t images_max) : database_(database), images_max_(images_max) {}

void ViewCounts::add(std::string_view image_id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = counts_.find(image_id); found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < images_max_) {
    counts_.emplace(image_id, 1);
  }
}

Result<void> ViewCounts::flush() {
  Counts counts;
  {
    const std::lock_guard lock(mutex_);
    counts = std::exchange(counts_, {});
  }
  if (counts.empty()) return {};
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [image_id, count] : counts) {
      if (auto added = transaction.images().add_views(image_id, count); !added) return added;
    }
    return {};
  });
  if (!written) put_back(std::move(counts));
  return written;
}

void ViewCounts::put_back(Counts counts) {
  const std::lock_guard lock(mutex_);
  for (const auto& [image_id, count] : counts_) {
    if (counts.size() < images_max_ || counts.contains(image_id)) counts[image_id] += count;
  }
  counts_ = std::move(counts);
}

}  // namespace tintype::app
