#include "adapters/egress/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace tintype::egress {

namespace {

struct Block {
  const char* prefix;
  int bits;
  const char* meaning;
};

// The first that fits counts. Where a reachable block lies in one that is not (anycast services of 192.0.0.0/24 and
// 2001::/23), it is refused as well: none of them serves files or takes webhooks. What embeds an IPv4 address is
// refused whatever it embeds, as somebody else's translator decides where it leads.
constexpr Block kIpv4Blocks[] = {
    {"0.0.0.0", 8, "an address of this network (RFC 791)"},
    {"10.0.0.0", 8, "a private address (RFC 1918)"},
    {"100.64.0.0", 10, "a carrier's shared address (RFC 6598)"},
    {"127.0.0.0", 8, "a loopback address (RFC 1122)"},
    {"168.63.129.16", 32, "a cloud's own service, though the address is a public one"},
    {"169.254.0.0", 16, "a link-local address (RFC 3927)"},
    {"172.16.0.0", 12, "a private address (RFC 1918)"},
    {"192.0.0.0", 24, "an address of protocols (RFC 6890)"},
    {"192.0.2.0", 24, "an address for documentation (RFC 5737)"},
    {"192.88.99.0", 24, "a 6to4 relay (RFC 7526)"},
    {"192.168.0.0", 16, "a private address (RFC 1918)"},
    {"198.18.0.0", 15, "an address for benchmarks (RFC 2544)"},
    {"198.51.100.0", 24, "an address for documentation (RFC 5737)"},
    {"203.0.113.0", 24, "an address for documentation (RFC 5737)"},
    {"224.0.0.0", 4, "a multicast address (RFC 5771)"},
    {"240.0.0.0", 4, "a reserved address (RFC 1112)"},  // 255.255.255.255 (RFC 919) among them
};

constexpr Block kIpv6Blocks[] = {
    {"::", 128, "the unspecified address (RFC 4291)"},
    {"::1", 128, "the loopback address (RFC 4291)"},
    {"::", 96, "an IPv4-compatible address (RFC 4291)"},
    {"::ffff:0:0", 96, "an IPv4-mapped address (RFC 4291)"},
    {"::ffff:0:0:0", 96, "an IPv4-translated address (RFC 2765)"},
    {"64:ff9b::", 96, "an address of NAT64 (RFC 6052)"},
    {"64:ff9b:1::", 48, "an address of NAT64 (RFC 8215)"},
    {"100::", 64, "an address that discards (RFC 6666)"},
    {"100:0:0:1::", 64, "a dummy address (RFC 9780)"},
    {"2001::", 32, "an address of Teredo (RFC 4380)"},
    {"2001:2::", 48, "an address for benchmarks (RFC 5180)"},
    {"2001:10::", 28, "an address of ORCHID (RFC 4843)"},
    {"2001:20::", 28, "an address of ORCHIDv2 (RFC 7343)"},
    {"2001:30::", 28, "a drone's identity (RFC 9374)"},
    {"2001::", 23, "an address of protocols (RFC 2928)"},
    {"2001:db8::", 32, "an address for documentation (RFC 3849)"},
    {"2002::", 16, "an address of 6to4 (RFC 3056)"},
    {"3fff::", 20, "an address for documentation (RFC 9637)"},
    {"5f00::", 16, "a segment of SRv6 (RFC 9602)"},
    {"fc00::", 7, "a unique local address (RFC 4193)"},
    {"fe80::", 10, "a link-local address (RFC 4291)"},
    {"fec0::", 10, "a site-local address (RFC 3879)"},
    {"ff00::", 8, "a multicast address (RFC 4291)"},
};
constexpr Block kIpv6Global = {"2000::", 3, ""};

bool starts_with(const Address& address, const Address& prefix, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::ranges::equal(std::span(address.bytes).first(whole), std::span(prefix.bytes).first(whole))) return false;
  if (bits % 8 == 0) return true;
  const int unused = 8 - bits % 8;
  return address.bytes[whole] >> unused == prefix.bytes[whole] >> unused;
}

struct Parsed {
  explicit Parsed(const Block& block)
      : prefix(*Address::parse(block.prefix)), bits(block.bits), meaning(block.meaning) {}
  Address prefix;
  int bits;
  const char* meaning;
};

const char* find(std::span<const Parsed> blocks, const Address& address) {
  for (const Parsed& block : blocks) {
    if (starts_with(address, block.prefix, block.bits)) return block.meaning;
  }
  return nullptr;
}

std::vector<Parsed> parsed(std::span<const Block> blocks) {
  return {blocks.begin(), blocks.end()};
}

constexpr Address kMapped{false, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}};

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof copy || text.contains('\0')) return std::nullopt;
  text.copy(copy, text.size());
  Address address;
  // inet_pton takes just these spellings of IPv4, RFC 6943's "strict" form, leading zeros aside.
  if (::inet_pton(AF_INET, copy, address.bytes.data()) == 1) {
    return address.text() == text ? std::optional(address) : std::nullopt;
  }
  address = {.is_ipv4 = false};
  if (::inet_pton(AF_INET6, copy, address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::optional<Address> Address::of(const sockaddr* address) {
  Address read;
  if (address->sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, address, sizeof ipv4);
    std::memcpy(read.bytes.data(), &ipv4.sin_addr, sizeof ipv4.sin_addr);
    return read;
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, address, sizeof ipv6);
  read.is_ipv4 = false;
  std::memcpy(read.bytes.data(), &ipv6.sin6_addr, sizeof ipv6.sin6_addr);
  return read;
}

std::string Address::text() const {
  char out[INET6_ADDRSTRLEN];
  return ::inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes.data(), out, sizeof out);
}

Address Address::unmapped() const {
  if (is_ipv4 || !starts_with(*this, kMapped, 96)) return *this;
  Address ipv4;
  std::copy(bytes.begin() + 12, bytes.end(), ipv4.bytes.begin());
  return ipv4;
}

const char* special_purpose(const Address& address) {
  static const std::vector<Parsed> ipv4 = parsed(kIpv4Blocks);
  static const std::vector<Parsed> ipv6 = parsed(kIpv6Blocks);
  static const Parsed global(kIpv6Global);
  if (address.is_ipv4) return find(ipv4, address);
  if (const char* meaning = find(ipv6, address)) return meaning;
  // IANA gives out global unicast addresses from this block alone (RFC 4291, section 2.4).
  return starts_with(address, global.prefix, global.bits) ? nullptr : "an address that nobody was given (RFC 4291)";
}

}  // namespace tintype::egress
