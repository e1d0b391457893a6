// For whoever runs the server, under /api/admin: by the admin key or an admin's session.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

// `services` and everything in it outlive the router.
void add_queue_routes(http::Router& router, const Services& services);
void add_administration_routes(http::Router& router, const Services& services);

namespace admin {

using Handle = Result<http::Response> (*)(const Services&, http::Request&);

// An operators' route; a POST or PATCH reads a small body.
http::Route route(const Services& services, http::Method method, const char* pattern, Handle handle);

}  // namespace admin

}  // namespace tintype::api
