// Makes the URLs by which viewers fetch objects: the store's own, or those of a CDN in front of it.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "ports/object_store.h"

namespace tintype {

class UrlSigner {
 public:
  virtual ~UrlSigner() = default;
  // An absolute URL that anybody who has it can GET at least until it expires. Does no I/O. Thread-safe.
  virtual std::string object_url(std::string_view key, const Delivery& delivery) const = 0;
};

// Checks what a CDN that verifies nothing itself passes on to us, its origin.
class OriginVerifier {
 public:
  virtual ~OriginVerifier() = default;
  struct Grant {
    std::string key;
    Delivery delivery;
  };
  // `target` is the request's path and query as they were sent. kForbidden when the signature does not hold or has
  // expired.
  virtual Result<Grant> verify(std::string_view target, UnixMs now_ms) const = 0;
};

}  // namespace tintype
