// Which documents of one segment have a mark, as text: one letter for the form, then characters of six bits each, from
// '0' (0) to 'o' (63).
//   d  dense: one bit a document, the first in the lowest bit
//   s  sparse: the distances from one document to the next (from the beginning to the first one), each in groups of
//      five bits, lowest first; the sixth bit says that another group follows
// The shorter form is written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tintype::sql {

// One bit for each document of a segment, in words of 64.
using PostingBits = std::vector<std::uint64_t>;

// `offsets` ascend and lie below `documents`.
std::string encode_postings(const std::vector<std::uint32_t>& offsets, std::uint32_t documents);
// Sets the bits of what was encoded. What lies behind the end of `bits` is passed over.
void add_postings(std::string_view postings, PostingBits& bits);
// Appends the offsets, each raised by `base`.
void append_offsets(std::string_view postings, std::uint32_t base, std::vector<std::uint32_t>& offsets);

}  // namespace tintype::sql
