#include "app/purge.h"

namespace tintype::app {

Result<int> purge(Database& database, ObjectStore& objects, const std::vector<std::string>& keys) {
  const std::vector<std::string> removed = objects.remove_many(keys);
  if (removed.empty()) return 0;
  auto written = database.write([&](Transaction& transaction) -> Result<void> {
    for (const std::string& key : removed) {
      if (auto forgotten = transaction.objects().forget(key); !forgotten) return forgotten;
    }
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return static_cast<int>(removed.size());
}

}  // namespace tintype::app
