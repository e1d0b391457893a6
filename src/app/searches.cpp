#include "app/searches.h"

#include <algorithm>

#include "app/images.h"
#include "app/read.h"
#include "base/bytes.h"

namespace tintype::app {

namespace {

constexpr int kMissingPerUnit = 512;

// Nothing when there is no such image.
Result<std::optional<SearchEntry>> entry_of(Transaction& transaction, std::string_view image_id) {
  auto image = transaction.images().find_by_id(image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return std::nullopt;
  if (!is_there(**image)) return SearchEntry{std::string(image_id), {}};
  auto tags = transaction.images().tags(image_id);
  if (!tags) return std::unexpected(tags.error());
  auto albums = transaction.albums().ids_of_image(image_id);
  if (!albums) return std::unexpected(albums.error());
  SearchDocument document;
  document.owner_id = (*image)->user_id;
  document.title = (*image)->title;
  document.tags = std::move(*tags);
  document.description = (*image)->description;
  // Its file name is the owner's alone to know: what others can find is not found by it.
  if ((*image)->visibility == Visibility::kPrivate) document.file_name = (*image)->name;
  document.album_ids = std::move(*albums);
  document.visibility = (*image)->visibility;
  document.format = (*image)->format;
  document.width_px = (*image)->width_px;
  document.height_px = (*image)->height_px;
  document.created_at_ms = (*image)->created_at_ms;
  return SearchEntry{std::string(image_id), search_content(document)};
}

// Whether this user may know what is in an album.
Result<bool> may_see_album(Transaction& transaction, std::string_view user_id, const std::string& album_id) {
  const auto album = transaction.albums().find(album_id);
  if (!album) return std::unexpected(album.error());
  return *album && ((*album)->user_id == user_id || (*album)->visibility == Visibility::kPublic);
}

// Albums that the caller may not look into become one that holds nothing.
Result<void> hide_foreign_albums(Transaction& transaction, std::string_view user_id, SearchQuery& query) {
  for (SearchTerm& term : query.terms) {
    auto* album = std::get_if<AlbumTerm>(&term.what);
    if (album == nullptr) continue;
    const auto may_see = may_see_album(transaction, user_id, album->album_id);
    if (!may_see) return std::unexpected(may_see.error());
    if (!*may_see) album->album_id.clear();
  }
  return {};
}

// As many of each list as fit when they take turns, list after list.
std::vector<Suggestion> shared_out(std::vector<std::vector<Suggestion>> lists, std::size_t limit) {
  std::vector<std::size_t> taken(lists.size());
  std::size_t left = limit;
  for (bool has_taken = true; has_taken && left > 0;) {
    has_taken = false;
    for (std::size_t at = 0; at < lists.size() && left > 0; ++at) {
      if (taken[at] == lists[at].size()) continue;
      ++taken[at];
      --left;
      has_taken = true;
    }
  }
  std::vector<Suggestion> all;
  for (std::size_t at = 0; at < lists.size(); ++at) {
    const auto end = lists[at].begin() + static_cast<std::ptrdiff_t>(taken[at]);
    all.insert(all.end(), std::make_move_iterator(lists[at].begin()), std::make_move_iterator(end));
  }
  return all;
}

struct Limits {
  int fallback, max;
};

// A page of what a search finds; `look` is what of it is looked for.
template <class Page>
Result<Page> look_for(Database& database, std::string_view user_id, const SearchRequest& request, const Limits& limits,
                      Result<Page> (SearchRepository::*look)(std::string_view, const SearchPlan&, SearchOrder,
                                                             const std::optional<SearchCursor>&, int)) {
  const auto query = parse_search(request.query);
  if (!query) return std::unexpected(query.error());
  const int limit = request.limit.value_or(query->limit.value_or(limits.fallback));
  if (limit < 1 || limit > limits.max) {
    return fail(ErrorCode::kInvalidInput, "limit is a whole number from 1 to " + std::to_string(limits.max),
                "Ask for less and follow next_cursor");
  }
  return read(database, [&](Transaction& transaction) -> Result<Page> {
    SearchQuery visible = *query;
    if (auto hidden = hide_foreign_albums(transaction, user_id, visible); !hidden) {
      return std::unexpected(hidden.error());
    }
    return (transaction.searches().*look)(user_id, plan_search(visible, user_id), request.order, request.after, limit);
  });
}

}  // namespace

Result<void> refresh_search(Transaction& transaction, std::string_view image_id) {
  const auto entry = entry_of(transaction, image_id);
  if (!entry) return std::unexpected(entry.error());
  if (!*entry) return {};
  return transaction.searches().put({&**entry, 1});
}

Result<SearchPage> Searches::find(std::string_view user_id, const SearchRequest& request) {
  return look_for<SearchPage>(database_, user_id, request, {kSearchLimitDefault, kSearchLimitMax},
                              &SearchRepository::search);
}

Result<SearchOutline> Searches::outline(std::string_view user_id, const SearchRequest& request) {
  return look_for<SearchOutline>(database_, user_id, request, {kOutlineLimitDefault, kOutlineLimitMax},
                                 &SearchRepository::outline);
}

Result<std::vector<Image>> Searches::list_of_ids(std::string_view user_id, const std::vector<std::string>& ids) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<Image>> {
    std::vector<Image> images;
    for (const std::string& id : ids) {
      auto image = transaction.images().find_by_id(id);
      if (!image) return std::unexpected(image.error());
      if (!*image || !is_there(**image)) continue;
      if ((*image)->user_id == user_id || (*image)->visibility == Visibility::kPublic)
        images.push_back(std::move(**image));
    }
    return images;
  });
}

Result<std::vector<SimilarImage>> Searches::similar(std::string_view user_id, std::string_view image_id,
                                                    int distance_max, int limit) {
  if (distance_max < 0 || distance_max > kDistanceMax) {
    return fail(ErrorCode::kInvalidInput, "distance is a whole number from 0 to " + std::to_string(kDistanceMax));
  }
  if (limit < 1 || limit > kSimilarLimitMax) {
    return fail(ErrorCode::kInvalidInput, "limit is a whole number from 1 to " + std::to_string(kSimilarLimitMax));
  }
  std::vector<SimilarImage> similar;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    const auto image = own_image(transaction, user_id, image_id);
    if (!image) return std::unexpected(image.error());
    auto found = transaction.searches().similar(*image, distance_max, limit);
    if (!found) return std::unexpected(found.error());
    similar = std::move(*found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return similar;
}

Result<std::int64_t> Searches::write_missing() {
  std::int64_t count = 0;
  while (true) {
    std::size_t written = 0;
    auto done = database_.write([&](Transaction& transaction) -> Result<void> {
      const auto ids = transaction.searches().unwritten(kMissingPerUnit);
      if (!ids) return std::unexpected(ids.error());
      std::vector<SearchEntry> entries;
      for (const std::string& id : *ids) {
        auto entry = entry_of(transaction, id);
        if (!entry) return std::unexpected(entry.error());
        if (*entry) entries.push_back(std::move(**entry));
      }
      written = entries.size();
      return transaction.searches().put(entries);
    });
    if (!done) return std::unexpected(done.error());
    if (written == 0) break;
    count += static_cast<std::int64_t>(written);
  }
  if (auto counted = count_missing_terms(); !counted) return std::unexpected(counted.error());
  return count;
}

Result<void> Searches::count_missing_terms() {
  int counted = 1;
  while (counted > 0) {
    auto done = database_.write([&](Transaction& transaction) -> Result<void> {
      const auto now = transaction.searches().count_missing_terms(kMissingPerUnit);
      if (!now) return std::unexpected(now.error());
      counted = *now;
      return {};
    });
    if (!done) return done;
  }
  return {};
}

Result<std::vector<Suggestion>> Searches::suggest(std::string_view user_id, std::string_view query, int limit) {
  if (query.size() > kQueryBytesMax || !is_valid_utf8(query)) {
    return fail(ErrorCode::kInvalidInput, "A search is text of at most 4096 bytes");
  }
  const auto term = unfinished_term(query);
  if (!term) return std::vector<Suggestion>();
  const std::string prefix = known_prefix(*term);
  std::vector<std::vector<Suggestion>> lists = {language_suggestions(*term)};
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    lists.resize(1);
    for (const KnownKind kind : kinds_wanted(*term)) {
      const auto known = transaction.searches().known_terms(user_id, kind, prefix, limit);
      if (!known) return std::unexpected(known.error());
      std::vector<Suggestion>& list = lists.emplace_back();
      for (const KnownTerm& one : *known) {
        Suggestion suggestion = suggestion_of(*term, kind, one);
        if (suggestion.query != query) list.push_back(std::move(suggestion));
      }
    }
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return shared_out(std::move(lists), static_cast<std::size_t>(limit));
}

}  // namespace tintype::app
