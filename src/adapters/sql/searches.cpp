#include <algorithm>
#include <functional>
#include <limits>

#include "adapters/sql/repositories.h"
#include "adapters/sql/search_lexemes.h"
#include "adapters/sql/search_segments.h"
#include "adapters/sql/search_terms.h"

namespace tintype::sql {

namespace {

// Of documents, what is asked for of the images that `user_id` may see. That their marks say so already is no
// reason not to ask. PostgreSQL takes a step over the network for each statement, and so gets one for all.
#define TINTYPE_VISIBLE_DOCUMENTS(COLUMNS)                                              \
  "SELECT " COLUMNS                                                                     \
  ", d.sequence, d.content FROM search_documents d JOIN images i ON i.id = d.image_id " \
  "WHERE (i.user_id = ? OR i.visibility = 'public') AND " TINTYPE_IMAGE_IS_THERE " AND d.sequence = "
#define TINTYPE_ANY_SEQUENCE "ANY (CAST(string_to_array(?, ',') AS BIGINT[]))"

// How an image, or what lays it out, is read.
template <class Seen>
struct Look {
  const char *at_one, *at_all;
  const char* types;
  Seen (*read)(const Row& row);
};
constexpr Look<Image> kWhole = {TINTYPE_VISIBLE_DOCUMENTS(TINTYPE_IMAGE_COLUMNS) "?",
                                TINTYPE_VISIBLE_DOCUMENTS(TINTYPE_IMAGE_COLUMNS) TINTYPE_ANY_SEQUENCE,
                                kImageColumnTypes, image_of};
constexpr Look<ImageOutline> kOutline = {TINTYPE_VISIBLE_DOCUMENTS(TINTYPE_OUTLINE_COLUMNS) "?",
                                         TINTYPE_VISIBLE_DOCUMENTS(TINTYPE_OUTLINE_COLUMNS) TINTYPE_ANY_SEQUENCE,
                                         kOutlineColumnTypes, outline_of};

template <class Seen>
struct Found {
  std::int64_t sequence = 0;
  std::string content;
  Seen image;
};

// In the order of `sequences`, which fall.
template <class Seen>
Result<std::vector<Found<Seen>>> find_visible(Connection& connection, const Look<Seen>& look, std::string_view user_id,
                                              std::span<const std::int64_t> sequences) {
  const std::string columns = std::string(look.types) + "it";
  const auto read = [&](const Row& row) {
    return Found<Seen>{row.integer(columns.size() - 2), row.text(columns.size() - 1), look.read(row)};
  };
  if (connection.dialect() == Dialect::kPostgresql) {
    std::string list;
    for (const std::int64_t sequence : sequences) list += (list.empty() ? "" : ",") + std::to_string(sequence);
    auto all = find_all<Found<Seen>>(connection, look.at_all, columns.c_str(), {user_id, list}, read);
    if (all) std::ranges::sort(*all, std::greater(), &Found<Seen>::sequence);
    return all;
  }
  std::vector<Found<Seen>> all;
  for (const std::int64_t sequence : sequences) {
    auto found = find_one<Found<Seen>>(connection, look.at_one, columns.c_str(), {user_id, sequence}, read);
    if (!found) return std::unexpected(found.error());
    if (*found) all.push_back(std::move(**found));
  }
  return all;
}

// What is asked for.
struct Asked {
  std::string_view user_id;
  const SearchPlan& plan;
  SearchOrder order;
  SearchCursor start;
  std::size_t limit;
};

// Fills a page from one tier's candidates, as far as they and its limit reach. How many of them it looked at.
template <class Seen>
Result<std::size_t> fill(Connection& connection, const Look<Seen>& look, const Asked& asked,
                         std::span<const std::int64_t> sequences, std::vector<Seen>& images) {
  std::size_t seen = 0;
  while (seen < sequences.size() && images.size() < asked.limit) {
    const std::size_t more = asked.limit - images.size();
    const auto piece =
        sequences.subspan(seen, std::min(asked.plan.checks.empty() ? more : more + 50, sequences.size() - seen));
    auto found = find_visible(connection, look, asked.user_id, piece);
    if (!found) return std::unexpected(found.error());
    auto row = found->begin();
    for (const std::int64_t sequence : piece) {
      if (images.size() == asked.limit) return seen;
      ++seen;
      if (row == found->end() || row->sequence != sequence) continue;
      if (passes_checks(asked.plan, row->content)) images.push_back(std::move(row->image));
      ++row;
    }
  }
  return seen;
}

template <class Seen>
Result<SearchPageOf<Seen>> search_page(Connection& connection, const Look<Seen>& look, const Asked& asked) {
  if (asked.start.tier < 1 || asked.start.tier > kFieldClasses) {
    return fail(ErrorCode::kInvalidInput, "This is no cursor");
  }
  // One more than fits the page says whether others follow.
  const auto wanted = asked.limit + 1 + (asked.plan.checks.empty() ? 0 : kSearchChecksMax);
  const auto candidates = connection.dialect() == Dialect::kSqlite
                              ? candidates_in_segments(connection, asked.plan, asked.order, asked.start, wanted)
                              : candidates_by_lexemes(connection, asked.plan, asked.order, asked.start, wanted);
  if (!candidates) return std::unexpected(candidates.error());
  SearchPageOf<Seen> page;
  SearchCursor last = asked.start;
  for (int tier = asked.start.tier; tier <= kFieldClasses; ++tier) {
    const auto& sequences = (*candidates)[static_cast<std::size_t>(tier - 1)];
    if (!sequences.empty() && page.images.size() == asked.limit) {
      page.next = last;
      return page;
    }
    const auto seen = fill(connection, look, asked, sequences, page.images);
    if (!seen) return std::unexpected(seen.error());
    if (*seen > 0) last = {tier, sequences[*seen - 1]};
    if (*seen < sequences.size() || sequences.size() == wanted) {
      page.next = last;
      return page;
    }
  }
  return page;
}

SearchCursor start_of(const std::optional<SearchCursor>& after) {
  return after.value_or(SearchCursor{1, std::numeric_limits<std::int64_t>::max()});
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
  return search_page(connection_, kWhole, {user_id, plan, order, start_of(after), static_cast<std::size_t>(limit)});
}

Result<SearchOutline> SqlSearches::outline(std::string_view user_id, const SearchPlan& plan, SearchOrder order,
                                           const std::optional<SearchCursor>& after, int limit) {
  return search_page(connection_, kOutline, {user_id, plan, order, start_of(after), static_cast<std::size_t>(limit)});
}

}  // namespace tintype::sql
