#include "adapters/sql/segment_search.h"

#include <algorithm>
#include <bit>
#include <span>

#include "adapters/sql/postings.h"
#include "adapters/sql/repositories.h"
#include "adapters/sql/search_segments.h"

namespace tintype::sql {

namespace {

// A range of marks takes about as long to read from a segment as so many documents take to be read and looked at. From
// the smallest ones it is read sooner than any.
constexpr std::size_t kDocumentsPerRange = 8;
// Of few documents so many words leave none, as a rule: the ranges of others would not be read.
constexpr std::size_t kWordsPerFew = 3;

std::size_t count_of(const PostingBits& bits) {
  std::size_t count = 0;
  for (const std::uint64_t word : bits) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}
bool has_at_most(const PostingBits& bits, std::size_t most) {
  std::size_t count = 0;
  return std::ranges::all_of(bits, [&](std::uint64_t word) {
    count += static_cast<std::size_t>(std::popcount(word));
    return count <= most;
  });
}
bool is_empty(const PostingBits& bits) {
  return std::ranges::all_of(bits, [](std::uint64_t word) { return word == 0; });
}

// What a plan asks of: the postings of one segment, or the documents that are in none.
class Postings {
 public:
  virtual ~Postings() = default;
  // Calls `each` with every mark of a range and sets its bits where `each` says so.
  virtual Result<void> read(const MarkRange& range, FunctionRef<PostingBits&(std::string_view mark)> bits_of) = 0;
  // One document's own content; empty when it is gone.
  virtual Result<std::string> content(std::uint32_t offset) = 0;
};

class StoredPostings final : public Postings {
 public:
  StoredPostings(Connection& connection, const Segment& segment) : connection_(connection), segment_(segment) {}
  Result<void> read(const MarkRange& range, FunctionRef<PostingBits&(std::string_view mark)> bits_of) override {
    return connection_.query("SELECT mark, postings FROM search_postings WHERE segment = ? AND mark >= ? AND mark <= ?",
                             "tt", {segment_.key(), range.first, range.last},
                             [&](const Row& row) { add_postings(row.text(1), bits_of(row.text(0))); });
  }
  Result<std::string> content(std::uint32_t offset) override {
    std::string content;
    const auto read = connection_.query("SELECT content FROM search_documents WHERE sequence = ?", "t",
                                        {segment_.first + offset}, [&](const Row& row) { content = row.text(0); });
    if (!read) return std::unexpected(read.error());
    return content;
  }

 private:
  Connection& connection_;
  Segment segment_;
};

class YoungPostings final : public Postings {
 public:
  explicit YoungPostings(std::array<std::string, 64> contents) : contents_(std::move(contents)) {
    std::ranges::transform(contents_, marks_.begin(), search_marks);
  }
  Result<void> read(const MarkRange& range, FunctionRef<PostingBits&(std::string_view mark)> bits_of) override {
    for (std::size_t at = 0; at < marks_.size(); ++at) {
      for (auto mark = std::ranges::lower_bound(marks_[at], range.first); mark != marks_[at].end(); ++mark) {
        if (*mark > range.last) break;
        bits_of(*mark).front() |= std::uint64_t{1} << at;
      }
    }
    return {};
  }
  Result<std::string> content(std::uint32_t offset) override { return contents_[offset]; }

 private:
  std::array<std::string, 64> contents_;
  std::array<std::vector<std::string>, 64> marks_;
};

// A word of a plan, and what part of the last segment's documents had it; nothing before any was asked.
struct AskedWord {
  std::string mark;
  double share = 2;
};

// The level of the youngest documents, which are in no segment.
constexpr int kYoung = -1;

using Tiers = std::array<PostingBits, kFieldClasses>;

// Evaluates a plan over one segment. It asks for the marks that probably leave little first, and for no more once
// nothing is left; when little is left, it looks at the documents themselves.
class Evaluation {
 public:
  // The plan's words are asked in the order of `words`. Of their tiers those behind the first `passed` and among the
  // first `tiers` are looked for; `tiers` is 0 when they are not told apart.
  Evaluation(Postings& postings, const SearchPlan& plan, std::span<AskedWord> words, std::size_t documents,
             std::size_t passed, std::size_t tiers)
      : postings_(postings),
        plan_(plan),
        words_(words),
        passed_(passed),
        tiers_(tiers),
        left_((documents + 63) / 64, ~std::uint64_t{0}) {}

  // The documents found, by tier; all are in the first one when tiers are not told apart.
  Result<Tiers> run() {
    std::vector<const SearchPlan::Filter*> single, several;
    for (const SearchPlan::Filter& filter : plan_.filters) {
      (!filter.is_excluded && filter.any_of.size() == 1 ? single : several).push_back(&filter);
    }
    std::ranges::stable_sort(several, {}, [](const SearchPlan::Filter* filter) {
      return std::pair(filter->is_excluded, filter->any_of.size());
    });
    Result<void> ran = run_filters(single);
    if (ran) ran = run_words();
    if (ran && !within_.empty() && passed_ > 0) keep(within_[passed_ - 1], true);
    if (ran) ran = run_filters(several);
    if (ran) ran = run_without();
    if (!ran) return std::unexpected(ran.error());
    Tiers found;
    found.fill(PostingBits(left_.size()));
    const std::size_t tiers = within_.empty() ? 1 : within_.size();
    for (std::size_t word = 0; word < left_.size(); ++word) {
      std::uint64_t before = 0;
      for (std::size_t tier = 0; tier < tiers; ++tier) {
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

  // Whether the documents that are left are looked at sooner than so many more ranges are read.
  bool has_few_left(std::size_t ranges) const {
    const bool is_small = left_.size() <= kSegmentDocuments.front() / 64;
    return !is_small && has_at_most(left_, kDocumentsPerRange * ranges);
  }

  Result<void> run_filters(std::span<const SearchPlan::Filter* const> filters) {
    std::size_t ranges = 0;
    for (const SearchPlan::Filter* filter : filters) ranges += filter->any_of.size();
    for (; !filters.empty() && !is_over_; filters = filters.subspan(1)) {
      if (has_few_left(ranges)) return look_for_filters(filters);
      const SearchPlan::Filter& filter = *filters.front();
      PostingBits bits(left_.size());
      if (auto read = read_any(filter.any_of, bits); !read) return read;
      keep(bits, filter.is_excluded);
      ranges -= filter.any_of.size();
    }
    return {};
  }

  // Calls `each` with the place and the content of every document that is left.
  Result<void> read_left(FunctionRef<void(std::size_t at, std::uint64_t bit, std::string_view content)> each) {
    for (std::size_t at = 0; at < left_.size(); ++at) {
      for (std::uint64_t left = left_[at]; left != 0; left &= left - 1) {
        const int bit = std::countr_zero(left);
        const auto content = postings_.content(64 * static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(bit));
        if (!content) return std::unexpected(content.error());
        each(at, std::uint64_t{1} << bit, *content);
      }
    }
    return {};
  }

  Result<void> look_for_filters(std::span<const SearchPlan::Filter* const> filters) {
    auto read = read_left([&](std::size_t at, std::uint64_t bit, std::string_view content) {
      const auto passes = [&](const SearchPlan::Filter* filter) { return passes_filter(*filter, content); };
      if (!std::ranges::all_of(filters, passes)) left_[at] &= ~bit;
    });
    is_over_ = is_empty(left_);
    return read;
  }

  Result<void> run_words() {
    for (; !words_.empty() && !is_over_; words_ = words_.subspan(1)) {
      if (has_few_left(std::min(words_.size(), kWordsPerFew))) return look_for_words();
      if (auto read = read_word(words_.front()); !read) return read;
    }
    return {};
  }

  std::size_t classes_told() const { return tiers_ == 0 ? kFieldClasses : tiers_; }

  Result<void> read_word(AskedWord& word) {
    Tiers classes;
    classes.fill(PostingBits(left_.size()));
    std::size_t documents = 0;
    const auto range = word_marks(word.mark, static_cast<int>(classes_told()));
    auto read = postings_.read(range, [&](std::string_view mark) -> PostingBits& {
      return classes[tiers_ != 0 ? static_cast<std::size_t>(mark.back() - '1') : 0];
    });
    if (!read) return read;
    for (const PostingBits& bits : classes) documents += count_of(bits);
    word.share = static_cast<double>(documents) / static_cast<double>(64 * left_.size());
    narrow(classes);
    return {};
  }

  Result<void> look_for_words() {
    Tiers classes;
    classes.fill(PostingBits(left_.size()));
    auto read = read_left([&](std::size_t at, std::uint64_t bit, std::string_view content) {
      std::size_t worst = 1;  // of the best classes of all words
      for (const AskedWord& word : words_) {
        const auto best = class_of_word(content, word.mark);
        if (!best || static_cast<std::size_t>(*best) > classes_told()) return;
        worst = std::max(worst, static_cast<std::size_t>(*best));
      }
      classes[tiers_ != 0 ? worst - 1 : 0][at] |= bit;
    });
    if (read) narrow(classes);
    return read;
  }

  // Keeps what has a word, told by the best class of its fields.
  void narrow(const Tiers& classes) {
    if (tiers_ != 0) narrow_tiers(classes);
    keep(tiers_ != 0 ? within_.back() : classes.front(), false);
  }

  // A document is within a class when each word stands in a field of that class or of a better one.
  void narrow_tiers(const Tiers& classes) {
    if (within_.empty()) within_.assign(tiers_, left_);
    for (std::size_t at = 0; at < left_.size(); ++at) {
      std::uint64_t found = 0;
      for (std::size_t tier = 0; tier < within_.size(); ++tier) {
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
  std::span<AskedWord> words_;  // that were not asked yet
  const std::size_t passed_, tiers_;
  PostingBits left_;
  std::vector<PostingBits> within_;  // by class; empty before the first word, or when tiers are not asked for
  bool is_over_ = false;
};

Result<std::array<std::string, 64>> young_contents(Connection& connection, std::int64_t first) {
  std::array<std::string, 64> contents;
  const auto read = connection.query("SELECT sequence, content FROM search_documents WHERE sequence >= ?", "it",
                                     {first}, [&](const Row& row) {
                                       const auto offset = static_cast<std::size_t>(row.integer(0) - first);
                                       if (offset < contents.size()) contents[offset] = row.text(1);
                                     });
  if (!read) return std::unexpected(read.error());
  return contents;
}

// Searches segments in the order of time; the youngest documents count as one.
class SegmentSearch {
 public:
  SegmentSearch(Connection& connection, const SearchPlan& plan, bool by_tier, const SearchCursor& after,
                std::size_t wanted)
      : connection_(connection), plan_(plan), by_tier_(by_tier), after_(after), wanted_(wanted) {
    for (const std::string& word : plan.words) words_.push_back({word});
  }

  // Looks through `segments`, newest first, for tiers from `first_tier` on. A tier is complete unless it, or one before
  // it, has all that is wanted.
  Result<SearchCandidates> run(std::span<const Segment> segments, int first_tier) {
    SearchCandidates candidates;
    const auto first = static_cast<std::size_t>(first_tier - 1);
    for (const Segment& segment : segments) {
      // What lies behind a tier that has all it wants is not asked for, nor are the fields that lead to it.
      std::size_t due = first;
      while (due < candidates.size() && candidates[due].size() < wanted_) ++due;
      if (due == first) break;
      const auto found = evaluate(segment, first, by_tier_ ? due : 0);
      if (!found) return std::unexpected(found.error());
      // What was rare in one segment is so in the next: those that leave least come first.
      std::ranges::stable_sort(words_, {}, &AskedWord::share);
      collect(*found, segment.first, first, candidates);
    }
    return candidates;
  }

 private:
  Result<Tiers> evaluate(const Segment& segment, std::size_t passed, std::size_t tiers) {
    if (segment.level != kYoung) {
      StoredPostings postings(connection_, segment);
      return Evaluation(postings, plan_, words_, segment.documents, passed, tiers).run();
    }
    auto contents = young_contents(connection_, segment.first);
    if (!contents) return std::unexpected(contents.error());
    YoungPostings postings(std::move(*contents));
    return Evaluation(postings, plan_, words_, segment.documents, passed, tiers).run();
  }

  // Takes what was found in one segment behind the cursor, newest first, until each tier has what is wanted.
  void collect(const Tiers& found, std::int64_t first, std::size_t first_tier, SearchCandidates& candidates) const {
    for (std::size_t tier = first_tier; tier < found.size(); ++tier) {
      std::vector<std::int64_t>& list = candidates[tier];
      const bool is_cut = tier + 1 == static_cast<std::size_t>(after_.tier);
      for (std::size_t word = found[tier].size(); word-- > 0 && list.size() < wanted_;) {
        for (std::uint64_t left = found[tier][word]; left != 0 && list.size() < wanted_;) {
          const int bit = 63 - std::countl_zero(left);
          left &= ~(std::uint64_t{1} << bit);
          const std::int64_t sequence = first + 64 * static_cast<std::int64_t>(word) + bit;
          if (!is_cut || sequence < after_.sequence) list.push_back(sequence);
        }
      }
    }
  }

  Connection& connection_;
  const SearchPlan& plan_;
  std::vector<AskedWord> words_;
  const bool by_tier_;
  const SearchCursor& after_;
  const std::size_t wanted_;
};

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
  const SearchPlan plan = with_bounds_as_marks(asked);
  const bool by_tier = order == SearchOrder::kRelevance && !plan.words.empty();
  const auto last = last_sequence(connection);
  if (!last) return std::unexpected(last.error());
  std::vector<Segment> all = standing_segments(*last);
  if (const std::int64_t first = first_outside(*last); first <= *last) {
    all.insert(all.begin(), {first, kYoung, kSegmentDocuments.front()});
  }
  // What the cursor has passed has none of its tier any more. Others are looked for there only when that tier ends.
  const auto behind = std::ranges::find_if(all, [&](const Segment& segment) { return segment.first < after.sequence; });
  const std::span passed(all.begin(), behind), due(behind, all.end());
  SegmentSearch search(connection, plan, by_tier, after, wanted);
  auto found = search.run(due, after.tier);
  const auto own = static_cast<std::size_t>(after.tier - 1);
  if (!found || !by_tier || passed.empty() || (*found)[own].size() >= wanted) return found;
  auto newer = search.run(passed, after.tier + 1);
  if (!newer) return newer;
  for (std::size_t tier = own + 1; tier < found->size(); ++tier) {
    std::vector<std::int64_t>& list = (*newer)[tier];
    list.insert(list.end(), (*found)[tier].begin(), (*found)[tier].end());
    list.resize(std::min(list.size(), wanted));
  }
  (*newer)[own] = std::move((*found)[own]);
  return newer;
}

}  // namespace tintype::sql
