#include "adapters/fs_store/fs_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/digest.h"
#include "contract/object_store_contract.h"
#include "support/test_folder.h"

namespace tintype {
namespace {

SystemRandom random_source;

class SetClock final : public Clock {
 public:
  UnixMs now_ms() const override { return now_ms_; }
  void set(UnixMs now_ms) { now_ms_ = now_ms; }

 private:
  std::atomic<UnixMs> now_ms_{1'700'000'000'000};
};

SetClock test_clock;

FsStoreOptions options_for(const std::filesystem::path& folder, bool attributes = true) {
  return {folder / "objects", "https://photos.example", {"a signing key of this test"}, attributes};
}

ObjectStoreFactory on_disk(bool attributes) {
  return [attributes] {
    auto folder = std::make_shared<TestFolder>();
    return OpenedStore{folder, std::make_shared<FsStore>(options_for(*folder, attributes), test_clock, random_source)};
  };
}

INSTANTIATE_TEST_SUITE_P(Fs, ObjectStoreContract, testing::Values(on_disk(true), on_disk(false)),
                         [](const auto& info) { return std::string(info.index == 0 ? "Folder" : "PlainFolder"); });

class FsStoreTest : public testing::Test {
 protected:
  TestFolder folder_;
  FsStore store_{options_for(folder_), test_clock, random_source};
  const std::filesystem::path root_ = folder_ / "objects";

  static constexpr UnixMs kNowMs = 1'700'000'000'000;
  std::string host_ = "photos.example";

  void SetUp() override { test_clock.set(kNowMs); }

  static std::string target_of(const std::string& url) {
    return url.substr(std::string_view("https://photos.example").size());
  }
  std::expected<ObjectGateway::Grant, ObjectGateway::Refusal> ask(
      std::string_view method, std::string_view target, UnixMs now_ms = kNowMs,
      std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Host", host_);
    return store_.verify({method, target, headers}, now_ms);
  }
};

TEST_F(FsStoreTest, TheTagStaysOverARestart) {
  const auto put = store_.put_bytes("images/a/x.png", "x", "image/png");
  FsStore again(options_for(folder_), test_clock, random_source);
  EXPECT_EQ((*again.stat("images/a/x.png"))->etag, put->etag);
}

TEST_F(FsStoreTest, FollowsNoLinkBelowItsRoot) {
  std::filesystem::create_directories(folder_ / "outside");
  std::ofstream(folder_ / "outside" / "secret.png") << "secret";
  ASSERT_TRUE(store_.put_bytes("images/a/x.png", "x", "image/png"));
  std::filesystem::create_symlink(folder_ / "outside" / "secret.png", root_ / "images" / "a" / "link.png");
  std::filesystem::create_directory_symlink(folder_ / "outside", root_ / "images" / "b");
  for (const char* key : {"images/a/link.png", "images/b/secret.png"}) {
    const auto reader = store_.open(key);
    ASSERT_FALSE(reader) << key;
    EXPECT_EQ(reader.error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(*store_.stat(key)) << key;
  }
  EXPECT_FALSE(store_.put_bytes("images/b/new.png", "x", "image/png"));
  EXPECT_TRUE(store_.remove("images/b/secret.png"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "outside" / "secret.png"));
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
    FsStore other(options_for(folder_), test_clock, random_source);
    EXPECT_NE(other.spool_directory(), store_.spool_directory());
    EXPECT_TRUE(std::filesystem::exists(mine));
    EXPECT_FALSE(std::filesystem::exists(left));
    EXPECT_FALSE(std::filesystem::exists(root_ / "tmp" / "run-killed-at-once"));
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_ / "tmp"), {}), 1);
}

TEST_F(FsStoreTest, ALinkHoldsUntilItExpires) {
  const std::string target = target_of(store_.signed_url("images/a/x.png", {kNowMs + 60'000, {}}));
  const auto grant = ask("GET", target, kNowMs + 59'999);
  ASSERT_TRUE(grant) << grant.error().message;
  EXPECT_EQ(grant->key, "images/a/x.png");
  EXPECT_EQ(grant->expires_at_ms, kNowMs + 60'000);
  EXPECT_TRUE(grant->parameters.empty());
  EXPECT_EQ(ask("GET", target, kNowMs + 60'000).error().code, "AccessDenied");
  EXPECT_TRUE(ask("HEAD", target)) << "a GET without its body";
  for (const char* method : {"PUT", "POST", "DELETE"}) {
    EXPECT_EQ(ask(method, target).error().code, "SignatureDoesNotMatch");
  }
}

TEST_F(FsStoreTest, ALinkStaysTheSameForAQuarterOfAnHour) {
  const auto link = [&] { return store_.signed_url("images/a/x.png", {kNowMs + 7'200'000, {}}); };
  const UnixMs quarter_ms = 15 * 60 * 1'000;
  test_clock.set(kNowMs - kNowMs % quarter_ms);
  const std::string first = link();
  test_clock.set(kNowMs - kNowMs % quarter_ms + quarter_ms - 1);
  EXPECT_EQ(link(), first);
  test_clock.set(kNowMs - kNowMs % quarter_ms + quarter_ms);
  EXPECT_NE(link(), first);
  EXPECT_EQ(ask("GET", target_of(link()))->expires_at_ms, kNowMs + 7'200'000);
}

TEST_F(FsStoreTest, ADownloadNameIsSignedToo) {
  const std::string link = store_.signed_url("images/a/x.png", {kNowMs + 60'000, "Grüße & \"mehr\"/100%.png"});
  const auto grant = ask("GET", target_of(link));
  ASSERT_TRUE(grant) << grant.error().message;
  ASSERT_EQ(grant->parameters.size(), 1U);
  EXPECT_EQ(grant->parameters[0].first, "response-content-disposition");
  EXPECT_EQ(grant->parameters[0].second,
            "attachment; filename=\"Gr____e & _mehr_/100%.png\"; "
            "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%26%20%22mehr%22%2F100%25.png");
}

TEST_F(FsStoreTest, APartsLinkNamesItsLength) {
  const std::string link = store_.signed_part_url("uploads/a/x.png", "upload1", 7, 1'000, kNowMs + 60'000);
  const auto grant = ask("PUT", target_of(link), kNowMs, {{"Content-Length", "1000"}});
  ASSERT_TRUE(grant) << grant.error().message;
  EXPECT_EQ(grant->parameters,
            (std::vector<std::pair<std::string, std::string>>{{"partNumber", "7"}, {"uploadId", "upload1"}}));
  EXPECT_EQ(ask("PUT", target_of(link), kNowMs, {{"Content-Length", "1001"}}).error().code, "SignatureDoesNotMatch");
  EXPECT_EQ(ask("GET", target_of(link)).error().status, 403);
  EXPECT_TRUE(ask("PUT", target_of(store_.signed_put_url("uploads/a/x.png", std::nullopt, kNowMs + 60'000))));
}

TEST_F(FsStoreTest, NothingOfALinkCanBeChanged) {
  const std::string target = target_of(store_.signed_url("images/a/x.png", {kNowMs + 60'000, "name.png"}));
  ASSERT_TRUE(ask("GET", target));
  for (std::size_t at = 0; at < target.size(); ++at) {
    std::string changed = target;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(ask("GET", changed)) << changed;
    EXPECT_FALSE(ask("GET", target.substr(0, at))) << at;
  }
  for (const char* added : {"&x=1", "&X-Amz-Expires=999999", "&response-content-disposition=inline", "&uploads",
                            "&X-Amz-Signature=x", "=", "%00"}) {
    EXPECT_FALSE(ask("GET", target + added)) << added;
  }
}

TEST_F(FsStoreTest, AProxysHostIsNoHindrance) {
  const std::string target = target_of(store_.signed_url("images/a/x.png", {kNowMs + 60'000, {}}));
  host_ = "127.0.0.1:3000";
  EXPECT_TRUE(ask("GET", target));
  EXPECT_TRUE(ask("HEAD", target));
}

TEST_F(FsStoreTest, KeysRotateWithSeveralLive) {
  FsStoreOptions options = options_for(folder_);
  options.signing_keys = {"a new key", options_for(folder_).signing_keys.front()};
  FsStore rotated(options, test_clock, random_source);
  const std::string old_link = store_.signed_url("images/a/x.png", {kNowMs + 60'000, {}});
  const std::string new_link = rotated.signed_url("images/a/x.png", {kNowMs + 60'000, {}});
  const std::vector<std::pair<std::string, std::string>> headers = {{"Host", "photos.example"}};
  EXPECT_TRUE(rotated.verify({"GET", target_of(old_link), headers}, kNowMs));
  EXPECT_TRUE(rotated.verify({"GET", target_of(new_link), headers}, kNowMs));
  EXPECT_EQ(ask("GET", target_of(new_link)).error().code, "InvalidAccessKeyId");
  options.signing_keys.clear();
  EXPECT_ANY_THROW(FsStore(options, test_clock, random_source));
}

TEST_F(FsStoreTest, AnObjectCanBeAskedToBeNew) {
  const auto put = [&](bool only_new) {
    const auto file = store_.spool_directory() / new_id(random_source, "body-");
    std::ofstream(file, std::ios::binary) << "bytes";
    const auto info = store_.put_digested("images/a/x.png", file, md5("bytes"), only_new);
    std::filesystem::remove(file);
    return info ? ErrorCode::kInternal : info.error().code;
  };
  EXPECT_EQ(put(true), ErrorCode::kInternal) << "no error";
  EXPECT_EQ(put(true), ErrorCode::kConflict);
  EXPECT_EQ(put(false), ErrorCode::kInternal) << "no error";
}

// ---- Multipart uploads, by what lies on the disk.

class FsMultipartTest : public testing::TestWithParam<bool> {
 protected:
  TestFolder folder_;
  FsStore store_{options_for(folder_, GetParam()), test_clock, random_source};
  const std::filesystem::path root_ = folder_ / "objects";
  const std::string key_ = "uploads/a/original.jpg";

  // As the HTTP room does it.
  Result<StoredPart> put(FsStore& store, const std::string& upload_id, int number, const std::string& bytes) {
    const auto file = store.spool_directory() / new_id(random_source, "body-");
    std::ofstream(file, std::ios::binary) << bytes;
    return store.put_part(key_, upload_id, number, file, md5(bytes));
  }
  std::string read_all(std::string_view key) {
    const auto reader = store_.open(key);
    if (!reader) return "failed: " + reader.error().message;
    std::string bytes(static_cast<std::size_t>((*reader)->info().size_bytes), '\0');
    EXPECT_EQ((*reader)->read(0, bytes).value(), bytes.size());
    return bytes;
  }
  std::vector<OpenMultipart> open_uploads(FsStore& store, std::string_view prefix = "") {
    std::vector<OpenMultipart> all;
    EXPECT_TRUE(store.list_multiparts(prefix, [&](const OpenMultipart& upload) {
      all.push_back(upload);
      return true;
    }));
    return all;
  }
  static std::string bytes_of(std::size_t size, int seed) {
    std::string bytes = pattern_of(size);
    bytes[0] = static_cast<char>(seed);
    return bytes;
  }
};

INSTANTIATE_TEST_SUITE_P(Fs, FsMultipartTest, testing::Bool(),
                         [](const auto& info) { return std::string(info.param ? "Attributes" : "Plain"); });

TEST_P(FsMultipartTest, JoinsPartsAndTagsThemAsS3Does) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  const std::string first = bytes_of(kPartBytesMin, 1), second = bytes_of(kPartBytesMin + 7, 2), last = "the last";
  ASSERT_TRUE(put(store_, id, 10, last));
  ASSERT_TRUE(put(store_, id, 2, second));
  const auto part = put(store_, id, 1, first);
  ASSERT_TRUE(part) << part.error().cause;
  EXPECT_EQ(part->etag, "\"" + hex_encode(md5(first)) + "\"");
  EXPECT_FALSE(*store_.stat(key_)) << "visible before it is complete";
  const auto parts = store_.list_parts(key_, id).value();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0], *part);
  EXPECT_EQ(parts[2].number, 10);
  EXPECT_EQ(parts[2].size_bytes, 8);
  const auto done = store_.complete_multipart(key_, id, parts);
  ASSERT_TRUE(done) << done.error().message << done.error().cause;
  EXPECT_EQ(done->etag, "\"" + hex_encode(md5(md5(first) + md5(second) + md5(last))) + "-3\"");
  EXPECT_EQ((*store_.stat(key_))->etag, done->etag);
  EXPECT_EQ(read_all(key_), first + second + last);
  EXPECT_EQ(store_.list_parts(key_, id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_.complete_multipart(key_, id, parts).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "multipart"));
}

TEST_P(FsMultipartTest, OnePartBecomesTheObject) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  ASSERT_TRUE(put(store_, id, 1, "tiny"));
  const auto done = store_.complete_multipart(key_, id, store_.list_parts(key_, id).value());
  ASSERT_TRUE(done) << done.error().cause;
  EXPECT_EQ(done->etag, "\"" + hex_encode(md5(md5("tiny"))) + "-1\"");
  EXPECT_EQ(read_all(key_), "tiny");
}

TEST_P(FsMultipartTest, SurvivesARestartAndIsSharedByProcesses) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  const auto part = put(store_, id, 1, "one");
  ASSERT_TRUE(part);
  FsStore other(options_for(folder_, GetParam()), test_clock, random_source);
  EXPECT_EQ(other.list_parts(key_, id).value(), std::vector{*part});
  ASSERT_TRUE(put(other, id, 1, "another"));
  EXPECT_EQ(store_.list_parts(key_, id).value().front().size_bytes, 7);
  EXPECT_EQ(store_.complete_multipart(key_, id, std::vector{*part}).error().code, ErrorCode::kInvalidInput)
      << "the part was replaced";
  ASSERT_TRUE(store_.complete_multipart(key_, id, other.list_parts(key_, id).value()));
  EXPECT_EQ(read_all(key_), "another");
}

TEST_P(FsMultipartTest, RefusesPartsThatDoNotFitAndKeepsTheUpload) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  const auto one = put(store_, id, 1, "small").value(), two = put(store_, id, 2, "last").value();
  const auto refusal = [&](std::vector<StoredPart> parts) {
    const auto done = store_.complete_multipart(key_, id, parts);
    return done ? ErrorCode::kInternal : done.error().code;
  };
  EXPECT_EQ(refusal({}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal({two, one}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal({one, one}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal({one, two}), ErrorCode::kInvalidInput) << "too small";
  EXPECT_EQ(refusal({{3, one.etag, 0}}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal({{1, two.etag, 0}}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal({{0, one.etag, 0}}), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal({{kPartsMax + 1, one.etag, 0}}), ErrorCode::kInvalidInput);
  EXPECT_FALSE(put(store_, id, 0, "x"));
  EXPECT_FALSE(put(store_, id, kPartsMax + 1, "x"));
  EXPECT_EQ(store_.list_parts(key_, id).value().size(), 2U);
  EXPECT_FALSE(*store_.stat(key_));
}

TEST_P(FsMultipartTest, AnUploadBelongsToItsKey) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  EXPECT_EQ(store_.list_parts("uploads/b/original.jpg", id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_.abort_multipart("uploads/b/original.jpg", id));
  for (const char* none : {"", ".", "..", "../tmp", "nothing", "a/b"}) {
    EXPECT_EQ(store_.list_parts(key_, none).error().code, ErrorCode::kNotFound) << none;
  }
  EXPECT_EQ(open_uploads(store_).size(), 1U);
}

TEST_P(FsMultipartTest, ListsWhatIsOpenUntilItIsAborted) {
  test_clock.set(1'700'000'123'456);
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  ASSERT_TRUE(put(store_, id, 1, "one"));
  ASSERT_TRUE(store_.begin_multipart("other/b.png", "image/png"));
  const auto mine = open_uploads(store_, "uploads/");
  ASSERT_EQ(mine.size(), 1U);
  EXPECT_EQ(mine[0].key, key_);
  EXPECT_EQ(mine[0].upload_id, id);
  EXPECT_EQ(mine[0].begun_at_ms, 1'700'000'123'456);
  EXPECT_EQ(open_uploads(store_).size(), 2U);
  ASSERT_TRUE(store_.abort_multipart(key_, id));
  EXPECT_TRUE(store_.abort_multipart(key_, id)) << "none is no error";
  EXPECT_EQ(open_uploads(store_).size(), 1U);
  EXPECT_EQ(put(store_, id, 2, "late").error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_.list("", [](std::string_view key, std::int64_t) {
    ADD_FAILURE() << key << " is no object";
    return true;
  }));
}

TEST_P(FsMultipartTest, ManyCompleteAtOnceAndOneDoes) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  const auto one = put(store_, id, 1, bytes_of(kPartBytesMin, 1)).value();
  const auto two = put(store_, id, 2, "last").value();
  FsStore other(options_for(folder_, GetParam()), test_clock, random_source);
  std::atomic<int> done{0}, missing{0};
  std::vector<std::thread> threads;
  for (int lane = 0; lane < 6; ++lane) {
    threads.emplace_back([&, lane] {
      const auto outcome = (lane % 2 == 0 ? store_ : other).complete_multipart(key_, id, std::vector{one, two});
      ++(outcome ? done : missing);
      if (!outcome) {
        EXPECT_EQ(outcome.error().code, ErrorCode::kNotFound) << outcome.error().cause;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(missing, 5);
}

TEST_P(FsMultipartTest, ACopyIsAnObjectOfItsOwn) {
  const auto put = store_.put_bytes("images/a/x.png", "bytes", "image/png").value();
  const auto copied = store_.copy("images/a/x.png", "images/b/y.png", put.etag, "image/png");
  ASSERT_TRUE(copied) << copied.error().cause;
  EXPECT_EQ(copied->etag, put.etag);
  ASSERT_TRUE(store_.copy("images/a/x.png", "images/b/y.png", put.etag, "image/png")) << "again";
  ASSERT_TRUE(store_.copy("images/a/x.png", "images/a/x.png", put.etag, "image/png")) << "onto itself";
  ASSERT_TRUE(store_.put_bytes("images/a/x.png", "other", "image/png"));
  EXPECT_EQ(read_all("images/b/y.png"), "bytes");
  EXPECT_EQ(store_.copy("images/a/x.png", "images/b/z.png", put.etag, "").error().code, ErrorCode::kConflict);
  EXPECT_EQ(store_.copy("images/none.png", "images/b/z.png", put.etag, "").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(store_.spool_directory()), {}), 1) << "only the lock";
}

TEST_P(FsMultipartTest, AnObjectFromBeforeTagsWereKeptIsServedAndCopied) {
  std::filesystem::create_directories(root_ / "images" / "a");
  std::ofstream(root_ / "images" / "a" / "old.png") << "old";
  const auto before = store_.stat("images/a/old.png").value();
  ASSERT_TRUE(before);
  const auto copied = store_.copy("images/a/old.png", "images/a/new.png", before->etag, "image/png");
  ASSERT_TRUE(copied) << copied.error().cause;
  EXPECT_EQ(copied->etag, "\"" + hex_encode(md5("old")) + "\"");
  EXPECT_EQ((*store_.stat("images/a/old.png"))->etag, before->etag) << "a tag stays what it was";
  EXPECT_EQ(read_all("images/a/new.png"), "old");
}

TEST_P(FsMultipartTest, ThePlaceOfUploadsHoldsNoObject) {
  const std::string id = store_.begin_multipart(key_, "image/jpeg").value();
  for (const std::string& key : {"multipart/" + id + "/upload", std::string("tmp/x.png"), std::string("multipart")}) {
    EXPECT_FALSE(store_.open(key)) << key;
    EXPECT_FALSE(store_.put_bytes(key, "x", "image/png")) << key;
    EXPECT_FALSE(store_.remove(key)) << key;
  }
}

}  // namespace
}  // namespace tintype
