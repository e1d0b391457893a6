#include "adapters/sql/segment_search.h"

#include <algorithm>
#include <bit>

#include "adapters/sql/postings.h"
#include "adapters/sql/repositories.h"
#include "adapters/sql/search_segments.h"

namespace tintype::sql {

namespace {

bool is_empty(const PostingBits& bits) {
  return std::ranges::all_of(bits, [](std::uint64_t word) { return word == 0; });
}

// What a plan asks of: the postings of one segment, or the documents that are in none.
class Postings {
 public:
  virtual ~Postings() = default;
  // Calls `each` with every mark of a range and sets its bits where `each` says so.
  virtual Result<void> read(const MarkRange& range, FunctionRef<PostingBits&(std::string_view mark)> bits_of) = 0;
};

class StoredPostings final : public Postings {
 public:
  StoredPostings(Connection& connection, std::int64_t segment) : connection_(connection), segment_(segment) {}
  Result<void> read(const MarkRange& range, FunctionRef<PostingBits&(std::string_view mark)> bits_of) override {
    return connection_.query("SELECT mark, postings FROM search_postings WHERE segment = ? AND mark >= ? AND mark <= ?",
                             "tt", {segment_, range.first, range.last},
                             [&](const Row& row) { add_postings(row.text(1), bits_of(row.text(0))); });
  }

 private:
  Connection& connection_;
  std::int64_t segment_;
};

class YoungPostings final : public Postings {
 public:
  explicit YoungPostings(std::array<std::vector<std::string>, 64> marks) : marks_(std::move(marks)) {}
  Result<void> read(const MarkRange& range, FunctionRef<PostingBits&(std::string_view mark)> bits_of) override {
    for (std::size_t at = 0; at < marks_.size(); ++at) {
      for (auto mark = std::ranges::lower_bound(marks_[at], range.first); mark != marks_[at].end(); ++mark) {
        if (*mark > range.last) break;
        bits_of(*mark).front() |= std::uint64_t{1} << at;
      }
    }
    return {};
  }

 private:
  std::array<std::vector<std::string>, 64> marks_;
};

using Tiers = std::array<PostingBits, kFieldClasses>;

// Evaluates a plan over one segment. It asks for the marks that probably leave little first, and for no more once
// nothing is left.
class Evaluation {
 public:
  Evaluation(Postings& postings, const SearchPlan& plan, std::size_t documents)
      : postings_(postings), plan_(plan), left_((documents + 63) / 64, ~std::uint64_t{0}) {}

  // The documents found, by tier; all are in the first one when `by_tier` is not asked for.
  Result<Tiers> run(bool by_tier) {
    Result<void> ran = run_filters([](const auto& filter) { return !filter.is_excluded && filter.any_of.size() == 1; });
    if (ran) ran = run_words(by_tier);
    if (ran) ran = run_filters([](const auto& filter) { return !filter.is_excluded && filter.any_of.size() != 1; });
    if (ran) ran = run_filters([](const auto& filter) { return filter.is_excluded; });
    if (ran) ran = run_without();
    if (!ran) return std::unexpected(ran.error());
    Tiers found;
    found.fill(PostingBits(left_.size()));
    for (std::size_t word = 0; word < left_.size(); ++word) {
      std::uint64_t before = 0;
      for (std::size_t tier = 0; tier < found.size(); ++tier) {
        const std::uint64_t within = within_.empty() ? left_[word] : within_[tier][word] & left_[word];
        found[tier][word] = within & ~before;
        before |= within;
      }
    }
    return found;
  }

 private:
  Result<void> read_any(const std::vector<MarkRange>& ranges, PostingBits& bits) {
    for (const MarkRange& range : ranges) {
      auto read = postings_.read(range, [&](std::string_view) -> PostingBits& { return bits; });
      if (!read) return read;
    }
    return {};
  }

  void keep(const PostingBits& bits, bool is_excluded) {
    for (std::size_t at = 0; at < left_.size(); ++at) left_[at] &= is_excluded ? ~bits[at] : bits[at];
    is_over_ = is_empty(left_);
  }

  Result<void> run_filters(FunctionRef<bool(const SearchPlan::Filter&)> is_due) {
    for (const SearchPlan::Filter& filter : plan_.filters) {
      if (is_over_) break;
      if (!is_due(filter)) continue;
      PostingBits bits(left_.size());
      if (auto read = read_any(filter.any_of, bits); !read) return read;
      keep(bits, filter.is_excluded);
    }
    return {};
  }

  Result<void> run_words(bool by_tier) {
    for (const std::string& word : plan_.words) {
      if (is_over_) break;
      Tiers classes;
      classes.fill(PostingBits(left_.size()));
      auto read = postings_.read(word_marks(word), [&](std::string_view mark) -> PostingBits& {
        return classes[by_tier ? static_cast<std::size_t>(mark.back() - '1') : 0];
      });
      if (!read) return read;
      if (by_tier) {
        narrow_tiers(classes);
        keep(within_.back(), false);
      } else {
        keep(classes.front(), false);
      }
    }
    return {};
  }

  // A document is within a class when each word stands in a field of that class or of a better one.
  void narrow_tiers(const Tiers& classes) {
    if (within_.empty()) within_.assign(kFieldClasses, left_);
    for (std::size_t at = 0; at < left_.size(); ++at) {
      std::uint64_t found = 0;
      for (std::size_t tier = 0; tier < classes.size(); ++tier) {
        found |= classes[tier][at];
        within_[tier][at] &= found;
      }
    }
  }

  Result<void> run_without() {
    for (const std::vector<std::string>& group : plan_.without) {
      if (is_over_) break;
      PostingBits all(left_.size(), ~std::uint64_t{0});
      for (const std::string& word : group) {
        PostingBits bits(left_.size());
        if (auto read = read_any({word_marks(word)}, bits); !read) return read;
        for (std::size_t at = 0; at < all.size(); ++at) all[at] &= bits[at];
      }
      keep(all, true);
    }
    return {};
  }

  Postings& postings_;
  const SearchPlan& plan_;
  PostingBits left_;
  std::vector<PostingBits> within_;  // by class; empty before the first word, or when tiers are not asked for
  bool is_over_ = false;
};

// Takes what was found in one segment behind the cursor, newest first, until each tier has `wanted`.
void collect(const Tiers& found, std::int64_t first, const SearchCursor& after, std::size_t wanted,
             SearchCandidates& candidates) {
  for (std::size_t tier = static_cast<std::size_t>(after.tier - 1); tier < found.size(); ++tier) {
    std::vector<std::int64_t>& list = candidates[tier];
    const bool is_cut = tier + 1 == static_cast<std::size_t>(after.tier);
    for (std::size_t word = found[tier].size(); word-- > 0 && list.size() < wanted;) {
      for (std::uint64_t left = found[tier][word]; left != 0 && list.size() < wanted;) {
        const int bit = 63 - std::countl_zero(left);
        left &= ~(std::uint64_t{1} << bit);
        const std::int64_t sequence = first + 64 * static_cast<std::int64_t>(word) + bit;
        if (!is_cut || sequence < after.sequence) list.push_back(sequence);
      }
    }
  }
}

Result<std::array<std::vector<std::string>, 64>> young_marks(Connection& connection, std::int64_t first) {
  std::array<std::vector<std::string>, 64> marks;
  const auto read = connection.query("SELECT sequence, content FROM search_documents WHERE sequence >= ?", "it",
                                     {first}, [&](const Row& row) {
                                       const auto offset = static_cast<std::size_t>(row.integer(0) - first);
                                       if (offset < marks.size()) marks[offset] = search_marks(row.text(1));
                                     });
  if (!read) return std::unexpected(read.error());
  return marks;
}

}  // namespace

Segment segment_of_key(std::int64_t key) {
  const int level = static_cast<int>(key & 3);
  return {key / 4, level, kSegmentDocuments[static_cast<std::size_t>(level)]};
}

Result<std::int64_t> last_sequence(Connection& connection) {
  const auto last =
      find_one<std::int64_t>(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'search_documents'", "i", {},
                             [](const Row& row) { return row.integer(0); });
  if (!last) return std::unexpected(last.error());
  return last->value_or(-1);
}

std::int64_t first_outside(std::int64_t last) {
  return (last + 1) / kSegmentDocuments.front() * kSegmentDocuments.front();
}

std::optional<Segment> segment_of(std::int64_t sequence, std::int64_t last) {
  // The largest size of which a whole segment, and the steps that it takes, fit in front of the end.
  for (std::size_t level = kSegmentDocuments.size(); level-- > 0;) {
    const std::int64_t documents = kSegmentDocuments[level];
    const std::int64_t first = sequence / documents * documents;
    const bool is_largest = level + 1 == kSegmentDocuments.size();
    const std::int64_t steps = is_largest ? kMergeSteps * std::int64_t{kSegmentDocuments.front()} : 0;
    if (first + documents + steps <= last + 1) return Segment{first, static_cast<int>(level), kSegmentDocuments[level]};
  }
  return std::nullopt;
}

std::vector<Segment> standing_segments(std::int64_t last) {
  std::vector<Segment> segments;
  const std::int64_t end = first_outside(last);
  for (std::int64_t first = 0; first < end;) {
    segments.push_back(*segment_of(first, last));
    first += segments.back().documents;
  }
  std::ranges::reverse(segments);
  return segments;
}

Result<SearchCandidates> candidates_in_segments(Connection& connection, const SearchPlan& asked, SearchOrder order,
                                                const SearchCursor& after, std::size_t wanted) {
  SearchCandidates candidates;
  const SearchPlan plan = with_bounds_as_marks(asked);
  const bool by_tier = order == SearchOrder::kRelevance && !plan.words.empty();
  const auto last = last_sequence(connection);
  if (!last) return std::unexpected(last.error());
  // Where no tiers are told apart, what the cursor has passed need not be looked at.
  const auto is_passed = [&](std::int64_t first) { return !by_tier && first >= after.sequence; };
  const auto search_one = [&](Postings& postings, std::int64_t first, std::size_t documents) -> Result<void> {
    const auto found = Evaluation(postings, plan, documents).run(by_tier);
    if (!found) return std::unexpected(found.error());
    collect(*found, first, after, wanted, candidates);
    return {};
  };
  if (const std::int64_t first = first_outside(*last); first <= *last && !is_passed(first)) {
    auto marks = young_marks(connection, first);
    if (!marks) return std::unexpected(marks.error());
    YoungPostings postings(std::move(*marks));
    if (auto searched = search_one(postings, first, 64); !searched) return std::unexpected(searched.error());
  }
  for (const Segment& segment : standing_segments(*last)) {
    if (candidates[static_cast<std::size_t>(after.tier - 1)].size() >= wanted) break;
    if (is_passed(segment.first)) continue;
    StoredPostings postings(connection, segment.key());
    auto searched = search_one(postings, segment.first, segment.documents);
    if (!searched) return std::unexpected(searched.error());
  }
  return candidates;
}

}  // namespace tintype::sql
