#include <algorithm>
#include <limits>

#include "adapters/sql/repositories.h"
#include "adapters/sql/search_lexemes.h"
#include "adapters/sql/search_segments.h"
#include "adapters/sql/search_terms.h"

namespace tintype::sql {

namespace {

struct Found {
  std::int64_t sequence = 0;
  std::string content;
  Image image;
};

// The images of documents, those of them that `user_id` may see, in no order. That their marks say so already is no
// reason not to ask. PostgreSQL takes a step over the network for each statement, and so gets one for all.
#define TINTYPE_VISIBLE_DOCUMENTS                                                       \
  "SELECT " TINTYPE_IMAGE_COLUMNS                                                       \
  ", d.sequence, d.content FROM search_documents d JOIN images i ON i.id = d.image_id " \
  "WHERE (i.user_id = ? OR i.visibility = 'public') AND " TINTYPE_IMAGE_IS_THERE " AND d.sequence = "

Result<std::vector<Found>> find_visible(Connection& connection, std::string_view user_id,
                                        std::span<const std::int64_t> sequences) {
  const std::string columns = std::string(kImageColumnTypes) + "it";
  const auto read = [&](const Row& row) {
    return Found{row.integer(columns.size() - 2), row.text(columns.size() - 1), image_of(row)};
  };
  if (connection.dialect() == Dialect::kPostgresql) {
    std::string list;
    for (const std::int64_t sequence : sequences) list += (list.empty() ? "" : ",") + std::to_string(sequence);
    return find_all<Found>(connection, TINTYPE_VISIBLE_DOCUMENTS "ANY (CAST(string_to_array(?, ',') AS BIGINT[]))",
                           columns.c_str(), {user_id, list}, read);
  }
  std::vector<Found> all;
  for (const std::int64_t sequence : sequences) {
    auto found = find_one<Found>(connection, TINTYPE_VISIBLE_DOCUMENTS "?", columns.c_str(), {user_id, sequence}, read);
    if (!found) return std::unexpected(found.error());
    if (*found) all.push_back(std::move(**found));
  }
  return all;
}

// Fills a page from one tier's candidates, as far as they and its limit reach. How many of them it looked at.
Result<std::size_t> fill(Connection& connection, std::string_view user_id, const SearchPlan& plan,
                         std::span<const std::int64_t> sequences, std::size_t limit, std::vector<Image>& images) {
  std::size_t seen = 0;
  while (seen < sequences.size() && images.size() < limit) {
    const std::size_t more = limit - images.size();
    const auto piece =
        sequences.subspan(seen, std::min(plan.checks.empty() ? more : more + 50, sequences.size() - seen));
    auto found = find_visible(connection, user_id, piece);
    if (!found) return std::unexpected(found.error());
    for (const std::int64_t sequence : piece) {
      if (images.size() == limit) return seen;
      ++seen;
      const auto row = std::ranges::find(*found, sequence, &Found::sequence);
      if (row != found->end() && passes_checks(plan, row->content)) images.push_back(std::move(row->image));
    }
  }
  return seen;
}

}  // namespace

Result<void> SqlSearches::put(std::span<const SearchEntry> entries) {
  if (auto counted = count_terms(connection_, entries); !counted) return counted;
  return connection_.dialect() == Dialect::kSqlite ? put_in_segments(connection_, entries)
                                                   : put_lexemes(connection_, entries);
}

Result<void> SqlSearches::remove(std::string_view image_id) {
  if (auto forgotten = forget_terms(connection_, image_id); !forgotten) return forgotten;
  if (connection_.dialect() == Dialect::kSqlite) return remove_from_segments(connection_, image_id);
  return done(connection_.execute("DELETE FROM search_documents WHERE image_id = ?", {image_id}));
}

Result<std::vector<std::string>> SqlSearches::unwritten(int limit) {
  return find_all<std::string>(connection_,
                               "SELECT image_id FROM search_documents WHERE content IS NULL ORDER BY sequence LIMIT ?",
                               "t", {std::int64_t{limit}}, [](const Row& row) { return row.text(0); });
}

Result<std::vector<KnownTerm>> SqlSearches::known_terms(std::string_view user_id, KnownKind kind,
                                                        std::string_view prefix, int limit) {
  return find_known_terms(connection_, user_id, kind, prefix, limit);
}

Result<int> SqlSearches::count_missing_terms(int limit) {
  return sql::count_missing_terms(connection_, limit);
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
    if (!sequences.empty() && page.images.size() == static_cast<std::size_t>(limit)) {
      page.next = last;
      return page;
    }
    const auto seen = fill(connection_, user_id, plan, sequences, static_cast<std::size_t>(limit), page.images);
    if (!seen) return std::unexpected(seen.error());
    if (*seen > 0) last = {tier, sequences[*seen - 1]};
    if (*seen < sequences.size() || sequences.size() == wanted) {
      page.next = last;
      return page;
    }
  }
  return page;
}

}  // namespace tintype::sql
