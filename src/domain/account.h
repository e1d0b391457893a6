// Who calls.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/api_key.h"

namespace tintype {

enum class Role { kUser, kAdmin };

struct User {
  std::string id;     // UUID
  std::string email;  // trimmed and lower-cased; unique
  std::string name;
  std::string password_hash;  // argon2id in its own string form; empty when the user only comes by JWKS
  Role role = Role::kUser;
  std::string plan = "free";
  std::optional<UnixMs> banned_at_ms;
  UnixMs created_at_ms = 0;
  UnixMs updated_at_ms = 0;
};

// Where a request came from.
struct Caller {
  std::string remote_address;
  std::string user_agent;  // as the program that called names itself; may be empty
};

// A signed-in session. Its token, and each refresh token made under it, is kept as a SHA-256 and shown once.
struct Session {
  std::string id;  // UUID; `session_id` in a JWT
  std::string user_id;
  std::string token_hash;  // SHA-256 of the session token, hex
  UnixMs created_at_ms = 0;
  UnixMs expires_at_ms = 0;
  UnixMs last_used_at_ms = 0;  // to some minutes
  Caller caller;               // who signed in
};

// One link of a session's refresh chain. Using a spent link again means it was stolen: the session ends.
struct RefreshToken {
  std::string token_hash;
  std::string session_id;
  UnixMs created_at_ms = 0;
  UnixMs expires_at_ms = 0;
  std::optional<UnixMs> used_at_ms;
};

enum class CredentialKind { kSessionCookie, kSessionBearer, kJwt, kApiKey };

// Who stands behind a request, once the credential has been checked.
struct Principal {
  std::string user_id;
  std::string email;
  std::string session_id;  // empty for a JWT of a foreign issuer
  Role role = Role::kUser;
  std::string plan;
  CredentialKind credential = CredentialKind::kSessionBearer;
  UnixMs expires_at_ms = 0;  // of the session; 0 for a JWT of a foreign issuer
  // With kApiKey alone.
  std::string api_key_id;
  std::string key_plan;
  KeyEnvironment key_environment = KeyEnvironment::kLive;
  Scopes scopes;
};

// What a bound per address counts by: an IPv4 address itself, of an IPv6 address its /64, as that is what one customer
// is given (RFC 6177). What is no address is counted as it stands.
std::string network_of(std::string_view address);

const char* role_name(Role role);  // "user" | "admin"
std::optional<Role> parse_role(const std::string& name);

}  // namespace tintype
