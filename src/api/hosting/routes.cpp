#include "api/hosting/routes.h"

#include "api/hosting/view.h"

namespace tintype::api {

void add_hosting_routes(http::Router& router, const Services& services, const HostingOptions& options) {
  const hosting::Surface surface{services, options};
  hosting::add_image_routes(router, surface);
  hosting::add_upload_routes(router, surface);
  hosting::add_companion_routes(router, surface);
  hosting::add_album_routes(router, surface);
  hosting::add_share_routes(router, surface);
  hosting::add_share_page_routes(router, surface);
  hosting::add_delivery_routes(router, surface);
  hosting::add_rendition_routes(router, surface);
  hosting::add_search_routes(router, surface);
  hosting::add_usage_routes(router, surface);
}

}  // namespace tintype::api
