// Serves the local object store's signed URLs: GET and HEAD /objects/{key}.
#pragma once

#include "api/shared/services.h"
#include "http/router.h"
#include "ports/signed_url_verifier.h"

namespace tintype::api {

void add_object_routes(http::Router& router, const Services& services, const SignedUrlVerifier& verifier);

}  // namespace tintype::api
