#include "adapters/sql/search_segments.h"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>

#include "adapters/sql/postings.h"
#include "adapters/sql/repositories.h"
#include "adapters/sql/segment_search.h"

namespace tintype::sql {

namespace {

// What lies between two of these is merged in one step.
constexpr std::array kMergeBounds = {"",  "1", "2", "3", ":c", ":o", ":x", "b",    "d",   "f",
                                     "h", "j", "m", "p", "s",  "t",  "v",  "\x7f", "\xff"};
static_assert(kMergeBounds.size() == kMergeSteps + 1);

// The segment of the largest size that is being made, and how many steps were done.
struct Growing {
  Segment segment;
  int steps = 0;
};
std::optional<Growing> growing_segment(std::int64_t last) {
  const std::uint32_t documents = kSegmentDocuments.back();
  const std::int64_t end = last + 1, first = end / documents * documents - documents;
  const std::int64_t steps = end % documents / kSegmentDocuments.front();
  if (first < 0 || steps == 0 || steps >= kMergeSteps) return std::nullopt;
  return Growing{{first, static_cast<int>(kSegmentDocuments.size()) - 1, documents}, static_cast<int>(steps)};
}

// Bits to set and to clear in one segment.
struct Change {
  std::vector<std::uint32_t> gained, lost;
};
using Changes = std::map<std::int64_t, std::unordered_map<std::string, Change>>;  // by key of segment, by mark

struct Stored {
  std::int64_t sequence = 0;
  std::string content;
};

Result<std::optional<Stored>> find_stored(Connection& connection, std::string_view image_id) {
  return find_one<Stored>(connection, "SELECT sequence, content FROM search_documents WHERE image_id = ?", "it",
                          {image_id}, [](const Row& row) { return Stored{row.integer(0), row.text(1)}; });
}

Result<std::string> find_postings(Connection& connection, std::int64_t segment, const std::string& mark) {
  const auto found =
      find_one<std::string>(connection, "SELECT postings FROM search_postings WHERE segment = ? AND mark = ?", "t",
                            {segment, mark}, [](const Row& row) { return row.text(0); });
  if (!found) return std::unexpected(found.error());
  return found->value_or("");
}

Result<void> write_postings(Connection& connection, std::int64_t segment, const std::string& mark,
                            const std::vector<std::uint32_t>& offsets, std::uint32_t documents) {
  if (offsets.empty()) {
    return done(connection.execute("DELETE FROM search_postings WHERE segment = ? AND mark = ?", {segment, mark}));
  }
  return done(connection.execute("INSERT OR REPLACE INTO search_postings (segment, mark, postings) VALUES (?, ?, ?)",
                                 {segment, mark, encode_postings(offsets, documents)}));
}

Result<void> write_changes(Connection& connection, const Changes& changes) {
  std::vector<std::uint32_t> offsets;
  for (const auto& [key, by_mark] : changes) {
    const Segment segment = segment_of_key(key);
    for (const auto& [mark, change] : by_mark) {
      const auto postings = find_postings(connection, key, mark);
      if (!postings) return std::unexpected(postings.error());
      PostingBits bits((segment.documents + 63) / 64);
      add_postings(*postings, bits);
      for (const std::uint32_t offset : change.gained) bits[offset >> 6] |= std::uint64_t{1} << (offset & 63);
      for (const std::uint32_t offset : change.lost) bits[offset >> 6] &= ~(std::uint64_t{1} << (offset & 63));
      offsets.clear();
      for (std::uint32_t word = 0; word < bits.size(); ++word) {
        for (std::uint64_t left = bits[word]; left != 0; left &= left - 1) {
          offsets.push_back(64 * word + static_cast<std::uint32_t>(std::countr_zero(left)));
        }
      }
      if (auto written = write_postings(connection, key, mark, offsets, segment.documents); !written) return written;
    }
  }
  return {};
}

// What a document gains and loses, in the segment that it lies in; nothing while it is in none.
void note_change(Changes& changes, std::int64_t last, const Stored& before, std::string_view content) {
  const auto segment = segment_of(before.sequence, last);
  if (!segment) return;
  const auto offset = static_cast<std::uint32_t>(before.sequence - segment->first);
  const auto old_marks = search_marks(before.content), new_marks = search_marks(content);
  std::vector<std::string> gained, lost;
  std::ranges::set_difference(new_marks, old_marks, std::back_inserter(gained));
  std::ranges::set_difference(old_marks, new_marks, std::back_inserter(lost));
  auto& by_mark = changes[segment->key()];
  for (const std::string& mark : gained) by_mark[mark].gained.push_back(offset);
  for (const std::string& mark : lost) by_mark[mark].lost.push_back(offset);
  const auto growing = growing_segment(last);
  if (!growing || before.sequence < growing->segment.first) return;
  const std::int64_t place = before.sequence - growing->segment.first;
  if (place >= growing->segment.documents) return;
  const std::string_view merged_until = kMergeBounds[static_cast<std::size_t>(growing->steps)];
  auto& merged = changes[growing->segment.key()];
  for (const std::string& mark : gained) {
    if (mark < merged_until) merged[mark].gained.push_back(static_cast<std::uint32_t>(place));
  }
  for (const std::string& mark : lost) {
    if (mark < merged_until) merged[mark].lost.push_back(static_cast<std::uint32_t>(place));
  }
}

// Makes a segment of the documents themselves.
Result<void> seal(Connection& connection, const Segment& segment) {
  std::map<std::string, std::vector<std::uint32_t>> by_mark;
  const auto read = connection.query(
      "SELECT sequence, content FROM search_documents WHERE sequence >= ? AND sequence < ? ORDER BY sequence", "it",
      {segment.first, segment.first + segment.documents}, [&](const Row& row) {
        const auto offset = static_cast<std::uint32_t>(row.integer(0) - segment.first);
        for (std::string& mark : search_marks(row.text(1))) by_mark[std::move(mark)].push_back(offset);
      });
  if (!read) return read;
  for (const auto& [mark, offsets] : by_mark) {
    auto written = write_postings(connection, segment.key(), mark, offsets, segment.documents);
    if (!written) return written;
  }
  return {};
}

Segment part_of(const Segment& whole, std::uint32_t base) {
  return {whole.first + base, whole.level - 1, kSegmentDocuments[static_cast<std::size_t>(whole.level - 1)]};
}

// Writes the marks of one step into a segment, out of the smaller ones in its place.
Result<void> merge(Connection& connection, const Segment& whole, std::size_t step) {
  std::map<std::string, std::vector<std::uint32_t>> by_mark;
  const std::uint32_t part_documents = part_of(whole, 0).documents;
  for (std::uint32_t base = 0; base < whole.documents; base += part_documents) {
    const auto read =
        connection.query("SELECT mark, postings FROM search_postings WHERE segment = ? AND mark >= ? AND mark < ?",
                         "tt", {part_of(whole, base).key(), kMergeBounds[step], kMergeBounds[step + 1]},
                         [&](const Row& row) { append_offsets(row.text(1), base, by_mark[row.text(0)]); });
    if (!read) return read;
  }
  for (const auto& [mark, offsets] : by_mark) {
    auto written = write_postings(connection, whole.key(), mark, offsets, whole.documents);
    if (!written) return written;
  }
  return {};
}

Result<void> forget(Connection& connection, const Segment& segment) {
  return done(connection.execute("DELETE FROM search_postings WHERE segment = ?", {segment.key()}));
}

// Makes a segment of the middle size of the small ones that end with it.
Result<void> make_middle(Connection& connection, std::int64_t end) {
  const std::uint32_t documents = kSegmentDocuments[1];
  if (end % documents != 0) return {};
  const Segment whole{end - documents, 1, documents};
  for (std::size_t step = 0; step < kMergeSteps; ++step) {
    if (auto merged = merge(connection, whole, step); !merged) return merged;
  }
  for (std::uint32_t base = 0; base < documents; base += kSegmentDocuments.front()) {
    if (auto forgotten = forget(connection, part_of(whole, base)); !forgotten) return forgotten;
  }
  return {};
}

// Does the next step of the largest segment that is being made, or lets go of one of the smaller ones behind it.
Result<void> grow_largest(Connection& connection, std::int64_t end) {
  const std::uint32_t documents = kSegmentDocuments.back();
  const std::int64_t step = end % documents / kSegmentDocuments.front();
  const Segment whole{end / documents * documents - documents, 2, documents};
  if (whole.first < 0 || step == 0) return {};
  if (step <= kMergeSteps) return merge(connection, whole, static_cast<std::size_t>(step - 1));
  const std::int64_t base = (step - kMergeSteps - 1) * kSegmentDocuments[1];
  if (base >= documents) return {};
  return forget(connection, part_of(whole, static_cast<std::uint32_t>(base)));
}

// Makes the segments that stand when `last` is the last sequence, after those that stood for the one before it.
Result<void> grow(Connection& connection, std::int64_t last) {
  const std::int64_t end = last + 1;
  if (end % kSegmentDocuments.front() != 0) return {};
  const std::uint32_t documents = kSegmentDocuments.front();
  if (auto sealed = seal(connection, {end - documents, 0, documents}); !sealed) return sealed;
  if (auto made = make_middle(connection, end); !made) return made;
  return grow_largest(connection, end);
}

Result<std::int64_t> insert(Connection& connection, const SearchEntry& entry) {
  const auto sequence = find_one<std::int64_t>(
      connection, "INSERT INTO search_documents (image_id, content) VALUES (?, ?) RETURNING sequence", "i",
      {entry.image_id, entry.content}, [](const Row& row) { return row.integer(0); });
  if (!sequence) return std::unexpected(sequence.error());
  return **sequence;
}

// Inserts what fills a segment of the middle size, and makes it without the small ones that would become it.
Result<void> insert_middle(Connection& connection, const Segment& segment,
                           std::span<const SearchEntry* const> entries) {
  for (const SearchEntry* entry : entries) {
    if (auto inserted = insert(connection, *entry); !inserted) return std::unexpected(inserted.error());
  }
  if (auto sealed = seal(connection, segment); !sealed) return sealed;
  for (std::uint32_t done = 0; done < segment.documents; done += kSegmentDocuments.front()) {
    auto grown = grow_largest(connection, segment.first + done + kSegmentDocuments.front());
    if (!grown) return grown;
  }
  return {};
}

// New documents, in their order.
Result<void> insert_all(Connection& connection, std::int64_t last, std::span<const SearchEntry* const> entries) {
  const std::uint32_t documents = kSegmentDocuments[1];
  while (!entries.empty()) {
    const std::int64_t next = std::max<std::int64_t>(last + 1, 1);  // sequences begin at 1
    const std::int64_t first = next / documents * documents;
    const auto missing = static_cast<std::size_t>(first + documents - next);
    if ((next == 1 || next == first) && entries.size() >= missing) {
      auto inserted = insert_middle(connection, {first, 1, documents}, entries.first(missing));
      if (!inserted) return inserted;
      last = first + documents - 1;
      entries = entries.subspan(missing);
      continue;
    }
    const auto sequence = insert(connection, *entries.front());
    if (!sequence) return std::unexpected(sequence.error());
    if (auto grown = grow(connection, *sequence); !grown) return grown;
    last = *sequence;
    entries = entries.subspan(1);
  }
  return {};
}

}  // namespace

Result<void> put_in_segments(Connection& connection, std::span<const SearchEntry> entries) {
  const auto last = last_sequence(connection);
  if (!last) return std::unexpected(last.error());
  Changes changes;
  std::vector<const SearchEntry*> fresh;
  for (const SearchEntry& entry : entries) {
    const auto before = find_stored(connection, entry.image_id);
    if (!before) return std::unexpected(before.error());
    if (!*before) {
      fresh.push_back(&entry);
      continue;
    }
    note_change(changes, *last, **before, entry.content);
    auto written = done(connection.execute("UPDATE search_documents SET content = ? WHERE sequence = ?",
                                           {entry.content, (*before)->sequence}));
    if (!written) return written;
  }
  if (auto applied = write_changes(connection, changes); !applied) return applied;
  return insert_all(connection, *last, fresh);
}

Result<void> remove_from_segments(Connection& connection, std::string_view image_id) {
  const auto last = last_sequence(connection);
  if (!last) return std::unexpected(last.error());
  const auto before = find_stored(connection, image_id);
  if (!before) return std::unexpected(before.error());
  if (!*before) return {};
  Changes changes;
  note_change(changes, *last, **before, "");
  if (auto applied = write_changes(connection, changes); !applied) return applied;
  return done(connection.execute("DELETE FROM search_documents WHERE image_id = ?", {image_id}));
}

}  // namespace tintype::sql
