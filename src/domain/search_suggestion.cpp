#include "domain/search_suggestion.h"

#include <algorithm>
#include <array>

#include "domain/image.h"
#include "domain/search_document.h"
#include "domain/search_letters.h"
#include "domain/search_words.h"

namespace tintype {

namespace {

constexpr std::string_view kTagMark = ":tag:", kOwnerMark = ":owner:";
constexpr std::size_t kWordLettersMin = 2;
// In the order in which they are offered.
constexpr std::array<std::string_view, 9> kFilters = {"tag",        "album", "format", "after", "before",
                                                      "visibility", "width", "height", "owner"};
constexpr std::array<std::string_view, 2> kVisibilities = {"private", "public"};
constexpr std::array<std::string_view, 1> kOwners = {"me"};
constexpr std::array kFormats = {ImageFormat::kJpeg, ImageFormat::kPng,  ImageFormat::kWebp, ImageFormat::kHeic,
                                 ImageFormat::kAvif, ImageFormat::kTiff, ImageFormat::kGif};

// Where the last term begins: behind the last space that no double quotes hold. Nothing when it is over already.
std::optional<std::size_t> last_term(std::string_view query) {
  std::size_t begin = 0;
  bool is_quoted = false;
  for (std::size_t at = 0; at < query.size(); ++at) {
    if (query[at] == '"') is_quoted = !is_quoted;
    if (is_space(query[at]) && !is_quoted) begin = at + 1;
  }
  const bool is_closed = !is_quoted && query.size() > begin && query.back() == '"';
  return is_closed ? std::nullopt : std::optional(begin);
}

// A filter's value, in double quotes where it has to be: a double quote itself cannot be written, and says nothing.
std::string value_of(const KnownTerm& known) {
  const bool is_writable = known.label.find_first_of("\"\t\r\n") == std::string::npos;
  const std::string& value = is_writable ? known.label : known.term;
  return value.find(' ') == std::string::npos ? value : '"' + value + '"';
}

template <class Values>
void append_values(std::vector<Suggestion>& all, SuggestionKind kind, const UnfinishedTerm& term,
                   const Values& values) {
  const std::string begun = lower(term.text);
  for (const std::string_view value : values) {
    if (!value.starts_with(begun)) continue;
    all.push_back({kind, std::string(value), term.before + term.filter + ":" + std::string(value)});
  }
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const ImageFormat format : kFormats) names.emplace_back(image_format_name(format));
  return names;
}

}  // namespace

const char* known_kind_name(KnownKind kind) {
  switch (kind) {
    case KnownKind::kTag: return "tag";
    case KnownKind::kWord: return "word";
    case KnownKind::kAlbum: return "album";
  }
  return "word";
}

const char* suggestion_kind_name(SuggestionKind kind) {
  switch (kind) {
    case SuggestionKind::kOperator: return "operator";
    case SuggestionKind::kTag: return "tag";
    case SuggestionKind::kAlbum: return "album";
    case SuggestionKind::kFormat: return "format";
    case SuggestionKind::kWord: return "word";
  }
  return "word";
}

std::vector<ContentTerm> content_terms(std::string_view content) {
  std::vector<ContentTerm> terms;
  if (content.empty()) return terms;
  std::string_view title = content.substr(0, content.find('\n'));
  while (!title.empty()) {
    const std::string_view word = title.substr(0, title.find(' '));
    if (count_letters(word) >= kWordLettersMin) terms.push_back({KnownKind::kWord, std::string(word)});
    title.remove_prefix(std::min(word.size() + 1, title.size()));
  }
  each_other_mark(content, [&](std::string_view mark) {
    if (mark.starts_with(kTagMark)) terms.push_back({KnownKind::kTag, std::string(mark.substr(kTagMark.size()))});
  });
  std::ranges::sort(terms);
  const auto twice = std::ranges::unique(terms);
  terms.erase(twice.begin(), twice.end());
  return terms;
}

std::string content_owner(std::string_view content) {
  std::string owner;
  if (content.empty()) return owner;
  each_other_mark(content, [&](std::string_view mark) {
    if (mark.starts_with(kOwnerMark)) owner = mark.substr(kOwnerMark.size());
  });
  return owner;
}

std::optional<UnfinishedTerm> unfinished_term(std::string_view query) {
  const auto found = last_term(query);
  if (!found) return std::nullopt;
  const std::size_t begin = *found + (query.substr(*found).starts_with('-') ? 1 : 0);
  UnfinishedTerm term;
  term.before = query.substr(0, begin);
  std::string_view text = query.substr(begin);
  const std::size_t colon = text.find_first_of(":\"");
  if (colon != std::string_view::npos && text[colon] == ':') {
    const std::string name = lower(text.substr(0, colon));
    if (std::ranges::find(kFilters, name) == kFilters.end()) return std::nullopt;
    term.filter = name;
    text.remove_prefix(colon + 1);
  }
  term.is_quoted = text.starts_with('"');
  if (term.is_quoted) text.remove_prefix(1);
  if (text.find('"') != std::string_view::npos) return std::nullopt;
  term.text = text;
  return term;
}

std::vector<KnownKind> kinds_wanted(const UnfinishedTerm& term) {
  if (!term.text.empty() && known_prefix(term).empty()) return {};
  if (term.filter == "tag") return {KnownKind::kTag};
  if (term.filter == "album") return {KnownKind::kAlbum};
  if (!term.filter.empty() || term.is_quoted) return {};
  if (term.text.empty()) return {KnownKind::kTag};
  const bool is_one_word = search_words(term.text).size() == 1;
  if (is_one_word) return {KnownKind::kTag, KnownKind::kAlbum, KnownKind::kWord};
  return {KnownKind::kTag, KnownKind::kAlbum};
}

std::string known_prefix(const UnfinishedTerm& term) {
  return normal_tag(term.text);
}

Suggestion suggestion_of(const UnfinishedTerm& term, KnownKind kind, const KnownTerm& known) {
  switch (kind) {
    case KnownKind::kTag: return {SuggestionKind::kTag, known.label, term.before + "tag:" + value_of(known)};
    case KnownKind::kAlbum: return {SuggestionKind::kAlbum, known.label, term.before + "album:" + known.id};
    case KnownKind::kWord: break;
  }
  return {SuggestionKind::kWord, known.label, term.before + known.label};
}

std::vector<Suggestion> language_suggestions(const UnfinishedTerm& term) {
  std::vector<Suggestion> all;
  if (term.is_quoted) return all;
  if (term.filter == "visibility") append_values(all, SuggestionKind::kOperator, term, kVisibilities);
  if (term.filter == "owner") append_values(all, SuggestionKind::kOperator, term, kOwners);
  if (term.filter == "format") append_values(all, SuggestionKind::kFormat, term, format_names());
  if (!term.filter.empty()) return all;
  const std::string begun = lower(term.text);
  for (const std::string_view filter : kFilters) {
    const std::string name = std::string(filter) + ":";
    if (filter.starts_with(begun)) all.push_back({SuggestionKind::kOperator, name, term.before + name});
  }
  if (begun.empty()) return all;
  UnfinishedTerm format = term;
  format.filter = "format";
  append_values(all, SuggestionKind::kFormat, format, format_names());
  return all;
}

}  // namespace tintype
