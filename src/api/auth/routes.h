// Identity: the GoTrue-compatible subset under /auth/v1 and the NextAuth-compatible one under /api/auth.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

void add_gotrue_routes(http::Router& router, const Services& services);
void add_nextauth_routes(http::Router& router, const Services& services);

}  // namespace tintype::api
