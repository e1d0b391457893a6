#include "api/upscale/routes.h"

#include "api/upscale/view.h"

namespace tintype::api {

void add_upscale_routes(http::Router& router, const Services& services, const UpscaleOptions& options) {
  const upscale::Surface surface{services, options};
  upscale::add_submit_routes(router, surface);
  upscale::add_job_routes(router, surface);
  upscale::add_key_routes(router, surface);
  upscale::add_webhook_routes(router, surface);
}

}  // namespace tintype::api
