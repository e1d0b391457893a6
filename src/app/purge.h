// Removing objects that nothing names any more.
#pragma once

#include <string>
#include <vector>

#include "ports/database.h"
#include "ports/object_store.h"

namespace tintype::app {

// Each object first and its row of the journal after, so that a crash between the two only repeats the removal. What
// the store does not let go of keeps its row, for the janitor. How many went.
Result<int> purge(Database& database, ObjectStore& objects, const std::vector<std::string>& keys);

}  // namespace tintype::app
