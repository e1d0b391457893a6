#include "adapters/egress/http_url.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "ports/egress.h"

namespace tintype::egress {
namespace {

TEST(HttpUrl, IsWrittenInOneWay) {
  const std::pair<const char*, const char*> urls[] = {
      {"http://example.com", "http://example.com/"},
      {"HTTP://EXAMPLE.Com:80/A?B#C", "http://example.com/A?B"},
      {"https://example.com:443", "https://example.com/"},
      {"https://example.com:8443/a/../b", "https://example.com:8443/a/../b"},
      {"http://example.com?a=b", "http://example.com/?a=b"},
      {"http://example.com#@evil.example", "http://example.com/"},
      {"http://example.com/?u=http://a:b@c/", "http://example.com/?u=http://a:b@c/"},
      {"http://8.8.8.8/", "http://8.8.8.8/"},
      {"http://[2606:4700:4700:0:0:0:0:1111]:8080/", "http://[2606:4700:4700::1111]:8080/"},
      {"http://my_bucket.s3-x.example.com/k", "http://my_bucket.s3-x.example.com/k"},
      {"https://b\xc3\xbc"
       "cher.example/",
       "https://xn--bcher-kva.example/"},
      {"https://example\xe3\x80\x82"
       "com/",
       "https://example.com/"},
      {"https://example.com/f\xc3\xb6\xc3\xb6 bar.jpg?x=[1]|\"",
       "https://example.com/f%C3%B6%C3%B6%20bar.jpg?x=[1]%7C%22"},
      {"https://example.com/100%", "https://example.com/100%"},
      {"http://1.2.3.4.example.com/", "http://1.2.3.4.example.com/"},
      {"http://0x7f.example/", "http://0x7f.example/"},
  };
  for (const auto& [text, expected] : urls) {
    const auto url = parse_http_url(text);
    ASSERT_TRUE(url) << text << ": " << url.error().message;
    EXPECT_EQ(url->text(), expected);
  }
}

TEST(HttpUrl, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> urls[] = {
      {"", "must begin with"},
      {"ftp://example.com/", "must begin with"},
      {"http:/example.com", "must begin with"},
      {" http://example.com", "must begin with"},
      {"http://", "no host"},
      {"http:///path", "no host"},
      {"http://:80/", "no host"},
      {"http://user@example.com/", "user name"},
      {"http://example.com:80@evil.example/", "user name"},
      {"http://example.com\\@evil.example/", "backslashes"},
      {"http://exam\tple.com/", "control"},
      {"http://example.com/\r\nX: y", "control"},
      {"http://example.com:/", "port"},
      {"http://example.com:0/", "Port 0"},
      {"http://example.com:65536/", "port"},
      {"http://example.com:+80/", "port"},
      {"http://example.com:25/", "Port 25"},
      {"http://example.com:80:80/", "port"},
      {"http://%65xample.com/", "percent"},
      {"http://example.com./", "dot"},
      {"http://example..com/", "domain name"},
      {"http://exa mple.com/", "domain name"},
      {"http://" + std::string(64, 'a') + ".com/", "domain name"},
      {"http://[::1", "IPv6"},
      {"http://[::1]x/", "IPv6"},
      {"http://[127.0.0.1]/", "IPv6"},
      {"http://[fe80::1%25eth0]/", "zone"},
      {"http://127.1/", "plain form"},
      {"http://example.com/" + std::string(kUrlBytesMax, 'a'), "longer"},
  };
  for (const auto& [text, words] : urls) {
    const auto url = parse_http_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kUrlNotAllowed);
    EXPECT_NE(url.error().message.find(words), std::string::npos) << text << ": " << url.error().message;
  }
}

TEST(HttpUrl, WhatIsReadIsReadAgainAsTheSame) {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{"http://",
                                                                 "https://",
                                                                 "example",
                                                                 "127",
                                                                 "0x7f",
                                                                 "0",
                                                                 "1",
                                                                 ".",
                                                                 ":",
                                                                 "80",
                                                                 "/",
                                                                 "?",
                                                                 "#",
                                                                 "@",
                                                                 "[",
                                                                 "]",
                                                                 "::",
                                                                 "%",
                                                                 "a",
                                                                 "A",
                                                                 "\\",
                                                                 " ",
                                                                 "\xc3\xbc",
                                                                 "\xef\xbc\x91",
                                                                 "\xe3\x80\x82",
                                                                 "com",
                                                                 "-",
                                                                 "_"});
  rc::check([&] {
    std::string text = *rc::gen::elementOf(std::vector<std::string>{"http://", "https://"});
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) text += part;
    const auto url = parse_http_url(text);
    if (!url) return;
    const auto again = parse_http_url(url->text());
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->text() == url->text());
    RC_ASSERT(again->host == url->host);
    RC_ASSERT(again->address == url->address);
  });
}

}  // namespace
}  // namespace tintype::egress
