#include "adapters/fs_store/fs_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include "contract/object_store_contract.h"

namespace tintype {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tintype-fs-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

SystemRandom random_source;

FsStoreOptions options_for(const Folder& folder) {
  return {folder.path() / "objects", "https://photos.example", "a signing key of this test"};
}

ObjectStoreFactory on_disk() {
  return [] {
    auto folder = std::make_shared<Folder>();
    return OpenedStore{folder, std::make_shared<FsStore>(options_for(*folder), random_source)};
  };
}

INSTANTIATE_TEST_SUITE_P(Fs, ObjectStoreContract, testing::Values(on_disk()),
                         [](const auto&) { return std::string("Folder"); });

class FsStoreTest : public testing::Test {
 protected:
  Folder folder_;
  FsStore store_{options_for(folder_), random_source};
  const std::filesystem::path root_ = folder_.path() / "objects";

  std::string target_of(std::string_view key, const Delivery& delivery) {
    const std::string url = store_.signed_url(key, delivery);
    return url.substr(std::string_view("https://photos.example").size());
  }
  ErrorCode refusal_of(const std::string& target, UnixMs now_ms = 1'000'000) {
    const auto grant = store_.verify(target, now_ms);
    return grant ? ErrorCode::kInternal : grant.error().code;
  }
};

TEST_F(FsStoreTest, TheTagStaysOverARestart) {
  const auto put = store_.put_bytes("images/a/x.png", "x", "image/png");
  FsStore again(options_for(folder_), random_source);
  EXPECT_EQ((*again.stat("images/a/x.png"))->etag, put->etag);
}

TEST_F(FsStoreTest, FollowsNoLinkBelowItsRoot) {
  std::filesystem::create_directories(folder_.path() / "outside");
  std::ofstream(folder_.path() / "outside" / "secret.png") << "secret";
  ASSERT_TRUE(store_.put_bytes("images/a/x.png", "x", "image/png"));
  std::filesystem::create_symlink(folder_.path() / "outside" / "secret.png", root_ / "images" / "a" / "link.png");
  std::filesystem::create_directory_symlink(folder_.path() / "outside", root_ / "images" / "b");
  for (const char* key : {"images/a/link.png", "images/b/secret.png"}) {
    const auto reader = store_.open(key);
    ASSERT_FALSE(reader) << key;
    EXPECT_EQ(reader.error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(*store_.stat(key)) << key;
  }
  EXPECT_FALSE(store_.put_bytes("images/b/new.png", "x", "image/png"));
  EXPECT_TRUE(store_.remove("images/b/secret.png"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "outside" / "secret.png"));
  int seen = 0;
  ASSERT_TRUE(store_.list("", [&](std::string_view key, std::int64_t) {
    EXPECT_EQ(key, "images/a/x.png");
    return ++seen > 0;
  }));
  EXPECT_EQ(seen, 1);
}

TEST_F(FsStoreTest, WhatIsNoFileIsNoObject) {
  std::filesystem::create_directories(root_ / "images" / "a" / "folder.png");
  ASSERT_EQ(::mkfifo((root_ / "images" / "a" / "pipe.png").c_str(), 0600), 0);
  for (const char* key : {"images/a/folder.png", "images/a/pipe.png", "images/a/folder.png/deeper.png"}) {
    EXPECT_FALSE(store_.open(key)) << key;
    EXPECT_FALSE(*store_.stat(key)) << key;
  }
}

TEST_F(FsStoreTest, FoldersGoWithTheirLastObject) {
  ASSERT_TRUE(store_.put_bytes("images/a/x.png", "x", "image/png"));
  ASSERT_TRUE(store_.remove("images/a/x.png"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "images" / "a"));
  EXPECT_TRUE(std::filesystem::exists(root_ / "images"));
}

TEST_F(FsStoreTest, OthersCannotReadObjects) {
  ASSERT_TRUE(store_.put_bytes("images/a/x.png", "x", "image/png"));
  for (const auto& path : {root_ / "images", root_ / "images" / "a", root_ / "images" / "a" / "x.png"}) {
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077, 0U) << path;
  }
}

TEST_F(FsStoreTest, ARunningStoreKeepsItsSpoolAndAKilledOneDoesNot) {
  const auto left = root_ / "tmp" / "run-killed";
  std::filesystem::create_directories(left);
  std::ofstream(left / "lock") << "";
  std::ofstream(left / "body-1") << "half an upload";
  std::filesystem::create_directories(root_ / "tmp" / "run-killed-at-once");
  const auto mine = store_.spool_directory() / "body-2";
  std::ofstream(mine) << "an upload that comes in right now";
  {
    FsStore other(options_for(folder_), random_source);
    EXPECT_NE(other.spool_directory(), store_.spool_directory());
    EXPECT_TRUE(std::filesystem::exists(mine));
    EXPECT_FALSE(std::filesystem::exists(left));
    EXPECT_FALSE(std::filesystem::exists(root_ / "tmp" / "run-killed-at-once"));
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_ / "tmp"), {}), 1);
}

TEST_F(FsStoreTest, ALinkHoldsUntilItExpires) {
  const std::string target = target_of("images/a/x.png", {2'000'000, {}});
  const auto grant = store_.verify(target, 1'999'999);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->key, "images/a/x.png");
  EXPECT_EQ(grant->delivery.expires_at_ms, 2'000'000);
  EXPECT_EQ(grant->delivery.download_name, "");
  EXPECT_EQ(refusal_of(target, 2'000'000), ErrorCode::kForbidden);
}

TEST_F(FsStoreTest, ADownloadNameIsSignedToo) {
  const std::string name = "Grüße & \"mehr\"/100%.png";
  const auto grant = store_.verify(target_of("images/a/x.png", {2'000'000, name}), 1);
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->delivery.download_name, name);
}

TEST_F(FsStoreTest, NothingOfALinkCanBeChanged) {
  const std::string target = target_of("images/a/x.png", {2'000'000, "name.png"});
  ASSERT_TRUE(store_.verify(target, 1));
  for (std::size_t at = 0; at < target.size(); ++at) {
    std::string changed = target;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal_of(changed), ErrorCode::kForbidden) << changed;
    EXPECT_EQ(refusal_of(target.substr(0, at)), ErrorCode::kForbidden) << at;
  }
  for (const char* added : {"&x=1", "&expires=9999999999", "&download=other", "&signature=x", "=", "#", "%00"}) {
    EXPECT_EQ(refusal_of(target + added), ErrorCode::kForbidden) << added;
  }
  const std::string signature = target.substr(target.find("&signature="));
  EXPECT_EQ(refusal_of("/objects/images/a/x.png?expires=9999999999" + signature), ErrorCode::kForbidden);
  EXPECT_EQ(refusal_of("/objects/images/a/x.png?expires=2000" + signature + signature), ErrorCode::kForbidden);
  EXPECT_EQ(refusal_of("/other/images/a/x.png" + target.substr(target.find('?'))), ErrorCode::kForbidden);
}

TEST_F(FsStoreTest, AnotherKeySignsOtherLinks) {
  FsStoreOptions options = options_for(folder_);
  options.signing_key = "another key";
  FsStore other(options, random_source);
  EXPECT_FALSE(other.verify(target_of("images/a/x.png", {2'000'000, {}}), 1));
}

}  // namespace
}  // namespace tintype
