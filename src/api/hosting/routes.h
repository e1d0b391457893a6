// The hosting surface: images, resumable uploads, delivery, albums, shares, search.
#pragma once

#include <string>

#include "api/shared/services.h"
#include "http/router.h"
#include "ports/rate_limiter.h"
#include "ports/url_signer.h"

namespace tintype::api {

struct HostingOptions {
  std::int64_t view_url_seconds = 300;     // how long the URL of a view or download lives
  bool serves_objects = true;              // the store's objects come from this program, not from a host of their own
  const OriginVerifier* origin = nullptr;  // of a CDN that takes this program for its origin; null: none does
  std::string secret;                      // signs what a visitor's browser remembers of a share
  RateLimit renditions_made{300, 60'000};  // for one address; 0: as many as it likes
  std::int64_t wait_seconds_max = 60;      // of a long poll
};

// `services` and everything in it outlive the router.
void add_hosting_routes(http::Router& router, const Services& services, const HostingOptions& options);

}  // namespace tintype::api
