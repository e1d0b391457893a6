#include "base/doorbell.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

namespace tintype {
namespace {

bool rings(const Doorbell& bell, int wait_ms = 0) {
  pollfd polled{bell.descriptor(), POLLIN, 0};
  return ::poll(&polled, 1, wait_ms) == 1;
}

TEST(Doorbell, RingsUntilItIsSilencedHoweverOftenItWasRung) {
  Doorbell bell;
  EXPECT_FALSE(rings(bell));
  bell.silence();
  for (int at = 0; at < 3; ++at) bell.ring();
  EXPECT_TRUE(rings(bell));
  EXPECT_TRUE(rings(bell)) << "until it is silenced";
  bell.silence();
  EXPECT_FALSE(rings(bell));
}

TEST(Doorbell, WakesAThreadThatWaits) {
  Doorbell bell;
  std::thread ringing([&] { bell.ring(); });
  EXPECT_TRUE(rings(bell, 30'000));
  ringing.join();
}

}  // namespace
}  // namespace tintype
