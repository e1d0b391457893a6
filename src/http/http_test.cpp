// The parts that need no socket: router, ranges, multipart.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "http/multipart.h"
#include "http/range.h"
#include "http/router.h"

namespace tintype::http {
namespace {

Route route(Method method, const char* pattern) {
  return {.method = method, .pattern = pattern, .handler = [](Request&) { return Response(); }};
}

TEST(Router, ExactWinsOverParameterAndVerbOverNone) {
  Router router;
  router.add(route(Method::kGet, "/v1/images/{id}"));
  router.add(route(Method::kPost, "/v1/images/upload"));
  router.add(route(Method::kPost, "/v1/uploads/{id}:complete"));
  router.add(route(Method::kGet, "/v1/uploads/{id}"));
  router.add(route(Method::kPost, "/v1/uploads:resumable"));
  router.add(route(Method::kGet, "/v1/images/{id}/parts/{n}"));
  router.freeze();
  const auto pattern = [&](Method method, const char* path) {
    const RouteMatch match = router.find(method, path);
    return match.route == nullptr ? std::string() : match.route->pattern;
  };
  EXPECT_EQ(pattern(Method::kPost, "/v1/images/upload"), "/v1/images/upload");
  EXPECT_EQ(pattern(Method::kGet, "/v1/images/abc"), "/v1/images/{id}");
  EXPECT_EQ(pattern(Method::kPost, "/v1/uploads/7:complete"), "/v1/uploads/{id}:complete");
  EXPECT_EQ(pattern(Method::kPost, "/v1/uploads:resumable"), "/v1/uploads:resumable");
  EXPECT_EQ(pattern(Method::kHead, "/v1/images/abc"), "/v1/images/{id}");
  EXPECT_EQ(pattern(Method::kGet, "/v1/images/abc/"), "");
  EXPECT_EQ(pattern(Method::kGet, "/v1/none"), "");
  EXPECT_EQ(router.find(Method::kPost, "/v1/uploads/7:complete").path_parameters.front().second, "7");
  EXPECT_EQ(router.find(Method::kGet, "/v1/images/a%2Fb").path_parameters.front().second, "a/b");
  EXPECT_EQ(router.find(Method::kGet, "/v1/images/x/parts/9").path_parameters.back().second, "9");
  EXPECT_EQ(router.find(Method::kDelete, "/v1/images/abc").allowed.size(), 2U);
  Router twice;
  twice.add(route(Method::kGet, "/a/{x}"));
  EXPECT_THROW(twice.add(route(Method::kGet, "/a/{y}")), std::logic_error);
}

TEST(Router, TheRestOfAPathIsOneParameter) {
  Router router;
  router.add(route(Method::kGet, "/objects"));
  Route open = route(Method::kPut, "/objects/{key...}");
  open.any_origin = true;
  router.add(std::move(open));
  router.add(route(Method::kGet, "/objects/{id}/info"));
  router.freeze();
  const auto key = [&](const char* path) {
    const RouteMatch match = router.find(Method::kPut, path);
    return match.route == nullptr ? std::string("none") : match.path_parameters.front().second;
  };
  EXPECT_EQ(key("/objects/images/a/x.png"), "images/a/x.png");
  EXPECT_EQ(key("/objects/x"), "x");
  EXPECT_EQ(key("/objects/"), "");
  EXPECT_EQ(key("/objects/a//b/"), "a//b/");
  EXPECT_EQ(key("/objects/a%2Fb/%20"), "a/b/ ");
  EXPECT_EQ(key("/objects"), "none");
  EXPECT_EQ(router.find(Method::kPut, "/objects/x").route->pattern, "/objects/{key...}");
  EXPECT_EQ(router.find(Method::kGet, "/objects/x/info").route->pattern, "/objects/{id}/info");
  EXPECT_TRUE(router.find(Method::kOptions, "/objects/x").any_origin);
  EXPECT_FALSE(router.find(Method::kOptions, "/objects").any_origin);
}

Response serve(const char* range, std::int64_t size, const char* name = "Range") {
  Request request;
  request.headers.add(name, range);
  Content content;
  content.stream.size_bytes = size;
  content.etag = "\"tag\"";
  content.media_type = "image/png";
  content.modified_at_ms = 784'111'777'000;
  return serve_content(request, std::move(content));
}

TEST(Range, AnswersAsTheStandardSays) {
  struct Case {
    const char* range;
    int status;
    std::int64_t first, length;
  };
  for (const Case& c : {Case{"bytes=0-0", 206, 0, 1}, Case{"bytes=5-", 206, 5, 5}, Case{"bytes=-3", 206, 7, 3},
                        Case{"bytes=2-100", 206, 2, 8}, Case{"bytes=-100", 206, 0, 10}, Case{"bytes=9-9", 206, 9, 1},
                        Case{"bytes=3-2", 200, 0, 10}, Case{"bytes=a-b", 200, 0, 10}, Case{"bytes=0-1,3-4", 200, 0, 10},
                        Case{"items=0-1", 200, 0, 10}, Case{"bytes=--1", 200, 0, 10}}) {
    const Response response = serve(c.range, 10);
    EXPECT_EQ(response.status, c.status) << c.range;
    const auto& stream = std::get<StreamBody>(response.body);
    EXPECT_EQ(stream.offset_bytes, c.first) << c.range;
    EXPECT_EQ(stream.size_bytes, c.length) << c.range;
  }
  for (const char* range : {"bytes=10-", "bytes=-0"}) EXPECT_EQ(serve(range, 10).status, 416) << range;
  EXPECT_EQ(serve("bytes=-1", 0).status, 416);
}

TEST(Range, ConditionsComeFirst) {
  EXPECT_EQ(serve("\"tag\"", 10, "If-None-Match").status, 304);
  EXPECT_EQ(serve("W/\"tag\"", 10, "If-None-Match").status, 304);
  EXPECT_EQ(serve("\"x\", \"tag\"", 10, "If-None-Match").status, 304);
  EXPECT_EQ(serve("\"other\"", 10, "If-None-Match").status, 200);
  EXPECT_EQ(serve("\"other\"", 10, "If-Match").status, 412);
  EXPECT_EQ(serve("*", 10, "If-Match").status, 200);
  EXPECT_EQ(serve("Sun, 06 Nov 1994 08:49:37 GMT", 10, "If-Modified-Since").status, 304);
}

// Remembers what it was given.
class Recorder final : public PartSink {
 public:
  Result<void> begin_part(PartHeader header) override {
    parts.push_back({std::move(header), {}});
    return {};
  }
  Result<void> part_bytes(std::string_view bytes) override {
    parts.back().second.append(bytes);
    return {};
  }
  Result<void> end_part() override {
    ++ended;
    return {};
  }
  std::vector<std::pair<PartHeader, std::string>> parts;
  std::size_t ended = 0;
};

Result<Recorder> parse(const std::string& body, std::size_t piece) {
  Recorder recorder;
  MultipartParser parser("b", recorder);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    if (auto fed = parser.feed(std::string_view(body).substr(at, piece)); !fed) return std::unexpected(fed.error());
  }
  if (auto finished = parser.finish(); !finished) return std::unexpected(finished.error());
  return recorder;
}

const std::string kForm =
    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".png\"\r\nContent-Type: "
    "image/png\r\n\r\n"
    "one\r\n--not\r\n-\r\n--b\r\nContent-Disposition: form-data; name=empty\r\n\r\n\r\n"
    "--b  \r\ncontent-disposition: form-data; name=\"x\"; filename=\"f\"; filename*=UTF-8''%e2%82%ac.png\r\n\r\ntwo\r\n"
    "--b--\r\nepilogue";

TEST(Multipart, AnyCutReadsTheSame) {
  for (std::size_t piece = 1; piece <= kForm.size(); ++piece) {
    const auto read = parse(kForm, piece);
    ASSERT_TRUE(read) << piece << read.error().message;
    ASSERT_EQ(read->parts.size(), 3U);
    EXPECT_EQ(read->ended, 3U);
    EXPECT_EQ(read->parts[0].first.file_name, "a \"b\".png");
    EXPECT_EQ(read->parts[0].first.media_type, "image/png");
    EXPECT_EQ(read->parts[0].second, "one\r\n--not\r\n-");
    EXPECT_EQ(read->parts[1].first.name, "empty");
    EXPECT_FALSE(read->parts[1].first.file_name);
    EXPECT_EQ(read->parts[1].second, "");
    EXPECT_EQ(read->parts[2].first.file_name, "\xe2\x82\xac.png");
    EXPECT_EQ(read->parts[2].second, "two");
  }
}

RC_GTEST_PROP(Multipart, ContentIsKeptWhateverItIs, (std::string content)) {
  const auto length = *rc::gen::inRange<std::size_t>(1, 64);
  if (content.find("\r\n--b") != std::string::npos) return;
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + content + "\r\n--b--\r\n";
  const auto read = parse(body, length);
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->parts.front().second == content);
}

TEST(Multipart, RefusesWhatIsCutOffOrMalformed) {
  EXPECT_FALSE(parse(kForm.substr(0, kForm.size() - 15), 7));
  EXPECT_FALSE(parse("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 7));
  EXPECT_FALSE(parse("--b\r\nno colon\r\n\r\nx\r\n--b--\r\n", 7));
  EXPECT_FALSE(parse("--bjunk\r\n\r\n", 7));
  EXPECT_FALSE(parse("--b\r\n" + std::string(10'000, 'x'), 512));
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"a b\"").value(), "a b");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=x; boundary=abc").value(), "abc");
  EXPECT_FALSE(multipart_boundary("multipart/form-data"));
  EXPECT_FALSE(multipart_boundary("multipart/form-data; boundary="));
  EXPECT_EQ(multipart_boundary("application/json").error().code, ErrorCode::kUnsupportedMediaType);
}

TEST(Request, CookiesAreFoundByTheirWholeName) {
  Request request;
  request.headers.add("Cookie", "xa=1; a=2;b=\"3\"");
  EXPECT_EQ(request.cookie("a"), "2");
  EXPECT_EQ(request.cookie("b"), "\"3\"");
  EXPECT_FALSE(request.cookie("c"));
}

}  // namespace
}  // namespace tintype::http
