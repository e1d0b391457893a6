// The local object store as clients of Amazon S3 know it: the bucket "objects" under /objects, path-style.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "http/router.h"
#include "ports/object_gateway.h"
#include "ports/object_store.h"

namespace tintype::api {

// What the operations work with; all of it outlives the server.
struct ObjectSurface {
  ObjectStore& store;
  ObjectGateway& gateway;  // the same store's
  const Clock& clock;
  Random& random;
  const std::string& public_url;           // no trailing slash
  std::int64_t put_bytes_max = 5LL << 30;  // one PUT
};

void add_object_routes(http::Router& router, const ObjectSurface& surface);

}  // namespace tintype::api
