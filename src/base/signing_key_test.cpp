#include "base/signing_key.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/bytes.h"

namespace tintype {
namespace {

// RFC 8032, section 7.1, the second test.
TEST(SigningKey, SignsAsTheStandardSays) {
  const SigningKey key(*hex_decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  EXPECT_EQ(hex_encode(key.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(hex_encode(key.sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(SigningKey, TakesNoSeedOfAnotherLength) {
  EXPECT_THROW(SigningKey("short"), std::runtime_error);
}

}  // namespace
}  // namespace tintype
