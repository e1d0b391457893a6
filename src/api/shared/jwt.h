// JSON Web Tokens (RFC 7519) as RFC 8725 wants them checked: the algorithm belongs to the key, never to the token.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace tintype::api {

struct Claims {
  std::string issuer;
  std::string subject;
  std::string email;
  std::string session_id;
};

struct JwtExpectation {
  std::string issuer;
  std::string audience;
};

// The `kid` of a token's header, empty when it has none; nothing when it is no token at all.
std::optional<std::string> jwt_key_id(std::string_view token);

// HS256. Payloads are JSON text.
std::string sign_hs256(std::string_view payload_json, std::string_view secret);
Result<Claims> verify_hs256(std::string_view token, std::string_view secret, const JwtExpectation& expected,
                            UnixMs now_ms);

// The public keys of a JSON Web Key Set (RFC 7517): RSA for RS256, P-256 for ES256; others are passed over.
class KeySet {
 public:
  static Result<std::shared_ptr<const KeySet>> parse(std::string_view json);
  ~KeySet();
  bool has(const std::string& key_id) const { return keys_.contains(key_id); }
  Result<Claims> verify(std::string_view token, const JwtExpectation& expected, UnixMs now_ms) const;

 private:
  struct Key;
  KeySet();
  std::map<std::string, std::unique_ptr<Key>> keys_;
};

}  // namespace tintype::api
