#include <algorithm>
#include <limits>

#include "adapters/sql/repositories.h"
#include "adapters/sql/search_lexemes.h"
#include "adapters/sql/search_segments.h"

namespace tintype::sql {

namespace {

struct Found {
  std::string content;
  Image image;
};

// The image of a document, if `user_id` may see it. That its marks say so already is no reason not to ask.
Result<std::optional<Found>> find_visible(Connection& connection, std::string_view user_id, std::int64_t sequence) {
  const std::string columns = std::string(kImageColumnTypes) + "t";
  return find_one<Found>(connection,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         ", d.content FROM search_documents d JOIN images i ON i.id = d.image_id "
                         "WHERE d.sequence = ? AND (i.user_id = ? OR i.visibility = 'public') "
                         "AND " TINTYPE_IMAGE_IS_THERE,
                         columns.c_str(), {sequence, user_id},
                         [&](const Row& row) { return Found{row.text(columns.size() - 1), image_of(row)}; });
}

}  // namespace

Result<void> SqlSearches::put(std::span<const SearchEntry> entries) {
  return connection_.dialect() == Dialect::kSqlite ? put_in_segments(connection_, entries)
                                                   : put_lexemes(connection_, entries);
}

Result<void> SqlSearches::remove(std::string_view image_id) {
  if (connection_.dialect() == Dialect::kSqlite) return remove_from_segments(connection_, image_id);
  return done(connection_.execute("DELETE FROM search_documents WHERE image_id = ?", {image_id}));
}

Result<std::vector<std::string>> SqlSearches::unwritten(int limit) {
  return find_all<std::string>(connection_,
                               "SELECT image_id FROM search_documents WHERE content IS NULL ORDER BY sequence LIMIT ?",
                               "t", {std::int64_t{limit}}, [](const Row& row) { return row.text(0); });
}

Result<SearchPage> SqlSearches::search(std::string_view user_id, const SearchPlan& plan, SearchOrder order,
                                       const std::optional<SearchCursor>& after, int limit) {
  const SearchCursor start = after.value_or(SearchCursor{1, std::numeric_limits<std::int64_t>::max()});
  if (start.tier < 1 || start.tier > kFieldClasses) return fail(ErrorCode::kInvalidInput, "This is no cursor");
  // One more than fits the page says whether others follow.
  const auto wanted = static_cast<std::size_t>(limit + 1 + (plan.checks.empty() ? 0 : kSearchChecksMax));
  const auto candidates = connection_.dialect() == Dialect::kSqlite
                              ? candidates_in_segments(connection_, plan, order, start, wanted)
                              : candidates_by_lexemes(connection_, plan, order, start, wanted);
  if (!candidates) return std::unexpected(candidates.error());
  SearchPage page;
  SearchCursor last = start;
  for (int tier = start.tier; tier <= kFieldClasses; ++tier) {
    const auto& sequences = (*candidates)[static_cast<std::size_t>(tier - 1)];
    for (const std::int64_t sequence : sequences) {
      if (page.images.size() == static_cast<std::size_t>(limit)) {
        page.next = last;
        return page;
      }
      auto found = find_visible(connection_, user_id, sequence);
      if (!found) return std::unexpected(found.error());
      last = {tier, sequence};
      if (*found && passes_checks(plan, (*found)->content)) page.images.push_back(std::move((*found)->image));
    }
    if (sequences.size() == wanted) {
      page.next = last;
      return page;
    }
  }
  return page;
}

}  // namespace tintype::sql
