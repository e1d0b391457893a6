// What no real store does when it is asked to: answers that were made up.
#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/s3_store/s3_options.h"
#include "adapters/s3_store/s3_store.h"
#include "support/one_answer_server.h"
#include "xml/document.h"

namespace tintype {
namespace {

SystemClock system_clock;
SystemRandom random_source;

S3Options options_for(const std::string& endpoint) {
  S3Options options;
  options.endpoint = endpoint.substr(0, endpoint.rfind('/'));
  options.bucket = "photos";
  options.access_key_id = "key";
  options.secret_access_key = "secret";
  options.attempts_max = 3;
  options.retry_pause = std::chrono::milliseconds(1);
  return options;
}

struct Answered {
  explicit Answered(const std::string& status, const std::string& body = {}, const std::string& headers = {})
      : server(test::answer(status, body, headers)), store(options_for(server.url()), system_clock, random_source) {}
  test::OneAnswerServer server;
  S3Store store;
};

TEST(S3Client, AsksAgainWhenTheStoreHasNoTime) {
  for (const char* status : {"500 Internal Server Error", "502 Bad Gateway", "503 Slow Down", "504 Gateway Timeout"}) {
    Answered answered(status, "<Error><Code>SlowDown</Code><Message>less</Message></Error>");
    const auto put = answered.store.put_bytes("images/a/x.png", "x", "image/png");
    ASSERT_FALSE(put);
    EXPECT_EQ(put.error().code, ErrorCode::kOverloaded);
    EXPECT_TRUE(put.error().retry_after_seconds);
    EXPECT_EQ(answered.server.requests().size(), 3U) << status;
  }
}

TEST(S3Client, AsksOnceWhenTheAnswerWouldBeTheSame) {
  Answered answered("403 Forbidden", "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>");
  const auto put = answered.store.put_bytes("images/a/x.png", "x", "image/png");
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, ErrorCode::kInternal);
  EXPECT_NE(put.error().cause.find("403 AccessDenied: not you"), std::string::npos) << put.error().cause;
  EXPECT_EQ(put.error().message.find("AccessDenied"), std::string::npos);
  EXPECT_EQ(answered.server.requests().size(), 1U);
}

TEST(S3Client, NobodyThereIsNotNow) {
  const auto bound = test::bind_to_a_free_port();
  S3Store store(options_for(test::url_of(bound.port, "/")), system_clock, random_source);
  const auto stat = store.stat("images/a/x.png");
  ASSERT_FALSE(stat);
  EXPECT_EQ(stat.error().code, ErrorCode::kOverloaded);
  ::close(bound.socket);
}

TEST(S3Client, SeesAnErrorInASuccess) {
  Answered answered("200 OK", "<?xml version=\"1.0\"?>\n  <Error><Code>AccessDenied</Code></Error>");
  const std::vector<StoredPart> parts = {{1, "\"0\"", 1}};
  const auto completed = answered.store.complete_multipart("images/a/x.png", "id", parts);
  ASSERT_FALSE(completed);
  EXPECT_NE(completed.error().cause.find("AccessDenied"), std::string::npos) << completed.error().cause;
  EXPECT_FALSE(answered.store.copy("images/a/x.png", "images/b/x.png", "\"0\"", "image/png"));
}

TEST(S3Client, TakesNoAnswerThatIsNoXml) {
  for (const char* body : {"", "<ListBucketResult>", "not even close",
                           "<!DOCTYPE a [<!ENTITY b \"c\">]><ListBucketResult>&b;</ListBucketResult>"}) {
    Answered answered("200 OK", body);
    EXPECT_FALSE(answered.store.list("", [](std::string_view, std::int64_t) { return true; })) << body;
  }
}

TEST(S3Client, TakesNoOtherBytesThanItAskedFor) {
  Answered shorter("206 Partial Content", "short", "Content-Range: bytes 0-4/1000000\r\nETag: \"1\"\r\n");
  const auto reader = shorter.store.open("images/a/x.png");
  ASSERT_TRUE(reader);
  std::string piece(100, '\0');
  EXPECT_FALSE((*reader)->read(0, piece));
  Answered longer("200 OK", std::string(300'000, 'x'), "ETag: \"1\"\r\n");
  EXPECT_FALSE(longer.store.open("images/a/x.png"));
}

TEST(S3Client, SignsWritesWithTheirDigest) {
  Answered answered("200 OK", "", "ETag: \"1\"\r\n");
  ASSERT_TRUE(answered.store.put_bytes("images/a/x.png", "hello", "image/png"));
  const std::string request = answered.server.requests().front();
  EXPECT_TRUE(request.starts_with("PUT /photos/images/a/x.png HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("content-md5: XUFAKrxLKna5cZ2REBfFkg=="), std::string::npos) << request;
  EXPECT_NE(request.find("SignedHeaders=content-md5;content-type;host;x-amz-content-sha256;x-amz-date"),
            std::string::npos)
      << request;
}

TEST(S3Client, FindsOutThatAStoreKeepsToNoConditions) {
  Answered answered("200 OK", "<Configuration/>");
  const auto findings = answered.store.examine_bucket({}, false);
  ASSERT_TRUE(findings) << findings.error().cause;
  ASSERT_EQ(findings->size(), 3U);
  EXPECT_FALSE((*findings)[0].required) << "no lifecycle";
  EXPECT_NE((*findings)[1].sentence.find("condition of a read"), std::string::npos);
  EXPECT_NE((*findings)[2].sentence.find("condition of a copy"), std::string::npos);
}

TEST(S3Options, ReadsAUrl) {
  const auto options =
      parse_s3_url("s3://my-photos?endpoint=http://127.0.0.1:9000/&region=eu-central-1&addressing=path");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->bucket, "my-photos");
  EXPECT_EQ(options->endpoint, "http://127.0.0.1:9000");
  EXPECT_EQ(options->region, "eu-central-1");
  EXPECT_EQ(options->addressing, S3Addressing::kPath);
  const auto amazon = parse_s3_url("s3://photos?region=eu-west-1");
  ASSERT_TRUE(amazon);
  EXPECT_EQ(amazon->endpoint, "https://s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(amazon->addressing, S3Addressing::kHost);
  EXPECT_EQ(parse_s3_url("s3://photos?endpoint=https%3A%2F%2Fs3.example%3A8443")->endpoint, "https://s3.example:8443");
  EXPECT_EQ(parse_s3_url("s3://photos?endpoint=https://s3.example:443")->endpoint, "https://s3.example");
  EXPECT_EQ(parse_s3_url("s3://photos?endpoint=http://s3.example:80/")->endpoint, "http://s3.example");
  for (const char* url : {"s3://", "s3://a", "photos", "s3://ph otos", "s3://photos?endpoint=s3.example",
                          "s3://photos?endpoint=ftp://s3.example", "s3://photos?endpoint=http://s3.example/path",
                          "s3://photos?endpoint=http://key@s3.example", "s3://photos?region=",
                          "s3://photos?adressing=path", "s3://photos?addressing=dns", "s3://photos?region=%zz"}) {
    const auto refused = parse_s3_url(url);
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  }
}

TEST(S3Store, LinksAreForThePublicHost) {
  S3Options options = options_for("http://inner:9000/");
  options.public_endpoint = "https://cdn.example";
  const UnixMs end_ms = system_clock.now_ms() + 600'000;
  const S3Store by_path(options, system_clock, random_source);
  EXPECT_TRUE(
      by_path.signed_url("images/a/x.png", {end_ms, {}}).starts_with("https://cdn.example/photos/images/a/x.png?"));
  options.addressing = S3Addressing::kHost;
  const S3Store by_host(options, system_clock, random_source);
  EXPECT_TRUE(
      by_host.signed_url("images/a/x.png", {end_ms, {}}).starts_with("https://photos.cdn.example/images/a/x.png?"));
}

class FixedClock final : public Clock {
 public:
  UnixMs now_ms() const override { return at_ms; }
  UnixMs at_ms = 1'700'000'100'000;  // 22:15:00
};

TEST(S3Store, LinksBeginWithTheirQuarterOfAnHour) {
  FixedClock clock;
  const S3Store store(options_for("http://inner:9000/"), clock, random_source);
  const UnixMs end_ms = clock.at_ms + 3'600'000;
  const std::string url = store.signed_url("images/a/x.png", {end_ms, "x.png"});
  EXPECT_NE(url.find("X-Amz-Date=20231114T221500Z&X-Amz-Expires=3600&"), std::string::npos) << url;
  clock.at_ms += 899'999;
  EXPECT_EQ(store.signed_url("images/a/x.png", {end_ms, "x.png"}), url);
  const std::string brief = store.signed_url("images/a/x.png", {clock.at_ms + 30'000, {}});
  EXPECT_NE(brief.find("X-Amz-Expires=930&"), std::string::npos) << "30 s from now: " << brief;
  clock.at_ms += 1;
  EXPECT_NE(store.signed_url("images/a/x.png", {end_ms, "x.png"}), url);
  const std::string longest = store.signed_url("images/a/x.png", {end_ms * 2, {}});
  EXPECT_NE(longest.find("X-Amz-Expires=604800&"), std::string::npos) << longest;
}

TEST(S3Xml, WritesWhatItReads) {
  const xml::Element root{"A", {}, {{"B", "<&>\"'", {}}, {"C", {}, {{"D", "\xc3\xa4", {}}}}}};
  const auto read = xml::parse(xml::write(root));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text_of("B"), "<&>\"'");
  EXPECT_EQ(read->find("C")->text_of("D"), "\xc3\xa4");
  EXPECT_EQ(read->find("E"), nullptr);
  EXPECT_EQ(xml::parse("<a:A xmlns:a=\"urn:x\"><a:B>1</a:B></a:A>")->text_of("B"), "1");
}

}  // namespace
}  // namespace tintype
