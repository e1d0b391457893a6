#include <gtest/gtest.h>

#include "adapters/egress/curl_egress.h"
#include "api/auth/routes.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "base/bytes.h"
#include "ports/outbound_http.h"
#include "support/house.h"

namespace tintype::api {
namespace {

constexpr const char* kUrl = "http://house.test";
constexpr const char* kPassword = "correct horse battery";

// Answers every request with the same key set, and counts.
class FakeIssuer final : public OutboundHttp {
 public:
  Result<OutboundResponse> get_trusted(const OutboundRequest& request) override {
    EXPECT_EQ(request.url, "https://issuer.test/jwks");
    ++fetches;
    return OutboundResponse{200, keys};
  }
  Result<OutboundResponse> call_trusted(const OutboundCall&, const std::atomic<bool>&) override {
    return fail_internal("keys are only read");
  }
  int fetches = 0;
  std::string keys = R"({"keys":[]})";
};

class Auth : public testing::Test {
 protected:
  explicit Auth(std::string jwks_url = {}) : jwks_url_(std::move(jwks_url)) {
    add_gotrue_routes(router, services);
    add_nextauth_routes(router, services);
    // Stands for any route behind admit_user: reads and writes, with and without a bucket.
    const auto who = handler([](http::Request& request) -> Result<http::Response> {
      return json_response(200, {{"user", principal_of(request).user_id}});
    });
    const auto admit = admit_user(services);
    router.add({.method = http::Method::kGet, .pattern = "/who", .handler = who, .admit = admit});
    router.add({.method = http::Method::kPost, .pattern = "/who", .handler = who, .admit = admit});
    router.add({.method = http::Method::kGet,
                .pattern = "/limited",
                .handler = who,
                .admit = admit_user(services, {"bucket", {2, 60'000}})});
    router.freeze();
  }

  // Runs a request through route, admit and handler, as the server does.
  http::Response call(http::Request request) {
    const http::RouteMatch match = router.find(request.method, request.path);
    if (match.route == nullptr) throw std::runtime_error("no route for " + request.path);
    request.path_parameters = match.path_parameters;
    if (match.route->admit) {
      if (auto refused = match.route->admit(request)) return std::move(*refused);
    }
    return match.route->handler(request);
  }

  static http::Request request(http::Method method, std::string path, const std::string& bearer = {}) {
    http::Request request;
    request.method = method;
    request.path = std::move(path);
    request.remote_address = "192.0.2.1";
    request.headers.add("Host", "house.test");
    if (!bearer.empty()) request.headers.add("Authorization", "Bearer " + bearer);
    return request;
  }

  static http::Request json(http::Method method, std::string path, const Json& body, const std::string& bearer = {}) {
    http::Request built = request(method, std::move(path), bearer);
    built.headers.add("Content-Type", "application/json");
    built.body = body.dump();
    return built;
  }

  static Json body_of(const http::Response& response) { return Json::parse(std::get<std::string>(response.body)); }

  http::Response token(const char* grant, const Json& body, const std::string& bearer = {}) {
    http::Request built = json(http::Method::kPost, "/auth/v1/token", body, bearer);
    built.query.emplace_back("grant_type", grant);
    return call(std::move(built));
  }

  Json sign_up(const std::string& email = "ann@example.org") {
    const auto response = call(json(http::Method::kPost, "/auth/v1/signup",
                                    {{"email", email}, {"password", kPassword}, {"data", {{"name", "Ann"}}}}));
    EXPECT_EQ(response.status, 200) << std::get<std::string>(response.body);
    return body_of(response);
  }

  int status_with(const std::string& bearer) { return call(request(http::Method::kGet, "/who", bearer)).status; }

  static std::string text(const Json& object, const char* name) { return object[name].get<std::string>(); }

  test::Folder folder;
  test::TestClock clock;
  test::House house{folder.path(), clock};
  FakeIssuer issuer;
  std::string jwks_url_;
  Authenticator authenticator{house.accounts,
                              house.api_keys,
                              issuer,
                              clock,
                              {.jwt_secret = "the test's own secret",
                               .public_url = kUrl,
                               .jwks_url = jwks_url_,
                               .jwks_issuer = "https://issuer.test",
                               .admin_key = "the admin's key",
                               .trusted_origins = {"https://friend.test"}}};
  CurlEgress egress{{}, clock};
  app::WebhookCounts webhook_counts;
  const std::string issuer_url = kUrl;
  const app::Receipts receipts{{"a secret"}, issuer_url, clock};
  Services services{.accounts = house.accounts,
                    .api_keys = house.api_keys,
                    .call_limits = house.call_limits,
                    .wallets = house.wallets,
                    .storage = house.storage,
                    .activity = house.activity,
                    .images = house.images,
                    .uploads = house.uploads,
                    .library = house.library,
                    .searches = house.searches,
                    .albums = house.albums,
                    .shares = house.shares,
                    .deliveries = house.deliveries,
                    .renditions = house.renditions,
                    .views = house.views,
                    .submissions = house.submissions,
                    .jobs = house.jobs,
                    .queue = house.queue,
                    .administration = house.administration,
                    .purchases = house.purchases,
                    .webhooks = house.webhooks,
                    .upscales = house.upscales,
                    .studio_jobs = house.studio_jobs,
                    .previews = house.previews,
                    .models = house.models,
                    .receipts = receipts,
                    .batches = house.batches,
                    .webhook_counts = webhook_counts,
                    .database = *house.database,
                    .objects = house.objects,
                    .egress = egress,
                    .limiter = house.limiter,
                    .notifier = house.notifier,
                    .clock = clock,
                    .random = house.random,
                    .authenticator = authenticator,
                    .public_url = kUrl};
  http::Router router;
};

TEST_F(Auth, SignUpAnswersAsGoTrueDoes) {
  const Json answer = sign_up("  Ann@Example.ORG ");
  EXPECT_EQ(answer["token_type"], "bearer");
  EXPECT_EQ(answer["expires_in"], 3600);
  EXPECT_EQ(answer["expires_at"], clock.now_ms() / 1000 + 3600);
  const Json& user = answer["user"];
  EXPECT_EQ(user["email"], "ann@example.org");
  EXPECT_EQ(user["aud"], "authenticated");
  EXPECT_EQ(user["role"], "authenticated");
  EXPECT_EQ(user["user_metadata"]["name"], "Ann");
  EXPECT_EQ(user["app_metadata"], (Json{{"provider", "email"}, {"providers", {"email"}}}));
  EXPECT_TRUE(user["identities"].is_array());
  for (const char* name : {"id", "email_confirmed_at", "created_at", "updated_at"}) EXPECT_TRUE(user.contains(name));
  for (const char* name : {"access_token", "session_token"}) EXPECT_EQ(status_with(text(answer, name)), 200) << name;
  EXPECT_EQ(status_with(text(answer, "refresh_token")), 401) << "a refresh token is no credential";

  const auto again =
      call(json(http::Method::kPost, "/auth/v1/signup", {{"email", "ANN@example.org"}, {"password", kPassword}}));
  EXPECT_EQ(again.status, 422);
  EXPECT_EQ(body_of(again)["error_code"], "user_already_exists");
}

TEST_F(Auth, SignInIgnoresAnAnonymousKeyAndUnknownFields) {
  sign_up();
  const Json credentials = {
      {"email", "ann@example.org"}, {"password", kPassword}, {"gotrue_meta_security", Json::object()}};
  EXPECT_EQ(token("password", credentials, "anon.key.sent").status, 200);
  const auto wrong = token("password", {{"email", "ann@example.org"}, {"password", "not this one"}});
  const auto unknown = token("password", {{"email", "bob@example.org"}, {"password", "not this one"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(body_of(wrong)["error_code"], "invalid_credentials");
  EXPECT_EQ(wrong.body.index(), unknown.body.index());
  EXPECT_EQ(body_of(wrong), body_of(unknown));
  EXPECT_EQ(body_of(token("magic", credentials))["error_code"], "validation_failed");
  EXPECT_EQ(token("password", {{"email", 5}, {"password", kPassword}}).status, 400);
}

TEST_F(Auth, ASpentRefreshTokenEndsTheSession) {
  const std::string first = text(sign_up(), "refresh_token");
  const auto refreshed = token("refresh_token", {{"refresh_token", first}});
  ASSERT_EQ(refreshed.status, 200);
  const Json second = body_of(refreshed);
  EXPECT_EQ(status_with(text(second, "access_token")), 200);
  const auto stolen = token("refresh_token", {{"refresh_token", first}});
  EXPECT_EQ(stolen.status, 400);
  EXPECT_EQ(body_of(stolen)["error_code"], "refresh_token_not_found");
  EXPECT_EQ(status_with(text(second, "access_token")), 401);
  EXPECT_EQ(token("refresh_token", {{"refresh_token", second["refresh_token"]}}).status, 400);
}

TEST_F(Auth, UserIsReadAndChanged) {
  const std::string bearer = text(sign_up(), "access_token");
  const auto changed = call(json(http::Method::kPut, "/auth/v1/user", {{"data", {{"name", "Anna"}}}}, bearer));
  ASSERT_EQ(changed.status, 200);
  const Json user = body_of(call(request(http::Method::kGet, "/auth/v1/user", bearer)));
  EXPECT_EQ(user["user_metadata"]["name"], "Anna");
  const auto stranger = call(request(http::Method::kGet, "/auth/v1/user"));
  EXPECT_EQ(stranger.status, 401);
  EXPECT_EQ(body_of(stranger)["code"], 401);
}

TEST_F(Auth, LogoutEndsWhatItsScopeSays) {
  const auto logout = [&](const std::string& bearer, const char* scope) {
    http::Request built = request(http::Method::kPost, "/auth/v1/logout", bearer);
    if (*scope != '\0') built.query.emplace_back("scope", scope);
    return call(std::move(built)).status;
  };
  const Json credentials = {{"email", "ann@example.org"}, {"password", kPassword}};
  const std::string a = text(sign_up(), "access_token");
  const std::string b = text(body_of(token("password", credentials)), "access_token");
  const std::string c = text(body_of(token("password", credentials)), "access_token");
  EXPECT_EQ(logout(a, "nowhere"), 400);
  EXPECT_EQ(logout(a, "local"), 204);
  EXPECT_EQ((std::vector{status_with(a), status_with(b), status_with(c)}), (std::vector{401, 200, 200}));
  EXPECT_EQ(logout(b, "others"), 204);
  EXPECT_EQ((std::vector{status_with(b), status_with(c)}), (std::vector{200, 401}));
  EXPECT_EQ(logout(b, ""), 204);
  EXPECT_EQ(status_with(b), 401);
}

TEST_F(Auth, TokensExpireAndBansTakeEffectAtOnce) {
  const Json answer = sign_up();
  const std::string jwt = text(answer, "access_token"), session = text(answer, "session_token");
  clock.advance(3'600'000 + 31'000);
  EXPECT_EQ(status_with(jwt), 401);
  EXPECT_EQ(status_with(session), 200);
  ASSERT_TRUE(house.accounts.set_banned(text(answer["user"], "id"), true, "", {"root"}));
  EXPECT_NE(status_with(session), 200);
  const auto signed_in = token("password", {{"email", "ann@example.org"}, {"password", kPassword}});
  EXPECT_EQ(signed_in.status, 403);
  EXPECT_EQ(body_of(signed_in)["error_code"], "user_banned");
}

TEST_F(Auth, WhatIsNoCredentialIsRefused) {
  sign_up();
  for (const char* bearer : {"x", "a.b.c", "..", "a.b", "' OR 1=1 --"}) EXPECT_EQ(status_with(bearer), 401) << bearer;
  EXPECT_EQ(status_with(""), 401);
  for (const char* scheme : {"Basic abc", "Bearer", "Bearer ", ""}) {
    http::Request built = request(http::Method::kGet, "/who");
    built.headers.add("Authorization", scheme);
    EXPECT_EQ(call(std::move(built)).status, 401) << scheme;
  }
}

TEST_F(Auth, CookieWritesFromOtherOriginsAreRefused) {
  const std::string session = text(sign_up(), "session_token");
  const auto post = [&](std::vector<std::pair<std::string, std::string>> headers, bool secure = false) {
    http::Request built = request(http::Method::kPost, "/who");
    built.secure = secure;
    built.headers.add("Cookie", "other=1; next-auth.session-token=" + session);
    for (auto& [name, value] : headers) built.headers.add(name, value);
    return call(std::move(built)).status;
  };
  EXPECT_EQ(post({}), 200);
  EXPECT_EQ(post({{"Origin", kUrl}}), 200);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-origin"}}), 200);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "none"}}), 200);
  EXPECT_EQ(post({{"Origin", "https://evil.test"}}), 403);
  EXPECT_EQ(post({{"Origin", "null"}}), 403);
  EXPECT_EQ(post({{"Origin", "http://house.test.evil.test"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-site"}}), 403);
  EXPECT_EQ(post({{"Origin", "https://house.test"}}), 403) << "another scheme is another origin";
  EXPECT_EQ(post({{"Origin", "https://house.test"}}, true), 200);
  EXPECT_EQ(post({{"Origin", "https://friend.test"}, {"Sec-Fetch-Site", "cross-site"}}), 200) << "whom CORS trusts";

  http::Request bearer = request(http::Method::kPost, "/who", session);
  bearer.headers.add("Origin", "https://evil.test");
  EXPECT_EQ(call(std::move(bearer)).status, 200) << "no browser sends a bearer by itself";
}

TEST_F(Auth, LimitsAreToldAndKept) {
  const std::string bearer = text(sign_up(), "session_token");
  const auto first = call(request(http::Method::kGet, "/limited", bearer));
  EXPECT_EQ(first.headers.find("x-ratelimit-limit"), "2");
  EXPECT_EQ(first.headers.find("x-ratelimit-remaining"), "1");
  ASSERT_TRUE(first.headers.find("x-ratelimit-reset"));
  call(request(http::Method::kGet, "/limited", bearer));
  const auto third = call(request(http::Method::kGet, "/limited", bearer));
  EXPECT_EQ(third.status, 429);
  EXPECT_TRUE(third.headers.find("retry-after"));
  EXPECT_EQ(third.headers.find("x-ratelimit-remaining"), "0");
  EXPECT_EQ(body_of(third)["code"], "RATE_LIMIT");
  const std::string other = text(sign_up("bob@example.org"), "session_token");
  EXPECT_EQ(call(request(http::Method::kGet, "/limited", other)).status, 200) << "buckets are per user";
}

TEST_F(Auth, AdminsComeByKeyOrRole) {
  const Json answer = sign_up();
  const auto with_key = [&](const char* key) {
    http::Request built = request(http::Method::kGet, "/who");
    built.headers.add("x-admin-key", key);
    return authenticator.require_admin(built).has_value();
  };
  EXPECT_TRUE(with_key("the admin's key"));
  EXPECT_FALSE(with_key("the admin's kez"));
  EXPECT_FALSE(with_key(""));
  const auto user = request(http::Method::kGet, "/who", text(answer, "session_token"));
  const auto refused = authenticator.require_admin(user);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kForbidden);
  ASSERT_TRUE(house.accounts.set_role(text(answer["user"], "id"), Role::kAdmin, {"root"}));
  EXPECT_TRUE(authenticator.require_admin(user));
}

// The cookie's "name=value" out of a Set-Cookie field.
std::string cookie_in(const http::Response& response) {
  const auto field = response.headers.find("set-cookie").value_or("");
  return std::string(field.substr(0, field.find(';')));
}

TEST_F(Auth, NextAuthSignsInByCookieAndOut) {
  sign_up();
  const auto csrf = call(request(http::Method::kGet, "/api/auth/csrf"));
  const std::string csrf_cookie = cookie_in(csrf), csrf_token = text(body_of(csrf), "csrfToken");
  const auto post = [&](const char* path, const std::string& body, const std::string& cookies) {
    http::Request built = request(http::Method::kPost, path);
    built.headers.add("Content-Type", "application/x-www-form-urlencoded");
    built.headers.add("Cookie", cookies);
    built.body = body;
    return call(std::move(built));
  };
  const std::string form = "email=ann%40example.org&password=correct+horse+battery&json=true&redirect=false&csrfToken=";
  EXPECT_EQ(post("/api/auth/callback/credentials", form + csrf_token, "").status, 403);
  EXPECT_EQ(post("/api/auth/callback/credentials", form + "other", csrf_cookie).status, 403);
  EXPECT_EQ(
      post("/api/auth/callback/credentials", form + "x", "next-auth.csrf-token=x%7C" + hex_encode(sha256("x"))).status,
      403)
      << "a cookie that we did not make";

  const auto signed_in = post("/api/auth/callback/credentials", form + csrf_token, csrf_cookie);
  ASSERT_EQ(signed_in.status, 200);
  EXPECT_EQ(body_of(signed_in)["url"], kUrl);
  const std::string field(signed_in.headers.find("set-cookie").value_or(""));
  for (const char* attribute : {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="}) {
    EXPECT_NE(field.find(attribute), std::string::npos) << field;
  }
  const std::string cookie = cookie_in(signed_in);
  EXPECT_TRUE(cookie.starts_with("next-auth.session-token="));

  const auto session = [&](const std::string& cookies) {
    http::Request built = request(http::Method::kGet, "/api/auth/session");
    built.headers.add("Cookie", cookies);
    return body_of(call(std::move(built)));
  };
  EXPECT_EQ(session("")["user"], nullptr);
  EXPECT_EQ(session(cookie)["user"]["email"], "ann@example.org");
  EXPECT_TRUE(session(cookie).contains("expires"));

  const auto out = post("/api/auth/signout", "json=true&csrfToken=" + csrf_token, csrf_cookie + "; " + cookie);
  EXPECT_EQ(out.status, 200);
  EXPECT_NE(out.headers.find("set-cookie").value_or("").find("Max-Age=0"), std::string_view::npos);
  EXPECT_EQ(session(cookie), Json::object());
}

TEST_F(Auth, NextAuthRefusesWrongPasswordsAndMarksCookiesOnHttps) {
  sign_up();
  http::Request first = request(http::Method::kGet, "/api/auth/csrf");
  first.secure = true;
  const auto csrf = call(std::move(first));
  const auto attempt = [&](const char* password) {
    http::Request built = json(http::Method::kPost, "/api/auth/callback/credentials",
                               {{"email", "ann@example.org"},
                                {"password", password},
                                {"csrfToken", body_of(csrf)["csrfToken"]},
                                {"json", true}});
    built.secure = true;
    built.headers.add("Cookie", cookie_in(csrf));
    return call(std::move(built));
  };
  const auto wrong = attempt("not the password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_NE(text(body_of(wrong), "url").find("error=CredentialsSignin"), std::string::npos);
  EXPECT_FALSE(wrong.headers.find("set-cookie"));
  const auto right = attempt(kPassword);
  const std::string field(right.headers.find("set-cookie").value_or(""));
  EXPECT_TRUE(field.starts_with("__Secure-next-auth.session-token="));
  EXPECT_NE(field.find("; Secure"), std::string::npos);
}

TEST_F(Auth, TellsItsProvidersSettingsAndHealth) {
  EXPECT_TRUE(body_of(call(request(http::Method::kGet, "/api/auth/providers"))).contains("credentials"));
  EXPECT_EQ(body_of(call(request(http::Method::kGet, "/auth/v1/settings")))["external"]["email"], true);
  EXPECT_EQ(call(request(http::Method::kGet, "/auth/v1/health")).status, 200);
}

class AuthWithIssuer : public Auth {
 protected:
  AuthWithIssuer() : Auth("https://issuer.test/jwks") {}
};

TEST_F(AuthWithIssuer, KnownKeysAreFetchedAnewEveryTenMinutes) {
  // The public key of RFC 7517, appendix A.1.
  issuer.keys = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"1","use":"sig",
                    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})";
  const std::string forged = base64url_encode(R"({"alg":"ES256","kid":"1"})") + ".e30.AAAA";
  for (const int fetches : {1, 2, 3}) {
    EXPECT_EQ(status_with(forged), 401);
    EXPECT_EQ(issuer.fetches, fetches);
    clock.advance(9 * 60'000);
    EXPECT_EQ(status_with(forged), 401);
    EXPECT_EQ(issuer.fetches, fetches);
    clock.advance(60'000);
  }
}

TEST_F(AuthWithIssuer, UnknownKeysAreFetchedForOnceAMinute) {
  EXPECT_EQ(admit_place(services), http::Place::kPool) << "fetching would hold up the event loop";
  const auto foreign = [](const std::string& key_id) {
    return base64url_encode(R"({"alg":"RS256","kid":")" + key_id + "\"}") + ".e30.AAAA";
  };
  for (int i = 0; i < 50; ++i) EXPECT_EQ(status_with(foreign(std::to_string(i))), 401);
  EXPECT_EQ(issuer.fetches, 1);
  clock.advance(60'000);
  EXPECT_EQ(status_with(foreign("new")), 401);
  EXPECT_EQ(issuer.fetches, 2);
  EXPECT_EQ(status_with("session-token-without-dots"), 401);
  EXPECT_EQ(issuer.fetches, 2);
}

}  // namespace
}  // namespace tintype::api
