#include "api/admin/routes.h"

#include "api/shared/authenticate.h"

namespace tintype::api::admin {

http::Route route(const Services& services, http::Method method, const char* pattern, Handle handle) {
  constexpr std::int64_t kBodyBytesMax = 16 * 1024;
  http::Route route{
      .method = method,
      .pattern = pattern,
      .handler = handler([&services, handle](http::Request& request) { return handle(services, request); }),
      .admit = admit_admin(services),
      .admit_place = admit_place(services)};
  if (method != http::Method::kGet) route.body = {http::BodyKind::kMemory, kBodyBytesMax};
  return route;
}

}  // namespace tintype::api::admin
