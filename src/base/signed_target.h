// Paths with a query that we sign and later recognise: HMAC-SHA256 (RFC 2104) over the whole target as it is sent,
//   /path?name=value&expires=SECONDS&signature=BASE64URL
// so that nothing in it can be changed, added, repeated, left out or written another way. A target stands for one use:
// its methods are not in the signature.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace tintype {

struct SignedTarget {
  std::string path;  // unreserved characters and '/'
  std::vector<std::pair<std::string, std::string>> parameters;
  UnixMs expires_at_ms = 0;  // in whole seconds

  std::string_view parameter(std::string_view name) const;  // empty when there is none
};

class TargetSigner {
 public:
  // Newest first, one at least: the first signs, all are accepted, so that a key can be changed while its URLs live.
  explicit TargetSigner(std::vector<std::string> keys);

  std::string sign(const SignedTarget& target) const;
  // Reads a target as it was sent; nothing when no key has signed it or its time is over. Takes the same time for any
  // wrong signature of the right length.
  std::optional<SignedTarget> verify(std::string_view target, UnixMs now_ms) const;

 private:
  std::vector<std::string> keys_;
};

// When a URL that lives `seconds` at least ends: on a full minute, so that one thing has one URL for a while and caches
// know it again.
UnixMs expiry_on_a_minute(UnixMs now_ms, std::int64_t seconds);

}  // namespace tintype
