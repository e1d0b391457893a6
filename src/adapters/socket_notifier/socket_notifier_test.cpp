#include "adapters/socket_notifier/socket_notifier.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "contract/reaching_notifier_contract.h"
#include "support/test_folder.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;

SystemRandom random_source;

std::unique_ptr<SocketNotifier> in(const fs::path& folder) {
  return std::make_unique<SocketNotifier>(folder, random_source);
}

// A deep folder: its path alone is longer than an address of a socket can be.
fs::path deep(const TestFolder& folder) {
  return folder / (std::string(100, 'a') + "/" + std::string(100, 'b')) / "tintype.db-wakeups";
}

INSTANTIATE_TEST_SUITE_P(Socket, NotifierContract, testing::Values(MakeNotifier([] {
                           static std::vector<std::unique_ptr<TestFolder>> folders;
                           folders.push_back(std::make_unique<TestFolder>());
                           return in(*folders.back());
                         })));

INSTANTIATE_TEST_SUITE_P(Socket, ReachingNotifierContract, testing::Values(MakeNotifiers([](int count) {
                           static std::vector<std::unique_ptr<TestFolder>> folders;
                           folders.push_back(std::make_unique<TestFolder>());
                           std::vector<std::unique_ptr<Notifier>> made;
                           while (count-- > 0) made.push_back(in(deep(*folders.back())));
                           return made;
                         })));

std::size_t entries_of(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(SocketNotifier, LeavesNothingBehind) {
  const TestFolder folder;
  in(folder).reset();
  EXPECT_TRUE(folder.is_empty());
}

TEST(SocketNotifier, WhatAKilledProcessLeftIsRemovedAndHarmsNobodyMeanwhile) {
  const TestFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto notifier = in(folder);
    static_cast<void>(::write(ready[1], "x", 1));
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  const auto first = in(folder);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(entries_of(folder), 2U);
  const auto second = in(folder);
  EXPECT_EQ(entries_of(folder), 2U) << "the killed one's folder is gone";
  std::binary_semaphore woken(0);
  const auto subscription = second->subscribe("queue", [&] { woken.release(); });
  first->notify("queue");
  EXPECT_TRUE(woken.try_acquire_for(std::chrono::seconds(30)));
  second->unsubscribe(subscription);
}

TEST(SocketNotifier, SaysWhenThereCanBeNoSockets) {
  const TestFolder folder;
  std::FILE* file = std::fopen((folder / "taken").c_str(), "w");
  std::fclose(file);
  EXPECT_THROW(in(folder / "taken"), std::exception);
}

}  // namespace
}  // namespace tintype
