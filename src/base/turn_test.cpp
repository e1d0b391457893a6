#include "base/turn.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tintype {
namespace {

TEST(Turn, EverybodyHasHisAndNoMoreThanSoManyAtOnce) {
  constexpr int kAtOnce = 2, kThreads = 6, kEach = 2'000;
  Turns turns(kAtOnce);
  std::atomic<int> inside = 0, had = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int at = 0; at < kEach; ++at) {
        const TakenTurn turn(turns);
        EXPECT_LE(++inside, kAtOnce);
        ++had;
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(had, kThreads * kEach);
}

TEST(Turn, OneThatIsTakenIsNobodysUntilItIsGivenBack) {
  Turns turns(1);
  ASSERT_TRUE(turns.try_take());
  EXPECT_FALSE(turns.try_take());
  turns.give_back();
  EXPECT_TRUE(turns.try_take());
}

}  // namespace
}  // namespace tintype
