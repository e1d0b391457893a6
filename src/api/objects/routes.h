// Serves the local object store's signed URLs: GET and HEAD /objects/{key}.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

// Checks a signed target ("/objects/...?...") and answers the key and how to deliver it; kForbidden when the
// signature does not hold or has expired. The local store implements it.
class SignedUrlVerifier {
 public:
  virtual ~SignedUrlVerifier() = default;
  struct Grant {
    std::string key;
    Delivery delivery;
  };
  virtual Result<Grant> verify(std::string_view target, UnixMs now_ms) const = 0;
};

void add_object_routes(http::Router& router, const Services& services, const SignedUrlVerifier& verifier);

}  // namespace tintype::api
