// The schema and its history. Forward only: a migration that has landed is never changed.
#pragma once

#include <string>
#include <vector>

#include "adapters/sql/connection.h"

namespace tintype::sql {

Result<std::vector<std::string>> pending_migrations(Connection& connection);  // names, in order
// Runs what is pending, inside the transaction that the caller holds (with the lock that keeps others out).
Result<void> migrate(Connection& connection);
// kInternal when the schema is older or newer than the one this program knows.
Result<void> check_schema(Connection& connection);

}  // namespace tintype::sql
