// What the routes of an account share.
#pragma once

#include "api/account/routes.h"
#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api::account {

// What every route is given.
struct Surface {
  const Services& services;
  AccountOptions options;
};

using Handle = Result<http::Response> (*)(const Surface&, const http::Request&);

// A route for signed-in users, in the pool. What API keys may do of it is said in api/shared/key_scopes.cpp.
void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle);
// The same of one that takes JSON.
void add_json_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern,
                    Handle handle);
// The same of a GET that reads the database alone.
void add_read_route(http::Router& router, const Surface& surface, const char* pattern, Handle handle);

// A whole number of the query that lies in these bounds.
Result<int> query_integer(const http::Request& request, const char* name, int min, int max, int fallback);

void add_profile_routes(http::Router& router, const Surface& surface);
void add_session_routes(http::Router& router, const Surface& surface);
void add_job_routes(http::Router& router, const Surface& surface);
void add_usage_routes(http::Router& router, const Surface& surface);
void add_suggestion_routes(http::Router& router, const Surface& surface);

}  // namespace tintype::api::account
