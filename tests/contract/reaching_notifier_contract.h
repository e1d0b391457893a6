// What a notifier has to do for other processes of the house: the half of the port's contract for those that reach
// them. An adapter's test instantiates it with a way to make several that reach each other.
#pragma once

#include <chrono>

#include "contract/notifier_contract.h"

namespace tintype {

using MakeNotifiers = std::function<std::vector<std::unique_ptr<Notifier>>(int count)>;

// Each notifier stands for a process of the house.
class ReachingNotifierContract : public testing::TestWithParam<MakeNotifiers> {
 protected:
  static constexpr std::chrono::seconds kLongest{30};  // a wake-up takes milliseconds

  // Somebody who waits for a topic.
  class Sleeper {
   public:
    Sleeper(Notifier& notifier, std::string_view topic)
        : notifier_(notifier), subscription_(notifier.subscribe(topic, [this] { woken_.release(); })) {}
    ~Sleeper() { notifier_.unsubscribe(subscription_); }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    bool is_woken() { return woken_.try_acquire_for(kLongest); }
    bool was_woken() { return woken_.try_acquire(); }

   private:
    Notifier& notifier_;
    std::counting_semaphore<> woken_{0};
    const Notifier::Subscription subscription_;
  };

  void SetUp() override {
    house_ = GetParam()(3);
    if (house_.empty()) GTEST_SKIP() << "what it needs is not installed here";
  }

  std::vector<std::unique_ptr<Notifier>> house_;
};

TEST_P(ReachingNotifierContract, WakesThoseWhoWaitInOtherProcesses) {
  for (const auto& notifier : house_) {
    Sleeper first(*house_[0], "queue"), second(*house_[1], "queue"), third(*house_[2], "queue");
    notifier->notify("queue");
    EXPECT_TRUE(first.is_woken() && second.is_woken() && third.is_woken());
  }
}

TEST_P(ReachingNotifierContract, WakesForTheTopicAlone) {
  for (const char* topic :
       {"queue", "background", "job:job_1", "image:img_1", "batch:batch_1", "rendition:img_1/640x480-cover-q80"}) {
    Sleeper wanted(*house_[1], topic), other(*house_[1], "job:job_2");
    house_[0]->notify(topic);
    EXPECT_TRUE(wanted.is_woken()) << topic;
    EXPECT_FALSE(other.was_woken()) << topic;
  }
}

TEST_P(ReachingNotifierContract, ManyTopicsAtOnceAllArrive) {
  constexpr int kTopics = 3'000;  // more than fit into one message
  std::vector<std::unique_ptr<Sleeper>> sleepers;
  const auto topic = [](int at) { return "image:img_0123456789abcdefghijkl" + std::to_string(at); };
  for (int at = 0; at < kTopics; ++at) sleepers.push_back(std::make_unique<Sleeper>(*house_[2], topic(at)));
  for (int at = 0; at < kTopics; ++at) house_[0]->notify(topic(at));
  for (const auto& sleeper : sleepers) ASSERT_TRUE(sleeper->is_woken());
}

TEST_P(ReachingNotifierContract, AFloodNeitherWaitsForASlowProcessNorForgetsIt) {
  std::binary_semaphore entered(0), go_on(0);
  std::atomic<bool> is_first = true;
  const auto slow = house_[1]->subscribe("queue", [&] {
    if (!is_first.exchange(false)) return;
    entered.release();
    go_on.acquire();
  });
  Sleeper last(*house_[1], "job:last"), beside(*house_[2], "job:last");
  house_[0]->notify("queue");
  entered.acquire();
  // The thread that hears for the process is held up; these end all the same.
  for (int at = 0; at < 200'000; ++at) house_[0]->notify("job:" + std::to_string(at));
  house_[0]->notify("job:last");
  EXPECT_TRUE(beside.is_woken());
  go_on.release();
  EXPECT_TRUE(last.is_woken());
  house_[1]->unsubscribe(slow);
}

TEST_P(ReachingNotifierContract, WhatWasNotifiedBeforeTheEndIsStillHeard) {
  Sleeper sleeper(*house_[1], "queue");
  house_[0]->notify("queue");
  house_[0].reset();
  EXPECT_TRUE(sleeper.is_woken());
}

TEST_P(ReachingNotifierContract, GoesOnWhenAnotherProcessHasEnded) {
  house_[2].reset();
  Sleeper sleeper(*house_[1], "queue");
  house_[0]->notify("queue");
  EXPECT_TRUE(sleeper.is_woken());
}

}  // namespace tintype
