#include "api/studio/stripe_signature.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tintype::api::studio {
namespace {

constexpr UnixMs kNowMs = 1'700'000'000'000;
const std::string kBody = R"({"id": "evt_1"})";

std::string signature(const std::string& secret, std::int64_t seconds) {
  return hex_encode(hmac_sha256(secret, std::to_string(seconds) + "." + kBody));
}

std::string header(const std::string& secret, std::int64_t seconds) {
  return "t=" + std::to_string(seconds) + ",v1=" + signature(secret, seconds);
}

constexpr std::int64_t kNow = kNowMs / 1'000;

TEST(StripeSignature, HoldsForTheSecretTheTimeAndTheBody) {
  EXPECT_TRUE(is_by_stripe(header("whsec_a", kNow), kBody, {"whsec_a"}, kNowMs));
  EXPECT_FALSE(is_by_stripe(header("whsec_a", kNow), kBody, {"whsec_b"}, kNowMs));
  EXPECT_FALSE(is_by_stripe(header("whsec_a", kNow), kBody + " ", {"whsec_a"}, kNowMs));
  EXPECT_FALSE(is_by_stripe(header("whsec_a", kNow), kBody, {}, kNowMs));
}

TEST(StripeSignature, ItsTimeIsNear) {
  for (const std::int64_t off : {-300, 300}) {
    EXPECT_TRUE(is_by_stripe(header("a", kNow + off), kBody, {"a"}, kNowMs)) << off;
  }
  for (const std::int64_t off : {-301, 301}) {
    EXPECT_FALSE(is_by_stripe(header("a", kNow + off), kBody, {"a"}, kNowMs)) << off;
  }
  // A time that is not the one that was signed.
  EXPECT_FALSE(is_by_stripe("t=" + std::to_string(kNow) + ",v1=" + signature("a", kNow - 400), kBody, {"a"}, kNowMs));
}

TEST(StripeSignature, OneOfSeveralIsEnough) {
  const std::string two =
      "t=" + std::to_string(kNow) + ", v1=" + signature("new", kNow) + ",v1=" + signature("old", kNow) + ",v0=x";
  EXPECT_TRUE(is_by_stripe(two, kBody, {"old"}, kNowMs));
  EXPECT_TRUE(is_by_stripe(two, kBody, {"other", "new"}, kNowMs));
  EXPECT_FALSE(is_by_stripe(two, kBody, {"other"}, kNowMs));
}

TEST(StripeSignature, WhatIsNoneIsRefused) {
  const std::string right = signature("a", kNow), time = std::to_string(kNow);
  for (const std::string& text :
       {std::string(), std::string("t="), "t=" + time, "v1=" + right, "t=x,v1=" + right, "t=" + time + ",v0=" + right,
        "t=-" + time + ",v1=" + right, "t=" + time + ",v1=" + right.substr(2), "t=" + time + ",v1=" + right + "0",
        "t=99999999999999999999,v1=" + right, std::string(10'000, ',')}) {
    EXPECT_FALSE(is_by_stripe(text, kBody, {"a"}, kNowMs)) << text.substr(0, 100);
  }
}

}  // namespace
}  // namespace tintype::api::studio
