// The folder of models: what is read from it, added to it and removed from it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "base/file_digest.h"
#include "engine/model/model.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TINTYPE_SOURCE_DIR;
const fs::path kTensors = kRoot / "models/exact-x2.safetensors";
const fs::path kCheckpoint = kRoot / "tests/networks/rrdb.pth";

class Folder : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  // A manifest of the tensors in kTensors under the name of `file`, with `more` keys.
  fs::path write_manifest(const std::string& name, const std::string& file, const std::string& more = "") const {
    return write(name + ".json", R"({"name":")" + name + R"(","architecture":"srvgg","scale":2,"licence":"x",)" + more +
                                     R"("files":[{"name":")" + file + R"(","sha256":")" +
                                     sha256_of_file(kTensors).value() + R"("}]})");
  }
  Result<Manifest> add(const std::string& name, const std::vector<fs::path>& files = {kTensors},
                       const std::vector<fs::path>& weak_files = {}, const std::string& description = "",
                       bool self_ensemble = false) const {
    return add_model(folder_, {name, files, weak_files, "x", description, self_ensemble});
  }
  ModelsFolder read() const { return read_models(folder_).value(); }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (!entry.path().filename().string().starts_with('.')) names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }
  using Names = std::vector<std::string>;

  TestFolder folder_;
};

TEST_F(Folder, AModelIsAddedAndRemovedWhole) {
  const auto added = add("mine");
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(names(), (Names{"mine.json", "mine.safetensors"}));
  const ModelsFolder folder = read();
  ASSERT_EQ(folder.models.size(), 1U);
  EXPECT_TRUE(load_model(folder_, folder.models[0], 1));
  EXPECT_TRUE(folder.unreadable.empty());
  EXPECT_TRUE(folder.unnamed.empty());
  EXPECT_EQ(add("mine").error().code, ErrorCode::kConflict);
  EXPECT_TRUE(remove_model(folder_, "mine"));
  EXPECT_EQ(names(), Names{});
  EXPECT_EQ(remove_model(folder_, "mine").error().code, ErrorCode::kNotFound);
}

TEST_F(Folder, FilesAreNamedByWhatTheyAre) {
  // The manifest of a model whose file came as .json would take that file's place.
  fs::copy(kTensors, folder_ / "tensors.json");
  ASSERT_TRUE(add("mine", {folder_ / "tensors.json"}));
  ASSERT_TRUE(add("other", {kCheckpoint}));
  EXPECT_EQ(names(), (Names{"mine.json", "mine.safetensors", "other.json", "other.pth", "tensors.json"}));
}

TEST_F(Folder, EveryNetworkOfOursIsRecognised) {
  for (const char* name : {"exact-x2", "exact-x4", "photo-x2", "photo-x4", "restore-x1"}) {
    const Manifest shipped = read_manifest(kRoot / "models" / (std::string(name) + ".json")).value();
    const auto added = add(name, {kRoot / "models" / shipped.files[0].name});
    ASSERT_TRUE(added) << added.error().message;
    const Manifest found = read_manifest(folder_ / (std::string(name) + ".json")).value();
    EXPECT_EQ(found.scale, shipped.scale) << name;
    EXPECT_EQ(found.unshuffle, shipped.unshuffle) << name;
    EXPECT_EQ(found.denoise, shipped.denoise) << name;
    EXPECT_TRUE(load_model(folder_, found, 0.5)) << name;
  }
}

TEST_F(Folder, AModelMayBeItsNetworkInFourTurns) {
  const auto operations = [&](const std::string& name) {
    const auto graph = load_model(folder_, read_manifest(folder_ / (name + ".json")).value(), 1);
    return graph ? operations_of(*graph, {3, 64, 64}) : 0;
  };
  ASSERT_TRUE(add("once"));
  const auto added = add("turned", {kTensors}, {}, "", true);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_GE(operations("turned"), 4 * operations("once"));
  const fs::path detector = kRoot / "../shared/assets/models/seg/u2netp.ncnn.param";
  if (!fs::exists(detector)) GTEST_SKIP() << "there is no network for subjects";
  const auto refused = add("subject", {detector, fs::path(detector).replace_extension(".bin")}, {}, "", true);
  ASSERT_FALSE(refused) << "a mask has one way up";
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
}

TEST_F(Folder, ANameMayBeAsLongAsIsSaid) {
  const std::string longest(64, 'n');
  ASSERT_TRUE(add(longest, {kTensors}, {kTensors}));
  ASSERT_EQ(read().models.size(), 1U) << "what was added can be read";
  EXPECT_FALSE(add(longest + "n"));
  for (const char* name : {"", ".hidden", "a/b", "..", "a b", "catalogue"}) {
    EXPECT_EQ(add(name).error().code, ErrorCode::kInvalidInput) << name;
  }
}

TEST_F(Folder, NoModelTakesAnothersFiles) {
  ASSERT_TRUE(add("mine", {kTensors}, {kTensors}));
  const auto added = add("mine-weak");
  ASSERT_FALSE(added) << "its file would be that of the other's weak network";
  EXPECT_EQ(added.error().code, ErrorCode::kConflict);
  // What nobody names is an earlier try's.
  write("again.safetensors", "half");
  EXPECT_TRUE(add("again"));
}

TEST_F(Folder, TextsHaveOneLineOfPlainCharacters) {
  for (const char* text : {"\x1b[2Jcleared", "two\nlines", "\xff",
                           "\xc2\x9b"
                           "2J"}) {
    EXPECT_FALSE(add("mine", {kTensors}, {}, text));
    EXPECT_EQ(names(), Names{});
  }
  EXPECT_TRUE(add("mine", {kTensors}, {}, "für Fotos"));
  write_manifest("hostile", "mine.safetensors", R"("description":"\u001b[2J",)");
  EXPECT_EQ(read().unreadable.size(), 1U);
}

TEST_F(Folder, RemovingLeavesWhatOthersName) {
  ASSERT_TRUE(add("mine"));
  write_manifest("sharing", "mine.safetensors");
  ASSERT_TRUE(remove_model(folder_, "mine"));
  EXPECT_EQ(names(), (Names{"mine.safetensors", "sharing.json"}));
  ASSERT_TRUE(remove_model(folder_, "sharing"));
  EXPECT_EQ(names(), Names{});
}

TEST_F(Folder, RemovingTouchesOnlyFilesOfNetworks) {
  ASSERT_TRUE(add("mine"));
  fs::create_directory(folder_ / "pictures");
  for (const char* file : {"mine.json", "../mine.safetensors", "/etc/passwd", ".lock", "", "mine.md"}) {
    const fs::path manifest = write_manifest("hostile", file);
    EXPECT_FALSE(read_manifest(manifest)) << file;
    EXPECT_FALSE(remove_model(folder_, "hostile")) << file;
  }
  write_manifest("hostile", "pictures");
  EXPECT_TRUE(remove_model(folder_, "hostile"));
  EXPECT_EQ(names(), (Names{"mine.json", "mine.safetensors", "pictures"}));
  for (const char* name : {"../mine", "", ".", "mine.json"}) EXPECT_FALSE(remove_model(folder_, name)) << name;
}

TEST_F(Folder, ADamagedManifestIsNoMissingOne) {
  write("damaged.json", "{");
  const auto removed = remove_model(folder_, "damaged");
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(removed.error().message.find("damaged.json"), std::string::npos) << removed.error().message;
  EXPECT_EQ(names(), Names{"damaged.json"});
}

TEST_F(Folder, WhatCannotBeReadIsReported) {
  EXPECT_EQ(read_models(folder_ / "missing").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(add("mine"));
  write("damaged.json", "{");
  fs::copy(folder_ / "mine.json", folder_ / "renamed.json");
  for (const char* numbers : {R"("unshuffle":4294967297,)", R"("unshuffle":1.5,)", R"("unshuffle":1e300,)",
                              R"("unshuffle":"1",)", R"("unshuffle":0,)"}) {
    EXPECT_FALSE(read_manifest(write_manifest("numbers", "mine.safetensors", numbers))) << numbers;
  }
  ASSERT_EQ(::mkfifo((folder_ / "pipe.json").c_str(), 0600), 0) << "a pipe that nobody writes to holds nobody up";
  write("left.safetensors", "x");
  write("mine.md", "a card");
  write("catalogue.json", "{}");
  write(".lock", "");
  const ModelsFolder folder = read();
  ASSERT_EQ(folder.models.size(), 1U);
  EXPECT_EQ(folder.models[0].name, "mine");
  EXPECT_EQ(folder.unnamed, Names{"left.safetensors"});
  ASSERT_EQ(folder.unreadable.size(), 4U);
  for (const char* file : {"damaged.json", "numbers.json", "pipe.json", "renamed.json"}) {
    EXPECT_TRUE(std::ranges::any_of(folder.unreadable, [&](const Error& error) {
      return error.message.find(file) != std::string::npos;
    })) << file;
  }
}

TEST_F(Folder, FilesThatWereChangedOrLostAreNamed) {
  const Manifest manifest = add("mine", {kTensors}, {kTensors}).value();
  std::ofstream(folder_ / "mine-weak.safetensors", std::ios::app) << "x";
  const auto changed = load_model(folder_, manifest, 1);
  ASSERT_FALSE(changed);
  EXPECT_NE(changed.error().message.find("mine-weak.safetensors"), std::string::npos) << changed.error().message;
  fs::remove(folder_ / "mine.safetensors");
  const auto lost = load_model(folder_, manifest, 1);
  ASSERT_FALSE(lost);
  EXPECT_NE(lost.error().message.find("mine.safetensors"), std::string::npos) << lost.error().message;
}

}  // namespace
}  // namespace tintype::engine
