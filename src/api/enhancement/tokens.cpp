// What a user has in tokens, and how it came about.
#include "api/enhancement/view.h"
#include "api/shared/authenticate.h"

namespace tintype::api::enhancement {

namespace {

Result<http::Response> balance(const Surface& surface, const http::Request& request) {
  const auto view = surface.services.wallets.view(principal_of(request).user_id);
  if (!view) return std::unexpected(view.error());
  return json_response(200, {{"success", true},
                             {"balance", view->balance},
                             {"reserved", view->reserved},
                             {"available", view->available},
                             {"maximum", view->maximum},
                             {"nextTokenAt", time_or_null(view->next_token_at_ms)}});
}

Result<http::Response> history(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto entries = surface.services.wallets.history(principal_of(request).user_id, *page);
  if (!entries) return std::unexpected(entries.error());
  return json_response(200, list_json("entries", std::move(*entries), limit, ledger_entry_json));
}

}  // namespace

void add_token_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  router.add({.method = http::Method::kGet,
              .pattern = "/api/tokens/balance",
              .handler = handler([surface](http::Request& request) { return balance(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/tokens/history",
              .handler = handler([surface](http::Request& request) { return history(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
}

}  // namespace tintype::api::enhancement
