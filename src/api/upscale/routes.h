// The upscale surface: API keys, jobs by URL, their state, webhooks.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

struct UpscaleOptions {};

// `services` and everything in it outlive the router.
void add_upscale_routes(http::Router& router, const Services& services, const UpscaleOptions& options);

}  // namespace tintype::api
