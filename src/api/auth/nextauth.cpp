// The subset of NextAuth's routes that its client and browsers use: the CSRF token, credentials sign-in, the session
// and signing out.
#include <algorithm>
#include <map>

#include "api/auth/routes.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/form_body.h"
#include "api/shared/json_body.h"
#include "base/bytes.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kBodyBytesMax = 16 * 1024;

std::string cookie_name(const http::Request& request, const char* plain, const char* secure) {
  return request.secure ? secure : plain;
}
std::string session_cookie_name(const http::Request& request) {
  return cookie_name(request, "next-auth.session-token", "__Secure-next-auth.session-token");
}
std::string csrf_cookie_name(const http::Request& request) {
  return cookie_name(request, "next-auth.csrf-token", "__Host-next-auth.csrf-token");
}

std::string set_cookie(const http::Request& request, const std::string& name, const std::string& value,
                       const std::string& lifetime) {
  return name + "=" + value + "; Path=/; HttpOnly; SameSite=Lax" + (request.secure ? "; Secure" : "") + lifetime;
}

// NextAuth's double-submit token: the cookie holds "token|sha256(token + secret)".
std::string csrf_digest(const Services& services, std::string_view token) {
  return hex_encode(sha256(std::string(token) + services.authenticator.options().jwt_secret));
}

std::optional<std::string> csrf_token_in_cookie(const Services& services, const http::Request& request) {
  const auto cookie = request.cookie(csrf_cookie_name(request));
  if (!cookie) return std::nullopt;
  const auto decoded = percent_decode(*cookie, false);
  const std::size_t bar = decoded ? decoded->find('|') : std::string::npos;
  if (bar == std::string::npos) return std::nullopt;
  std::string token = decoded->substr(0, bar);
  if (!constant_time_equal(csrf_digest(services, token), decoded->substr(bar + 1))) return std::nullopt;
  return token;
}

Result<http::Response> csrf(const Services& services, const http::Request& request) {
  const auto known = csrf_token_in_cookie(services, request);
  const std::string token = known ? *known : hex_encode(sha256(new_secret(services.random)));
  http::Response response = json_response(200, {{"csrfToken", token}});
  response.headers.add("Cache-Control", "no-store");
  if (!known) {
    response.headers.add(
        "Set-Cookie", set_cookie(request, csrf_cookie_name(request), token + "%7C" + csrf_digest(services, token), ""));
  }
  return response;
}

Result<http::Response> providers(const Services& services, const http::Request&) {
  const std::string& url = services.public_url;
  return json_response(200, {{"credentials",
                              {{"id", "credentials"},
                               {"name", "Credentials"},
                               {"type", "credentials"},
                               {"signinUrl", url + "/api/auth/signin/credentials"},
                               {"callbackUrl", url + "/api/auth/callback/credentials"}}}});
}

// The fields of a form-urlencoded or JSON body; the client sends the former.
Result<std::map<std::string, std::string>> fields_of(const http::Request& request) {
  std::map<std::string, std::string> fields;
  const std::string type = media_type_of(request);
  if (type == "application/json") {
    const auto body = parse_json_body(request);
    if (!body) return std::unexpected(body.error());
    for (const auto& [name, value] : body->items()) {
      fields[name] = value.is_string() ? value.get<std::string>() : value.dump();
    }
    return fields;
  }
  if (type != "application/x-www-form-urlencoded") {
    return fail(ErrorCode::kUnsupportedMediaType, "The body must be a form or JSON",
                "Please send Content-Type: application/x-www-form-urlencoded or application/json");
  }
  return parse_form_body(request.body);
}

Result<void> check_csrf(const Services& services, const http::Request& request,
                        const std::map<std::string, std::string>& fields) {
  const auto expected = csrf_token_in_cookie(services, request);
  const auto sent = fields.find("csrfToken");
  if (expected && sent != fields.end() && constant_time_equal(*expected, sent->second)) return {};
  return fail(ErrorCode::kForbidden, "The CSRF token is missing or does not fit",
              "Please take one from /api/auth/csrf and send its cookie along");
}

// With json=true the client wants an address in JSON instead of a redirect.
http::Response go_to(const std::map<std::string, std::string>& fields, const std::string& url, int status) {
  const auto json = fields.find("json");
  http::Response response;
  if (json != fields.end() && json->second == "true") {
    response = json_response(status, {{"url", url}});
  } else {
    response.status = 302;
    response.headers.add("Location", url);
  }
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Result<http::Response> callback(const Services& services, const http::Request& request) {
  const auto fields = fields_of(request);
  if (!fields) return std::unexpected(fields.error());
  if (const auto fits = check_csrf(services, request, *fields); !fits) return std::unexpected(fits.error());
  const auto field = [&](const char* name) {
    const auto found = fields->find(name);
    return found == fields->end() ? std::string() : found->second;
  };
  const auto signed_in = services.accounts.sign_in(field("email"), field("password"), caller_of(request));
  if (!signed_in) {
    if (signed_in.error().code != ErrorCode::kUnauthorized) return std::unexpected(signed_in.error());
    return go_to(*fields, services.public_url + "/api/auth/error?error=CredentialsSignin", 401);
  }
  http::Response response = go_to(*fields, services.public_url, 200);
  const std::int64_t seconds = (signed_in->session.expires_at_ms - services.clock.now_ms()) / 1000;
  response.headers.add("Set-Cookie", set_cookie(request, session_cookie_name(request), signed_in->session_token,
                                                "; Max-Age=" + std::to_string(seconds)));
  return response;
}

Result<http::Response> session(const Services& services, const http::Request& request) {
  const auto principal = services.authenticator.authenticate(request);
  http::Response response = json_response(200, JsonText());
  if (principal) {
    const auto user = services.accounts.user(principal->user_id);
    if (!user) return std::unexpected(user.error());
    response = json_response(200, {{"user", {{"id", user->id}, {"name", null_or(user->name)}, {"email", user->email}}},
                                   {"expires", iso8601(principal->expires_at_ms)}});
  }
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Result<http::Response> sign_out(const Services& services, const http::Request& request) {
  const auto fields = fields_of(request);
  if (!fields) return std::unexpected(fields.error());
  if (const auto fits = check_csrf(services, request, *fields); !fits) return std::unexpected(fits.error());
  if (const auto principal = services.authenticator.authenticate(request)) {
    const auto ended = services.accounts.sign_out(*principal, app::Accounts::SignOutScope::kLocal);
    if (!ended) return std::unexpected(ended.error());
  }
  http::Response response = go_to(*fields, services.public_url, 200);
  response.headers.add("Set-Cookie", set_cookie(request, session_cookie_name(request), "", "; Max-Age=0"));
  return response;
}

}  // namespace

void add_nextauth_routes(http::Router& router, const Services& services) {
  const http::BodyPolicy form_body{http::BodyKind::kMemory, kBodyBytesMax};
  const auto add = [&](http::Method method, const char* pattern, auto function) {
    router.add(
        {.method = method,
         .pattern = pattern,
         .handler = handler([&services, function](http::Request& request) { return function(services, request); }),
         .body = method == http::Method::kPost ? form_body : http::BodyPolicy{}});
  };
  add(http::Method::kGet, "/api/auth/providers", providers);
  add(http::Method::kGet, "/api/auth/csrf", csrf);
  add(http::Method::kPost, "/api/auth/callback/credentials", callback);
  add(http::Method::kGet, "/api/auth/session", session);
  add(http::Method::kPost, "/api/auth/signout", sign_out);
}

}  // namespace tintype::api
