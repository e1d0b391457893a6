// What the routes of an account share.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api::account {

using Handle = Result<http::Response> (*)(const Services&, const http::Request&);

// A route for signed-in users, in the pool. What API keys may do of it is said in api/shared/key_scopes.cpp.
void add_route(http::Router& router, const Services& services, http::Method method, const char* pattern, Handle handle);
// The same of one that takes JSON.
void add_json_route(http::Router& router, const Services& services, http::Method method, const char* pattern,
                    Handle handle);
// The same of a GET that reads the database alone.
void add_read_route(http::Router& router, const Services& services, const char* pattern, Handle handle);

void add_profile_routes(http::Router& router, const Services& services);
void add_session_routes(http::Router& router, const Services& services);

}  // namespace tintype::api::account
