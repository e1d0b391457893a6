#include "api/shared/authenticate.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "api/shared/dialect.h"
#include "api/shared/json_body.h"
#include "api/shared/jwt.h"
#include "api/shared/key_scopes.h"
#include "api/shared/services.h"
#include "base/bytes.h"
#include "base/log.h"
#include "ports/outbound_http.h"

namespace tintype::api {

namespace {

constexpr const char* kSessionCookie = "next-auth.session-token";
constexpr const char* kSecureSessionCookie = "__Secure-next-auth.session-token";
constexpr UnixMs kJwksRefetchMs = 60'000;     // for a key that is not known
constexpr UnixMs kJwksFreshMs = 10 * 60'000;  // for those that are: a withdrawn one holds no longer

std::unexpected<Error> not_signed_in() {
  return fail(ErrorCode::kUnauthorized, "You must be logged in to access this resource", "Please log in and try again");
}

// What admit_user found out about a request.
struct Admitted {
  Principal principal;
  std::optional<RateDecision> decision;
};

// What admit_admin found out.
struct Operator {
  std::string name;
  std::optional<RateDecision> decision;
};

bool is_safe(http::Method method) {
  return method == http::Method::kGet || method == http::Method::kHead || method == http::Method::kOptions;
}

// scheme://host[:port] of a URL.
std::string_view origin_of(std::string_view url) {
  const std::size_t authority = url.find("://");
  return authority == url.npos ? url : url.substr(0, url.find('/', authority + 3));
}

// A browser says where a request came from; a program without Origin and Sec-Fetch-Site is no browser.
bool is_cross_site(const http::Request& request, const AuthOptions& options) {
  const auto origin = request.headers.find("origin");
  if (origin && std::ranges::find(options.trusted_origins, *origin) != options.trusted_origins.end()) return false;
  if (const auto site = request.headers.find("sec-fetch-site")) {
    if (*site == "same-origin" || *site == "none") return false;
    return true;
  }
  if (!origin || *origin == origin_of(options.public_url)) return false;
  const auto host = request.headers.find("host");
  const std::string own = std::string(request.secure ? "https://" : "http://") + std::string(host.value_or(""));
  return *origin != own;
}

}  // namespace

// The foreign issuer's keys: fetched when a token names one that is not known, at most once a minute, and anew when
// they are ten minutes old.
class Authenticator::Jwks {
 public:
  Jwks(OutboundHttp& outbound, const Clock& clock, std::string url)
      : outbound_(outbound), clock_(clock), url_(std::move(url)) {}

  // Blocks when it has to fetch, or to wait for a key that another thread is fetching.
  std::shared_ptr<const KeySet> with(const std::string& key_id) {
    std::unique_lock lock(mutex_);
    const bool known = keys_ && keys_->has(key_id);
    const UnixMs now_ms = clock_.now_ms();
    if (fetched_at_ms_ && now_ms < *fetched_at_ms_ + (known ? kJwksFreshMs : kJwksRefetchMs)) {
      if (!known) fetched_.wait(lock, [&] { return !fetching_; });
      return keys_;
    }
    fetched_at_ms_ = now_ms;
    fetching_ = true;
    lock.unlock();
    auto keys = fetch();
    lock.lock();
    if (keys) keys_ = std::move(keys);
    fetching_ = false;
    fetched_.notify_all();
    return keys_;
  }

 private:
  // Nothing when the issuer does not answer: the keys that are known hold on.
  std::shared_ptr<const KeySet> fetch() {
    const auto response = outbound_.get_trusted({url_});
    if (!response || response->status != 200) {
      log(LogLevel::kWarning, "jwks_fetch_failed", {{"cause", response ? "status" : response.error().cause.c_str()}});
      return nullptr;
    }
    auto parsed = KeySet::parse(response->body);
    if (parsed) return std::move(*parsed);
    log(LogLevel::kWarning, "jwks_not_understood", {{"cause", parsed.error().cause}});
    return nullptr;
  }

  OutboundHttp& outbound_;
  const Clock& clock_;
  const std::string url_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  bool fetching_ = false;
  std::optional<UnixMs> fetched_at_ms_;
  std::shared_ptr<const KeySet> keys_;
};

Authenticator::Authenticator(app::Accounts& accounts, app::ApiKeys& api_keys, OutboundHttp& outbound,
                             const Clock& clock, AuthOptions options)
    : accounts_(accounts), api_keys_(api_keys), clock_(clock), options_(std::move(options)) {
  if (!options_.jwks_url.empty()) jwks_ = std::make_unique<Jwks>(outbound, clock, options_.jwks_url);
}

Authenticator::~Authenticator() = default;

Result<Principal> Authenticator::by_jwt(std::string_view token) {
  const UnixMs now_ms = clock_.now_ms();
  const JwtExpectation own{options_.public_url + "/auth/v1", "authenticated"};
  if (auto claims = verify_hs256(token, options_.jwt_secret, own, now_ms)) {
    // The session behind it must still be alive, so that signing out and banning take effect at once.
    return accounts_.by_session_id(claims->session_id);
  }
  if (!jwks_) return not_signed_in();
  const auto key_id = jwt_key_id(token);
  if (!key_id) return not_signed_in();
  const auto keys = jwks_->with(*key_id);
  if (!keys) return not_signed_in();
  const auto claims = keys->verify(token, {options_.jwks_issuer, options_.jwks_audience}, now_ms);
  if (!claims) return std::unexpected(claims.error());
  return accounts_.by_foreign_identity(claims->issuer, claims->subject, claims->email);
}

Result<Principal> Authenticator::by_key(const http::Request& request, std::string_view text) {
  auto principal = api_keys_.by_text(text);
  if (!principal) return principal;
  const auto scope = scope_needed(request.method, request.path);
  if (!scope) return fail(ErrorCode::kForbidden, "API keys may not do this", "Please sign in, and use the session");
  if (principal->scopes.has(*scope)) return principal;
  return fail(ErrorCode::kForbidden, std::string("This API key lacks the scope ") + scope_name(*scope),
              "Please use a key that has it");
}

Result<Principal> Authenticator::authenticate(const http::Request& request, bool is_write) {
  if (const auto header = request.headers.find("authorization")) {
    constexpr std::string_view kScheme = "bearer ";
    const bool bearer = header->size() > kScheme.size() &&
                        std::equal(kScheme.begin(), kScheme.end(), header->begin(),
                                   [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
    if (!bearer) return not_signed_in();
    const std::string_view token = header->substr(kScheme.size());
    if (looks_like_key(token)) return by_key(request, token);
    if (std::count(token.begin(), token.end(), '.') == 2) return by_jwt(token);
    return accounts_.by_session_token(token, CredentialKind::kSessionBearer);
  }
  auto cookie = request.secure ? request.cookie(kSecureSessionCookie) : std::nullopt;
  if (!cookie) cookie = request.cookie(kSessionCookie);
  if (!cookie) return not_signed_in();
  if ((is_write || !is_safe(request.method)) && is_cross_site(request, options_)) {
    return fail(ErrorCode::kForbidden, "This request came from another site", "Please send it from our own pages");
  }
  return accounts_.by_session_token(*cookie, CredentialKind::kSessionCookie);
}

Result<std::string> Authenticator::require_admin(const http::Request& request) {
  if (const auto key = request.headers.find("x-admin-key")) {
    // Digests compare in the same time whatever was sent.
    if (constant_time_equal(sha256(*key), sha256(options_.admin_key))) return "admin key";
    return not_signed_in();
  }
  const auto principal = authenticate(request);
  if (!principal) return std::unexpected(principal.error());
  if (principal->role == Role::kAdmin && principal->credential != CredentialKind::kApiKey) return principal->user_id;
  return fail(ErrorCode::kForbidden, "Only operators may do this");
}

std::string Authenticator::mint_jwt(const User& user, const Session& session) const {
  const std::int64_t now = clock_.now_ms() / 1000;
  const JsonText payload = {{"iss", options_.public_url + "/auth/v1"},
                            {"sub", user.id},
                            {"aud", "authenticated"},
                            {"exp", now + options_.jwt_seconds},
                            {"iat", now},
                            {"email", user.email},
                            {"phone", ""},
                            {"app_metadata", {{"provider", "email"}, {"providers", JsonText::array({"email"})}}},
                            {"user_metadata", {{"name", user.name}}},
                            {"role", "authenticated"},
                            {"aal", "aal1"},
                            {"session_id", session.id},
                            {"is_anonymous", false}};
  return sign_hs256(payload.text(), options_.jwt_secret);
}

Caller caller_of(const http::Request& request) {
  return {request.remote_address, std::string(request.headers.find("user-agent").value_or(""))};
}

const Principal& principal_of(const http::Request& request) {
  return std::any_cast<const Admitted&>(request.attachment).principal;
}

namespace {

std::unexpected<Error> too_many(std::string_view bucket, const RateDecision& decision) {
  auto refused =
      fail(ErrorCode::kRateLimited, "You've exceeded the rate limit", "Please wait before making more requests");
  refused.error().retry_after_seconds = decision.retry_after_seconds;
  refused.error().refused_bound = RefusedBound{std::string(bucket), decision.limit, decision.resets_at_ms};
  return refused;
}

void add_rate_headers(const http::Request& request, const RateDecision& decision, http::Response& response) {
  const UnixMs resets_at_ms = decision.resets_at_ms;
  response.headers.set("X-RateLimit-Limit", std::to_string(decision.limit));
  response.headers.set("X-RateLimit-Remaining", std::to_string(decision.remaining));
  response.headers.set("X-RateLimit-Reset", has_iso_reset(request.path) ? iso8601(resets_at_ms)
                                                                        : std::to_string((resets_at_ms + 999) / 1000));
}

http::Admit admit(const Services& services, RouteLimit limit, bool is_write) {
  return [&services, limit, is_write](http::Request& request) -> std::optional<http::Response> {
    auto principal = services.authenticator.authenticate(request, is_write);
    if (!principal) {
      if (principal.error().code == ErrorCode::kInternal) {
        log(LogLevel::kError, "authentication_failed",
            {{"request_id", request.request_id}, {"cause", principal.error().cause}});
      }
      return render_error(request, principal.error());
    }
    Admitted admitted{std::move(*principal), std::nullopt};
    request.client = admitted.principal.user_id;
    if (limit.bucket != nullptr && services.limits_enabled) {
      admitted.decision =
          services.limiter.take(limit.bucket, admitted.principal.user_id, limit.limit, services.clock.now_ms());
    }
    const std::optional<RateDecision> decision = admitted.decision;
    request.attachment = std::move(admitted);
    if (!decision || decision->allowed) return std::nullopt;
    return refused_by(request, limit.bucket, *decision);
  };
}

}  // namespace

http::Response refused_by(const http::Request& request, std::string_view bucket, const RateDecision& decision) {
  http::Response response = render_error(request, too_many(bucket, decision).error());
  add_rate_headers(request, decision, response);
  return response;
}

http::Admit admit_user(const Services& services, RouteLimit limit) {
  return admit(services, limit, false);
}

http::Admit admit_writer(const Services& services) {
  return admit(services, {}, true);
}

http::Admit admit_anyone(const Services& services) {
  return [admit = admit_user(services)](http::Request& request) -> std::optional<http::Response> {
    const bool has_credential = request.headers.find("authorization") || request.cookie(kSessionCookie) ||
                                (request.secure && request.cookie(kSecureSessionCookie));
    if (has_credential) return admit(request);
    request.client = network_of(request.remote_address);
    return std::nullopt;
  };
}

void admit_as(http::Request& request, Principal principal) {
  request.client = principal.user_id;
  request.attachment = Admitted{std::move(principal), std::nullopt};
}

std::optional<Principal> viewer_of(const http::Request& request) {
  const auto* admitted = std::any_cast<Admitted>(&request.attachment);
  return admitted == nullptr ? std::nullopt : std::optional(admitted->principal);
}

namespace {

// A key that is right takes nothing of what wrong ones may be tried.
Result<std::string> name_operator(const Services& services, const http::Request& request) {
  if (!services.limits_enabled || !request.headers.find("x-admin-key")) {
    return services.authenticator.require_admin(request);
  }
  const UnixMs now_ms = services.clock.now_ms();
  const RateBound tries{"admin_key", network_of(request.remote_address),
                        services.authenticator.options().admin_key_tries};
  const RateDecision left = services.limiter.look({&tries, 1}, now_ms).bounds.front();
  if (!left.allowed) return too_many(tries.bucket, left);
  auto name = services.authenticator.require_admin(request);
  if (!name) services.limiter.take_all({&tries, 1}, now_ms);
  return name;
}

}  // namespace

http::Admit admit_admin(const Services& services) {
  return [&services](http::Request& request) -> std::optional<http::Response> {
    auto name = name_operator(services, request);
    if (!name) {
      log_cause(request.request_id, request.path, name.error());
      return render_error(request, name.error());
    }
    request.client = *name;
    Operator admitted{std::move(*name), std::nullopt};
    if (services.limits_enabled) {
      const RateLimit& limit = services.authenticator.options().admin_calls;
      admitted.decision = services.limiter.take("admin", admitted.name, limit, services.clock.now_ms());
    }
    const std::optional<RateDecision> decision = admitted.decision;
    request.attachment = std::move(admitted);
    if (!decision || decision->allowed) return std::nullopt;
    return refused_by(request, "admin", *decision);
  };
}

const std::string& operator_of(const http::Request& request) {
  return std::any_cast<const Operator&>(request.attachment).name;
}

Actor actor_of(const http::Request& request) {
  return {operator_of(request), request.request_id};
}

http::Place admit_place(const Services& services) {
  // A foreign issuer's keys may have to be fetched, and another process asked what it has counted.
  const bool may_block = !services.authenticator.options().jwks_url.empty() || services.limiter.may_block();
  return may_block ? http::Place::kPool : services.read_place();
}

std::optional<RateDecision> rate_decision_of(const http::Request& request) {
  if (const auto* caller = std::any_cast<Operator>(&request.attachment)) return caller->decision;
  const auto* admitted = std::any_cast<Admitted>(&request.attachment);
  return admitted == nullptr ? std::nullopt : admitted->decision;
}

void set_rate_decision(http::Request& request, const RateDecision& decision) {
  if (auto* admitted = std::any_cast<Admitted>(&request.attachment)) admitted->decision = decision;
}

void with_rate_headers(const http::Request& request, http::Response& response) {
  if (const auto decision = rate_decision_of(request)) add_rate_headers(request, *decision, response);
}

http::Handler handler(std::function<Result<http::Response>(http::Request&)> body) {
  return [body = std::move(body)](http::Request& request) -> http::Response {
    auto answered = body(request);
    if (!answered) log_cause(request.request_id, request.path, answered.error());
    if (!answered && answered.error().refused_bound) {
      const RefusedBound& bound = *answered.error().refused_bound;
      set_rate_decision(request, {false, bound.limit, 0, bound.resets_at_ms});
    }
    http::Response response = answered ? std::move(*answered) : render_error(request, answered.error());
    with_rate_headers(request, response);
    return response;
  };
}

}  // namespace tintype::api
