#include "api/admin/routes.h"

#include "api/shared/authenticate.h"

namespace tintype::api::admin {

http::Route route(const Services& services, http::Method method, const char* pattern, Handle handle) {
  constexpr std::int64_t kBodyBytesMax = 16 * 1024;
  http::Route route{.method = method,
                    .pattern = pattern,
                    .handler = handler([&services, handle = std::move(handle)](http::Request& request) {
                      return handle(services, request);
                    }),
                    .admit = admit_admin(services),
                    .admit_place = admit_place(services)};
  const bool has_body = method != http::Method::kGet && method != http::Method::kDelete;
  if (has_body) route.body = {http::BodyKind::kMemory, kBodyBytesMax};
  return route;
}

}  // namespace tintype::api::admin
