// Credits, which are a user's tokens under the name that the surface has for them.
#include "api/shared/authenticate.h"
#include "api/shared/ledger_view.h"
#include "api/shared/paging.h"
#include "api/studio/view.h"

namespace tintype::api::studio {

namespace {

Result<http::Response> balance(const Surface& surface, http::Request& request) {
  const auto view = surface.services.wallets.view(principal_of(request).user_id);
  if (!view) return std::unexpected(view.error());
  return json_response(200, {{"balance", view->balance}, {"reserved", view->reserved}, {"available", view->available}});
}

Result<http::Response> history(const Surface& surface, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto entries = surface.services.wallets.history(principal_of(request).user_id, {}, *page);
  if (!entries) return std::unexpected(entries.error());
  const auto next = cut_to(*entries, limit);
  JsonText items = JsonText::array();
  for (const LedgerEntry& entry : *entries) items.push_back(ledger_entry_json(entry));
  return json_response(200, {{"entries", items}, {"nextCursor", next}});
}

}  // namespace

void add_credit_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, http::Method::kGet, "/api/credits/balance", balance,
            {.place = surface.services.read_place()});
  add_route(router, surface, http::Method::kGet, "/api/credits/history", history,
            {.place = surface.services.read_place()});
}

}  // namespace tintype::api::studio
