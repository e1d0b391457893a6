// The enhancement surface: images, enhancement jobs, albums, tokens.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

// The contract's rate-limit table, each per user and 15 minutes.
struct EnhancementLimits {
  RateLimit upload{30, 900'000};
  RateLimit batch_upload{30, 900'000};
  RateLimit enhance{50, 900'000};
  RateLimit parallel_enhance{50, 900'000};
  RateLimit move_to_album{50, 900'000};
  RateLimit get_image{100, 900'000};
};

struct EnhancementOptions {
  EnhancementLimits limits;
  std::int64_t url_seconds = 3'600;    // how long an image's URL lives at least
  std::int64_t wait_seconds_max = 60;  // of a long poll
};

// `services` and everything in it outlive the router.
void add_enhancement_routes(http::Router& router, const Services& services, const EnhancementOptions& options);

}  // namespace tintype::api
