// What can be named in a search, by user: tags, words of titles, titles of albums. Kept in step with documents and
// albums, so that completing a search is a read of one index.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "adapters/sql/connection.h"
#include "ports/database.h"

namespace tintype::sql {

// Before the documents are written: what is in them and was not before counts one more, what is not any more one less.
Result<void> count_terms(Connection& connection, std::span<const SearchEntry> entries);
// Before the document is removed.
Result<void> forget_terms(Connection& connection, std::string_view image_id);

Result<void> put_title(Connection& connection, const Album& album);
Result<void> forget_title(Connection& connection, std::string_view user_id, std::string_view album_id);

Result<std::vector<KnownTerm>> find_known_terms(Connection& connection, std::string_view user_id, KnownKind kind,
                                                std::string_view prefix, int limit);
// Up to so many documents and as many albums that are older than this table; how many there were.
Result<int> count_missing_terms(Connection& connection, int limit);

}  // namespace tintype::sql
