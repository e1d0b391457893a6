#include "api/hosting/routes.h"

#include "api/hosting/view.h"

namespace tintype::api {

void add_hosting_routes(http::Router& router, const Services& services, const HostingOptions& options) {
  hosting::add_usage_routes(router, {services, options});
}

}  // namespace tintype::api
