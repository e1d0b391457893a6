// Where one is signed in.
#include "api/account/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"

namespace tintype::api::account {

namespace {

Result<http::Response> list_sessions(const Surface& surface, const http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto sessions = surface.services.accounts.sessions(principal);
  if (!sessions) return std::unexpected(sessions.error());
  JsonText list = JsonText::array();
  for (const Session& session : *sessions) {
    list.push_back({{"id", session.id},
                    {"created_at_ms", session.created_at_ms},
                    {"last_used_at_ms", session.last_used_at_ms},
                    {"expires_at_ms", session.expires_at_ms},
                    {"user_agent", null_or(session.caller.user_agent)},
                    {"remote_address", null_or(session.caller.remote_address)},
                    {"current", session.id == principal.session_id}});
  }
  return json_response(200, {{"sessions", list}});
}

Result<http::Response> end_session(const Surface& surface, const http::Request& request) {
  const auto ended = surface.services.accounts.end_session(principal_of(request), request.path_parameter("id"));
  if (!ended) return std::unexpected(ended.error());
  http::Response response;
  response.status = 204;
  return response;
}

Result<http::Response> end_other_sessions(const Surface& surface, const http::Request& request) {
  const auto ended = surface.services.accounts.end_other_sessions(principal_of(request));
  if (!ended) return std::unexpected(ended.error());
  return json_response(200, {{"ended", *ended}});
}

}  // namespace

void add_session_routes(http::Router& router, const Surface& surface) {
  add_read_route(router, surface, "/api/account/sessions", list_sessions);
  add_route(router, surface, http::Method::kDelete, "/api/account/sessions", end_other_sessions);
  add_route(router, surface, http::Method::kDelete, "/api/account/sessions/{id}", end_session);
}

}  // namespace tintype::api::account
