// Which segments stand, and what a plan finds in them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/sql/connection.h"

namespace tintype::sql {

inline constexpr std::array<std::uint32_t, 3> kSegmentDocuments = {64, 2'048, 65'536};  // by level

// A segment of the largest size is made in so many steps, one with each 64 documents that follow, so that no write has
// to wait for all of it. Until the last step the smaller ones stand.
inline constexpr int kMergeSteps = 18;

struct Segment {
  std::int64_t first = 0;  // sequence
  int level = 0;
  std::uint32_t documents = 0;

  std::int64_t key() const { return 4 * first + level; }  // search_postings.segment
};
Segment segment_of_key(std::int64_t key);

// The last sequence that was ever given; -1 before the first.
Result<std::int64_t> last_sequence(Connection& connection);
// Where a sequence lies while `last` is the last one; nothing when it is among the youngest, which are in no segment.
std::optional<Segment> segment_of(std::int64_t sequence, std::int64_t last);
// All that stand, newest first.
std::vector<Segment> standing_segments(std::int64_t last);
// The first sequence that is in no segment.
std::int64_t first_outside(std::int64_t last);

}  // namespace tintype::sql
