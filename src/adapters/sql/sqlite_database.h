// SQLite in WAL: one writer thread with group commit, readers beside it.
#pragma once

#include <memory>

#include "adapters/sql/sql_database.h"

namespace tintype::sql {

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const SqlOptions& options);

}  // namespace tintype::sql
