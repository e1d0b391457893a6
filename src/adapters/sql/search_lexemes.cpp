#include "adapters/sql/search_lexemes.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

std::string as_lexeme(std::string_view mark) {
  std::string text = "'";
  for (const char c : mark) {
    if (c == '\'' || c == '\\') text.push_back(c);
    text.push_back(c);
  }
  return text + "'";
}

// The marks of a range: they differ in the decimal digits at their end, at most as many as a number has.
std::string any_of(const MarkRange& range) {
  if (range.first == range.last) return as_lexeme(range.first);
  const auto same = std::ranges::mismatch(range.first, range.last).in1 - range.first.begin();
  const std::string stem = range.first.substr(0, static_cast<std::size_t>(same));
  const std::size_t digits = range.first.size() - stem.size();
  const auto number_of = [&](const std::string& mark) {
    std::int64_t number = 0;
    std::from_chars(mark.data() + stem.size(), mark.data() + mark.size(), number);
    return number;
  };
  const std::int64_t from = number_of(range.first), to = number_of(range.last);
  std::string text;
  for (std::int64_t number = from; number <= to; ++number) {
    std::string tail = std::to_string(number);
    tail.insert(0, digits - std::min(digits, tail.size()), '0');
    text += (text.empty() ? "" : "|") + as_lexeme(stem + tail);
  }
  return "(" + text + ")";
}

std::string any_of(const std::vector<MarkRange>& ranges) {
  std::string text;
  for (const MarkRange& range : ranges) text += (text.empty() ? "" : "|") + any_of(range);
  return "(" + text + ")";
}

std::string all_words(const std::vector<std::string>& words, int classes) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "&") + any_of(word_marks(word, classes));
  return "(" + text + ")";
}

// The plan as a tsquery for one tier, or for all when `tier` is none; nothing when no document can match.
std::optional<std::string> tsquery(const SearchPlan& plan, std::optional<int> tier) {
  std::string text;
  const auto add = [&](const std::string& part, bool is_excluded) {
    text += (text.empty() ? "" : "&") + std::string(is_excluded ? "!" : "") + part;
  };
  for (const SearchPlan::Filter& filter : plan.filters) {
    if (!filter.any_of.empty()) add(any_of(filter.any_of), filter.is_excluded);
    if (filter.any_of.empty() && !filter.is_excluded) return std::nullopt;
  }
  if (!plan.words.empty()) add(all_words(plan.words, tier.value_or(kFieldClasses)), false);
  if (!plan.words.empty() && tier && *tier > 1) add(all_words(plan.words, *tier - 1), true);
  for (const std::vector<std::string>& group : plan.without) add(all_words(group, kFieldClasses), true);
  return text;
}

Result<std::vector<std::int64_t>> find_sequences(Connection& connection,
                                                 const std::array<SearchPlan::Bounds, kSearchNumbers>& bounds,
                                                 const std::string& query, std::int64_t before, std::int64_t limit) {
  const auto sequence = [](const Row& row) { return row.integer(0); };
  if (std::ranges::all_of(bounds, [](const auto& of_number) { return of_number == SearchPlan::Bounds(); })) {
    return find_all<std::int64_t>(connection,
                                  "SELECT d.sequence FROM search_documents d WHERE d.marks @@ CAST(? AS tsquery) "
                                  "AND d.sequence < ? ORDER BY d.sequence DESC LIMIT ?",
                                  "i", {query, before, limit}, sequence);
  }
  const auto& [width, height, created] = bounds;
  return find_all<std::int64_t>(
      connection,
      "SELECT d.sequence FROM search_documents d JOIN images i ON i.id = d.image_id "
      "WHERE d.marks @@ CAST(? AS tsquery) AND d.sequence < ? AND i.width_px BETWEEN ? AND ? "
      "AND i.height_px BETWEEN ? AND ? AND i.created_at_ms BETWEEN ? AND ? ORDER BY d.sequence DESC LIMIT ?",
      "i", {query, before, width.from, width.to, height.from, height.to, created.from, created.to, limit}, sequence);
}

}  // namespace

Result<void> put_lexemes(Connection& connection, std::span<const SearchEntry> entries) {
  for (const SearchEntry& entry : entries) {
    std::string lines;
    for (const std::string& mark : search_marks(entry.content)) lines += (lines.empty() ? "" : "\n") + mark;
    auto written =
        done(connection.execute("INSERT INTO search_documents (image_id, content, marks) "
                                "VALUES (?, ?, array_to_tsvector(string_to_array(?, chr(10)))) ON CONFLICT (image_id) "
                                "DO UPDATE SET content = EXCLUDED.content, marks = EXCLUDED.marks",
                                {entry.image_id, entry.content, lines}));
    if (!written) return written;
  }
  return {};
}

Result<SearchCandidates> candidates_by_lexemes(Connection& connection, const SearchPlan& plan, SearchOrder order,
                                               const SearchCursor& after, std::size_t wanted) {
  SearchCandidates candidates;
  const bool by_tier = order == SearchOrder::kRelevance && !plan.words.empty();
  const int tiers = by_tier ? kFieldClasses : after.tier;
  for (int tier = after.tier; tier <= tiers; ++tier) {
    const auto query = tsquery(plan, by_tier ? std::optional(tier) : std::nullopt);
    if (!query) break;
    const std::int64_t before = tier == after.tier ? after.sequence : std::numeric_limits<std::int64_t>::max();
    auto found = find_sequences(connection, plan.bounds, *query, before, static_cast<std::int64_t>(wanted));
    if (!found) return std::unexpected(found.error());
    const bool is_full = found->size() >= wanted;
    candidates[static_cast<std::size_t>(tier - 1)] = std::move(*found);
    if (is_full) break;
  }
  return candidates;
}

}  // namespace tintype::sql
