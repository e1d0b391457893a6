#include "base/signed_target.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tintype {
namespace {

constexpr UnixMs kNow = 1'700'000'000'000;

SignedTarget cat() {
  return {"/renditions/img_1/640x480-cover-q80.auto", {{"download", "Kätzchen & Co = 100%.jpg"}}, kNow + 300'000};
}

TEST(SignedTarget, IsReadAsItWasSigned) {
  const TargetSigner signer({"key"});
  const std::string text = signer.sign(cat());
  const auto read = signer.verify(text, kNow);
  ASSERT_TRUE(read) << text;
  EXPECT_EQ(read->path, cat().path);
  EXPECT_EQ(read->parameters, cat().parameters);
  EXPECT_EQ(read->expires_at_ms, cat().expires_at_ms);
  EXPECT_EQ(read->parameter("download"), "Kätzchen & Co = 100%.jpg");
  EXPECT_EQ(read->parameter("other"), "");
}

TEST(SignedTarget, IsAnHmacOverAllBeforeTheSignature) {
  const std::string text = TargetSigner({"key"}).sign({"/a/b", {}, 5'000});
  EXPECT_EQ(text, "/a/b?expires=5&signature=" + base64url_encode(hmac_sha256("key", "GET\n/a/b?expires=5")));
}

TEST(SignedTarget, NoCharacterCanBeAnother) {
  const TargetSigner signer({"key"});
  const std::string text = signer.sign(cat());
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const int bit : {1, 2, 4, 8, 16, 32, 64}) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ bit);
      EXPECT_FALSE(signer.verify(other, kNow)) << other;
    }
    std::string shorter = text;
    EXPECT_FALSE(signer.verify(shorter.erase(at, 1), kNow)) << shorter;
  }
}

TEST(SignedTarget, NothingCanBeAddedRepeatedOrMoved) {
  const TargetSigner signer({"key"});
  const std::string text = signer.sign(cat());
  for (const std::string& other :
       {text + "&a=b", text + "&", text + text.substr(text.find("&signature=")), "/x" + text, text + "#",
        "/renditions/img_1/640x480-cover-q80.auto?expires=1&" + text.substr(text.find('?') + 1)}) {
    EXPECT_FALSE(signer.verify(other, kNow)) << other;
  }
  for (const char* other : {"", "/", "?", "&signature=", "/a?expires=99999999999", "/a?signature=b"}) {
    EXPECT_FALSE(signer.verify(other, kNow)) << other;
  }
}

TEST(SignedTarget, EndsWithItsSecond) {
  const TargetSigner signer({"key"});
  const std::string text = signer.sign(cat());
  EXPECT_TRUE(signer.verify(text, kNow + 299'999));
  EXPECT_FALSE(signer.verify(text, kNow + 300'000));
}

TEST(SignedTarget, KeysRotateWithSeveralLive) {
  const std::string before = TargetSigner({"old"}).sign(cat());
  const TargetSigner during({"new", "old"}), after({"new"});
  EXPECT_TRUE(during.verify(before, kNow));
  EXPECT_FALSE(after.verify(before, kNow));
  EXPECT_TRUE(after.verify(during.sign(cat()), kNow));
}

TEST(SignedTarget, ExpiresOnAFullMinuteAndNeverEarly) {
  EXPECT_EQ(expiry_on_a_minute(0, 300), 300'000);
  EXPECT_EQ(expiry_on_a_minute(1, 300), 360'000);
  EXPECT_EQ(expiry_on_a_minute(60'000, 300), 360'000);
}

}  // namespace
}  // namespace tintype
