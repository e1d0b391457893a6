// An IP address, and what IANA has set it aside for.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tintype::egress {

struct Address {
  bool is_ipv4 = true;
  std::array<std::uint8_t, 16> bytes{};  // in network order; of IPv4 the first four

  // "192.0.2.1" in four decimal numbers without leading zeros, or IPv6 (RFC 4291, section 2.2) without a zone. Every
  // other spelling that systems take for an address is none here.
  static std::optional<Address> parse(std::string_view text);
  static std::optional<Address> of(const sockaddr* address);  // nothing for other families

  std::string text() const;  // RFC 5952 for IPv6
  // The IPv4 address inside of ::ffff:0:0/96, which the system connects to; any other as it is.
  Address unmapped() const;
  bool operator==(const Address&) const = default;
};

// What an address is that IANA does not list as globally reachable, e.g. "a private address (RFC 1918)"; nullptr for
// those that anybody can reach. By the registries of special-purpose addresses (RFC 6890) of IPv4 and IPv6.
const char* special_purpose(const Address& address);

}  // namespace tintype::egress
