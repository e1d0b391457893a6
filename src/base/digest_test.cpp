#include "base/digest.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tintype {
namespace {

std::string hex_of(DigestKind kind, std::string_view bytes, std::size_t piece_bytes) {
  Digest digest(kind);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_bytes, bytes.size()))) {
    digest.update(bytes.substr(0, piece_bytes));
  }
  return hex_encode(digest.finish());
}

// The check values of RevEng's catalogue and of the digests' own standards.
TEST(Digest, GivesTheStandardsCheckValues) {
  EXPECT_EQ(hex_of(DigestKind::kCrc32, "123456789", 9), "cbf43926");
  EXPECT_EQ(hex_of(DigestKind::kCrc32c, "123456789", 9), "e3069283");
  EXPECT_EQ(hex_of(DigestKind::kCrc64Nvme, "123456789", 9), "ae8b14860a799888");
  EXPECT_EQ(hex_of(DigestKind::kMd5, "abc", 3), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(hex_of(DigestKind::kSha1, "abc", 3), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex_of(DigestKind::kSha256, "abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Digest, ComesOutTheSameHoweverTheBytesAreCut) {
  std::string bytes;
  for (int at = 0; at < 1'000; ++at) bytes.push_back(static_cast<char>(at * 31 + at / 251));
  for (const DigestKind kind : {DigestKind::kMd5, DigestKind::kSha1, DigestKind::kSha256, DigestKind::kCrc32,
                                DigestKind::kCrc32c, DigestKind::kCrc64Nvme}) {
    const std::string whole = hex_of(kind, bytes, bytes.size());
    for (const std::size_t piece_bytes : {1, 7, 8, 9, 64, 333}) EXPECT_EQ(hex_of(kind, bytes, piece_bytes), whole);
  }
}

}  // namespace
}  // namespace tintype
