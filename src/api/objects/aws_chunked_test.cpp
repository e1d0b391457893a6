#include "api/objects/aws_chunked.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tintype::api {
namespace {

// Takes "c" and the first two hex digits of a chunk's SHA-256 for its signature.
class PlainSignatures final : public ChunkSignatures {
 public:
  bool accept_chunk(std::string_view sha256, std::string_view signature) override {
    return signature == "c" + hex_encode(sha256.substr(0, 1));
  }
  bool accept_trailer(std::string_view trailers, std::string_view signature) override {
    return signature == "t" + std::to_string(trailers.size());
  }
};

std::string signed_chunk(const std::string& bytes) {
  char size[24];
  std::snprintf(size, sizeof size, "%zx", bytes.size());
  const std::string head = std::string(size) + ";chunk-signature=c" + hex_encode(sha256(bytes).substr(0, 1)) + "\r\n";
  return bytes.empty() ? head : head + bytes + "\r\n";
}

struct Outcome {
  std::string bytes;
  std::string refusal;  // empty: none
  std::vector<std::pair<std::string, std::string>> trailers;
};

Outcome decode(std::string_view coded, std::size_t piece_bytes, bool with_signatures) {
  Outcome outcome;
  AwsChunked chunked(with_signatures ? std::make_shared<PlainSignatures>() : nullptr);
  const auto take = [&](std::string_view bytes) -> Result<void> {
    outcome.bytes.append(bytes);
    return {};
  };
  Result<void> done;
  for (; done && !coded.empty(); coded.remove_prefix(std::min(piece_bytes, coded.size()))) {
    done = chunked.feed(coded.substr(0, piece_bytes), take);
  }
  if (done) done = chunked.finish();
  if (!done) outcome.refusal = error_code_name(done.error().code);
  outcome.trailers = chunked.trailers();
  return outcome;
}

TEST(AwsChunked, AnyCutReadsTheSame) {
  const std::string plain = "5\r\nhello\r\n7\r\n\r\nworld\r\n0\r\nX-Amz-Checksum-CRC32: AAAAAA==\r\n\r\n";
  const std::string bytes(300, 'x');
  const std::string with_signatures =
      signed_chunk(bytes) + signed_chunk("y") + signed_chunk("") + "a:b\r\n" + "x-amz-trailer-signature:t4\r\n\r\n";
  for (const std::size_t piece_bytes : {1, 2, 3, 7, 64, 1'000}) {
    const Outcome one = decode(plain, piece_bytes, false);
    EXPECT_EQ(one.refusal, "");
    EXPECT_EQ(one.bytes, "hello\r\nworld");
    ASSERT_EQ(one.trailers.size(), 1U);
    EXPECT_EQ(one.trailers[0], (std::pair<std::string, std::string>("x-amz-checksum-crc32", "AAAAAA==")));
    const Outcome other = decode(with_signatures, piece_bytes, true);
    EXPECT_EQ(other.refusal, "");
    EXPECT_EQ(other.bytes, bytes + "y");
    EXPECT_EQ(other.trailers, (std::vector<std::pair<std::string, std::string>>{{"a", "b"}}));
  }
  EXPECT_EQ(decode("0\r\n\r\n", 5, false).refusal, "");
  EXPECT_EQ(decode(signed_chunk("") + "\r\n", 5, true).refusal, "");
}

TEST(AwsChunked, RefusesWhatIsCutOffOrMalformed) {
  for (const char* coded :
       {"", "5\r\nhel", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "5\r\nhelloo\r\n0\r\n\r\n", "\r\n\r\n", "x\r\n\r\n",
        "-1\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "0\r\n\r\nmore", "0\r\nno colon\r\n\r\n", "11111111111111111\r\n",
        "5;chunk-signature=c\r\nhello\r\n0\r\n\r\n"}) {
    EXPECT_EQ(decode(coded, 4, false).refusal, "INVALID_INPUT") << coded;
  }
  EXPECT_EQ(decode(std::string(2'000, '0'), 100, false).refusal, "INVALID_INPUT");
}

TEST(AwsChunked, RefusesSignaturesThatDoNotHold) {
  for (const std::string& coded :
       {std::string("1;chunk-signature=no\r\nx\r\n"), std::string("1\r\nx\r\n"), signed_chunk("x") + "0\r\n\r\n",
        signed_chunk("x") + "0;chunk-signature=no\r\n\r\n", signed_chunk("") + "a:b\r\n\r\n",
        signed_chunk("") + "a:b\r\nx-amz-trailer-signature:t5\r\n\r\n"}) {
    EXPECT_EQ(decode(coded, 3, true).refusal, "FORBIDDEN") << coded;
  }
}

}  // namespace
}  // namespace tintype::api
