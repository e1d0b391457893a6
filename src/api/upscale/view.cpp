#include "api/upscale/view.h"

#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"

namespace tintype::api::upscale {

void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options) {
  const Services& services = surface.services;
  router.add({.method = method,
              .pattern = pattern,
              .handler = handler([surface, handle](http::Request& request) { return handle(surface, request); }),
              .body = options.body,
              .place = options.place,
              .admit = options.admit ? std::move(options.admit) : admit_user(services),
              .admit_place = admit_place(services)});
}

http::Response data_response(const http::Request& request, int status, std::string_view data) {
  std::string body = "{\"success\":true,\"data\":";
  body.append(data).append(",\"meta\":").append(upscale_meta(request).text()).append("}");
  return http::text_response(status, std::move(body), kJsonMediaType);
}

}  // namespace tintype::api::upscale
