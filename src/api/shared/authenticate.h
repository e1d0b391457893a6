// Finds out who calls: `Authorization: Bearer X` (`pk_live_` and `pk_test_` make it an API key, two dots a JWT,
// anything else is a session token), the session cookie, or for admin routes `x-admin-key`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "domain/account.h"
#include "domain/audit_entry.h"
#include "http/message.h"
#include "http/router.h"
#include "ports/rate_limiter.h"

namespace tintype {
class OutboundHttp;
namespace app {
class Accounts;
class ApiKeys;
}  // namespace app
}  // namespace tintype

namespace tintype::api {

struct Services;

struct AuthOptions {
  std::string jwt_secret;  // HS256, for our own tokens
  std::string public_url;  // iss is {public_url}/auth/v1
  std::string jwks_url;    // of a trusted foreign issuer; empty: none
  std::string jwks_issuer;
  std::string jwks_audience = "authenticated";
  std::string admin_key;
  std::int64_t jwt_seconds = 3600;
  std::vector<std::string> trusted_origins;  // may write with a cookie from elsewhere: those CORS lets send one
  RateLimit admin_calls{60, 60'000};         // of each operator
  RateLimit admin_key_tries{10, 900'000};    // wrong admin keys from an address
};

class Authenticator {
 public:
  Authenticator(app::Accounts& accounts, app::ApiKeys& api_keys, OutboundHttp& outbound, const Clock& clock,
                AuthOptions options);
  ~Authenticator();

  // kUnauthorized when there is no credential or it does not hold; kForbidden for a banned user, for an API key where
  // none is taken or which lacks the scope (see key_scopes.h), and for a cookie-authenticated write from another origin
  // (Origin or Sec-Fetch-Site says so).
  Result<Principal> authenticate(const http::Request& request, bool is_write = false);  // a write whatever its method
  // The admin key in constant time, or a session of a user with the role admin; never an API key. Answers who it is,
  // for the log: "admin key", or the user's id.
  Result<std::string> require_admin(const http::Request& request);

  // An access token as GoTrue makes it: iss, aud, sub, email, role, session_id, iat, exp.
  std::string mint_jwt(const User& user, const Session& session) const;
  const AuthOptions& options() const { return options_; }
  // Before anybody is let in.
  void set_public_url(std::string url) { options_.public_url = std::move(url); }

 private:
  class Jwks;
  Result<Principal> by_jwt(std::string_view token);
  Result<Principal> by_key(const http::Request& request, std::string_view text);

  app::Accounts& accounts_;
  app::ApiKeys& api_keys_;
  const Clock& clock_;
  AuthOptions options_;
  std::unique_ptr<Jwks> jwks_;
};

// Where a request came from, for the session that it begins.
Caller caller_of(const http::Request& request);

// What `admit` leaves in Request::attachment, for `principal_of`.
const Principal& principal_of(const http::Request& request);

// A named bound of the rate-limit table.
struct RouteLimit {
  const char* bucket = nullptr;  // null: none
  RateLimit limit;
};

// The answer to one request too many, in its surface's dialect, with Retry-After and what X-RateLimit-... say.
http::Response refused_by(const http::Request& request, std::string_view bucket, const RateDecision& decision);

// The admit hook of nearly every route: authenticates, names the user as the request's client, takes from the user's
// bucket, and refuses in the surface's dialect. Refusals by the bucket carry Retry-After, X-RateLimit-Remaining and
// X-RateLimit-Reset (epoch seconds); answers of limited routes carry the latter two as well (see with_rate_headers).
http::Admit admit_user(const Services& services, RouteLimit limit = {});

// The same for a GET that changes something: from another site it is refused as a write is.
http::Admit admit_writer(const Services& services);

// The admit hook of routes that public things are read by: a request without a credential goes through as nobody's, one
// whose credential does not hold is refused. The waits of those who are nobody count for their address.
http::Admit admit_anyone(const Services& services);

// Lets a request through as this user's, whatever it brought: for URLs that are credentials themselves.
void admit_as(http::Request& request, Principal principal);

// Who calls a route of admit_anyone; nothing for nobody.
std::optional<Principal> viewer_of(const http::Request& request);

// The admit hook of operators' routes: see require_admin. Each operator has calls of his own in a minute, and wrong
// admin keys are counted by address.
http::Admit admit_admin(const Services& services);

// Who calls a route of admit_admin: "admin key", or the user's id.
const std::string& operator_of(const http::Request& request);
// The same, for the audit log.
Actor actor_of(const http::Request& request);

// Where admit_user runs: on the event loop unless a credential may have to be looked up elsewhere.
http::Place admit_place(const Services& services);

// What the answer to this request says of its caller's limits: the decision that its admit hook took or looked up, or
// the one put in its place since; nothing where there is none.
std::optional<RateDecision> rate_decision_of(const http::Request& request);
void set_rate_decision(http::Request& request, const RateDecision& decision);  // nothing when nobody was admitted

// Adds X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset of rate_decision_of(), if there is one.
void with_rate_headers(const http::Request& request, http::Response& response);

// Wraps a handler of an admitted route: renders its error in the dialect (logging a cause), adds the rate headers.
http::Handler handler(std::function<Result<http::Response>(http::Request&)> body);

}  // namespace tintype::api
