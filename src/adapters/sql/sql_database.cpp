#include "adapters/sql/sql_database.h"

#include "adapters/sql/postgres_database.h"
#include "adapters/sql/sqlite_database.h"

namespace tintype::sql {

Result<std::unique_ptr<Database>> open_database(const SqlOptions& options) {
  constexpr std::string_view kSqlitePrefix = "sqlite:";
  if (options.url.starts_with(kSqlitePrefix)) return open_sqlite(options.url.substr(kSqlitePrefix.size()), options);
  if (options.url.starts_with("postgresql://") || options.url.starts_with("postgres://")) {
    return open_postgres(options);
  }
  return fail(ErrorCode::kInvalidInput, "database.url is neither sqlite:PATH nor postgresql://...");
}

}  // namespace tintype::sql
