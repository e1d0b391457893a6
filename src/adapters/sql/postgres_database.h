// PostgreSQL: a pool of connections, each unit of work in a transaction of its own.
#pragma once

#include <memory>

#include "adapters/sql/sql_database.h"

namespace tintype::sql {

Result<std::unique_ptr<Database>> open_postgres(const SqlOptions& options);

}  // namespace tintype::sql
