// The local object store as clients of Amazon S3 know it: the bucket "objects" under /objects, path-style.
#pragma once

#include <cstdint>

#include "api/shared/services.h"
#include "http/router.h"
#include "ports/object_gateway.h"

namespace tintype::api {

// `body_bytes_max` bounds one PUT.
void add_object_routes(http::Router& router, const Services& services, ObjectGateway& gateway,
                       std::int64_t body_bytes_max);

}  // namespace tintype::api
