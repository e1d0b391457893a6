// For whoever runs the server, under /api/admin: by the admin key or an admin's session.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

// `services` and everything in it outlive the router.
void add_queue_routes(http::Router& router, const Services& services);

}  // namespace tintype::api
