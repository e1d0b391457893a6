#include "app/storage.h"

namespace tintype::app {

Storage::Storage(Database& database, std::map<std::string, StorageQuota, std::less<>> quotas)
    : database_(database), quotas_(std::move(quotas)) {}

Result<StorageUsage> Storage::usage(std::string_view user_id) {
  StorageUsage usage;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    const auto found = transaction.usage().find(user_id);
    if (!found) return std::unexpected(found.error());
    usage = *found;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return usage;
}

const StorageQuota& Storage::quota_of(std::string_view plan) const {
  const auto found = quotas_.find(plan);
  return found == quotas_.end() ? quotas_.find("free")->second : found->second;
}

Result<void> Storage::admit(Transaction& transaction, const Principal& principal, const StorageUsage& more) const {
  const auto usage = transaction.usage().find(principal.user_id);
  if (!usage) return std::unexpected(usage.error());
  return check_quota(quota_of(principal.plan), *usage, more);
}

Result<void> Storage::admit(Transaction& transaction, std::string_view user_id, const StorageUsage& more) const {
  const auto user = transaction.accounts().user_by_id(user_id);
  if (!user) return std::unexpected(user.error());
  if (!*user) return fail(ErrorCode::kNotFound, "There is no such user");
  const auto usage = transaction.usage().find(user_id);
  if (!usage) return std::unexpected(usage.error());
  return check_quota(quota_of((*user)->plan), *usage, more);
}

}  // namespace tintype::app
