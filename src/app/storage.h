// How much a user may store, and whether something more fits.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "domain/account.h"
#include "domain/plan.h"
#include "ports/database.h"

namespace tintype::app {

class Storage {
 public:
  // Quotas by plan; a plan that is not among them has that of "free", which is.
  Storage(Database& database, std::map<std::string, StorageQuota, std::less<>> quotas);

  Result<StorageUsage> usage(std::string_view user_id);
  const StorageQuota& quota_of(std::string_view plan) const;

  // For units of work that then add it: kQuotaExceeded when it does not fit. Two units at once cannot pass the limit
  // together, as both write the row that this reads.
  Result<void> admit(Transaction& transaction, const Principal& principal, const StorageUsage& more) const;
  Result<void> admit(Transaction& transaction, std::string_view user_id, const StorageUsage& more) const;

 private:
  Database& database_;
  std::map<std::string, StorageQuota, std::less<>> quotas_;
};

}  // namespace tintype::app
