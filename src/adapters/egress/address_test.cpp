#include "adapters/egress/address.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tintype::egress {
namespace {

bool is_public(const std::string& text) {
  const auto address = Address::parse(text);
  EXPECT_TRUE(address) << text;
  return address && special_purpose(*address) == nullptr;
}

std::string dotted(std::uint32_t ipv4) {
  return std::to_string(ipv4 >> 24) + "." + std::to_string(ipv4 >> 16 & 255) + "." + std::to_string(ipv4 >> 8 & 255) +
         "." + std::to_string(ipv4 & 255);
}

TEST(Address, TheEndsOfEachBlockAreRefusedAndWhatLiesBesideIsNot) {
  struct Range {
    const char* before;  // nullptr: not public either
    const char* first;
    const char* last;
    const char* after;
  };
  const Range ranges[] = {
      {nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "255.255.255.255", nullptr},
      {nullptr, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
      {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
      {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
      {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", nullptr},
  };
  for (const Range& range : ranges) {
    EXPECT_FALSE(is_public(range.first)) << range.first;
    EXPECT_FALSE(is_public(range.last)) << range.last;
    EXPECT_TRUE(range.before == nullptr || is_public(range.before)) << range.before;
    EXPECT_TRUE(range.after == nullptr || is_public(range.after)) << range.after;
  }
}

TEST(Address, EachIsCalledWhatItIs) {
  const std::pair<const char*, const char*> meanings[] = {{"10.1.2.3", "RFC 1918"},
                                                          {"127.0.0.1", "RFC 1122"},
                                                          {"169.254.169.254", "RFC 3927"},
                                                          {"100.100.100.200", "RFC 6598"},
                                                          {"192.0.0.192", "RFC 6890"},
                                                          {"::1", "loopback"},
                                                          {"::", "unspecified"},
                                                          {"::127.0.0.1", "IPv4-compatible"},
                                                          {"::ffff:8.8.8.8", "IPv4-mapped"},
                                                          {"64:ff9b::a00:1", "NAT64"},
                                                          {"64:ff9b:1::1", "NAT64"},
                                                          {"2001:0:1::1", "Teredo"},
                                                          {"2002:7f00:1::", "6to4"},
                                                          {"fd00:ec2::254", "RFC 4193"},
                                                          {"fe80::1", "link-local"},
                                                          {"ff02::1", "multicast"},
                                                          {"5f00::1", "SRv6"},
                                                          {"100::1", "RFC 6666"},
                                                          {"::ffff:0:8.8.8.8", "IPv4-translated"}};
  for (const auto& [text, words] : meanings) {
    const char* meaning = special_purpose(*Address::parse(text));
    ASSERT_NE(meaning, nullptr) << text;
    EXPECT_NE(std::string(meaning).find(words), std::string::npos) << text << " is " << meaning;
  }
  for (const char* text : {"8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e",
                           "2620:4f:8000::1", "192.175.48.1"}) {
    EXPECT_TRUE(is_public(text)) << text;
  }
}

TEST(Address, WhateverEmbedsAnIpv4AddressIsRefused) {
  rc::check([](std::uint32_t ipv4) {
    for (const char* prefix : {"::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"}) {
      RC_ASSERT(!is_public(prefix + dotted(ipv4)));
    }
    std::array<char, 40> six_to_four{};
    std::snprintf(six_to_four.data(), six_to_four.size(), "2002:%x:%x::1", ipv4 >> 16, ipv4 & 0xffff);
    RC_ASSERT(!is_public(six_to_four.data()));
    RC_ASSERT(Address::parse("::ffff:" + dotted(ipv4))->unmapped() == *Address::parse(dotted(ipv4)));
  });
}

TEST(Address, IsReadAsItIsWritten) {
  rc::check([](std::uint32_t ipv4, std::array<std::uint8_t, 16> bytes) {
    const std::string text = dotted(ipv4);
    RC_ASSERT(Address::parse(text).has_value());
    RC_ASSERT(Address::parse(text)->text() == text);
    const Address ipv6{false, bytes};
    RC_ASSERT(Address::parse(ipv6.text()) == std::optional(ipv6));
  });
}

TEST(Address, OtherSpellingsAreNone) {
  for (const std::string text : {"",
                                 "1",
                                 "127.1",
                                 "127.0.1",
                                 "2130706433",
                                 "0x7f000001",
                                 "0x7f.0.0.1",
                                 "0177.0.0.1",
                                 "127.0.0.01",
                                 "127.0.0.1.",
                                 "127.0.0.256",
                                 "127.0.0.1 ",
                                 " 127.0.0.1",
                                 "127.0.0.1/8",
                                 "[::1]",
                                 "::1%eth0",
                                 ":::",
                                 "1:2:3:4:5:6:7:8:9",
                                 "::ffff:127.1",
                                 "localhost",
                                 "1234567890123456789012345678901234567890123456"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
  EXPECT_FALSE(Address::parse(std::string_view("127.0.0.1\0.example.com", 22)));
}

}  // namespace
}  // namespace tintype::egress
