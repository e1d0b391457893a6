// The upscale surface: API keys, jobs by URL, their state, webhooks.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

struct UpscaleOptions {
  std::int64_t url_seconds = 3'600;    // how long the URL of a result lives
  std::int64_t wait_seconds_max = 60;  // of a long poll
};

// `services` and everything in it outlive the router.
void add_upscale_routes(http::Router& router, const Services& services, const UpscaleOptions& options);

}  // namespace tintype::api
