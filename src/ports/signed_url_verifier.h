// Checks the signed URLs of a store whose objects this program serves itself.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "ports/object_store.h"

namespace tintype {

class SignedUrlVerifier {
 public:
  virtual ~SignedUrlVerifier() = default;
  struct Grant {
    std::string key;
    Delivery delivery;
  };
  // `target` is the request's path and query as they were sent. kForbidden when the signature does not hold or has
  // expired, or the query holds anything that was not signed.
  virtual Result<Grant> verify(std::string_view target, UnixMs now_ms) const = 0;
};

}  // namespace tintype
