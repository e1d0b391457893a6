// A URL that a user gave, read so strictly that nobody can read it otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/egress/address.h"
#include "base/error.h"

namespace tintype::egress {

struct HttpUrl {
  bool is_secure = false;
  std::string host;                // a name in lower-case ASCII without a dot at its end, or an address; no brackets
  std::optional<Address> address;  // when the host is one
  std::uint16_t port = 0;
  std::string target;  // path and query, in ASCII; begins with '/'

  std::string text() const;
};

// Takes http and https with a host, a port other than those that browsers refuse (Fetch, "port blocking"), path, query
// and fragment, which is dropped. Names may be international (UTS #46); what stands outside of RFC 3986 in path and
// query is percent-encoded, as browsers do. Refuses user names, backslashes, control characters, percent signs in a
// host, and every host that ends in a number but is no address in its plain form. kUrlNotAllowed.
Result<HttpUrl> parse_http_url(std::string_view text);

}  // namespace tintype::egress
