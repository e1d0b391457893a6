#include "adapters/sql/repositories.h"

namespace tintype::sql {

Result<void> add_usage(Connection& connection, std::string_view user_id, const StorageUsage& more) {
  return done_once(
      connection.execute("UPDATE storage_usage SET bytes = bytes + ?, images = images + ? WHERE user_id = ?",
                         {more.bytes, more.images, user_id}),
      "count what a user has");
}

Result<StorageUsage> SqlUsage::find(std::string_view user_id) {
  const auto found =
      find_one<StorageUsage>(connection_, "SELECT bytes, images FROM storage_usage WHERE user_id = ?", "ii", {user_id},
                             [](const Row& row) { return StorageUsage{row.integer(0), row.integer(1)}; });
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
  return **found;
}

}  // namespace tintype::sql
