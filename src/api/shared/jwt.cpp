#include "api/shared/jwt.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>

#include "api/shared/json_body.h"
#include "base/bytes.h"
#include "base/openssl_handle.h"
#include "base/signed_token.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kClockSkewMs = 30'000;
constexpr std::size_t kTokenLengthMax = 8'192;

std::unexpected<Error> refused() {
  return fail(ErrorCode::kUnauthorized, "You must be logged in to access this resource", "Please log in and try again");
}

struct Parts {
  std::string_view signed_part;
  Json header;
  Json payload;
  std::string signature;
};

std::optional<Parts> take_apart(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  if (token.size() > kTokenLengthMax || first == token.npos || second == token.npos) return std::nullopt;
  const auto header = base64url_decode(token.substr(0, first));
  const auto payload = base64url_decode(token.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(token.substr(second + 1));
  if (!header || !payload || !signature) return std::nullopt;
  Parts parts{token.substr(0, second), Json::parse(*header, nullptr, false), Json::parse(*payload, nullptr, false),
              std::move(*signature)};
  if (!parts.header.is_object() || !parts.payload.is_object()) return std::nullopt;
  return parts;
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> seconds_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  // A far date is as good as a later one; past this bound milliseconds would no longer fit.
  constexpr double kSecondsMax = 1e12;
  return static_cast<std::int64_t>(std::clamp(found->get<double>(), -kSecondsMax, kSecondsMax));
}

bool audience_fits(const Json& payload, const std::string& expected) {
  const auto found = payload.find("aud");
  if (found == payload.end()) return false;
  if (found->is_string()) return found->get<std::string>() == expected;
  if (!found->is_array()) return false;
  for (const Json& one : *found) {
    if (one.is_string() && one.get<std::string>() == expected) return true;
  }
  return false;
}

Result<Claims> check_claims(const Json& payload, const JwtExpectation& expected, UnixMs now_ms) {
  const auto expires = seconds_of(payload, "exp");
  const auto not_before = seconds_of(payload, "nbf");
  Claims claims{text_of(payload, "iss"), text_of(payload, "sub"), text_of(payload, "email"),
                text_of(payload, "session_id")};
  if (!expires || *expires * 1000 <= now_ms - kClockSkewMs) return refused();
  if (not_before && *not_before * 1000 > now_ms + kClockSkewMs) return refused();
  if (claims.issuer != expected.issuer || !audience_fits(payload, expected.audience)) return refused();
  if (claims.subject.empty() || claims.subject.size() > 255) return refused();
  return claims;
}

}  // namespace

std::optional<std::string> jwt_key_id(std::string_view token) {
  const auto parts = take_apart(token);
  if (!parts) return std::nullopt;
  return text_of(parts->header, "kid");
}

std::string sign_hs256(std::string_view payload_json, std::string_view secret) {
  return signed_token(R"({"alg":"HS256","typ":"JWT"})", payload_json,
                      [&](std::string_view text) { return hmac_sha256(secret, text); });
}

Result<Claims> verify_hs256(std::string_view token, std::string_view secret, const JwtExpectation& expected,
                            UnixMs now_ms) {
  const auto parts = take_apart(token);
  if (!parts || text_of(parts->header, "alg") != "HS256" || parts->header.contains("crit")) return refused();
  if (!constant_time_equal(hmac_sha256(secret, parts->signed_part), parts->signature)) return refused();
  return check_claims(parts->payload, expected, now_ms);
}

struct KeySet::Key {
  std::string algorithm;
  OpensslHandle<EVP_PKEY_free> key;
};

KeySet::KeySet() = default;
KeySet::~KeySet() = default;

namespace {

using Pkey = OpensslHandle<EVP_PKEY_free>;

Pkey key_from(const char* type, OSSL_PARAM* params) {
  EVP_PKEY* key = nullptr;
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
  if (context == nullptr || EVP_PKEY_fromdata_init(context) != 1 ||
      EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
    key = nullptr;
  }
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(params);
  return Pkey(key);
}

Pkey rsa_key(const std::string& modulus, const std::string& exponent) {
  const auto number = [](const std::string& bytes) {
    return OpensslHandle<BN_free>(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
  };
  const auto n = number(modulus), e = number(exponent);
  const OpensslHandle<OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return key_from("RSA", OSSL_PARAM_BLD_to_param(builder.get()));
}

Pkey p256_key(const std::string& x, const std::string& y) {
  const std::string point = std::string(1, '\x04') + x + y;
  const OpensslHandle<OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return key_from("EC", OSSL_PARAM_BLD_to_param(builder.get()));
}

// ES256 signatures are r and s side by side (RFC 7518, section 3.4); OpenSSL wants them in DER.
std::optional<std::string> der_of(const std::string& raw) {
  if (raw.size() != 64) return std::nullopt;
  const auto* bytes = reinterpret_cast<const unsigned char*>(raw.data());
  const OpensslHandle<ECDSA_SIG_free> signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return std::nullopt;
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

bool verify_signature(EVP_PKEY* key, std::string_view signed_part, const std::string& signature) {
  const OpensslHandle<EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size()) == 1;
}

}  // namespace

Result<std::shared_ptr<const KeySet>> KeySet::parse(std::string_view json) {
  constexpr std::size_t kKeysMax = 64;
  const Json document = Json::parse(json, nullptr, false);
  if (!document.is_object() || !document.contains("keys") || !document["keys"].is_array()) {
    return fail_internal("the JWKS is not a key set");
  }
  std::shared_ptr<KeySet> set(new KeySet);
  for (const Json& entry : document["keys"]) {
    if (!entry.is_object() || set->keys_.size() >= kKeysMax) continue;
    auto key = std::make_unique<Key>();
    const std::string type = text_of(entry, "kty");
    if (text_of(entry, "use") == "enc") continue;
    if (type == "RSA") {
      const auto n = base64url_decode(text_of(entry, "n")), e = base64url_decode(text_of(entry, "e"));
      // RSA under 2048 bits is not worth the name any more.
      if (!n || !e || n->size() < 256 || n->size() > 1024) continue;
      key->algorithm = "RS256";
      key->key = rsa_key(*n, *e);
    } else if (type == "EC" && text_of(entry, "crv") == "P-256") {
      const auto x = base64url_decode(text_of(entry, "x")), y = base64url_decode(text_of(entry, "y"));
      if (!x || !y || x->size() != 32 || y->size() != 32) continue;
      key->algorithm = "ES256";
      key->key = p256_key(*x, *y);
    }
    if (key->key) set->keys_[text_of(entry, "kid")] = std::move(key);
  }
  return std::shared_ptr<const KeySet>(std::move(set));
}

Result<Claims> KeySet::verify(std::string_view token, const JwtExpectation& expected, UnixMs now_ms) const {
  const auto parts = take_apart(token);
  if (!parts || parts->header.contains("crit")) return refused();
  const auto found = keys_.find(text_of(parts->header, "kid"));
  if (found == keys_.end() || text_of(parts->header, "alg") != found->second->algorithm) return refused();
  const auto signature =
      found->second->algorithm == "ES256" ? der_of(parts->signature) : std::optional(parts->signature);
  if (!signature || !verify_signature(found->second->key.get(), parts->signed_part, *signature)) return refused();
  return check_claims(parts->payload, expected, now_ms);
}

}  // namespace tintype::api
