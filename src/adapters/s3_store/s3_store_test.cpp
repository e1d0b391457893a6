#include "adapters/s3_store/s3_store.h"

#include <gtest/gtest.h>

#include "contract/reachable_object_store_contract.h"
#include "support/s3_server.h"

namespace tintype {
namespace {

SystemClock system_clock;
SystemRandom random_source;

// Each is started by the first test that needs it and ends with the program.
test::S3Server& ceph() {
  static test::S3Server server("ceph");
  return server;
}
test::S3Server& swift() {
  static test::S3Server server("swift");
  return server;
}

S3Options options_for(const test::S3Server& server, std::string bucket) {
  S3Options options;
  options.endpoint = server.endpoint;
  options.bucket = std::move(bucket);
  options.access_key_id = server.access_key_id;
  options.secret_access_key = server.secret_access_key;
  return options;
}

std::string new_bucket() {
  std::string name = new_id(random_source, "test-");
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

std::unique_ptr<S3Store> new_store(const test::S3Server& server, const Clock& clock = system_clock) {
  auto store = std::make_unique<S3Store>(options_for(server, new_bucket()), clock, random_source);
  const auto findings = store->examine_bucket({}, true);
  if (!findings) throw std::runtime_error(findings.error().cause);
  return store;
}

OpenedStore on_ceph() {
  return {nullptr, new_store(ceph())};
}
// Its object server unlinks what was replaced while its reader may be about to open it; more replicas hide that.
OpenedStore on_swift() {
  return {nullptr, new_store(swift()), true};
}

constexpr auto kNameOf = [](const auto& info) { return std::string(info.index == 0 ? "Ceph" : "Swift"); };

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreContract, testing::Values(on_ceph, on_swift), kNameOf);
INSTANTIATE_TEST_SUITE_P(S3, ReachableObjectStoreContract, testing::Values(on_ceph, on_swift), kNameOf);

// The same for each store.
class S3StoreTest : public testing::TestWithParam<test::S3Server& (*)()> {
 protected:
  static std::string read_all(S3Store& store, std::string_view key) {
    const auto reader = store.open(key);
    if (!reader) return "failed: " + reader.error().cause;
    std::string bytes(static_cast<std::size_t>((*reader)->info().size_bytes), '\0');
    const auto count = (*reader)->read(0, bytes);
    return count && *count == bytes.size() ? bytes : "failed";
  }

  TestFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(S3, S3StoreTest, testing::Values(ceph, swift), kNameOf);

TEST_P(S3StoreTest, SendsALargeFileInParts) {
  S3Options options = options_for(GetParam()(), new_bucket());
  options.single_put_bytes_max = 6 << 20;
  options.part_bytes = kPartBytesMin;
  S3Store store(options, system_clock, random_source);
  ASSERT_TRUE(store.examine_bucket({}, true));
  const std::string bytes = pattern_of(12'345'678);
  std::ofstream(folder_ / "large", std::ios::binary) << bytes;
  const auto put = store.put_file("results/j/1.png", folder_ / "large", "image/png");
  ASSERT_TRUE(put) << put.error().cause;
  EXPECT_TRUE(put->etag.ends_with("-3\"")) << put->etag;
  EXPECT_EQ(put->size_bytes, 12'345'678);
  EXPECT_EQ(put->media_type, "image/png");
  EXPECT_TRUE(read_all(store, "results/j/1.png") == bytes);
  ASSERT_TRUE(store.list_multiparts("", [](const OpenMultipart&) {
    ADD_FAILURE() << "an upload was left open";
    return true;
  }));
}

TEST_P(S3StoreTest, ReadsAtAnyOffsetInPiecesOfAnySize) {
  const auto store = new_store(GetParam()());
  const std::string bytes = pattern_of(3'000'000);
  ASSERT_TRUE(store->put_bytes("images/a/x.png", bytes, "image/png"));
  const auto reader = store->open("images/a/x.png");
  ASSERT_TRUE(reader);
  std::string read;
  for (std::size_t size = 1; read.size() < bytes.size(); size = size * 3 + 1) {
    std::string piece(std::min<std::size_t>(size, 700'000), '\0');
    const auto count = (*reader)->read(static_cast<std::int64_t>(read.size()), piece);
    ASSERT_TRUE(count) << count.error().cause;
    read += piece.substr(0, *count);
  }
  EXPECT_TRUE(read == bytes);
  for (const std::int64_t at : {2'999'990LL, 5LL, 262'143LL, 262'144LL, 1'000'000LL, 100LL}) {
    std::string piece(300'000, '\0');
    const auto count = (*reader)->read(at, piece);
    ASSERT_TRUE(count) << count.error().cause;
    EXPECT_TRUE(piece.substr(0, *count) == bytes.substr(static_cast<std::size_t>(at), 300'000)) << at;
  }
}

TEST_P(S3StoreTest, AReaderNoticesThatItsObjectWasReplaced) {
  const auto store = new_store(GetParam()());
  ASSERT_TRUE(store->put_bytes("images/a/x.png", std::string(1'000'000, 'a'), "image/png"));
  const auto reader = store->open("images/a/x.png");
  ASSERT_TRUE(store->put_bytes("images/a/x.png", std::string(1'000'000, 'b'), "image/png"));
  std::string piece(1'000'000, '\0');
  const auto count = (*reader)->read(0, piece);
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(store->remove("images/a/x.png"));
  const auto later = (*reader)->read(500'000, piece);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::kNotFound);
}

TEST_P(S3StoreTest, ListsPageByPage) {
  S3Options options = options_for(GetParam()(), new_bucket());
  options.page_rows_max = 10;
  S3Store store(options, system_clock, random_source);
  ASSERT_TRUE(store.examine_bucket({}, true));
  std::vector<std::string> keys;
  for (int at = 0; at < 25; ++at) keys.push_back("images/many/" + std::to_string(at) + ".png");
  const auto id = store.begin_multipart("images/a/x.png", "image/png");
  ASSERT_TRUE(id);
  std::set<std::string> begun = {*id};
  for (std::size_t at = 0; at < keys.size(); ++at) {
    ASSERT_TRUE(store.put_bytes(keys[at], "x", "image/png"));
    begun.insert(store.begin_multipart(at % 2 == 0 ? keys[at] : "images/b/x.png", "image/png").value());
    const std::string url = store.signed_part_url("images/a/x.png", *id, static_cast<int>(at) + 1, std::nullopt,
                                                  system_clock.now_ms() + 600'000);
    ASSERT_EQ(test::http("PUT", url, {}, "x").status, 200);
  }
  std::set<std::string> listed, uploads;
  ASSERT_TRUE(store.list("images/many/", [&](std::string_view key, std::int64_t) {
    EXPECT_TRUE(listed.emplace(key).second);
    return true;
  }));
  EXPECT_EQ(listed, std::set<std::string>(keys.begin(), keys.end()));
  ASSERT_TRUE(store.list_multiparts("images/", [&](const OpenMultipart& upload) {
    EXPECT_TRUE(uploads.insert(upload.upload_id).second);
    return true;
  }));
  EXPECT_EQ(uploads, begun);
  const auto parts = store.list_parts("images/a/x.png", *id);
  ASSERT_TRUE(parts) << parts.error().cause;
  ASSERT_EQ(parts->size(), keys.size());
  for (std::size_t at = 0; at < parts->size(); ++at) EXPECT_EQ((*parts)[at].number, static_cast<int>(at) + 1);
}

TEST_P(S3StoreTest, SetsABucketUp) {
  S3Store store(options_for(GetParam()(), new_bucket()), system_clock, random_source);
  const std::vector<std::string> origins = {"https://photos.example", "http://localhost:3000"};
  const auto missing = store.examine_bucket(origins, false);
  ASSERT_TRUE(missing) << missing.error().cause;
  ASSERT_EQ(missing->size(), 1U);
  EXPECT_FALSE(missing->front().mended);
  EXPECT_FALSE(store.put_bytes("images/a/x.png", "x", "image/png"));
  EXPECT_FALSE(store.remove("images/a/x.png")) << "nobody knows whether it is gone";
  const auto opened = store.open("images/a/x.png");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().code, ErrorCode::kNotFound) << "the bucket is what is missing";
  const auto mended = store.examine_bucket(origins, true);
  ASSERT_TRUE(mended) << mended.error().cause;
  for (const BucketFinding& finding : *mended) EXPECT_TRUE(finding.mended || !finding.required) << finding.sentence;
  const auto left = store.examine_bucket(origins, true);
  ASSERT_TRUE(left) << left.error().cause;
  for (const BucketFinding& finding : *left) EXPECT_FALSE(finding.required) << finding.sentence;
  ASSERT_TRUE(store.put_bytes("images/a/x.png", "x", "image/png"));
  const std::string url = store.signed_url("images/a/x.png", {system_clock.now_ms() + 600'000, {}});
  const auto asked = test::http("OPTIONS", url,
                                {{"Origin", "https://photos.example"},
                                 {"Access-Control-Request-Method", "PUT"},
                                 {"Access-Control-Request-Headers", "content-type"}});
  EXPECT_EQ(asked.status, 200);
  const auto got = test::http("GET", url, {{"Origin", "https://photos.example"}});
  EXPECT_FALSE(got.header("access-control-allow-origin").empty());
  EXPECT_NE(test::plain_http::lower(got.header("access-control-expose-headers")).find("etag"), std::string::npos);
}

TEST(S3StoreOnCeph, KeepsTheRulesThatABucketHas) {
  S3Store store(options_for(ceph(), new_bucket()), system_clock, random_source);
  const std::vector<std::string> first = {"https://one.example"};
  const std::vector<std::string> both = {"https://one.example", "https://two.example"};
  ASSERT_TRUE(store.examine_bucket(first, true));
  EXPECT_TRUE(store.examine_bucket(first, false)->empty());
  ASSERT_EQ(store.examine_bucket(both, false)->size(), 1U);
  ASSERT_EQ(store.examine_bucket(both, true)->size(), 1U);
  EXPECT_TRUE(store.examine_bucket(both, false)->empty());
}

std::string at_localhost(const std::string& endpoint) {
  return "http://localhost" + endpoint.substr(endpoint.rfind(':'));
}

TEST(S3StoreOnCeph, FindsTheBucketByItsHost) {
  S3Options options = options_for(ceph(), new_bucket());
  options.endpoint = at_localhost(ceph().endpoint);
  options.addressing = S3Addressing::kHost;
  S3Store store(options, system_clock, random_source);
  ASSERT_TRUE(store.examine_bucket({}, true));
  const auto put = store.put_bytes("images/a/x.png", "bytes", "image/png");
  ASSERT_TRUE(put) << put.error().cause;
  ASSERT_TRUE(store.copy("images/a/x.png", "images/b/x.png", put->etag, "image/png"));
  int listed = 0;
  ASSERT_TRUE(store.list("images/", [&](std::string_view, std::int64_t) { return ++listed > 0; }));
  EXPECT_EQ(listed, 2);
  const std::string url = store.signed_url("images/b/x.png", {system_clock.now_ms() + 600'000, {}});
  EXPECT_TRUE(url.starts_with("http://" + options.bucket + ".localhost:")) << url;
  EXPECT_EQ(test::http("GET", url).body, "bytes");
  options.addressing = S3Addressing::kPath;
  options.endpoint = ceph().endpoint;
  S3Store by_path(options, system_clock, random_source);
  EXPECT_TRUE(*by_path.stat("images/b/x.png")) << "it is the same bucket";
}

TEST(S3StoreOnCeph, SignsForTheHostThatClientsKnow) {
  S3Options options = options_for(ceph(), new_bucket());
  options.public_endpoint = at_localhost(ceph().endpoint);
  S3Store store(options, system_clock, random_source);
  ASSERT_TRUE(store.examine_bucket({}, true));
  ASSERT_TRUE(store.put_bytes("images/a/x.png", "bytes", "image/png"));
  const std::string url = store.signed_url("images/a/x.png", {system_clock.now_ms() + 600'000, {}});
  EXPECT_TRUE(url.starts_with(options.public_endpoint)) << url;
  EXPECT_EQ(test::http("GET", url).body, "bytes");
  EXPECT_EQ(test::http("GET", changed_in(url, "localhost", "127.0.0.1")).status, 403);
}

// The gateway alone: what it has acknowledged lies with the object server.
TEST(S3StoreOnCeph, AnUploadOutlivesTheGateway) {
  test::S3Server server("ceph");
  const auto store = new_store(server);
  const std::string key = "images/a/x.png";
  const auto id = store->begin_multipart(key, "image/png");
  ASSERT_TRUE(id) << id.error().cause;
  const auto send = [&](int number, const std::string& bytes) {
    const std::string url = store->signed_part_url(key, *id, number, static_cast<std::int64_t>(bytes.size()),
                                                   system_clock.now_ms() + 600'000);
    return test::http("PUT", url, {}, bytes).status;
  };
  const std::string first(static_cast<std::size_t>(kPartBytesMin), 'a');
  ASSERT_EQ(send(1, first), 200);
  server.run("kill-gateway");
  EXPECT_THROW(send(2, "rest"), std::runtime_error);
  // Asked while it is away, the store answers once it is back.
  std::thread restart([&] { server.run("start-gateway"); });
  Result<std::vector<StoredPart>> parts = fail_internal("");
  while (!(parts = store->list_parts(key, *id)) && parts.error().code == ErrorCode::kOverloaded) {
  }
  restart.join();
  ASSERT_TRUE(parts) << parts.error().cause;
  ASSERT_EQ(parts->size(), 1U);
  ASSERT_EQ(send(2, "rest"), 200);
  // And killed while it joins them: whether it came to its end or not, a later call ends the upload.
  const auto all = store->list_parts(key, *id);
  ASSERT_TRUE(all && all->size() == 2);
  std::thread kill([&] {
    server.run("kill-gateway");
    server.run("start-gateway");
  });
  Result<ObjectInfo> info = fail_internal("");
  while (!(info = store->complete_multipart(key, *id, *all)) && info.error().code == ErrorCode::kOverloaded) {
  }
  kill.join();
  ASSERT_TRUE(info) << info.error().message << info.error().cause;
  EXPECT_EQ(info->size_bytes, kPartBytesMin + 4);
  EXPECT_TRUE(*store->stat(key));
}

}  // namespace
}  // namespace tintype
