#include "adapters/sql/search_terms.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "adapters/sql/repositories.h"
#include "domain/search_words.h"

namespace tintype::sql {

namespace {

// How many terms are looked at: those that begin so in their order, and those that weigh most. Only where more than the
// former begin so, which they do after a letter or two, may one that weighs little be missed.
constexpr int kInOrderMax = 200;
constexpr int kHeaviestMax = 500;
// Behind all that begins like what is before it: the greatest code point, which no text has.
constexpr const char* kBehindAll = "\xf4\x8f\xbf\xbf";

// How much more terms weigh. In their order, so that two processes that write at once lock rows in the same order.
struct TermChange {
  std::int64_t weight = 0;
  std::string label;
};
using TermChanges = std::map<std::tuple<std::string, KnownKind, std::string>, TermChange>;

struct Stored {
  std::string content;
  bool is_counted = false;
};

Result<std::optional<Stored>> find_stored(Connection& connection, std::string_view image_id) {
  return find_one<Stored>(connection, "SELECT content, terms_counted FROM search_documents WHERE image_id = ?", "ti",
                          {image_id}, [](const Row& row) { return Stored{row.text(0), row.integer(1) != 0}; });
}

void subtract(TermChanges& changes, std::string_view content) {
  const std::string owner = content_owner(content);
  for (ContentTerm& term : content_terms(content)) --changes[{owner, term.kind, std::move(term.term)}].weight;
}

// A tag is shown as it was written last.
Result<void> add(Connection& connection, TermChanges& changes, const SearchEntry& entry) {
  const std::string owner = content_owner(entry.content);
  const auto tags = SqlImages(connection).tags(entry.image_id);
  if (!tags) return std::unexpected(tags.error());
  for (const ContentTerm& term : content_terms(entry.content)) {
    TermChange& change = changes[{owner, term.kind, term.term}];
    ++change.weight;
    change.label = term.term;
    if (term.kind != KnownKind::kTag) continue;
    const auto written =
        std::ranges::find_if(*tags, [&](const std::string& tag) { return normal_tag(tag) == term.term; });
    if (written != tags->end()) change.label = *written;
  }
  return {};
}

Result<void> write_changes(Connection& connection, const TermChanges& changes) {
  for (const auto& [key, change] : changes) {
    const auto& [user_id, kind, term] = key;
    if (change.weight == 0) continue;
    const char* name = known_kind_name(kind);
    auto written =
        change.weight > 0
            ? done(connection.execute("INSERT INTO search_terms AS t (user_id, kind, term, id, label, weight) "
                                      "VALUES (?, ?, ?, '', ?, ?) ON CONFLICT (user_id, kind, term, id) "
                                      "DO UPDATE SET weight = t.weight + EXCLUDED.weight, label = EXCLUDED.label",
                                      {user_id, name, term, change.label, change.weight}))
            : done(connection.execute("UPDATE search_terms SET weight = weight + ? "
                                      "WHERE user_id = ? AND kind = ? AND term = ? AND id = ''",
                                      {change.weight, user_id, name, term}));
    if (written && change.weight < 0) {
      written =
          done(connection.execute("DELETE FROM search_terms WHERE user_id = ? AND kind = ? AND term = ? "
                                  "AND id = '' AND weight <= 0",
                                  {user_id, name, term}));
    }
    if (!written) return written;
  }
  return {};
}

struct Weighed {
  KnownTerm known;
  std::int64_t weight = 0;
};

Weighed weighed_of(const Row& row) {
  return {{row.text(0), row.text(1), row.text(2)}, row.integer(3)};
}

Result<int> count_missing_documents(Connection& connection, int limit) {
  const auto found = find_all<SearchEntry>(
      connection, "SELECT image_id, content FROM search_documents WHERE terms_counted = 0 ORDER BY sequence LIMIT ?",
      "tt", {std::int64_t{limit}}, [](const Row& row) { return SearchEntry{row.text(0), row.text(1)}; });
  if (!found) return std::unexpected(found.error());
  if (auto counted = count_terms(connection, *found); !counted) return std::unexpected(counted.error());
  return static_cast<int>(found->size());
}

Result<int> count_missing_albums(Connection& connection, int limit) {
  const auto found = find_all<Album>(
      connection, "SELECT id, user_id, name, created_at_ms FROM albums WHERE title_known = 0 ORDER BY id LIMIT ?",
      "ttti", {std::int64_t{limit}}, [](const Row& row) {
        Album album;
        album.id = row.text(0);
        album.user_id = row.text(1);
        album.name = row.text(2);
        album.created_at_ms = row.integer(3);
        return album;
      });
  if (!found) return std::unexpected(found.error());
  for (const Album& album : *found) {
    if (auto put = put_title(connection, album); !put) return std::unexpected(put.error());
    auto noted = done(connection.execute("UPDATE albums SET title_known = 1 WHERE id = ? AND user_id = ?",
                                         {album.id, album.user_id}));
    if (!noted) return std::unexpected(noted.error());
  }
  return static_cast<int>(found->size());
}

}  // namespace

Result<void> count_terms(Connection& connection, std::span<const SearchEntry> entries) {
  TermChanges changes;
  for (const SearchEntry& entry : entries) {
    const auto before = find_stored(connection, entry.image_id);
    if (!before) return std::unexpected(before.error());
    if (*before && (*before)->is_counted) {
      if ((*before)->content == entry.content) continue;
      subtract(changes, (*before)->content);
    } else if (*before) {
      auto noted = done(
          connection.execute("UPDATE search_documents SET terms_counted = 1 WHERE image_id = ?", {entry.image_id}));
      if (!noted) return noted;
    }
    if (auto added = add(connection, changes, entry); !added) return added;
  }
  return write_changes(connection, changes);
}

Result<void> forget_terms(Connection& connection, std::string_view image_id) {
  const auto before = find_stored(connection, image_id);
  if (!before) return std::unexpected(before.error());
  TermChanges changes;
  if (*before && (*before)->is_counted) subtract(changes, (*before)->content);
  return write_changes(connection, changes);
}

Result<void> put_title(Connection& connection, const Album& album) {
  if (auto forgotten = forget_title(connection, album.user_id, album.id); !forgotten) return forgotten;
  const std::string term = normal_tag(album.name);
  // The newest weigh most.
  return done(connection.execute(
      "INSERT INTO search_terms (user_id, kind, term, id, label, weight) VALUES (?, 'album', ?, ?, ?, ?)",
      {album.user_id, term, album.id, album.name, album.created_at_ms}));
}

Result<void> forget_title(Connection& connection, std::string_view user_id, std::string_view album_id) {
  return done(connection.execute("DELETE FROM search_terms WHERE user_id = ? AND kind = 'album' AND id = ?",
                                 {user_id, album_id}));
}

Result<std::vector<KnownTerm>> find_known_terms(Connection& connection, std::string_view user_id, KnownKind kind,
                                                std::string_view prefix, int limit) {
  const char* name = known_kind_name(kind);
  const std::string behind = std::string(prefix) + kBehindAll;
  auto found = find_all<Weighed>(connection,
                                 "SELECT term, label, id, weight FROM search_terms "
                                 "WHERE user_id = ? AND kind = ? AND term >= ? AND term < ? ORDER BY term, id LIMIT ?",
                                 "ttti", {user_id, name, prefix, behind, std::int64_t{kInOrderMax}}, weighed_of);
  if (!found) return std::unexpected(found.error());
  if (found->size() == kInOrderMax) {
    auto heaviest = find_all<Weighed>(
        connection,
        "SELECT term, label, id, weight FROM (SELECT term, label, id, weight FROM search_terms "
        "WHERE user_id = ? AND kind = ? ORDER BY weight DESC LIMIT ?) AS heaviest WHERE term >= ? AND term < ?",
        "ttti", {user_id, name, std::int64_t{kHeaviestMax}, prefix, behind}, weighed_of);
    if (!heaviest) return std::unexpected(heaviest.error());
    found->insert(found->end(), heaviest->begin(), heaviest->end());
  }
  const auto order = [](const Weighed& one) { return std::tie(one.weight, one.known.term, one.known.id); };
  std::ranges::sort(*found, [&](const Weighed& one, const Weighed& other) {
    if (one.weight != other.weight) return one.weight > other.weight;
    return order(one) < order(other);
  });
  const auto twice = std::ranges::unique(*found, {}, order);
  found->erase(twice.begin(), twice.end());
  std::vector<KnownTerm> terms;
  for (Weighed& one : *found) {
    if (terms.size() == static_cast<std::size_t>(limit)) break;
    terms.push_back(std::move(one.known));
  }
  return terms;
}

Result<int> count_missing_terms(Connection& connection, int limit) {
  const auto documents = count_missing_documents(connection, limit);
  if (!documents) return documents;
  const auto albums = count_missing_albums(connection, limit);
  if (!albums) return albums;
  return *documents + *albums;
}

}  // namespace tintype::sql
