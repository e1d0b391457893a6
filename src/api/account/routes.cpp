#include "api/account/routes.h"

#include "api/account/view.h"
#include "api/shared/authenticate.h"

namespace tintype::api {

namespace account {

namespace {

http::Route route(const Services& services, http::Method method, const char* pattern, Handle handle) {
  return {.method = method,
          .pattern = pattern,
          .handler = handler([&services, handle](http::Request& request) { return handle(services, request); }),
          .admit = admit_user(services),
          .admit_place = admit_place(services)};
}

}  // namespace

void add_route(http::Router& router, const Services& services, http::Method method, const char* pattern,
               Handle handle) {
  router.add(route(services, method, pattern, handle));
}

void add_json_route(http::Router& router, const Services& services, http::Method method, const char* pattern,
                    Handle handle) {
  constexpr std::int64_t kBodyBytesMax = 16 * 1024;
  http::Route made = route(services, method, pattern, handle);
  made.body = {http::BodyKind::kMemory, kBodyBytesMax};
  router.add(std::move(made));
}

void add_read_route(http::Router& router, const Services& services, const char* pattern, Handle handle) {
  http::Route made = route(services, http::Method::kGet, pattern, handle);
  made.place = services.read_place();
  router.add(std::move(made));
}

}  // namespace account

void add_account_routes(http::Router& router, const Services& services) {
  account::add_profile_routes(router, services);
  account::add_session_routes(router, services);
}

}  // namespace tintype::api
