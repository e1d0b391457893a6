// Posts through CurlEgress.
#include "adapters/egress/poster.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>
#include <latch>

#include "adapters/egress/curl_egress.h"
#include "support/dns_server.h"
#include "support/http_server.h"

namespace tintype {
namespace {

using egress::Address;
using test::Exchange;
using test::HttpServer;
using test::kept_answer;
using namespace std::chrono_literals;

constexpr const char* kPublic = "127.0.0.2";  // what these tests take for an address that everybody can reach
constexpr const char* kPrivate = "127.0.0.1";

const char* pretended_rule(const Address& address) {
  static const Address outside = *Address::parse(kPublic);
  return address == outside ? nullptr : egress::special_purpose(address);
}

// Where nobody waits for time to be over: none is because the machine is slow.
constexpr auto kPatience = 10min;

class FixedClock final : public Clock {
 public:
  UnixMs now_ms() const override { return 784'111'777'000; }  // Sun, 06 Nov 1994 08:49:37 GMT
};

class PosterTest : public testing::Test {
 protected:
  PosterTest() {
    options_.vetting.rule = pretended_rule;
    options_.resolvers = dns_.address();
    options_.connect_timeout = kPatience;
  }
  void open() { egress_ = std::make_unique<CurlEgress>(options_, clock_); }
  std::future<Result<PostResponse>> start(PostRequest request) {
    if (!egress_) open();
    auto promise = std::make_shared<std::promise<Result<PostResponse>>>();
    egress_->post(std::move(request),
                  [promise](Result<PostResponse> answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  Result<PostResponse> post(const std::string& url, const std::string& body = "{}") {
    return start({.url = url, .headers = {}, .body = body, .timeout = kPatience}).get();
  }
  ErrorCode refusal(PostRequest request) {
    const auto answer = start(std::move(request)).get();
    EXPECT_FALSE(answer);
    return answer ? ErrorCode::kInternal : answer.error().code;
  }

  test::DnsServer dns_;
  FixedClock clock_;
  CurlEgressOptions options_;
  std::unique_ptr<CurlEgress> egress_;
};

TEST_F(PosterTest, SendsExactlyTheseBytesAndHeaders) {
  std::string body(100'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7);
  std::promise<std::string> received;
  HttpServer server(
      [&](Exchange& exchange) {
        received.set_value(exchange.body);
        exchange.send(kept_answer("200 OK", "thanks"));
      },
      kPublic);
  dns_.tell("hooks.example.com", {{{kPublic}}});
  const auto answer =
      start({.url = server.url_at("hooks.example.com", "/in?a=b"),
             .headers = {{"Content-Type", "application/json"}, {"X-Webhook-Signature", "ab"}, {"X-Empty", ""}},
             .body = body})
          .get();
  ASSERT_TRUE(answer) << answer.error().message << answer.error().cause;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "thanks");
  EXPECT_FALSE(answer->retry_after);
  EXPECT_EQ(received.get_future().get(), body);
  EXPECT_EQ(server.heads().at(0), "POST /in?a=b HTTP/1.1\r\nHost: hooks.example.com:" + std::to_string(server.port()) +
                                      "\r\nUser-Agent: tintype\r\nContent-Type: application/json\r\n"
                                      "X-Webhook-Signature: ab\r\nX-Empty:\r\nContent-Length: 100000\r\n\r\n");
}

TEST_F(PosterTest, EveryStatusIsAnAnswerAndNoRedirectIsFollowed) {
  HttpServer target([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "")); }, kPublic);
  for (const char* status : {"204 No Content", "301 Moved Permanently", "307 Temporary Redirect", "404 Not Found",
                             "410 Gone", "500 Internal Server Error"}) {
    HttpServer server(
        [&](Exchange& exchange) {
          exchange.send(std::string("HTTP/1.1 ") + status + "\r\nLocation: " + target.url() +
                        (std::string_view(status).starts_with("204") ? "\r\n\r\n" : "\r\nContent-Length: 0\r\n\r\n"));
        },
        kPublic);
    const auto answer = post(server.url());
    ASSERT_TRUE(answer) << status << answer.error().cause;
    EXPECT_EQ(answer->status, std::atoi(status));
  }
  EXPECT_EQ(target.connections(), 0);
}

TEST_F(PosterTest, RetryAfterIsSecondsOrADate) {
  const std::pair<const char*, std::optional<std::int64_t>> values[] = {{"120", 120},
                                                                        {"0", 0},
                                                                        {"-5", 0},
                                                                        {"Sun, 06 Nov 1994 08:59:37 GMT", 600},
                                                                        {"Sun, 06 Nov 1994 08:00:00 GMT", 0},
                                                                        {"99999999999999999999", std::nullopt},
                                                                        {"soon", std::nullopt},
                                                                        {"", std::nullopt},
                                                                        {"9999999999", 30 * 24 * 3'600}};
  for (const auto& [value, seconds] : values) {
    HttpServer server(
        [&](Exchange& exchange) {
          exchange.send(kept_answer("503 Service Unavailable", "", std::string("Retry-After: ") + value + "\r\n"));
        },
        kPublic);
    const auto answer = post(server.url());
    ASSERT_TRUE(answer);
    const auto& after = answer->retry_after;
    EXPECT_EQ(after ? std::optional(std::int64_t{after->count()}) : std::nullopt, seconds) << value;
  }
}

TEST_F(PosterTest, KeepsTheBeginningOfAnAnswer) {
  const std::string exact(kPostAnswerBytesMax, 'x');
  HttpServer server([&](Exchange& exchange) { exchange.send(kept_answer("200 OK", exact + exchange.body)); }, kPublic);
  EXPECT_EQ(post(server.url(), "")->body, exact);
  const auto longer = post(server.url(), std::string(1'000'000, 'y'));
  ASSERT_TRUE(longer) << longer.error().cause;
  EXPECT_EQ(longer->status, 200);
  EXPECT_EQ(longer->body, exact);
  HttpServer endless(
      [](Exchange& exchange) {
        exchange.send("HTTP/1.1 200 OK\r\n\r\n");
        while (!exchange.ends_within(std::chrono::milliseconds(0))) exchange.send(std::string(10'000, 'x'));
        exchange.close();
      },
      kPublic);
  const auto some = post(endless.url());
  ASSERT_TRUE(some);
  EXPECT_EQ(some->body.size(), kPostAnswerBytesMax);
}

TEST_F(PosterTest, HeadersThatWouldChangeTheMessageAreRefused) {
  HttpServer server([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "")); }, kPublic);
  const std::pair<std::string, std::string> headers[] = {{"Host", "inside.example.com"},
                                                         {"CONTENT-LENGTH", "1"},
                                                         {"Transfer-Encoding", "chunked"},
                                                         {"Expect", "100-continue"},
                                                         {"Connection", "close"},
                                                         {"", "x"},
                                                         {"X Y", "x"},
                                                         {"X:", "x"},
                                                         {"X-A", "a\r\nX-B: b"},
                                                         {"X-A", std::string("a\0b", 3)}};
  for (const auto& header : headers) {
    EXPECT_EQ(refusal({.url = server.url(), .headers = {header}, .body = "{}"}), ErrorCode::kInvalidInput)
        << header.first;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(PosterTest, NamesAreVettedAtEachDelivery) {
  HttpServer outside([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "")); }, kPublic);
  HttpServer inside([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "")); }, kPrivate, outside.port());
  dns_.tell("rebinding.example.com", {{{kPublic}}, {{kPrivate}}});
  dns_.tell("mixed.example.com", {{{kPublic, kPrivate}}});
  const std::string url = outside.url_at("rebinding.example.com");
  ASSERT_TRUE(post(url));
  EXPECT_EQ(dns_.ipv4_questions("rebinding.example.com"), 1);
  // Even though the connection to the first address is still there.
  EXPECT_EQ(refusal({.url = url, .headers = {}, .body = "{}"}), ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(dns_.ipv4_questions("rebinding.example.com"), 2);
  EXPECT_EQ(refusal({.url = outside.url_at("mixed.example.com"), .headers = {}, .body = "{}"}),
            ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(refusal({.url = inside.url(), .headers = {}, .body = "{}"}), ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(PosterTest, ManySharePatientlyOneLookUpAndFewConnections) {
  constexpr int kPosts = 2'000;
  constexpr int kAtOnce = 20;
  std::atomic<int> received = 0;
  HttpServer server(
      [&](Exchange& exchange) {
        ++received;
        exchange.send(kept_answer("200 OK", ""));
      },
      kPublic);
  dns_.tell("hooks.example.com", {{{kPublic}, 60}});
  open();
  std::atomic<int> left = kPosts - kAtOnce;
  std::atomic<int> good = 0;
  std::latch all(kPosts);
  const std::string url = server.url_at("hooks.example.com");
  std::function<void()> next = [&] {
    egress_->post({.url = url, .headers = {}, .body = "{}", .timeout = kPatience}, [&](const auto& answer) {
      if (answer && answer->status == 200) ++good;
      if (left.fetch_sub(1) > 0) next();
      all.count_down();
    });
  };
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < kAtOnce; ++i) next();
  all.wait();
  EXPECT_EQ(good, kPosts);
  EXPECT_EQ(received, kPosts);
  // A name is kept for half a minute, and a slow machine may take longer.
  EXPECT_LE(dns_.ipv4_questions("hooks.example.com"), 1 + (std::chrono::steady_clock::now() - began) / 30s);
  EXPECT_LE(server.connections(), kAtOnce);
}

TEST_F(PosterTest, MoreThanConfiguredIsSaidAtOnce) {
  options_.posts_max = 2;
  std::latch asked(2);
  std::promise<void> go_on;
  std::shared_future<void> may_go_on = go_on.get_future().share();
  HttpServer server(
      [&](Exchange& exchange) {
        asked.count_down();
        may_go_on.wait();
        exchange.send(kept_answer("200 OK", ""));
      },
      kPublic);
  auto first = start({.url = server.url(), .headers = {}, .body = "{}"});
  auto second = start({.url = server.url(), .headers = {}, .body = "{}"});
  asked.wait();
  EXPECT_EQ(refusal({.url = server.url(), .headers = {}, .body = "{}"}), ErrorCode::kOverloaded);
  go_on.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

TEST_F(PosterTest, WhoDoesNotAnswerIsGivenUp) {
  HttpServer server([](Exchange& exchange) { exchange.wait_for_end(); }, kPublic);
  const auto impatient = [&] { return refusal({.url = server.url(), .headers = {}, .body = "{}", .timeout = 100ms}); };
  ErrorCode code = ErrorCode::kSourceUnreachable;
  // Over before it connects, where the machine is slow.
  while (code == ErrorCode::kSourceUnreachable) code = impatient();
  EXPECT_EQ(code, ErrorCode::kDeadlineExceeded);
  dns_.keep_silent_about("silent.example.com");
  const auto first = start({.url = "http://silent.example.com/", .headers = {}, .body = "{}", .timeout = kPatience});
  dns_.wait_for_question("silent.example.com");
  EXPECT_EQ(refusal({.url = "http://silent.example.com/", .headers = {}, .body = "{}", .timeout = 100ms}),
            ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(dns_.ipv4_questions("silent.example.com"), 1) << "the second waits for what the first has asked";
  EXPECT_EQ(refusal({.url = "http://nowhere.example.com/", .headers = {}, .body = "{}"}),
            ErrorCode::kSourceUnreachable);
  const test::Bound deaf = test::bind_to(kPublic, 0);
  EXPECT_EQ(refusal({.url = "http://127.0.0.2:" + std::to_string(deaf.port), .headers = {}, .body = "{}"}),
            ErrorCode::kSourceUnreachable);
  ::close(deaf.socket);
}

TEST_F(PosterTest, WhatIsUnderWayWhenItGoesIsCancelledOnce) {
  std::latch asked(1);
  HttpServer server(
      [&](Exchange& exchange) {
        asked.count_down();
        exchange.wait_for_end();
      },
      kPublic);
  dns_.keep_silent_about("silent.example.com");
  std::atomic<int> calls = 0;
  std::atomic<int> cancelled = 0;
  open();
  const auto count = [&](const Result<PostResponse>& answer) {
    ++calls;
    if (!answer && answer.error().code == ErrorCode::kCancelled) ++cancelled;
  };
  egress_->post({.url = server.url(), .headers = {}, .body = "{}"}, count);
  asked.wait();
  egress_->post({.url = "http://silent.example.com/", .headers = {}, .body = "{}"}, count);
  egress_->post({.url = server.url(), .headers = {}, .body = "{}"}, count);
  egress_.reset();
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(cancelled, 3);
}

TEST_F(PosterTest, DoneIsNeverCalledInsideOfPost) {
  open();
  std::promise<std::thread::id> called;
  egress_->post({.url = "http://localhost/", .headers = {}, .body = "{}"},
                [&](const Result<PostResponse>&) { called.set_value(std::this_thread::get_id()); });
  EXPECT_NE(called.get_future().get(), std::this_thread::get_id());
}

TEST_F(PosterTest, ProxyVariablesAreIgnored) {
  HttpServer proxy([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "from the proxy")); }, kPublic);
  HttpServer server([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "from the server")); }, kPublic);
  for (const char* name : {"http_proxy", "all_proxy"}) ::setenv(name, proxy.url().c_str(), 1);
  const auto answer = post(server.url());
  for (const char* name : {"http_proxy", "all_proxy"}) ::unsetenv(name);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "from the server");
  EXPECT_EQ(proxy.connections(), 0);
}

}  // namespace
}  // namespace tintype
