#include "domain/search_query.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "domain/search_letters.h"
#include "domain/search_words.h"

namespace tintype {

namespace {

constexpr std::size_t kFilterBytesMax = 256;
constexpr std::int64_t kNumberMax = 999'999;
constexpr std::int64_t kNoBound = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  if (!whole || text.front() == '-' || number > kNumberMax) return std::nullopt;
  return number;
}

struct Span {
  std::int64_t from = 0, to = kNoBound;
};

// N, >N, >=N, <N, <=N or A..B.
std::optional<Span> parse_span(std::string_view text) {
  if (const std::size_t dots = text.find(".."); dots != text.npos) {
    const auto from = parse_number(text.substr(0, dots)), to = parse_number(text.substr(dots + 2));
    return from && to ? std::optional(Span{*from, *to}) : std::nullopt;
  }
  const std::size_t signs = std::min(text.find_first_not_of("<>="), text.size());
  const std::string_view sign = text.substr(0, signs);
  const auto number = parse_number(text.substr(signs));
  if (!number) return std::nullopt;
  if (sign.empty() || sign == "=") return Span{*number, *number};
  if (sign == ">") return Span{*number + 1, kNoBound};
  if (sign == ">=") return Span{*number, kNoBound};
  if (sign == "<") return Span{0, *number - 1};
  if (sign == "<=") return Span{0, *number};
  return std::nullopt;
}

// Takes `digits` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (std::size_t at = 0; at < digits; ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    number = 10 * number + (text[at] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c, char other = '\0') {
  if (text.empty() || (text.front() != c && (other == '\0' || text.front() != other))) return false;
  text.remove_prefix(1);
  return true;
}

// The rest of RFC 3339, section 5.6, behind the date and its "T": milliseconds of the day in UTC.
std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  std::int64_t ms = 0;
  if (take(text, '.')) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0) return std::nullopt;
    for (std::size_t at = 0; at < 3; ++at) ms = 10 * ms + (at < digits ? text[at] - '0' : 0);
    text.remove_prefix(digits);
  }
  std::int64_t offset_minutes = 0;
  if (!take(text, 'Z', 'z')) {
    const bool is_behind = !text.empty() && text.front() == '-';
    if (!take(text, '+', '-')) return std::nullopt;
    const auto hours = take_digits(text, 2);
    if (!hours || *hours > 23 || !take(text, ':')) return std::nullopt;
    const auto minutes = take_digits(text, 2);
    if (!minutes || *minutes > 59) return std::nullopt;
    offset_minutes = (is_behind ? -1 : 1) * (60 * *hours + *minutes);
  }
  if (!text.empty()) return std::nullopt;
  return (((60LL * *hour + *minute - offset_minutes) * 60) + *second) * 1'000 + ms;
}

std::optional<UnixMs> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto year = take_digits(text, 4);
  if (!year) return std::nullopt;
  std::optional<int> month = 1, day = 1;
  if (take(text, '-')) {
    month = take_digits(text, 2);
    if (month && take(text, '-')) day = take_digits(text, 2);
  }
  if (!month || !day) return std::nullopt;
  const year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t midnight_ms = duration_cast<milliseconds>(sys_days{date}.time_since_epoch()).count();
  if (text.empty()) return midnight_ms;
  if (!take(text, 'T', 't')) return std::nullopt;
  const auto of_day = parse_time_of_day(text);
  return of_day ? std::optional(midnight_ms + *of_day) : std::nullopt;
}

// The words of a bare term: those that stand alone form phrases, of the others each is begun.
WordsTerm bare_words(std::string_view text) {
  WordsTerm term;
  bool in_phrase = false;
  for (SearchWord& word : search_words(text)) {
    if (!word.stands_alone || !in_phrase) term.patterns.push_back({{}, !word.stands_alone});
    in_phrase = word.stands_alone;
    term.patterns.back().words.push_back(std::move(word.text));
  }
  return term;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<SearchQuery> parse() {
    if (text_.size() > kQueryBytesMax) return mistake(0, "a search has at most 4096 bytes");
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (auto read = parse_term(); !read) return std::unexpected(read.error());
    }
    if (query_.terms.empty() && passed_over_) return mistake(*passed_over_, "there is no letter or digit in it");
    return std::move(query_);
  }

 private:
  struct Token {
    std::size_t begin = 0;  // of its value
    std::string_view value;
    bool is_quoted = false;
  };

  std::unexpected<Error> mistake(std::size_t at, const std::string& reason) const {
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n", at + 1), text_.size());
    std::string_view there = text_.substr(at, end - at);
    there = there.substr(0, letter_bytes(there, 40));
    const std::size_t place = count_letters(text_.substr(0, at)) + 1;
    auto mistaken = fail(
        ErrorCode::kInvalidInput,
        "The search cannot be read at character " + std::to_string(place) + ", '" + std::string(there) + "': " + reason,
        "Put words in double quotes to search for them as they stand");
    mistaken.error().position = static_cast<std::int64_t>(place) - 1;
    return mistaken;
  }

  Result<void> parse_term() {
    const std::size_t start = at_;
    const bool is_excluded = text_[at_] == '-';
    if (is_excluded) ++at_;
    const std::size_t begin = at_;
    const std::size_t name_end =
        std::min(text_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", at_), text_.size());
    const std::string name = lower(text_.substr(begin, name_end - begin));
    const char behind = name_end < text_.size() ? text_[name_end] : '\0';
    const bool is_filter = !name.empty() && behind == ':';
    const bool is_limit = name == "limit" && behind == '=' && !is_excluded;
    if (is_filter || is_limit) at_ = name_end + 1;
    const auto token = take_token();
    if (!token) return std::unexpected(token.error());
    if (is_limit) return read_limit(*token, start);
    if (is_filter) return add_filter(name, *token, begin, is_excluded);
    return add_words(*token, start, is_excluded);
  }

  Result<Token> take_token() {
    Token token;
    token.is_quoted = at_ < text_.size() && text_[at_] == '"';
    token.begin = at_;
    if (token.is_quoted) {
      const std::size_t close = text_.find('"', at_ + 1);
      if (close == text_.npos) return mistake(at_, "the double quote is not closed");
      token.value = text_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      if (at_ < text_.size() && !is_space(text_[at_]))
        return mistake(at_, "a space is missing behind the double quote");
      return token;
    }
    while (at_ < text_.size() && !is_space(text_[at_])) {
      if (text_[at_] == '"') return mistake(at_, "a space is missing before the double quote");
      ++at_;
    }
    token.value = text_.substr(token.begin, at_ - token.begin);
    return token;
  }

  Result<void> add(SearchTerm term, std::size_t at) {
    if (query_.terms.size() == kQueryTermsMax) return mistake(at, "a search has at most 32 terms");
    query_.terms.push_back(std::move(term));
    return {};
  }

  Result<void> read_limit(const Token& token, std::size_t at) {
    const auto number = parse_number(token.value);
    if (!number || *number == 0) return mistake(at, "a limit is a whole number from 1 on");
    query_.limit = static_cast<int>(*number);
    return {};
  }

  Result<void> add_words(const Token& token, std::size_t at, bool is_excluded) {
    WordsTerm term;
    if (token.is_quoted) {
      WordPattern pattern;
      for (SearchWord& word : search_words(token.value)) pattern.words.push_back(std::move(word.text));
      if (!pattern.words.empty()) term.patterns.push_back(std::move(pattern));
    } else {
      term = bare_words(token.value);
    }
    if (term.patterns.empty()) {
      if (token.is_quoted || is_excluded) return mistake(at, "there is no letter or digit in it");
      if (!passed_over_) passed_over_ = at;
      return {};
    }
    for (const WordPattern& pattern : term.patterns) words_ += pattern.words.size();
    if (words_ > kQueryWordsMax) return mistake(at, "a search has at most 64 words");
    return add({std::move(term), is_excluded}, at);
  }

  Result<void> add_filter(const std::string& name, const Token& token, std::size_t at, bool is_excluded) {
    const std::string value(token.value);
    const std::string low = lower(value);
    if (value.find_first_not_of(" \t\r\n") == value.npos) return mistake(at, "there is nothing behind the colon");
    if (value.size() > kFilterBytesMax) return mistake(token.begin, "a filter has at most 256 bytes");
    if (name == "tag") return add({TagTerm{value}, is_excluded}, at);
    if (name == "album") return add({AlbumTerm{value}, is_excluded}, at);
    if (name == "owner") {
      return add({OwnerTerm{low == "me" ? std::nullopt : std::optional(value)}, is_excluded}, at);
    }
    if (name == "format") {
      const auto format = parse_image_format(value);
      if (!format) return mistake(token.begin, "a format is jpeg, png, webp, heic, avif, tiff or gif");
      return add({FormatTerm{*format}, is_excluded}, at);
    }
    if (name == "visibility") {
      const auto visibility = parse_visibility(low);
      if (!visibility) return mistake(token.begin, "a visibility is private or public");
      return add({VisibilityTerm{*visibility}, is_excluded}, at);
    }
    if (name == "width" || name == "height") {
      const auto span = parse_span(value);
      if (!span) return mistake(token.begin, "write 800, >800, >=800, <800, <=800 or 800..1200");
      const auto number = name == "width" ? SearchNumber::kWidth : SearchNumber::kHeight;
      return add({NumberTerm{number, span->from, span->to}, is_excluded}, at);
    }
    if (name == "after" || name == "before") {
      const auto time = parse_time(value);
      if (!time) return mistake(token.begin, "write 2025, 2025-06, 2025-06-30 or 2025-06-30T12:00:00Z");
      const Span span = name == "after" ? Span{*time, kNoBound} : Span{0, *time - 1};
      return add({NumberTerm{SearchNumber::kCreated, span.from, span.to}, is_excluded}, at);
    }
    return mistake(at, "there is no filter '" + name + "'");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t words_ = 0;
  std::optional<std::size_t> passed_over_;
  SearchQuery query_;
};

// The marks that a pattern needs. False when they do not decide it alone.
bool append_stems(std::vector<std::string>& stems, const WordPattern& pattern) {
  const std::vector<std::string>& words = pattern.words;
  if (words.size() == 1) {
    const std::string& word = words.front();
    const bool is_long = pattern.is_prefix && count_letters(word) > kPrefixLettersMax;
    stems.push_back(pattern.is_prefix ? word.substr(0, letter_bytes(word, kPrefixLettersMax)) : word + "=");
    return !is_long;
  }
  for (std::size_t at = 1; at < words.size(); ++at) stems.push_back(words[at - 1] + " " + words[at]);
  return words.size() == 2;
}

struct Planner {
  SearchPlan& plan;
  std::string_view user_id;
  bool is_excluded;

  void operator()(const WordsTerm& term) {
    std::vector<std::string> stems;
    bool decided = true;
    for (const WordPattern& pattern : term.patterns) decided = append_stems(stems, pattern) && decided;
    if (!decided) plan.checks.push_back({term.patterns, is_excluded});
    if (!is_excluded) {
      plan.words.insert(plan.words.end(), stems.begin(), stems.end());
    } else if (decided) {
      plan.without.push_back(std::move(stems));
    }
  }
  void operator()(const TagTerm& term) { add(tag_mark(term.tag)); }
  void operator()(const AlbumTerm& term) { add(album_mark(term.album_id)); }
  void operator()(const OwnerTerm& term) { add(owner_mark(term.user_id ? std::string_view(*term.user_id) : user_id)); }
  void operator()(const FormatTerm& term) { add(format_mark(term.format)); }
  void operator()(const VisibilityTerm& term) { add(visibility_mark(term.visibility)); }
  // Bounds are drawn together, and so is what lies outside of a bound that has one end; a hole stays a filter.
  void operator()(const NumberTerm& term) {
    SearchPlan::Bounds& bounds = plan.bounds[static_cast<std::size_t>(term.number)];
    if (!is_excluded) {
      bounds.from = std::max(bounds.from, term.from);
      bounds.to = std::min(bounds.to, term.to);
    } else if (term.to == kNoBound) {
      bounds.to = std::min(bounds.to, term.from - 1);
    } else if (term.from == 0) {
      bounds.from = std::max(bounds.from, term.to + 1);
    } else {
      plan.filters.push_back({number_ranges(term.number, term.from, term.to), true});
    }
  }

 private:
  void add(const std::string& mark) { plan.filters.push_back({{{mark, mark}}, is_excluded}); }
};

}  // namespace

Result<SearchQuery> parse_search(std::string_view text) {
  return Parser(text).parse();
}

SearchPlan plan_search(const SearchQuery& query, std::string_view user_id) {
  SearchPlan plan;
  SearchPlan::Filter scope;
  const std::string visible = visibility_mark(Visibility::kPublic), own = owner_mark(user_id);
  scope.any_of.push_back({visible, visible});
  if (!user_id.empty()) scope.any_of.push_back({own, own});
  for (const SearchTerm& term : query.terms) std::visit(Planner{plan, user_id, term.is_excluded}, term.what);
  plan.filters.push_back(std::move(scope));
  std::ranges::sort(plan.words);
  const auto twice = std::ranges::unique(plan.words);
  plan.words.erase(twice.begin(), twice.end());
  return plan;
}

SearchPlan with_bounds_as_marks(SearchPlan plan) {
  for (std::size_t at = 0; at < plan.bounds.size(); ++at) {
    SearchPlan::Bounds& bounds = plan.bounds[at];
    if (bounds == SearchPlan::Bounds()) continue;
    plan.filters.push_back({number_ranges(static_cast<SearchNumber>(at), bounds.from, bounds.to), false});
    bounds = {};
  }
  return plan;
}

bool passes_filter(const SearchPlan::Filter& filter, std::string_view content) {
  bool has_any = false;
  each_other_mark(content, [&](std::string_view mark) {
    const auto has = [&](const MarkRange& range) { return range.first <= mark && mark <= range.last; };
    has_any = has_any || std::ranges::any_of(filter.any_of, has);
  });
  return has_any != filter.is_excluded;
}

bool passes_checks(const SearchPlan& plan, std::string_view content) {
  return std::ranges::all_of(plan.checks, [&](const SearchPlan::Check& check) {
    const bool holds =
        std::ranges::all_of(check.patterns, [&](const WordPattern& pattern) { return content_has(content, pattern); });
    return holds != check.is_excluded;
  });
}

MarkRange word_marks(const std::string& word, int classes) {
  return {word + ".1", word + "." + static_cast<char>('0' + classes)};
}

}  // namespace tintype
