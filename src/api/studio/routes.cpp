#include "api/studio/routes.h"

#include "api/studio/view.h"

namespace tintype::api {

void add_studio_routes(http::Router& router, const Services& services, const StudioOptions& options) {
  const studio::Surface surface{services, options};
  studio::add_submit_routes(router, surface);
  studio::add_job_routes(router, surface);
  studio::add_operation_routes(router, surface);
  studio::add_credit_routes(router, surface);
}

}  // namespace tintype::api
