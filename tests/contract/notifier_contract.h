// What every notifier has to do. An adapter's test instantiates it with a way to make one:
//
//   INSTANTIATE_TEST_SUITE_P(Local, NotifierContract, testing::Values([] { return ...; }));
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "ports/notifier.h"

namespace tintype {

using MakeNotifier = std::function<std::unique_ptr<Notifier>()>;

// No notifier that is made may wake anybody for what was not notified.
class NotifierContract : public testing::TestWithParam<MakeNotifier> {
 protected:
  void SetUp() override {
    notifier_ = GetParam()();
    if (!notifier_) GTEST_SKIP() << "what it needs is not installed here";
  }

  std::unique_ptr<Notifier> notifier_;
};

TEST_P(NotifierContract, WakesThoseWhoWaitForTheTopic) {
  int a = 0;
  int b = 0;
  notifier_->notify("job:1");
  const auto first = notifier_->subscribe("job:1", [&] { ++a; });
  const auto second = notifier_->subscribe("job:1", [&] { ++b; });
  const auto other = notifier_->subscribe("job:2", [&] { b += 100; });
  notifier_->notify("job:1");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 1);
  notifier_->unsubscribe(first);
  notifier_->notify("job:1");
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  notifier_->unsubscribe(second);
  notifier_->unsubscribe(other);
  notifier_->notify("job:2");
  EXPECT_EQ(b, 2);
}

TEST_P(NotifierContract, UnsubscribingTwiceIsHarmless) {
  const auto subscription = notifier_->subscribe("queue", [] {});
  notifier_->unsubscribe(subscription);
  notifier_->unsubscribe(subscription);
  notifier_->unsubscribe(12'345);
}

TEST_P(NotifierContract, UnsubscribeLetsGoOfWhatTheWakeHeld) {
  auto held = std::make_shared<int>(1);
  const auto subscription = notifier_->subscribe("queue", [held] {});
  EXPECT_EQ(held.use_count(), 2);
  notifier_->unsubscribe(subscription);
  EXPECT_EQ(held.use_count(), 1);
}

TEST_P(NotifierContract, AWakeMaySubscribeAndNotifyOthers) {
  int woken = 0;
  Notifier::Subscription inner = 0;
  const auto batch = notifier_->subscribe("batch:1", [&] { ++woken; });
  const auto job = notifier_->subscribe("job:1", [&] {
    inner = notifier_->subscribe("job:2", [&] { ++woken; });
    notifier_->notify("batch:1");
  });
  notifier_->notify("job:1");
  notifier_->notify("job:2");
  EXPECT_EQ(woken, 2);
  for (const auto subscription : {batch, job, inner}) notifier_->unsubscribe(subscription);
}

TEST_P(NotifierContract, UnsubscribeWaitsForAWakeThatRuns) {
  std::binary_semaphore entered(0);
  std::binary_semaphore go_on(0);
  std::atomic<bool> left = false;
  const auto subscription = notifier_->subscribe("queue", [&] {
    entered.release();
    go_on.acquire();
    left = true;
  });
  std::thread notifying([&] { notifier_->notify("queue"); });
  entered.acquire();
  std::atomic<bool> was_left = false;
  std::thread unsubscribing([&] {
    notifier_->unsubscribe(subscription);
    was_left = left.load();
  });
  go_on.release();
  unsubscribing.join();
  notifying.join();
  EXPECT_TRUE(was_left) << "the wake had ended when unsubscribe returned";
}

TEST_P(NotifierContract, NoWakeAfterUnsubscribeHoweverManyNotify) {
  std::atomic<bool> stop = false;
  std::vector<std::thread> notifying;
  for (int at = 0; at < 3; ++at) {
    notifying.emplace_back([&] {
      while (!stop) notifier_->notify("queue");
    });
  }
  std::atomic<int> late = 0;
  for (int round = 0; round < 2'000; ++round) {
    // Shared, so that a late wake is counted here rather than read from freed memory.
    auto alive = std::make_shared<std::atomic<bool>>(true);
    const auto subscription = notifier_->subscribe("queue", [alive, &late] {
      if (!*alive) ++late;
    });
    notifier_->unsubscribe(subscription);
    *alive = false;
  }
  stop = true;
  for (std::thread& thread : notifying) thread.join();
  EXPECT_EQ(late, 0);
}

}  // namespace tintype
