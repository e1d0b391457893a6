// GET /v1/usage: what the caller stores, and how much his plan holds.
#include "api/hosting/view.h"
#include "api/shared/authenticate.h"

namespace tintype::api::hosting {

namespace {

Result<http::Response> get_usage(const Surface& surface, const http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto usage = surface.services.storage.usage(principal.user_id);
  if (!usage) return std::unexpected(usage.error());
  const StorageQuota quota = surface.services.storage.quota_of(principal.plan);
  return json_response(200, {{"plan", principal.plan},
                             {"storage", {{"used_bytes", usage->bytes}, {"max_bytes", quota.bytes_max}}},
                             {"images", {{"used", usage->images}, {"max", quota.images_max}}}});
}

}  // namespace

void add_usage_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, http::Method::kGet, "/v1/usage", get_usage, {.place = surface.services.read_place()});
}

}  // namespace tintype::api::hosting
