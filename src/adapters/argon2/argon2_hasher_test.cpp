#include "adapters/argon2/argon2_hasher.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tintype {
namespace {

// The least that libsodium takes: the rules do not hang on the cost.
constexpr unsigned long long kPasses = 1;
constexpr std::size_t kMemoryBytes = 8'192;

TEST(Argon2Hasher, AHashHoldsForItsPasswordAlone) {
  Argon2Hasher hasher(kPasses, kMemoryBytes);
  const std::string hash = hasher.hash("correct horse");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << hash;
  EXPECT_TRUE(hasher.verify("correct horse", hash));
  EXPECT_FALSE(hasher.verify("correct horsE", hash));
  EXPECT_FALSE(hasher.verify("correct horse ", hash));
  EXPECT_FALSE(hasher.verify("", hash));
}

TEST(Argon2Hasher, EveryByteOfAPasswordCounts) {
  Argon2Hasher hasher(kPasses, kMemoryBytes);
  const std::string with_zero("ab\0cd", 5);
  EXPECT_FALSE(hasher.verify("ab", hasher.hash(with_zero)));
  EXPECT_TRUE(hasher.verify(with_zero, hasher.hash(with_zero)));
  const std::string long_one(1'000, 'p');
  EXPECT_FALSE(hasher.verify(long_one.substr(1), hasher.hash(long_one)));
}

TEST(Argon2Hasher, TheSamePasswordHashesDifferently) {
  Argon2Hasher hasher(kPasses, kMemoryBytes);
  EXPECT_NE(hasher.hash("same"), hasher.hash("same"));
}

TEST(Argon2Hasher, WhatIsNoHashHoldsForNothing) {
  Argon2Hasher hasher(kPasses, kMemoryBytes);
  for (const char* hash : {"", "password", "$argon2id$", "$2b$10$abcdefghijklmnopqrstuv"}) {
    EXPECT_FALSE(hasher.verify("password", hash)) << hash;
    EXPECT_FALSE(hasher.verify("", hash)) << hash;
  }
}

TEST(Argon2Hasher, AHashMadeAtAnotherCostStillHolds) {
  Argon2Hasher cheap(kPasses, kMemoryBytes);
  Argon2Hasher dear(2, 16'384);
  EXPECT_TRUE(cheap.verify("password", dear.hash("password")));
}

TEST(Argon2Hasher, ManyThreadsTakeTheirTurns) {
  Argon2Hasher hasher(kPasses, kMemoryBytes, 1);
  const std::string hash = hasher.hash("password");
  std::vector<std::thread> threads;
  std::vector<int> held(8, 0);
  for (int& result : held) {
    threads.emplace_back([&] { result = hasher.verify("password", hash) && !hasher.verify("other", hash) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(held, std::vector<int>(8, 1));
}

}  // namespace
}  // namespace tintype
