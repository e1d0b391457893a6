#include "adapters/sql/postings.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tintype::sql {
namespace {

// Few, many, side by side and far apart: what was encoded comes back by either way, in no more than a bit a document.
RC_GTEST_PROP(Postings, ComeBackAsTheyWere, ()) {
  const auto documents = *rc::gen::element<std::uint32_t>(64, 2'048, 65'536);
  const auto apart = *rc::gen::element<std::uint32_t>(1, 2, 5, 40, 900, 40'000);
  std::vector<std::uint32_t> offsets;
  for (std::uint32_t at = *rc::gen::inRange<std::uint32_t>(0, documents); at < documents;) {
    offsets.push_back(at);
    at += 1 + *rc::gen::inRange<std::uint32_t>(0, apart);
    if (offsets.size() == 300) break;
  }
  const std::string text = encode_postings(offsets, documents);
  RC_ASSERT(text.size() <= 1 + (documents + 5) / 6);
  PostingBits bits(documents / 64), expected(documents / 64);
  add_postings(text, bits);
  for (const std::uint32_t offset : offsets) expected[offset / 64] |= std::uint64_t{1} << offset % 64;
  RC_ASSERT(bits == expected);
  std::vector<std::uint32_t> raised;
  append_offsets(text, 7, raised);
  for (std::uint32_t& offset : raised) offset -= 7;
  RC_ASSERT(raised == offsets);
}

TEST(Postings, EveryDocumentIsABit) {
  std::vector<std::uint32_t> all(65'536);
  for (std::uint32_t at = 0; at < all.size(); ++at) all[at] = at;
  const std::string text = encode_postings(all, 65'536);
  EXPECT_EQ(text.front(), 'd');
  PostingBits bits(1'024);
  add_postings(text, bits);
  EXPECT_EQ(bits, PostingBits(1'024, ~std::uint64_t{0}));
}

TEST(Postings, WhatIsDamagedStaysInsideTheSegment) {
  for (const char* text : {"", "s", "d", "x", "soooooooooo", "sZ", "dooooooooooooooooooooooooooooo"}) {
    PostingBits bits(1);
    add_postings(text, bits);
  }
}

}  // namespace
}  // namespace tintype::sql
