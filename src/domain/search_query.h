// The language of a search, from text to a closed tree, and from the tree to questions of marks.
//
//   query   = *( term )                       all must hold; terms are parted by spaces
//   term    = [ "-" ] ( filter | phrase | bare )          "-" turns it round
//   phrase  = DQUOTE text DQUOTE              these whole words side by side, in one field
//   bare    = characters without a space      each word of it begun: "cat" finds "cats"; in writing without spaces
//                                             (see search_words.h) the characters side by side
//   filter  = "tag:" value | "album:" value | "owner:" ( "me" / id ) | "format:" name
//           | "visibility:" ( "private" / "public" )
//           | "after:" time | "before:" time  from the beginning of `time` on, and until just before it
//           | ( "width:" | "height:" ) ( N | ">" N | ">=" N | "<" N | "<=" N | N ".." N )    pixels
//   value   = phrase | characters without a space
//   time    = YYYY | YYYY-MM | YYYY-MM-DD | an RFC 3339 time     UTC where nothing else is said
//   limit   = "limit=" N                      of all of the query; no term
//
// Names of filters and their fixed values are read in either case. A bare term of neither letters nor digits ("&") is
// passed over. Words are looked for in title, tags, description and file name.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "domain/image.h"
#include "domain/search_document.h"

namespace tintype {

inline constexpr std::size_t kQueryBytesMax = 4'096;
inline constexpr std::size_t kQueryTermsMax = 32;
inline constexpr std::size_t kQueryWordsMax = 64;  // of all terms together

// All of these words; one that is no whole word is begun.
struct WordsTerm {
  std::vector<WordPattern> patterns;
};
struct TagTerm {
  std::string tag;
};
struct AlbumTerm {
  std::string album_id;
};
struct OwnerTerm {
  std::optional<std::string> user_id;  // none: who asks
};
struct FormatTerm {
  ImageFormat format = ImageFormat::kJpeg;
};
struct VisibilityTerm {
  Visibility visibility = Visibility::kPrivate;
};
struct NumberTerm {
  SearchNumber number = SearchNumber::kWidth;
  std::int64_t from = 0, to = 0;  // both included; nothing when to < from
};

struct SearchTerm {
  std::variant<WordsTerm, TagTerm, AlbumTerm, OwnerTerm, FormatTerm, VisibilityTerm, NumberTerm> what;
  bool is_excluded = false;
};

struct SearchQuery {
  std::vector<SearchTerm> terms;  // all hold; none finds everything
  std::optional<int> limit;
};

// kInvalidInput for what cannot be read: the message names the place, in characters from 1, and the text there.
Result<SearchQuery> parse_search(std::string_view text);

// A query as questions of marks, for who asks: an image is found when every filter, every word and every check holds
// and no group of `without` holds as a whole. The scope, own images and other people's public ones, is among the
// filters.
struct SearchPlan {
  struct Filter {
    std::vector<MarkRange> any_of;  // none finds nothing
    bool is_excluded = false;
  };
  // What marks alone do not decide: checked on the content of what they found.
  struct Check {
    std::vector<WordPattern> patterns;  // together
    bool is_excluded = false;
  };
  // Both included; those of a number that nothing is asked of hold for every image.
  struct Bounds {
    std::int64_t from = 0, to = std::numeric_limits<std::int64_t>::max();
    bool operator==(const Bounds&) const = default;
  };
  std::vector<Filter> filters;
  std::array<Bounds, kSearchNumbers> bounds;      // by SearchNumber
  std::vector<std::string> words;                 // marks of words, less their class
  std::vector<std::vector<std::string>> without;  // groups of such
  std::vector<Check> checks;
};
SearchPlan plan_search(const SearchQuery& query, std::string_view user_id);

// The same plan with its bounds as filters, for who knows marks alone.
SearchPlan with_bounds_as_marks(SearchPlan plan);

// What the marks of a document would say, told by its content. Filters ask for marks that are no words.
bool passes_filter(const SearchPlan::Filter& filter, std::string_view content);

bool passes_checks(const SearchPlan& plan, std::string_view content);

// The marks of a word of a plan in the fields of the best `classes` classes.
MarkRange word_marks(const std::string& word, int classes = kFieldClasses);

}  // namespace tintype
