// The last word on an address, should everything before it fail.
#include "adapters/egress/curl_request.h"

#include <gtest/gtest.h>

#include "support/http_server.h"

namespace tintype::egress {
namespace {

TEST(CurlRequest, ConnectsToNoAddressThatMayNotBe) {
  test::HttpServer inside([](test::Exchange& exchange) { exchange.send(test::kept_answer("200 OK", "secret")); });
  const Vetting vetting({});
  const RequestRules rules;
  const Address loopback = *Address::parse("127.0.0.1");
  // What nobody has vetted, what nobody has looked up, and an address as it stands.
  const std::tuple<const char*, std::vector<Address>, ErrorCode> unvetted[] = {
      {"pictures.example.com", {loopback}, ErrorCode::kUrlNotAllowed},
      {"localhost", {}, ErrorCode::kSourceUnreachable},
      {"127.0.0.1", {}, ErrorCode::kUrlNotAllowed}};
  for (const auto& [host, addresses, expected] : unvetted) {
    const Easy curl(curl_easy_init(), curl_easy_cleanup);
    const auto url = parse_http_url(inside.url_at(host));
    ASSERT_TRUE(url);
    const CurlRequest request(curl.get(), vetting, rules, *url, addresses, std::chrono::seconds(30));
    const CURLcode code = curl_easy_perform(curl.get());
    ASSERT_NE(code, CURLE_OK) << host;
    EXPECT_EQ(request.error_of(code).code, expected) << host;
  }
  EXPECT_EQ(inside.connections(), 0);
}

TEST(CurlRequest, HeaderLinesAreTakenApart) {
  EXPECT_EQ(value_of("Retry-After: 120 \r\n", "retry-after"), "120");
  EXPECT_EQ(value_of("LOCATION:/a:b\r\n", "location"), "/a:b");
  EXPECT_EQ(value_of("Location:\r\n", "location"), "");
  EXPECT_FALSE(value_of("X-Location: a", "location"));
  EXPECT_FALSE(value_of("HTTP/1.1 200 OK\r\n", "location"));
}

}  // namespace
}  // namespace tintype::egress
