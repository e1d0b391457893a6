#include "adapters/local_notifier/local_notifier.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

namespace tintype {
namespace {

TEST(LocalNotifier, WakesThoseWhoWaitForTheTopic) {
  LocalNotifier notifier;
  int a = 0;
  int b = 0;
  notifier.notify("job:1");
  const auto first = notifier.subscribe("job:1", [&] { ++a; });
  const auto second = notifier.subscribe("job:1", [&] { ++b; });
  const auto other = notifier.subscribe("job:2", [&] { b += 100; });
  notifier.notify("job:1");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
  notifier.unsubscribe(first);
  notifier.notify("job:1");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  notifier.unsubscribe(second);
  notifier.unsubscribe(other);
  notifier.notify("job:2");
  EXPECT_EQ(b, 2);
}

TEST(LocalNotifier, UnsubscribingTwiceIsHarmless) {
  LocalNotifier notifier;
  const auto subscription = notifier.subscribe("queue", [] {});
  notifier.unsubscribe(subscription);
  notifier.unsubscribe(subscription);
  notifier.unsubscribe(12'345);
}

TEST(LocalNotifier, UnsubscribeLetsGoOfWhatTheWakeHeld) {
  LocalNotifier notifier;
  auto held = std::make_shared<int>(1);
  const auto subscription = notifier.subscribe("queue", [held] {});
  EXPECT_EQ(held.use_count(), 2);
  notifier.unsubscribe(subscription);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(LocalNotifier, AWakeMaySubscribeAndNotifyOthers) {
  LocalNotifier notifier;
  int woken = 0;
  LocalNotifier::Subscription inner = 0;
  const auto batch = notifier.subscribe("batch:1", [&] { ++woken; });
  const auto job = notifier.subscribe("job:1", [&] {
    inner = notifier.subscribe("job:2", [&] { ++woken; });
    notifier.notify("batch:1");
  });
  notifier.notify("job:1");
  notifier.notify("job:2");
  EXPECT_EQ(woken, 2);
  for (const auto subscription : {batch, job, inner}) notifier.unsubscribe(subscription);
}

TEST(LocalNotifier, UnsubscribeWaitsForAWakeThatRuns) {
  LocalNotifier notifier;
  std::binary_semaphore entered(0);
  std::binary_semaphore go_on(0);
  std::atomic<bool> left = false;
  const auto subscription = notifier.subscribe("queue", [&] {
    entered.release();
    go_on.acquire();
    left = true;
  });
  std::thread notifying([&] { notifier.notify("queue"); });
  entered.acquire();
  std::atomic<bool> was_left = false;
  std::thread unsubscribing([&] {
    notifier.unsubscribe(subscription);
    was_left = left.load();
  });
  go_on.release();
  unsubscribing.join();
  notifying.join();
  EXPECT_TRUE(was_left) << "the wake had ended when unsubscribe returned";
}

TEST(LocalNotifier, NoWakeAfterUnsubscribeHoweverManyNotify) {
  LocalNotifier notifier;
  std::atomic<bool> stop = false;
  std::vector<std::thread> notifying;
  for (int at = 0; at < 3; ++at) {
    notifying.emplace_back([&] {
      while (!stop) notifier.notify("queue");
    });
  }
  std::atomic<int> late = 0;
  for (int round = 0; round < 2'000; ++round) {
    // Shared, so that a late wake is counted here rather than read from freed memory.
    auto alive = std::make_shared<std::atomic<bool>>(true);
    const auto subscription = notifier.subscribe("queue", [alive, &late] {
      if (!*alive) ++late;
    });
    notifier.unsubscribe(subscription);
    *alive = false;
  }
  stop = true;
  for (std::thread& thread : notifying) thread.join();
  EXPECT_EQ(late, 0);
}

}  // namespace
}  // namespace tintype
