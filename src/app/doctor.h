// Checks that the rules which must always hold do hold: ledger, jobs, objects.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/database.h"
#include "ports/object_store.h"

namespace tintype::app {

struct Finding {
  std::string area;      // "wallets", "jobs", "usage", "objects"
  std::string sentence;  // what is wrong
};

struct Report {
  std::vector<Finding> findings;  // empty: all is well
  AuditRepository::Counts counts;
};

// Reads only. Live objects are looked up in the store (with their size), and the store's objects in the journal.
// What is being written or deleted right now is no finding.
Result<Report> examine(Database& database, ObjectStore& objects);

}  // namespace tintype::app
