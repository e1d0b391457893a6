// The account of whoever calls: who he is, his password and sessions, his jobs over all surfaces, what he uses and what
// is left to him, and what completes his searches. Errors as the hosting surface spells them.
#pragma once

#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"
#include "ports/rate_limiter.h"

namespace tintype::api {

// A bucket of the limiter in which a user is counted, or the address that he comes from.
struct CountedLimit {
  std::string bucket;
  RateLimit limit;
  bool by_address = false;
};

struct AccountOptions {
  std::vector<CountedLimit> limits;
  std::int64_t url_seconds = 3'600;  // how long the URL of a job's result lives
};

void add_account_routes(http::Router& router, const Services& services, const AccountOptions& options);

}  // namespace tintype::api
