// The account of whoever calls: who he is, his password and sessions, his jobs over all surfaces, what he uses and what
// is left to him. Errors as the hosting surface spells them.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

void add_account_routes(http::Router& router, const Services& services);

}  // namespace tintype::api
