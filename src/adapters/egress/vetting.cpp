#include "adapters/egress/vetting.h"

#include <ifaddrs.h>

#include <algorithm>
#include <memory>

namespace tintype::egress {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

// Names, and all below them, that mean something else in every network: RFC 6761, RFC 6762 with its appendix G,
// RFC 7686, RFC 8375, RFC 9476, and "internal" as ICANN has set it aside (2024).
constexpr std::string_view kInternalNames[] = {"localhost", "localdomain", "local", "internal", "intranet",
                                               "private",   "corp",        "home",  "lan",      "home.arpa",
                                               "test",      "invalid",     "onion", "alt"};

std::unexpected<Error> refused(std::string sentence, std::string cause = {}) {
  return fail(ErrorCode::kUrlNotAllowed, std::move(sentence), {}, std::move(cause));
}

bool is_internal(std::string_view name) {
  return !name.contains('.') || std::ranges::any_of(kInternalNames, [&](std::string_view internal) {
    return name == internal || (name.ends_with(internal) && name[name.size() - internal.size() - 1] == '.');
  });
}

bool is_unspecified(const Address& address) {
  return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

const Address& loopback_of(const Address& family) {
  static const Address ipv4 = *Address::parse("127.0.0.1");
  static const Address ipv6 = *Address::parse("::1");
  return family.is_ipv4 ? ipv4 : ipv6;
}

bool is_loopback(const Address& address) {
  return address.is_ipv4 ? address.bytes[0] == 127 : address == loopback_of(address);
}

std::vector<Address> addresses_of_this_machine() {
  std::vector<Address> found;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return found;
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owned(list, ::freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    const auto address = entry->ifa_addr == nullptr ? std::nullopt : Address::of(entry->ifa_addr);
    if (address) found.push_back(*address);
  }
  return found;
}

bool is_usual(std::uint16_t port) {
  return port == kHttpPort || port == kHttpsPort;
}

}  // namespace

void Vetting::set_own(std::string_view public_url, std::string_view listen_address, std::uint16_t listen_port) {
  if (const auto own = parse_http_url(public_url)) {
    own_host_ = own->host;
    own_port_ = own->port;
  }
  const auto listening = Address::parse(listen_address);
  if (!listening) return;
  listen_port_ = listen_port;
  listens_everywhere_ = is_unspecified(*listening);
  own_addresses_ = listens_everywhere_ ? addresses_of_this_machine() : std::vector{listening->unmapped()};
}

Result<HttpUrl> Vetting::url(std::string_view text) const {
  auto url = parse_http_url(text);
  if (!url) return url;
  if (is_own(*url)) return refused("The URL leads to this server itself");
  if (url->address) {
    const char* meaning = options_.allow_private ? nullptr : options_.rule(*url->address);
    if (meaning != nullptr) return refused("The URL's host is " + std::string(meaning) + ", not a public one");
    if (is_own(*url->address, url->port)) return refused("The URL leads to this server itself");
  } else if (!options_.allow_private && is_internal(url->host)) {
    return refused("The URL's host is the name of something internal, not a public one");
  }
  return url;
}

Result<void> Vetting::addresses(const HttpUrl& url, std::span<const Address> addresses) const {
  for (const Address& address : addresses) {
    if (may_connect(address, url.port)) continue;
    // What an inner name server knows is not the user's to learn.
    return refused("The URL's host does not lead to public addresses alone", url.host + " has " + address.text());
  }
  return {};
}

bool Vetting::may_connect(const Address& address, std::uint16_t port) const {
  return (options_.allow_private || options_.rule(address) == nullptr) && !is_own(address, port);
}

bool Vetting::is_own(const HttpUrl& url) const {
  return url.host == own_host_ && (url.port == own_port_ || (is_usual(url.port) && is_usual(own_port_)));
}

bool Vetting::is_own(const Address& address, std::uint16_t port) const {
  if (port != listen_port_) return false;
  // The system takes the unspecified address for its loopback one.
  const Address plain = address.unmapped();
  const Address& reached = is_unspecified(plain) ? loopback_of(plain) : plain;
  return (listens_everywhere_ && is_loopback(reached)) ||
         std::ranges::find(own_addresses_, reached) != own_addresses_.end();
}

}  // namespace tintype::egress
