#include "base/side_threads.h"

#include <gtest/gtest.h>

#include <latch>

namespace tintype {
namespace {

TEST(SideThreads, EveryPieceIsDoneOnceWhoeverDoesIt) {
  SideThreads threads(2);
  std::vector<std::thread> owners;
  for (int owner = 0; owner < 6; ++owner) {
    owners.emplace_back([&threads] {
      int done = 0;
      SideThreads::Task task(threads, [&done] { ++done; });
      for (int round = 1; round <= 2'000; ++round) {
        task.begin();
        task.finish();
        ASSERT_EQ(done, round);
      }
      task.finish();
      EXPECT_EQ(done, 2'000) << "nothing was begun";
    });
  }
  for (std::thread& owner : owners) owner.join();
}

TEST(SideThreads, TheOwnerNeedNotWaitForAThreadThatIsBusy) {
  SideThreads threads(1);
  std::latch busy(1), let_go(1);
  SideThreads::Task blocking(threads, [&] {
    busy.count_down();
    let_go.wait();
  });
  blocking.begin();
  busy.wait();
  bool done = false;
  SideThreads::Task mine(threads, [&] { done = true; });
  mine.begin();
  mine.finish();
  EXPECT_TRUE(done);
  let_go.count_down();
}

TEST(SideThreads, WithoutAThreadTheOwnerDoesItAll) {
  SideThreads threads(0);
  int done = 0;
  SideThreads::Task task(threads, [&done] { ++done; });
  task.begin();
  task.finish();
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace tintype
