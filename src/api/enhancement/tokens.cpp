// What a user has in tokens, and how it came about.
#include <algorithm>
#include <ranges>

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

// The kinds of a query, separated by commas, each once; none where there is no such parameter.
Result<std::vector<LedgerKind>> kinds_of(const http::Request& request) {
  std::vector<LedgerKind> kinds;
  const auto text = request.query_parameter("kind");
  if (!text) return kinds;
  for (const auto part : std::views::split(*text, ',')) {
    const auto kind = parse_ledger_kind(std::string(part.begin(), part.end()));
    if (!kind) {
      return fail(ErrorCode::kInvalidInput, "kind is a list of kinds of entries, separated by commas",
                  "There are: initial, regeneration, capture, grant, removal, purchase, reversal");
    }
    if (std::ranges::find(kinds, *kind) == kinds.end()) kinds.push_back(*kind);
  }
  return kinds;
}

Result<http::Response> history(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  const auto kinds = kinds_of(request);
  if (!kinds) return std::unexpected(kinds.error());
  auto entries = surface.services.wallets.history(principal_of(request).user_id, *kinds, *page);
  if (!entries) return std::unexpected(entries.error());
  return json_response(200, list_json("entries", std::move(*entries), limit, ledger_entry_json));
}

Result<http::Response> prices(const Surface& surface, const http::Request&) {
  JsonText tiers = JsonText::array();
  for (const Tier tier : {Tier::k1K, Tier::k2K, Tier::k4K}) {
    tiers.push_back(JsonText{{"tier", tier_name(tier)},
                             {"longestSide", tier_longest_side_px(tier)},
                             {"tokens", price_of(tier, surface.services.submissions.prices())}});
  }
  return json_response(200, {{"success", true}, {"tiers", tiers}});
}

}  // namespace

void add_token_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  const auto read = [&](const char* pattern, Result<http::Response> (*handle)(const Surface&, const http::Request&)) {
    router.add({.method = http::Method::kGet,
                .pattern = pattern,
                .handler = handler([surface, handle](http::Request& request) { return handle(surface, request); }),
                .place = services.read_place(),
                .admit = admit_user(services),
                .admit_place = admit_place(services)});
  };
  read("/api/tokens/balance", balance);
  read("/api/tokens/history", history);
  read("/api/tokens/prices", prices);
}

}  // namespace tintype::api::enhancement
