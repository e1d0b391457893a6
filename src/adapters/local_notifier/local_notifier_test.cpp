#include "adapters/local_notifier/local_notifier.h"

#include <poll.h>

#include "adapters/local_notifier/outgoing_topics.h"
#include "contract/notifier_contract.h"

namespace tintype {

INSTANTIATE_TEST_SUITE_P(Local, NotifierContract,
                         testing::Values(MakeNotifier([] { return std::make_unique<LocalNotifier>(); })));

namespace {

TEST(LocalNotifier, WakesEverybodyWhenSomethingMayHaveBeenMissed) {
  LocalNotifier notifier;
  int woken = 0;
  const auto job = notifier.subscribe("job:1", [&] { ++woken; });
  const auto queue = notifier.subscribe("queue", [&] { ++woken; });
  notifier.notify_all();
  EXPECT_EQ(woken, 2);
  notifier.unsubscribe(job);
  notifier.unsubscribe(queue);
  notifier.notify_all();
  EXPECT_EQ(woken, 2);
}

bool is_readable(int descriptor) {
  pollfd polled{descriptor, POLLIN, 0};
  return ::poll(&polled, 1, 0) == 1;
}

TEST(OutgoingTopics, GoEachOnce) {
  OutgoingTopics outgoing(100);
  EXPECT_FALSE(is_readable(outgoing.descriptor()));
  EXPECT_TRUE(outgoing.take().empty());
  for (int at = 0; at < 3; ++at) outgoing.put("queue");
  EXPECT_TRUE(is_readable(outgoing.descriptor()));
  EXPECT_EQ(outgoing.take(), std::vector<std::string>{"queue"});
  EXPECT_FALSE(is_readable(outgoing.descriptor()));
  EXPECT_TRUE(outgoing.take().empty());
}

TEST(OutgoingTopics, ArriveWhateverTheLettersHold) {
  for (const std::size_t bytes : {7U, 8U, 13U, 100U, 1'000U}) {
    OutgoingTopics outgoing(bytes);
    LocalNotifier notifier;
    std::vector<int> woken(60);
    for (int at = 0; at < 60; ++at) {
      const std::string topic = "topic" + std::to_string(at);
      outgoing.put(topic);
      if (at % 2 == 0) notifier.subscribe(topic, [&woken, at] { ++woken[static_cast<std::size_t>(at)]; });
    }
    for (const std::string& letter : outgoing.take()) {
      EXPECT_LE(letter.size(), bytes);
      deliver(letter, notifier);
    }
    for (int at = 0; at < 60; ++at) EXPECT_EQ(woken[static_cast<std::size_t>(at)], at % 2 == 0 ? 1 : 0);
  }
}

TEST(OutgoingTopics, TooManyOrTooLongOnesWakeEverybody) {
  LocalNotifier notifier;
  int woken = 0;
  notifier.subscribe("somebody", [&] { ++woken; });
  OutgoingTopics few(100, 3);
  for (int at = 0; at < 10; ++at) few.put("topic" + std::to_string(at));
  ASSERT_EQ(few.take(), std::vector<std::string>{"*"});
  few.put("topic1");
  EXPECT_EQ(few.take(), std::vector<std::string>{"topic1"}) << "only once";
  OutgoingTopics narrow(5);
  narrow.put("a long topic");
  EXPECT_TRUE(is_readable(narrow.descriptor()));
  for (const std::string& letter : narrow.take()) deliver(letter, notifier);
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace tintype
