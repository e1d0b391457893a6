// The subset of GoTrue that supabase-js uses. Sign-in routes ignore an Authorization header, where supabase-js sends
// its anonymous key, and fields they do not know.
#include "api/auth/routes.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/json_body.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kBodyBytesMax = 16 * 1024;
constexpr std::size_t kEmailLengthMax = 320;
constexpr std::size_t kPasswordLengthMax = 1'024;
constexpr std::size_t kTokenLengthMax = 512;

JsonText user_json(const User& user) {
  return {{"id", user.id},
          {"aud", "authenticated"},
          {"role", "authenticated"},
          {"email", user.email},
          {"email_confirmed_at", iso8601(user.created_at_ms)},
          {"phone", ""},
          {"confirmed_at", iso8601(user.created_at_ms)},
          {"app_metadata", {{"provider", "email"}, {"providers", JsonText::array({"email"})}}},
          {"user_metadata", {{"name", user.name}}},
          {"identities", JsonText::array()},
          {"created_at", iso8601(user.created_at_ms)},
          {"updated_at", iso8601(user.updated_at_ms)},
          {"is_anonymous", false}};
}

http::Response session_response(const Services& services, const app::SignedIn& signed_in) {
  const std::int64_t seconds = services.authenticator.options().jwt_seconds;
  http::Response response =
      json_response(200, {{"access_token", services.authenticator.mint_jwt(signed_in.user, signed_in.session)},
                          {"token_type", "bearer"},
                          {"expires_in", seconds},
                          {"expires_at", services.clock.now_ms() / 1000 + seconds},
                          {"refresh_token", signed_in.refresh_token},
                          {"session_token", signed_in.session_token},
                          {"user", user_json(signed_in.user)}});
  response.headers.add("Cache-Control", "no-store");
  return response;
}

// data.name, the only metadata that is kept.
std::optional<std::string> name_in(const Json& body) {
  const auto data = body.find("data");
  if (data == body.end() || !data->is_object()) return std::nullopt;
  const auto name = data->find("name");
  return name != data->end() && name->is_string() ? std::optional(name->get<std::string>()) : std::nullopt;
}

Result<http::Response> sign_up(const Services& services, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::SignUp sign_up;
  sign_up.email = fields.required_string("email", 1, kEmailLengthMax);
  sign_up.password = fields.required_string("password", 1, kPasswordLengthMax);
  sign_up.name = name_in(*body).value_or("");
  sign_up.caller = caller_of(request);
  fields.ignore_unknown();
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto signed_in = services.accounts.sign_up(sign_up);
  if (!signed_in) return std::unexpected(signed_in.error());
  return session_response(services, *signed_in);
}

Result<http::Response> token(const Services& services, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  const std::string_view grant = request.query_parameter("grant_type").value_or("");
  ObjectReader fields(*body);
  fields.ignore_unknown();
  Result<app::SignedIn> signed_in = fail(ErrorCode::kInvalidInput, "grant_type must be password or refresh_token");
  if (grant == "password") {
    const std::string email = fields.required_string("email", 1, kEmailLengthMax);
    const std::string password = fields.required_string("password", 1, kPasswordLengthMax);
    if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
    signed_in = services.accounts.sign_in(email, password, caller_of(request));
  } else if (grant == "refresh_token") {
    const std::string refresh_token = fields.required_string("refresh_token", 1, kTokenLengthMax);
    if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
    signed_in = services.accounts.refresh(refresh_token);
  }
  if (!signed_in) return std::unexpected(signed_in.error());
  return session_response(services, *signed_in);
}

Result<http::Response> get_user(const Services& services, const http::Request& request) {
  const auto user = services.accounts.user(principal_of(request).user_id);
  if (!user) return std::unexpected(user.error());
  return json_response(200, user_json(*user));
}

Result<http::Response> put_user(const Services& services, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::UserChanges changes;
  changes.email = fields.optional_string("email", 1, kEmailLengthMax);
  changes.password = fields.optional_string("password", 1, kPasswordLengthMax);
  changes.name = name_in(*body);
  fields.ignore_unknown();  // supabase-js sends code_challenge and others along
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto user = services.accounts.update(principal_of(request), changes);
  if (!user) return std::unexpected(user.error());
  return json_response(200, user_json(*user));
}

Result<http::Response> logout(const Services& services, const http::Request& request) {
  const std::string_view scope = request.query_parameter("scope").value_or("global");
  using Scope = app::Accounts::SignOutScope;
  if (scope != "global" && scope != "local" && scope != "others") {
    return fail(ErrorCode::kInvalidInput, "scope must be global, local or others");
  }
  const Scope wanted = scope == "global" ? Scope::kGlobal : scope == "local" ? Scope::kLocal : Scope::kOthers;
  if (const auto ended = services.accounts.sign_out(principal_of(request), wanted); !ended) {
    return std::unexpected(ended.error());
  }
  http::Response response;
  response.status = 204;
  return response;
}

Result<http::Response> settings(const Services& services, const http::Request&) {
  return json_response(200, {{"external", {{"email", true}}},
                             {"disable_signup", services.accounts.sign_up_policy() != app::SignUpPolicy::kOpen},
                             {"mailer_autoconfirm", true},
                             {"phone_autoconfirm", false}});
}

Result<http::Response> health(const Services&, const http::Request&) {
  return json_response(200, {{"name", "GoTrue"}, {"description", "Sign-up, sign-in and sessions"}});
}

}  // namespace

void add_gotrue_routes(http::Router& router, const Services& services) {
  const http::BodyPolicy json_body{http::BodyKind::kMemory, kBodyBytesMax};
  const auto open = [&](http::Method method, const char* pattern, auto function) {
    router.add(
        {.method = method,
         .pattern = pattern,
         .handler = handler([&services, function](http::Request& request) { return function(services, request); }),
         .body = method == http::Method::kPost ? json_body : http::BodyPolicy{}});
  };
  const auto admitted = [&](http::Method method, const char* pattern, http::BodyPolicy body, auto function) {
    router.add(
        {.method = method,
         .pattern = pattern,
         .handler = handler([&services, function](http::Request& request) { return function(services, request); }),
         .body = body,
         .admit = admit_user(services),
         .admit_place = admit_place(services)});
  };
  open(http::Method::kPost, "/auth/v1/signup", sign_up);
  open(http::Method::kPost, "/auth/v1/token", token);
  open(http::Method::kGet, "/auth/v1/settings", settings);
  open(http::Method::kGet, "/auth/v1/health", health);
  admitted(http::Method::kGet, "/auth/v1/user", {}, get_user);
  admitted(http::Method::kPut, "/auth/v1/user", json_body, put_user);
  // supabase-js sends an empty body, or {}.
  admitted(http::Method::kPost, "/auth/v1/logout", json_body, logout);
}

}  // namespace tintype::api
