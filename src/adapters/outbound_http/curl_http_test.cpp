#include "adapters/outbound_http/curl_http.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <latch>
#include <string>

#include "support/http_server.h"
#include "support/test_folder.h"

namespace tintype {
namespace {

using test::answer;
using test::bind_to_a_free_port;
using test::Bound;
using Server = test::OneAnswerServer;
using test::url_of;

Result<OutboundResponse> get(const std::string& url, std::int64_t body_bytes_max = 1'000,
                             std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
  CurlHttp http;
  return http.get_trusted({url, body_bytes_max, timeout});
}

TEST(CurlHttp, AnswersStatusAndBody) {
  Server server(answer("200 OK", "{\"keys\":[]}"));
  const auto response = get(server.url("/jwks.json?a=b"));
  ASSERT_TRUE(response) << response.error().cause;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "{\"keys\":[]}");
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_TRUE(server.requests()[0].starts_with("GET /jwks.json?a=b HTTP/1.1\r\n"));
}

TEST(CurlHttp, AnErrorStatusIsAnAnswer) {
  Server server(answer("404 Not Found", "nothing here"));
  const auto response = get(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "nothing here");
}

TEST(CurlHttp, RedirectsAreNotFollowed) {
  Server target(answer("200 OK", "secret"));
  Server server(answer("302 Found", "", "Location: " + target.url() + "\r\n"));
  const auto response = get(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_TRUE(target.requests().empty());
}

TEST(CurlHttp, BodiesAreCapped) {
  Server exact(answer("200 OK", std::string(1'000, 'x')));
  const auto whole = get(exact.url());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->body.size(), 1'000U);

  Server over(answer("200 OK", std::string(1'001, 'x')));
  EXPECT_FALSE(get(over.url()));

  // A length that is told only as it comes.
  Server endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5'000'000, 'x'));
  EXPECT_FALSE(get(endless.url()));
}

TEST(CurlHttp, HalfABodyIsNoAnswer) {
  Server server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf");
  EXPECT_FALSE(get(server.url()));
}

TEST(CurlHttp, AServerThatNeverAnswersIsGivenUp) {
  Server server("");
  EXPECT_FALSE(get(server.url(), 1'000, std::chrono::milliseconds(50)));
  EXPECT_FALSE(get(server.url(), 1'000, std::chrono::milliseconds(0))) << "no time at all is not all the time";
}

TEST(CurlHttp, NobodyThereIsAnErrorWithItsCause) {
  const Bound deaf = bind_to_a_free_port();
  const std::string url = url_of(deaf.port, "/");
  const auto response = get(url);
  ::close(deaf.socket);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kInternal);
  EXPECT_NE(response.error().cause.find(url), std::string::npos);
}

TEST(CurlHttp, OnlyHttpIsSpoken) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/", ""}) {
    EXPECT_FALSE(get(url)) << url;
  }
}

TEST(CurlHttp, ProxyVariablesAreIgnored) {
  Server proxy(answer("200 OK", "from the proxy"));
  Server server(answer("200 OK", "from the server"));
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("all_proxy", proxy.url().c_str(), 1);
  const auto response = get(server.url());
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "from the server");
  EXPECT_TRUE(proxy.requests().empty());
}

const std::atomic<bool> kNotCancelled{false};

Result<OutboundResponse> call(OutboundCall call, const std::atomic<bool>& cancel = kNotCancelled) {
  CurlHttp http;
  return http.call_trusted(call, cancel);
}

TEST(CurlHttpCall, PostsExactBytesAndHeaders) {
  const std::string sent = "{\"prompt\":\"a\\u0000b\"}" + std::string(1, '\0') + std::string(2'000'000, 'x');
  std::string heard;
  test::HttpServer server([&](test::Exchange& exchange) {
    heard = exchange.body;
    exchange.send(test::kept_answer("201 Created", "made"));
  });
  const auto response =
      call({.url = server.url("/v1/images?a=b"), .headers = {{"Authorization", "Bearer k"}}, .body = sent});
  ASSERT_TRUE(response) << response.error().cause;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "made");
  EXPECT_FALSE(response->retry_after);
  EXPECT_EQ(heard, sent);
  const std::string head = server.heads().front();
  EXPECT_TRUE(head.starts_with("POST /v1/images?a=b HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("Authorization: Bearer k\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("Expect:"), std::string::npos) << head;
}

TEST(CurlHttpCall, AFormCarriesWordsAndFiles) {
  const TestFolder folder;
  std::ofstream(folder / "picture", std::ios::binary) << "PNG" << '\0' << "bytes";
  std::string heard;
  test::HttpServer server([&](test::Exchange& exchange) {
    heard = exchange.body;
    exchange.send(test::kept_answer("200 OK", ""));
  });
  ASSERT_TRUE(call({.url = server.url(),
                    .form = {{"prompt", "ring\r\n--x", {}, {}}, {"image", {}, folder / "picture", "image/png"}}}));
  EXPECT_NE(server.heads().front().find("Content-Type: multipart/form-data; boundary="), std::string::npos);
  EXPECT_NE(heard.find("name=\"prompt\"\r\n\r\nring\r\n--x\r\n"), std::string::npos) << heard;
  EXPECT_NE(heard.find("name=\"image\"; filename=\"picture\"\r\nContent-Type: image/png\r\n\r\n" +
                       std::string("PNG\0bytes", 9)),
            std::string::npos)
      << heard;
}

TEST(CurlHttpCall, SaysWhenToComeBack) {
  test::HttpServer server([](test::Exchange& exchange) {
    exchange.send(test::kept_answer("429 Too Many Requests", "{}", "Retry-After: 7\r\n"));
  });
  const auto response = call({.url = server.url(), .body = "{}"});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(response->retry_after, std::chrono::seconds(7));
}

TEST(CurlHttpCall, ACancelEndsAHangingCall) {
  std::atomic<bool> cancel{false};
  std::latch heard(1);
  test::HttpServer server([&](test::Exchange& exchange) {
    heard.count_down();
    exchange.wait_for_end();
    exchange.close();
  });
  std::thread canceller([&] {
    heard.wait();
    cancel = true;
  });
  const auto response = call({.url = server.url(), .body = "{}"}, cancel);
  canceller.join();
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kCancelled);
}

TEST(CurlHttpCall, FailuresAreToldApart) {
  const Bound deaf = bind_to_a_free_port();
  const auto nobody = call({.url = url_of(deaf.port, "/"), .headers = {{"Authorization", "Bearer secret"}}});
  ::close(deaf.socket);
  EXPECT_EQ(nobody.error().code, ErrorCode::kSourceUnreachable);
  EXPECT_EQ(nobody.error().cause.find("secret"), std::string::npos);
  const auto with_password = call({.url = "http://me:secret@127.0.0.1:1/a"});
  EXPECT_EQ(with_password.error().cause.find("secret"), std::string::npos) << with_password.error().cause;
  Server hangs("");
  EXPECT_EQ(call({.url = hangs.url(), .timeout = std::chrono::milliseconds(50)}).error().code,
            ErrorCode::kDeadlineExceeded);
  Server large(answer("200 OK", std::string(1'001, 'x')));
  EXPECT_EQ(call({.url = large.url(), .answer_bytes_max = 1'000}).error().code, ErrorCode::kFileTooLarge);
  Server half("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf");
  EXPECT_EQ(call({.is_post = false, .url = half.url()}).error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace tintype
