// What finds documents on SQLite: for each mark the documents that have it, as bits, in segments of consecutive
// sequences. A query is answered by ANDs and ORs of bits, segment by segment from the newest on, so that the worst
// query over a million documents takes a few milliseconds. FTS5 steps through its lists row by row and takes 25 to 120
// ms where two long ones hardly meet (bench/RESULTS.md).
//
// Segments have 64, 2,048 or 65,536 documents. The youngest documents, fewer than 64, are in none and are looked at
// themselves. When 64 are together they become a segment; 32 segments of one size that lie side by side become one of
// the next, of the largest size step by step. Which segments stand, and how far a step has come, therefore follows from
// the last sequence alone. A change of an old document changes
// the bits of those marks alone that it gains or loses. SQLite's one writer makes all of this exact; on PostgreSQL
// writers would meet at every common mark, so it has an index of its own (search_lexemes.h).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "adapters/sql/connection.h"
#include "ports/database.h"

namespace tintype::sql {

// Sequences by tier, each newest first.
using SearchCandidates = std::array<std::vector<std::int64_t>, kFieldClasses>;

Result<void> put_in_segments(Connection& connection, std::span<const SearchEntry> entries);
Result<void> remove_from_segments(Connection& connection, std::string_view image_id);
// Those behind `after`, at most `wanted` of a tier. A tier is complete unless it, or one before it, has `wanted`.
Result<SearchCandidates> candidates_in_segments(Connection& connection, const SearchPlan& plan, SearchOrder order,
                                                const SearchCursor& after, std::size_t wanted);

}  // namespace tintype::sql
