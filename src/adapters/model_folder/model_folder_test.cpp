// A folder of networks as operators see it.
#include "adapters/model_folder/model_folder.h"

#include <gtest/gtest.h>

#include <set>

#include "support/test_folder.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TINTYPE_SOURCE_DIR;

// Nothing is fetched here: tests/http/models_test.mjs does, from a real server.
class NoDownloader final : public Downloader {
 public:
  Result<void> download(const Download&, Progress) override { return fail_internal("nothing is fetched here"); }
};

class ModelFolderTest : public testing::Test {
 protected:
  TestFolder folder;
  NoDownloader downloader;
  ModelFolder models{downloader, {folder, kRoot / "models" / engine::kCatalogueName}};
};

TEST_F(ModelFolderTest, WhatShipsIsKnownByName) {
  ModelFolder shipped(downloader, {kRoot / "models", kRoot / "models" / engine::kCatalogueName});
  const auto all = shipped.installed();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), 7U);
  for (const InstalledModel& model : *all) {
    EXPECT_TRUE(model.is_shipped) << model.name;
    EXPECT_GT(model.parameters, 100'000) << model.name;
    EXPECT_EQ(model.purpose, "enhancement");
    EXPECT_EQ(model.serves.has_value(), model.scale > 1) << model.name;
    const std::string name = model.name.starts_with("exact-plus") ? "exact" + model.name.substr(10) : model.name;
    EXPECT_EQ(model.size_bytes, static_cast<std::int64_t>(fs::file_size(kRoot / "models" / (name + ".safetensors"))));
    const auto once = std::ranges::find(*all, name, &InstalledModel::name);
    EXPECT_EQ(model.parameters, once->parameters) << "four turns of one network have its numbers";
  }
}

TEST_F(ModelFolderTest, FilesBecomeANetworkOnce) {
  const NetworkFiles files{"mine", {kRoot / "tests/networks/rrdb.pth"}, "MIT", "Ours"};
  const auto added = models.add(files);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(std::tuple(added->name, added->architecture, added->scale, added->licence, added->is_shipped),
            std::tuple("mine", "rrdb", 4, "MIT", false));
  EXPECT_EQ(added->serves, NetworkNeed::kEnlarging);
  EXPECT_GT(added->parameters, 10'000);
  const auto again = models.add(files);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
  EXPECT_EQ(models.installed()->size(), 1U);
  ASSERT_TRUE(models.remove("mine"));
  EXPECT_TRUE(models.installed()->empty());
  EXPECT_EQ(models.remove("mine").error().code, ErrorCode::kNotFound);
}

TEST_F(ModelFolderTest, TheCatalogueSaysWhatIsInstalled) {
  ASSERT_TRUE(models.add({"realesrgan-x4plus", {kRoot / "tests/networks/rrdb.pth"}}));
  const auto published = models.published();
  ASSERT_TRUE(published) << published.error().message;
  std::set<std::string> installed, purposes;
  for (const PublishedNetwork& network : *published) {
    if (network.is_installed) installed.insert(network.name);
    purposes.insert(network.purpose);
  }
  EXPECT_EQ(installed, std::set<std::string>{"realesrgan-x4plus"});
  EXPECT_EQ(purposes, (std::set<std::string>{"enhancement", "face restoration"}));
  const std::atomic<bool> cancel{false};
  EXPECT_EQ(models.fetch("nothing", [](const FetchProgress&) {}, cancel).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(models.fetch("realesrgan-x4plus", [](const FetchProgress&) {}, cancel).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace tintype
