// The database on SQLite (default) or PostgreSQL: one set of statements, one schema.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ports/database.h"

namespace tintype::sql {

struct SqlOptions {
  std::string url;                           // sqlite:PATH | postgresql://...
  int connections_max = 16;                  // readers on SQLite; all connections on PostgreSQL
  std::int64_t connection_wait_ms = 10'000;  // for one that is free; then kOverloaded
  int queued_units_max = 4'096;              // writes that wait; more are kOverloaded
  int group_units_max = 256;                 // writes of one commit
  std::int64_t busy_timeout_ms = 5'000;
};

// Opens nothing but the file or one connection; the schema is brought up to date by Database::migrate().
Result<std::unique_ptr<Database>> open_database(const SqlOptions& options);

}  // namespace tintype::sql
