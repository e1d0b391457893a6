#include "base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tintype {
namespace {

TEST(Bytes, DigestsAreThePublishedOnes) {
  // FIPS 180-4 and RFC 4231, test case 2.
  EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // RFC 4231, test case 6: a key longer than a block.
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

RC_GTEST_PROP(Bytes, PiecewiseDigestIsTheWholeOne, (const std::string& a, const std::string& b)) {
  Sha256 digest;
  digest.update(a);
  digest.update(b);
  RC_ASSERT(digest.finish() == sha256(a + b));
}

RC_GTEST_PROP(Bytes, EncodingsGoThereAndBack, (const std::string& bytes)) {
  RC_ASSERT(hex_decode(hex_encode(bytes)) == bytes);
  RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
  RC_ASSERT(base64url_decode(base64url_encode(bytes)) == bytes);
  RC_ASSERT(percent_decode(percent_encode(bytes), true) == bytes);
}

TEST(Bytes, DecodersRefuseWhatIsNotCanonical) {
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  for (const char* text : {"Zm8", "Zm9=", "Zm8==", "Zm 8", "Z", "===="}) EXPECT_FALSE(base64_decode(text)) << text;
  for (const char* text : {"Zm8=", "Zm9", "Z", "+A", "/A"}) EXPECT_FALSE(base64url_decode(text)) << text;
  for (const char* text : {"0", "0g", "zz"}) EXPECT_FALSE(hex_decode(text)) << text;
  for (const char* text : {"%", "%1", "%zz", "a%4"}) EXPECT_FALSE(percent_decode(text, false)) << text;
}

TEST(Bytes, Utf8IsTheStrictOne) {
  for (const char* text : {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  }
  // Overlong, surrogate, cut off, beyond U+10FFFF, stray continuation.
  for (const char* text :
       {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xe2\x82", "\xf4\x90\x80\x80", "\x80", "\xff"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

TEST(Bytes, ComparisonIsByContent) {
  EXPECT_TRUE(constant_time_equal("same", "same"));
  EXPECT_FALSE(constant_time_equal("same", "sane"));
  EXPECT_FALSE(constant_time_equal("same", "sam"));
}

}  // namespace
}  // namespace tintype
