#include "adapters/egress/curl_egress.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>

#include "support/dns_server.h"
#include "support/http_server.h"
#include "support/test_folder.h"
#include "support/tls_server.h"

namespace tintype {
namespace {

namespace fs = std::filesystem;
using egress::Address;
using test::DnsAnswer;
using test::Exchange;
using test::HttpServer;
using test::kept_answer;

constexpr const char* kPublic = "127.0.0.2";  // what these tests take for an address that everybody can reach
constexpr const char* kAlsoPublic = "127.0.0.3";
constexpr const char* kPrivate = "127.0.0.1";

// Tests reach nothing outside, so a few addresses of this machine stand for it; all others are what they are.
const char* pretended_rule(const Address& address) {
  static const Address outside[] = {*Address::parse(kPublic), *Address::parse(kAlsoPublic)};
  return std::ranges::find(outside, address) == std::end(outside) ? egress::special_purpose(address) : nullptr;
}

void send_picture(Exchange& exchange) {
  exchange.send(kept_answer("200 OK", "picture"));
}

std::string at(const std::string& host, int port, const std::string& path = "/") {
  return "http://" + host + ":" + std::to_string(port) + path;
}

std::string redirect_to(const std::string& url) {
  return kept_answer("302 Found", "moved", "Location: " + url + "\r\n");
}

class CurlEgressTest : public testing::Test {
 protected:
  CurlEgressTest() {
    options_.vetting.rule = pretended_rule;
    options_.resolvers = dns_.address();
    // Tests that wait for one of these to be over set it; elsewhere none is over because the machine is slow.
    options_.connect_timeout = options_.fetch_timeout = options_.stall_timeout = std::chrono::minutes(10);
    dns_.tell("pictures.example.com", {{{kPublic}}});
    dns_.tell("more.example.com", {{{kAlsoPublic}}});
  }

  Result<FetchedFile> fetch(const std::string& url, std::int64_t size_bytes_max = 0) {
    CurlEgress egress(options_, clock_);
    return egress.fetch({url, path_, size_bytes_max}, cancel_);
  }
  ErrorCode refusal(const std::string& url) {
    const auto fetched = fetch(url);
    EXPECT_FALSE(fetched) << url;
    EXPECT_FALSE(fs::exists(path_)) << "after an error there is no file";
    return fetched ? ErrorCode::kInternal : fetched.error().code;
  }
  std::string file() const {
    std::ifstream stream(path_);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }

  test::DnsServer dns_;
  SystemClock clock_;
  TestFolder folder_;
  const fs::path path_ = folder_ / "fetched";
  std::atomic<bool> cancel_ = false;
  CurlEgressOptions options_;
};

// ---- What is refused as it stands

constexpr const char* kRefusedUrls[] = {
    // No http, or no URL.
    "file:///etc/passwd",
    "ftp://example.com/a.jpg",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict://127.0.0.1:11211/stats",
    "ldap://example.com/",
    "data:image/png;base64,AAAA",
    "jar:http://example.com!/",
    "javascript:alert(1)",
    "//example.com/",
    "example.com/a.jpg",
    "http:example.com",
    "http:/example.com",
    "http://",
    "http:///example.com",
    "https://?a=b",
    "",
    // Loopback, in every spelling.
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/admin",
    "http://127.127.127.127/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0x7F.0x0.0x0.0x1/",
    "http://0x7f.1/",
    "http://00000177.0.0.1/",
    "http://127.0.0.1./",
    "http://127.000.000.001/",
    "http://0/",
    "http://0.0.0.0/",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/",  // fullwidth digits
    "http://127\xe3\x80\x82"
    "0\xe3\x80\x82"
    "0\xe3\x80\x82"
    "1/",  // ideographic full stops
    "http://127\xef\xbc\x8e"
    "0\xef\xbc\x8e"
    "0\xef\xbc\x8e"
    "1/",                                                                                   // fullwidth full stops
    "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.\xe2\x93\xaa.\xe2\x93\xaa.\xe2\x91\xa0/",  // circled digits
    "http://"
    "\xe2\x93\x81\xe2\x93\x84\xe2\x92\xb8\xe2\x92\xb6\xe2\x93\x81\xe2\x92\xbd\xe2\x93\x84\xe2\x93\x88\xe2\x93\x89/",
    "http://local\xc2\xadhost/",  // a soft hyphen
    "http://localhost/",
    "http://LOCALHOST:3000/",
    "http://localhost./",
    "http://anything.localhost/",
    "http://localhost.localdomain/",
    "http://[::1]/",
    "http://[::1]:3000/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000::0001]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[::1%25lo]/",
    "http://[::1%lo]/",
    // What carries an IPv4 address inside.
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[64:ff9b:1::a00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    // Other networks than the Internet.
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.1.1/",
    "http://3232235777/",
    "http://100.64.0.1/",
    "http://169.254.1.1/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.7/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[100::1]/",
    "http://[4000::1]/",
    // Services of clouds.
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xA9FEA9FE/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://192.0.0.192/opc/v2/",
    "http://168.63.129.16/machine",
    // Names that mean something in every network of their own.
    "http://printer/",
    "http://postgres:5432/",
    "http://printer.local/",
    "http://db.internal/",
    "http://wiki.corp/",
    "http://router.home.arpa/",
    "http://nas.lan/",
    "http://hidden.onion/",
    "http://api.default.svc.cluster.local/",
    // Who is named is not who is asked.
    "http://ok.example.com@127.0.0.1/",
    "http://user:password@example.com/",
    "http://:@example.com/",
    "http://@example.com/",
    "http://example.com:80@127.0.0.1:81/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\.evil.example/",
    "http://example.com%00.evil.example/",
    "http://example.com%2f@evil.example/",
    "http://exam\nple.com/",
    "http://example.com\t/",
    " http://example.com/",
    "http://example.com /",
    "http://[example.com]/",
    "http://[::1]example.com/",
    "http://example.com:80:81/",
    "http://example.com:/",
    "http://example..com/",
    "http://.example.com/",
    "http://example.com.:80/",
    "http://1.2.3/",
    "http://1.2.3.4.5/",
    "http://1.2.3.0x4/",
    "http://256.256.256.256/",
    "http://example.0x/",
    // Ports of other protocols.
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:6667/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:-1/",
};

TEST_F(CurlEgressTest, TheTableOfUrlsIsRefusedWithoutALookUp) {
  static_assert(std::size(kRefusedUrls) >= 60);
  options_.vetting.rule = egress::special_purpose;
  CurlEgress egress(options_, clock_);
  for (const char* url : kRefusedUrls) {
    const auto vetted = egress.vet(url);
    ASSERT_FALSE(vetted) << url;
    EXPECT_EQ(vetted.error().code, ErrorCode::kUrlNotAllowed) << url;
    EXPECT_FALSE(vetted.error().message.empty());
    EXPECT_EQ(refusal(url), ErrorCode::kUrlNotAllowed) << url;
    std::promise<Result<PostResponse>> posted;
    egress.post({.url = url, .headers = {}, .body = "{}"},
                [&](Result<PostResponse> answer) { posted.set_value(std::move(answer)); });
    const auto answer = posted.get_future().get();
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().code, ErrorCode::kUrlNotAllowed) << url;
  }
  EXPECT_EQ(dns_.all_questions(), 0);
}

TEST_F(CurlEgressTest, UsualUrlsPass) {
  CurlEgress egress(options_, clock_);
  for (const char* url :
       {"https://example.com/image.jpg", "http://example.com:8080/a?b=c#d", "HTTPS://EXAMPLE.COM", "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/", "https://localhost.example.com/", "https://internal.example.com/",
        "https://b\xc3\xbc"
        "cher.example/"}) {
    const auto vetted = egress.vet(url);
    EXPECT_TRUE(vetted) << url << ": " << vetted.error().message;
  }
}

TEST_F(CurlEgressTest, ThisServerItselfIsRefused) {
  options_.vetting.allow_private = true;
  dns_.tell("here.example.com", {{{"127.0.0.1"}}});
  for (const char* listen : {"127.0.0.1", "0.0.0.0"}) {
    CurlEgress egress(options_, clock_);
    egress.set_own("https://tintype.example.com", listen, 3'000);
    for (const char* url : {"https://tintype.example.com/api", "http://TINTYPE.example.com/", "http://127.0.0.1:3000/",
                            "http://[::ffff:127.0.0.1]:3000/", "http://0.0.0.0:3000/"}) {
      EXPECT_FALSE(egress.vet(url)) << url << " where it listens on " << listen;
    }
    for (const char* url : {"https://tintype.example.com:8443/", "http://127.0.0.1:3001/", "http://10.0.0.1:3000/"}) {
      EXPECT_TRUE(egress.vet(url)) << url << " where it listens on " << listen;
    }
    for (const char* url : {"http://here.example.com:3000/", "http://localhost:3000/"}) {
      const auto fetched = egress.fetch({url, path_}, cancel_);
      ASSERT_FALSE(fetched);
      EXPECT_EQ(fetched.error().code, ErrorCode::kUrlNotAllowed) << url;
    }
  }
}

TEST_F(CurlEgressTest, PrivateAddressesMayBeAllowedAndNothingElse) {
  options_.vetting = {.allow_private = true};
  HttpServer server(send_picture);
  dns_.tell("inside.example.com", {{{kPrivate}}});
  for (const char* host : {"127.0.0.1", "localhost", "inside.example.com"}) {
    ASSERT_TRUE(fetch(server.url_at(host))) << host;
    EXPECT_EQ(file(), "picture");
  }
  fs::remove(path_);
  for (const std::string url : {"file:///etc/passwd", "http://a:b@127.0.0.1/", "http://127.1/", "http://2130706433/",
                                "http://127.0.0.1.:80/", "http://localhost\\@example.com/"}) {
    EXPECT_EQ(refusal(url), ErrorCode::kUrlNotAllowed) << url;
  }
}

// ---- What a name leads to

TEST_F(CurlEgressTest, NamesThatLeadInsideAreRefused) {
  int number = 0;
  for (const char* address :
       {"127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"}) {
    const std::string name = "host" + std::to_string(++number) + ".example.com";
    dns_.tell(name, {{{address}}});
    const auto fetched = fetch("http://" + name + "/");
    ASSERT_FALSE(fetched) << address;
    EXPECT_EQ(fetched.error().code, ErrorCode::kUrlNotAllowed) << address;
    EXPECT_EQ(fetched.error().message.find(address), std::string::npos) << "what is inside is not told";
    EXPECT_NE(fetched.error().cause.find(address), std::string::npos);
  }
}

TEST_F(CurlEgressTest, OnePrivateAddressAmongOthersRefusesAll) {
  HttpServer outside(send_picture, kPublic);
  HttpServer inside(send_picture, kPrivate, outside.port());
  int number = 0;
  for (const std::vector<std::string>& addresses : {std::vector<std::string>{kPublic, kPrivate},
                                                    {kPrivate, kPublic},
                                                    {kPublic, kAlsoPublic, "10.0.0.1"},
                                                    {kPublic, "::1"}}) {
    const std::string name = "mixed" + std::to_string(++number) + ".example.com";
    dns_.tell(name, {{addresses}});
    EXPECT_EQ(refusal(at(name, outside.port())), ErrorCode::kUrlNotAllowed) << name;
  }
  EXPECT_EQ(outside.connections(), 0);
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(CurlEgressTest, ARebindingNameIsLookedUpOnceAndItsOtherAddressNeverReached) {
  HttpServer outside(send_picture, kPublic);
  HttpServer inside([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "secret")); }, kPrivate,
                    outside.port());
  dns_.tell("rebinding.example.com", {{{kPublic}}, {{kPrivate}}});
  const std::string url = at("rebinding.example.com", outside.port());
  ASSERT_TRUE(fetch(url));
  EXPECT_EQ(file(), "picture");
  EXPECT_EQ(dns_.ipv4_questions("rebinding.example.com"), 1);
  EXPECT_EQ(dns_.ipv6_questions("rebinding.example.com"), 1);
  EXPECT_EQ(outside.heads().at(0).find("Host: rebinding.example.com:"), sizeof("GET / HTTP/1.1\r\n") - 1);
  fs::remove(path_);
  EXPECT_EQ(refusal(url), ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(dns_.ipv4_questions("rebinding.example.com"), 2);
  EXPECT_EQ(outside.connections(), 1);
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(CurlEgressTest, AnAddressThatDoesNotAnswerLeavesTheOthers) {
  HttpServer server(send_picture, kPublic);
  dns_.tell("two.example.com", {{{kAlsoPublic, kPublic}}});
  ASSERT_TRUE(fetch(at("two.example.com", server.port())));
  EXPECT_EQ(file(), "picture");
}

TEST_F(CurlEgressTest, UnknownAndSilentNamesAreOutOfReach) {
  EXPECT_EQ(refusal("http://nowhere.example.com/"), ErrorCode::kSourceUnreachable);
  dns_.keep_silent_about("silent.example.com");
  options_.connect_timeout = std::chrono::milliseconds(100);
  EXPECT_EQ(refusal("http://silent.example.com/"), ErrorCode::kSourceUnreachable);
  options_.connect_timeout = std::chrono::minutes(10);
  options_.fetch_timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(refusal("http://silent.example.com/"), ErrorCode::kDeadlineExceeded);
}

TEST_F(CurlEgressTest, ResolversThatCannotBeReadAreSaid) {
  options_.resolvers = "no address";
  const auto checked = CurlEgress::check(options_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(checked.error().message.find("egress.resolvers"), std::string::npos);
}

// ---- What comes

TEST_F(CurlEgressTest, AFileComesAsItIs) {
  const std::string bytes(300'000, 'x');
  HttpServer server([&](Exchange& exchange) { exchange.send(kept_answer("200 OK", bytes)); }, kPublic);
  std::ofstream(path_) << "what was here before";
  const auto fetched = fetch(at("pictures.example.com", server.port(), "/a b?c=d"));
  ASSERT_TRUE(fetched) << fetched.error().message << fetched.error().cause;
  EXPECT_EQ(fetched->size_bytes, 300'000);
  EXPECT_EQ(file(), bytes);
  EXPECT_EQ(server.heads().at(0), "GET /a%20b?c=d HTTP/1.1\r\nHost: pictures.example.com:" +
                                      std::to_string(server.port()) + "\r\nUser-Agent: tintype\r\nAccept: */*\r\n\r\n");
}

TEST_F(CurlEgressTest, AnEmptyFileIsAFile) {
  HttpServer server([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "")); }, kPublic);
  const auto fetched = fetch(server.url());
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->size_bytes, 0);
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(CurlEgressTest, ALinkIsNotWrittenThrough) {
  HttpServer server(send_picture, kPublic);
  std::ofstream(folder_ / "elsewhere") << "mine";
  fs::create_symlink("elsewhere", path_);
  EXPECT_FALSE(fetch(server.url()));
  std::ifstream stream(folder_ / "elsewhere");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "mine");
}

TEST_F(CurlEgressTest, OnlyOneAnswerIsTheFile) {
  for (const char* status : {"204 No Content", "206 Partial Content", "300 Multiple Choices", "304 Not Modified",
                             "302 Found", "401 Unauthorized", "404 Not Found", "500 Internal Server Error"}) {
    HttpServer server(
        [&](Exchange& exchange) {
          exchange.send(kept_answer(status, ""));
          exchange.close();
        },
        kPublic);
    EXPECT_EQ(refusal(server.url()), ErrorCode::kSourceUnreachable) << status;
  }
  HttpServer server([](Exchange& exchange) { exchange.send(kept_answer("403 Forbidden", "a page")); }, kPublic);
  const auto fetched = fetch(server.url());
  ASSERT_FALSE(fetched);
  EXPECT_NE(fetched.error().message.find("403"), std::string::npos) << fetched.error().message;
}

TEST_F(CurlEgressTest, NothingLargerIsTaken) {
  HttpServer told([](Exchange& exchange) { exchange.send(kept_answer("200 OK", std::string(1'000, 'x'))); }, kPublic);
  EXPECT_TRUE(fetch(told.url(), 1'000));
  EXPECT_EQ(fetch(told.url(), 999).error().code, ErrorCode::kFileTooLarge);
  options_.fetch_bytes_max = 999;
  EXPECT_EQ(fetch(told.url(), 1'000).error().code, ErrorCode::kFileTooLarge) << "no request raises what is configured";
  EXPECT_EQ(fetch(told.url()).error().code, ErrorCode::kFileTooLarge);
  fs::remove(path_);

  // The length alone is enough.
  HttpServer head(
      [](Exchange& exchange) {
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx");
        exchange.wait_for_end();
      },
      kPublic);
  EXPECT_EQ(refusal(head.url()), ErrorCode::kFileTooLarge);
  // Nobody says it before.
  for (const char* framing : {"Connection: close\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n100000\r\n"}) {
    HttpServer endless(
        [&](Exchange& exchange) {
          exchange.send(std::string("HTTP/1.1 200 OK\r\n") + framing + std::string(100'000, 'x'));
          exchange.wait_for_end();
        },
        kPublic);
    EXPECT_EQ(refusal(endless.url()), ErrorCode::kFileTooLarge) << framing;
  }
}

TEST_F(CurlEgressTest, WhatIsCutOffIsNoFile) {
  for (const char* framing : {"Content-Length: 1000\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
    HttpServer server(
        [&](Exchange& exchange) {
          exchange.send(std::string("HTTP/1.1 200 OK\r\n") + framing);
          exchange.close();
        },
        kPublic);
    EXPECT_EQ(refusal(server.url()), ErrorCode::kSourceUnreachable) << framing;
  }
  HttpServer mute([](Exchange& exchange) { exchange.close(); }, kPublic);
  EXPECT_EQ(refusal(mute.url()), ErrorCode::kSourceUnreachable);
}

TEST_F(CurlEgressTest, WhatStallsOrDripsIsGivenUp) {
  HttpServer stalling(
      [](Exchange& exchange) {
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
        exchange.wait_for_end();
      },
      kPublic);
  options_.stall_timeout = std::chrono::milliseconds(200);
  EXPECT_EQ(refusal(stalling.url()), ErrorCode::kDeadlineExceeded);

  HttpServer dripping(
      [](Exchange& exchange) {
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (!exchange.ends_within(std::chrono::milliseconds(10))) exchange.send("x");
      },
      kPublic);
  options_.stall_timeout = std::chrono::minutes(10);
  options_.fetch_timeout = std::chrono::milliseconds(300);
  ErrorCode code = ErrorCode::kSourceUnreachable;
  // Over before it connects, where the machine is slow.
  while (code == ErrorCode::kSourceUnreachable) code = refusal(dripping.url());
  EXPECT_EQ(code, ErrorCode::kDeadlineExceeded);
}

TEST_F(CurlEgressTest, WhoDoesNotTakeConnectionsIsOutOfReach) {
  const test::Bound deaf = test::bind_to(kPublic, 0);
  EXPECT_EQ(refusal(at(kPublic, deaf.port)), ErrorCode::kSourceUnreachable);
  // A full queue takes no more, and says nothing.
  ::listen(deaf.socket, 0);
  std::vector<int> waiting;
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::inet_addr(kPublic);
    address.sin_port = htons(static_cast<std::uint16_t>(deaf.port));
    ::connect(waiting.back(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  options_.connect_timeout = std::chrono::milliseconds(200);
  EXPECT_EQ(refusal(at(kPublic, deaf.port)), ErrorCode::kSourceUnreachable);
  for (const int socket : waiting) ::close(socket);
  ::close(deaf.socket);
}

TEST_F(CurlEgressTest, AFetchCanBeCancelled) {
  std::promise<void> asked;
  HttpServer server(
      [&](Exchange& exchange) {
        exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
        asked.set_value();
        exchange.wait_for_end();
      },
      kPublic);
  auto fetched = std::async(std::launch::async, [&] { return fetch(server.url()); });
  asked.get_future().wait();
  cancel_ = true;
  const auto answer = fetched.get();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(path_));
  dns_.keep_silent_about("silent.example.com");
  EXPECT_EQ(refusal("http://silent.example.com/"), ErrorCode::kCancelled);
}

TEST_F(CurlEgressTest, ProxyVariablesAreIgnored) {
  HttpServer proxy([](Exchange& exchange) { exchange.send(kept_answer("200 OK", "from the proxy")); }, kPrivate);
  HttpServer server(send_picture, kPublic);
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) {
    ::setenv(name, proxy.url().c_str(), 1);
  }
  const auto fetched = fetch(at("pictures.example.com", server.port()));
  for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(file(), "picture");
  EXPECT_EQ(proxy.connections(), 0);
}

// ---- Redirects

TEST_F(CurlEgressTest, ARedirectLeadsToAnotherName) {
  HttpServer target(send_picture, kAlsoPublic);
  for (const char* status :
       {"301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"}) {
    HttpServer server(
        [&](Exchange& exchange) {
          exchange.send(
              kept_answer(status, "moved",
                          "Set-Cookie: a=b\r\nLocation: " + at("more.example.com", target.port(), "/there") + "\r\n"));
        },
        kPublic);
    const auto fetched = fetch(at("pictures.example.com", server.port()));
    ASSERT_TRUE(fetched) << status << fetched.error().message;
    EXPECT_EQ(file(), "picture");
  }
  EXPECT_EQ(target.heads().at(0), "GET /there HTTP/1.1\r\nHost: more.example.com:" + std::to_string(target.port()) +
                                      "\r\nUser-Agent: tintype\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(dns_.ipv4_questions("pictures.example.com"), 5);
  EXPECT_EQ(dns_.ipv4_questions("more.example.com"), 5);
}

TEST_F(CurlEgressTest, RelativeRedirectsAndSoMany) {
  HttpServer server(
      [](Exchange& exchange) {
        const std::string path = exchange.head.substr(4, exchange.head.find(' ', 4) - 4);
        if (path == "/a/done") return exchange.send(kept_answer("200 OK", "picture"));
        if (path == "/a/3") return exchange.send(redirect_to("2"));
        if (path == "/a/2") return exchange.send(redirect_to("/a/1"));
        exchange.send(redirect_to(path == "/a/1" ? "./done" : "/a/3"));
      },
      kPublic);
  ASSERT_TRUE(fetch(server.url("/a/3")));
  EXPECT_EQ(file(), "picture");
  fs::remove(path_);
  EXPECT_EQ(refusal(server.url("/a/4")), ErrorCode::kSourceUnreachable) << "four are too many";
  options_.redirects_max = 0;
  EXPECT_EQ(refusal(server.url("/a/1")), ErrorCode::kSourceUnreachable);
}

TEST_F(CurlEgressTest, RedirectsInsideAreRefused) {
  HttpServer inside(send_picture, kPrivate);
  dns_.tell("inside.example.com", {{{kPrivate}}});
  dns_.tell("mixed.example.com", {{{kPublic, kPrivate}}});
  for (const std::string& location :
       {inside.url(), at("inside.example.com", inside.port()), at("mixed.example.com", inside.port()),
        at("localhost", inside.port()), at("2130706433", inside.port()), at("[::1]", inside.port()),
        "//127.0.0.1:" + std::to_string(inside.port()) + "/", std::string("file:///etc/passwd"),
        std::string("gopher://127.0.0.1:6379/_"), std::string("http://a:b@more.example.com/"),
        std::string("http://127.0.0.1\\@more.example.com/"), std::string("http://169.254.169.254/latest/")}) {
    HttpServer server([&](Exchange& exchange) { exchange.send(redirect_to(location)); }, kPublic);
    EXPECT_EQ(refusal(at("pictures.example.com", server.port())), ErrorCode::kUrlNotAllowed) << location;
  }
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(CurlEgressTest, ANameThatRebindsBetweenRedirectsIsRefused) {
  HttpServer outside([](Exchange& exchange) { exchange.send(redirect_to("/again")); }, kPublic);
  HttpServer inside(send_picture, kPrivate, outside.port());
  dns_.tell("rebinding.example.com", {{{kPublic}}, {{kPrivate}}});
  EXPECT_EQ(refusal(at("rebinding.example.com", outside.port())), ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(dns_.ipv4_questions("rebinding.example.com"), 2);
  EXPECT_EQ(outside.connections(), 1);
  EXPECT_EQ(inside.connections(), 0);
}

// ---- TLS

TEST_F(CurlEgressTest, CertificatesAreHeldAgainstTheNameAndTheAuthorities) {
  test::TlsServer server("secure.example.com", kPublic, kept_answer("200 OK", "picture"));
  dns_.tell("secure.example.com", {{{kPublic}}});
  const std::string port = ":" + std::to_string(server.port()) + "/file";
  EXPECT_EQ(refusal("https://secure.example.com" + port), ErrorCode::kSourceUnreachable) << "nobody signed it";
  options_.ca_file = server.certificate();
  const auto fetched = fetch("https://secure.example.com" + port);
  ASSERT_TRUE(fetched) << fetched.error().message << fetched.error().cause;
  EXPECT_EQ(file(), "picture");
  fs::remove(path_);
  EXPECT_EQ(refusal("https://pictures.example.com" + port), ErrorCode::kSourceUnreachable) << "another name";
  EXPECT_EQ(refusal("https://127.0.0.2" + port), ErrorCode::kSourceUnreachable) << "an address is no name";
}

TEST_F(CurlEgressTest, FromHttpsNothingLeadsBackToHttp) {
  HttpServer target(send_picture, kAlsoPublic);
  test::TlsServer server("secure.example.com", kPublic, redirect_to(at("more.example.com", target.port())));
  dns_.tell("secure.example.com", {{{kPublic}}});
  options_.ca_file = server.certificate();
  EXPECT_EQ(refusal("https://secure.example.com:" + std::to_string(server.port()) + "/file"),
            ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(target.connections(), 0);
}

}  // namespace
}  // namespace tintype
