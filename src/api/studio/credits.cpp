// Credits, which are a user's tokens under the name that the surface has for them.
#include "api/shared/authenticate.h"
#include "api/studio/view.h"

namespace tintype::api::studio {

namespace {

Result<http::Response> balance(const Surface& surface, http::Request& request) {
  const auto view = surface.services.wallets.view(principal_of(request).user_id);
  if (!view) return std::unexpected(view.error());
  return json_response(200, {{"balance", view->balance}, {"reserved", view->reserved}, {"available", view->available}});
}

}  // namespace

void add_credit_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, http::Method::kGet, "/api/credits/balance", balance,
            {.place = surface.services.read_place()});
}

}  // namespace tintype::api::studio
