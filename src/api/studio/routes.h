// The studio surface: operations on pictures and words, credits.
#pragma once

#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"
#include "ports/rate_limiter.h"

namespace tintype::api {

// The contract's table. Reads of a job's state have a bucket of their own, as the contract's clients ask every two
// seconds.
struct StudioLimits {
  RateLimit per_address{30, 60'000};
  RateLimit status_per_address{120, 60'000};
  RateLimit operations{10, 60'000};  // submits, per user
  RateLimit previews{120, 60'000};   // likewise
};

struct StudioOptions {
  StudioLimits limits;
  std::int64_t url_seconds = 3'600;              // how long the URL of a result lives
  std::int64_t wait_seconds_max = 60;            // of a long poll
  std::int64_t data_url_bytes_max = 8LL << 20;   // of a picture in a data URL
  std::int64_t upload_url_seconds = 24 * 3'600;  // how long a batch's uploadUrl lives
  int files_max = 100;                           // of one upload
  std::vector<std::string> url_keys;             // that sign uploadUrls, newest first
  std::vector<std::string> stripe_secrets;       // of the endpoint that tells of payments; empty: none are taken
};

// `services` and everything in it outlive the router.
void add_studio_routes(http::Router& router, const Services& services, const StudioOptions& options);

}  // namespace tintype::api
