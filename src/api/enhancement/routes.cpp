#include "api/enhancement/routes.h"

#include "api/enhancement/view.h"

namespace tintype::api {

void add_enhancement_routes(http::Router& router, const Services& services, const EnhancementOptions& options) {
  const enhancement::Surface surface{services, options};
  enhancement::add_image_routes(router, surface);
  enhancement::add_job_routes(router, surface);
  enhancement::add_album_routes(router, surface);
  enhancement::add_token_routes(router, surface);
}

}  // namespace tintype::api
