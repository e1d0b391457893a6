// What may be asked, and what may be connected to.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/egress/address.h"
#include "adapters/egress/http_url.h"
#include "base/error.h"

namespace tintype::egress {

// Says what an address is that must not be connected to; nullptr where it may.
using AddressRule = std::function<const char*(const Address&)>;

struct VettingOptions {
  bool allow_private = false;  // lets every address and name pass but this server's own; for development
  AddressRule rule = special_purpose;
};

// Safe to use from many threads.
class Vetting {
 public:
  explicit Vetting(VettingOptions options) : options_(std::move(options)) {}

  // What this server itself is reached by. Only before anything is vetted.
  void set_own(std::string_view public_url, std::string_view listen_address, std::uint16_t listen_port);

  // Without a look-up. kUrlNotAllowed.
  Result<HttpUrl> url(std::string_view text) const;
  // All addresses that a URL's name has: one that may not be connected to refuses the URL. kUrlNotAllowed.
  Result<void> addresses(const HttpUrl& url, std::span<const Address> addresses) const;
  // The last word, on an address that is about to be connected to.
  bool may_connect(const Address& address, std::uint16_t port) const;

 private:
  bool is_own(const HttpUrl& url) const;
  bool is_own(const Address& address, std::uint16_t port) const;

  const VettingOptions options_;
  std::string own_host_;
  std::uint16_t own_port_ = 0;
  std::vector<Address> own_addresses_;
  std::uint16_t listen_port_ = 0;  // 0: nowhere
  bool listens_everywhere_ = false;
};

}  // namespace tintype::egress
