// The hosting surface: images, resumable uploads, delivery, albums, shares, search.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

struct HostingOptions {
  std::int64_t view_url_seconds = 300;  // how long the URL of a view or download lives
};

// `services` and everything in it outlive the router.
void add_hosting_routes(http::Router& router, const Services& services, const HostingOptions& options);

}  // namespace tintype::api
