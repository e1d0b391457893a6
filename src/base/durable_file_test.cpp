#include "base/durable_file.h"

#include <gtest/gtest.h>
#include <fstream>
#include <iterator>

#include "base/file_lock.h"
#include "support/test_folder.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;

class DurableFile : public testing::Test {
 protected:
  static std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  TestFolder folder_;
};

TEST_F(DurableFile, ANewTextTakesThePlaceOfTheOld) {
  const std::string large(3'000'000, 'x');
  for (const std::string& text : {std::string("old"), large, std::string()}) {
    ASSERT_TRUE(write_durably(folder_ / "file", text));
    EXPECT_EQ(read(folder_ / "file"), text);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(DurableFile, WhatCannotBeWrittenLeavesNothingBehind) {
  EXPECT_FALSE(write_durably(folder_ / "missing/file", "text"));
  fs::create_directories(folder_ / "taken/by");
  const auto written = write_durably(folder_ / "taken", "text");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().cause.find("taken"), std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(DurableFile, ALockIsHeldByOneAtATime) {
  const fs::path file = folder_ / ".lock";
  {
    const auto held = FileLock::take(file);
    ASSERT_TRUE(held);
    EXPECT_FALSE(FileLock::try_take(file).value());
  }
  const auto again = FileLock::try_take(file);
  EXPECT_TRUE(again.value());
  EXPECT_FALSE(FileLock::take(folder_ / "missing/.lock"));
}

}  // namespace
}  // namespace tintype
