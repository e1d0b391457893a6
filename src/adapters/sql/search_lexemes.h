// What finds documents on PostgreSQL: their marks as the lexemes of a tsvector, behind a GIN index. The marks are made
// by us and asked for as they stand; none of PostgreSQL's own dictionaries or rankings has a part in it.
#pragma once

#include <span>

#include "adapters/sql/connection.h"
#include "adapters/sql/search_segments.h"
#include "ports/database.h"

namespace tintype::sql {

Result<void> put_lexemes(Connection& connection, std::span<const SearchEntry> entries);
// As candidates_in_segments().
Result<SearchCandidates> candidates_by_lexemes(Connection& connection, const SearchPlan& plan, SearchOrder order,
                                               const SearchCursor& after, std::size_t wanted);

}  // namespace tintype::sql
