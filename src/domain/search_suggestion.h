// What completes a search that is being typed: its last term, by what the user has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tintype {

// What of a user's can be named in a search. What they are known by is normal_text().
enum class KnownKind {
  kTag,
  kWord,   // of a title
  kAlbum,  // by its title
};
const char* known_kind_name(KnownKind kind);  // "tag" ...

struct KnownTerm {
  std::string term;   // by which it is found
  std::string label;  // as people write it
  std::string id;     // of an album; empty otherwise
};

// The terms of an image's content (see search_content()): of its title words of two letters and more, and of its tags.
// Each once.
struct ContentTerm {
  KnownKind kind = KnownKind::kWord;
  std::string term;
  auto operator<=>(const ContentTerm&) const = default;
};
std::vector<ContentTerm> content_terms(std::string_view content);
std::string content_owner(std::string_view content);  // whose it is; empty when the content is

// The term at the end of a query, as far as it is there. A term is over with the space behind it, or with its second
// double quote.
struct UnfinishedTerm {
  std::string before;  // all of the query that stands in front of it, a "-" of its own too
  std::string filter;  // "tag" ... in lower case; empty for words
  std::string text;    // behind the colon, without the double quote; as it was typed
  bool is_quoted = false;
};
// Nothing when nothing can stand there.
std::optional<UnfinishedTerm> unfinished_term(std::string_view query);

enum class SuggestionKind { kOperator, kTag, kAlbum, kFormat, kWord };
const char* suggestion_kind_name(SuggestionKind kind);  // "operator" ...

struct Suggestion {
  SuggestionKind kind = SuggestionKind::kWord;
  std::string label;
  std::string query;  // all of it, completed
};

// Which of the user's terms complete a query's end; nothing when the language alone does.
std::vector<KnownKind> kinds_wanted(const UnfinishedTerm& term);
std::string known_prefix(const UnfinishedTerm& term);  // by which they are looked for; empty: by any

Suggestion suggestion_of(const UnfinishedTerm& term, KnownKind kind, const KnownTerm& known);
// What the language itself has: filters, and values of those that have a few.
std::vector<Suggestion> language_suggestions(const UnfinishedTerm& term);

}  // namespace tintype
