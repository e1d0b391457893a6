// What completes a search that is being typed.
#include "api/account/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"

namespace tintype::api::account {

namespace {

constexpr int kSuggestionsDefault = 8;

Result<http::Response> suggest(const Surface& surface, const http::Request& request) {
  const auto limit = query_integer(request, "limit", 1, app::kSuggestionsMax, kSuggestionsDefault);
  if (!limit) return std::unexpected(limit.error());
  const std::string_view query = request.query_parameter("q").value_or("");
  const auto suggestions = surface.services.searches.suggest(principal_of(request).user_id, query, *limit);
  if (!suggestions) return std::unexpected(suggestions.error());
  JsonText list = JsonText::array();
  for (const Suggestion& one : *suggestions) {
    list.push_back({{"kind", suggestion_kind_name(one.kind)}, {"label", one.label}, {"query", one.query}});
  }
  return json_response(200, {{"suggestions", list}});
}

}  // namespace

void add_suggestion_routes(http::Router& router, const Surface& surface) {
  add_read_route(router, surface, "/api/account/suggestions", suggest);
}

}  // namespace tintype::api::account
