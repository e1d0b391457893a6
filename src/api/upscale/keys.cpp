// API keys, as their user makes, lists, rotates and revokes them. All of it takes a session: see key_scopes.cpp.
#include "api/shared/authenticate.h"
#include "api/shared/idempotent.h"
#include "api/upscale/view.h"
#include "domain/plan.h"

namespace tintype::api::upscale {

namespace {

constexpr std::size_t kNameBytesMax = 100;
constexpr std::size_t kScopesMax = 16;
constexpr std::size_t kWordBytesMax = 32;
constexpr std::int64_t kSecondMs = 1'000;

std::optional<std::string> time_or_null(const std::optional<UnixMs>& time_ms) {
  return time_ms ? std::optional(iso8601(*time_ms)) : std::nullopt;
}

JsonText key_json(const ApiKey& key) {
  JsonText scopes = JsonText::array();
  for (const std::string& name : key.scopes.names()) scopes.push_back(name);
  const auto expires_at = time_or_null(key.expires_at_ms), last_used_at = time_or_null(key.last_used_at_ms);
  return {{"id", key.id},
          {"name", key.name},
          {"environment", key_environment_name(key.environment)},
          {"plan", key.plan},
          {"scopes", scopes},
          {"prefix", key.prefix},
          {"created_at", iso8601(key.created_at_ms)},
          {"expires_at", expires_at},
          {"last_used_at", last_used_at}};
}

JsonText created_json(const app::CreatedApiKey& created) {
  JsonText json = key_json(created.key);
  json.add("key", created.text);
  return json;
}

// What is kept for a repetition of the request has no secret in it.
JsonText kept_json(const app::CreatedApiKey& created) {
  JsonText json = key_json(created.key);
  json.add("key", nullptr);
  return json;
}

http::Response created_response(const http::Request& request, const app::Outcome<app::CreatedApiKey>& outcome) {
  http::Response response = reply<app::CreatedApiKey>(request, outcome, created_json, 201);
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Result<Scopes> scopes_of(const std::optional<std::vector<std::string>>& names) {
  if (!names) return Scopes::all();
  Scopes scopes;
  for (const std::string& name : *names) {
    const auto scope = parse_scope(name);
    if (!scope) {
      return fail(ErrorCode::kInvalidInput, "There is no scope '" + name + "'",
                  "There are: " + encode_scopes(Scopes::all()));
    }
    scopes.add(*scope);
  }
  if (scopes.empty()) return fail(ErrorCode::kInvalidInput, "scopes must name one at least");
  return scopes;
}

Result<std::optional<UnixMs>> end_of(const std::optional<std::string>& text, UnixMs now_ms) {
  if (!text) return std::nullopt;
  const auto time_ms = parse_iso8601(*text);
  if (time_ms && *time_ms > now_ms) return time_ms;
  return fail(ErrorCode::kInvalidInput, "expires_at must be a time to come, as 2030-01-31T12:00:00Z");
}

Result<app::NewApiKey> new_key_from(const http::Request& request, const Principal& principal, UnixMs now_ms) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::NewApiKey wanted;
  wanted.name = fields.required_string("name", 1, kNameBytesMax);
  const auto environment = fields.optional_string("environment", 1, kWordBytesMax);
  wanted.plan = fields.optional_string("plan", 1, kWordBytesMax).value_or(principal.plan);
  const auto scope_names = fields.optional_strings("scopes", kScopesMax, kWordBytesMax);
  const auto expires_at = fields.optional_string("expires_at", 1, kWordBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto parsed = parse_key_environment(environment.value_or("live"));
  if (!parsed) return fail(ErrorCode::kInvalidInput, "environment is live or test");
  wanted.environment = *parsed;
  if (!is_plan(wanted.plan)) return fail(ErrorCode::kInvalidInput, "There is no plan '" + wanted.plan + "'");
  const auto scopes = scopes_of(scope_names);
  if (!scopes) return std::unexpected(scopes.error());
  wanted.scopes = *scopes;
  const auto expires_at_ms = end_of(expires_at, now_ms);
  if (!expires_at_ms) return std::unexpected(expires_at_ms.error());
  wanted.expires_at_ms = *expires_at_ms;
  return wanted;
}

Result<http::Response> create_key(const Surface& surface, http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto wanted = new_key_from(request, principal, surface.services.clock.now_ms());
  if (!wanted) return std::unexpected(wanted.error());
  const auto once_only = once<app::CreatedApiKey>(request, principal, kept_json, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.api_keys.create(principal, *wanted, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return created_response(request, *outcome);
}

Result<http::Response> list_keys(const Surface& surface, http::Request& request) {
  const auto keys = surface.services.api_keys.list(principal_of(request).user_id);
  if (!keys) return std::unexpected(keys.error());
  JsonText list = JsonText::array();
  for (const ApiKey& key : *keys) list.push_back(key_json(key));
  return data_response(request, 200, JsonText({{"keys", list}}).text());
}

Result<std::int64_t> overlap_ms_from(const http::Request& request) {
  if (request.body.empty()) return app::kRotationOverlapMs;
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const auto seconds = fields.optional_integer("overlap_seconds", 0, app::kRotationOverlapMsMax / kSecondMs);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  return seconds ? *seconds * kSecondMs : app::kRotationOverlapMs;
}

Result<http::Response> rotate_key(const Surface& surface, http::Request& request) {
  const Principal& principal = principal_of(request);
  const auto overlap_ms = overlap_ms_from(request);
  if (!overlap_ms) return std::unexpected(overlap_ms.error());
  const auto once_only = once<app::CreatedApiKey>(request, principal, kept_json, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome =
      surface.services.api_keys.rotate(principal, request.path_parameter("id"), *overlap_ms, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return created_response(request, *outcome);
}

Result<http::Response> revoke_key(const Surface& surface, http::Request& request) {
  const std::string id(request.path_parameter("id"));
  const auto revoked = surface.services.api_keys.revoke(principal_of(request).user_id, id);
  if (!revoked) return std::unexpected(revoked.error());
  return data_response(request, 200, JsonText({{"id", id}, {"revoked", true}}).text());
}

}  // namespace

void add_key_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, http::Method::kPost, "/api/v1/keys", create_key, {.body = kJsonBody});
  add_route(router, surface, http::Method::kGet, "/api/v1/keys", list_keys, {.place = surface.services.read_place()});
  add_route(router, surface, http::Method::kPost, "/api/v1/keys/{id}/rotate", rotate_key, {.body = kJsonBody});
  add_route(router, surface, http::Method::kDelete, "/api/v1/keys/{id}", revoke_key);
}

}  // namespace tintype::api::upscale
