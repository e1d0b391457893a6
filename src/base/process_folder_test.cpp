#include "base/process_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <optional>

#include "support/test_folder.h"

namespace tintype {
namespace {

SystemRandom random_source;

TEST(ProcessFolder, GoesAwayWithItsOwner) {
  TestFolder folder;
  std::optional<ProcessFolder> first(std::in_place, folder / "spool", random_source);
  const ProcessFolder second(folder / "spool", random_source);
  EXPECT_NE(first->path(), second.path());
  std::ofstream(first->path() / "file") << "x";
  EXPECT_TRUE(std::filesystem::exists(first->path() / "file")) << "the second leaves a living one alone";
  const auto path = first->path();
  first.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(std::filesystem::exists(second.path()));
}

TEST(ProcessFolder, OfAKilledProcessIsRemovedByTheNext) {
  TestFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const ProcessFolder own(folder / "spool", random_source);
    std::ofstream(own.path() / "file") << "x";
    static_cast<void>(::write(ready[1], "x", 1) == 1);
    while (true) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  const ProcessFolder next(folder / "spool", random_source);
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "spool")) {
    EXPECT_EQ(entry.path(), next.path());
    ++found;
  }
  EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace tintype
