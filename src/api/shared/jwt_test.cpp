#include "api/shared/jwt.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "api/shared/json_body.h"
#include "base/bytes.h"
#include "base/openssl_handle.h"

namespace tintype::api {
namespace {

constexpr UnixMs kNowMs = 1'700'000'000'000;
constexpr std::int64_t kNow = kNowMs / 1000;
constexpr const char* kSecret = "a secret of thirty-two bytes, ok";
const JwtExpectation kExpected{"https://issuer.test", "authenticated"};

Json claims() {
  return {{"iss", kExpected.issuer}, {"aud", kExpected.audience}, {"sub", "user"},
          {"exp", kNow + 600},       {"email", "a@b.test"},       {"session_id", "session"}};
}

std::string signed_part(const Json& header, const Json& payload) {
  return base64url_encode(header.dump()) + "." + base64url_encode(payload.dump());
}

std::string with_hmac(const Json& header, const Json& payload, std::string_view key) {
  const std::string part = signed_part(header, payload);
  return part + "." + base64url_encode(hmac_sha256(key, part));
}

bool holds(const std::string& token) {
  return verify_hs256(token, kSecret, kExpected, kNowMs).has_value();
}

bool holds(const Json& payload) {
  return holds(sign_hs256(payload.dump(), kSecret));
}

using Pkey = OpensslHandle<EVP_PKEY_free>;

Pkey new_rsa(std::size_t bits) {
  return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
}

Pkey new_p256() {
  return Pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

std::string number(const Pkey& key, const char* name, int width_bytes = 0) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key.get(), name, &value);
  const int width = width_bytes > 0 ? width_bytes : BN_num_bytes(value);
  std::string bytes(static_cast<std::size_t>(width), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), width);
  BN_free(value);
  return base64url_encode(bytes);
}

Json rsa_entry(const Pkey& key, const char* key_id) {
  return {{"kty", "RSA"},
          {"kid", key_id},
          {"n", number(key, OSSL_PKEY_PARAM_RSA_N)},
          {"e", number(key, OSSL_PKEY_PARAM_RSA_E)}};
}

Json p256_entry(const Pkey& key, const char* key_id) {
  return {{"kty", "EC"},
          {"crv", "P-256"},
          {"kid", key_id},
          {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32)},
          {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
}

std::string sign(const Pkey& key, const std::string& part) {
  const OpensslHandle<EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(part.data());
  std::size_t size = 0;
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
  EVP_DigestSign(context.get(), nullptr, &size, bytes, part.size());
  std::string signature(size, '\0');
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, part.size());
  signature.resize(size);
  return signature;
}

// r and s side by side, out of OpenSSL's DER.
std::string raw_of(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const OpensslHandle<ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  std::string raw(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32);
  return raw;
}

std::shared_ptr<const KeySet> key_set(const Json& entries) {
  auto parsed = KeySet::parse(Json{{"keys", entries}}.dump());
  if (!parsed) throw std::runtime_error(parsed.error().cause);
  return *parsed;
}

TEST(Jwt, OwnTokenHoldsAndTellsItsClaims) {
  const auto read = verify_hs256(sign_hs256(claims().dump(), kSecret), kSecret, kExpected, kNowMs);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->subject, "user");
  EXPECT_EQ(read->email, "a@b.test");
  EXPECT_EQ(read->session_id, "session");
}

TEST(Jwt, AlgorithmIsTheKeysNotTheTokens) {
  EXPECT_TRUE(holds(with_hmac({{"alg", "HS256"}}, claims(), kSecret)));
  for (const char* algorithm : {"none", "None", "HS512", "RS256", "hs256", ""}) {
    EXPECT_FALSE(holds(with_hmac({{"alg", algorithm}}, claims(), kSecret))) << algorithm;
    EXPECT_FALSE(holds(signed_part({{"alg", algorithm}}, claims()) + ".")) << algorithm;
  }
  EXPECT_FALSE(holds(with_hmac({{"alg", 256}}, claims(), kSecret)));
  EXPECT_FALSE(holds(with_hmac(Json::object(), claims(), kSecret)));
  EXPECT_FALSE(holds(with_hmac({{"alg", "HS256"}, {"crit", {"b64"}}}, claims(), kSecret)));
}

TEST(Jwt, AnotherSecretOrAnotherByteIsRefused) {
  EXPECT_FALSE(holds(sign_hs256(claims().dump(), "another secret")));
  EXPECT_FALSE(holds(sign_hs256(claims().dump(), "")));
  const std::string token = sign_hs256(claims().dump(), kSecret);
  for (std::size_t i = 0; i < token.size(); ++i) {
    EXPECT_FALSE(holds(token.substr(0, i))) << i;
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    // The last digit of a signature carries bits that mean nothing; the decoder is strict about them.
    EXPECT_FALSE(holds(changed)) << i;
  }
  EXPECT_FALSE(holds(token + "."));
  EXPECT_FALSE(holds(token + "A"));
}

TEST(Jwt, TimesIssuerAudienceAndSubjectAreChecked) {
  const auto changed = [](const char* name, const Json& value) {
    Json payload = claims();
    payload[name] = value;
    return payload;
  };
  const auto without = [](const char* name) {
    Json payload = claims();
    payload.erase(name);
    return payload;
  };
  EXPECT_FALSE(holds(changed("exp", kNow - 31)));
  EXPECT_TRUE(holds(changed("exp", kNow - 10))) << "clocks may differ a little";
  EXPECT_TRUE(holds(changed("exp", 1e300)));
  EXPECT_FALSE(holds(changed("exp", -1e300)));
  EXPECT_FALSE(holds(changed("exp", "tomorrow")));
  EXPECT_FALSE(holds(changed("nbf", kNow + 31)));
  EXPECT_FALSE(holds(changed("nbf", 1e300)));
  EXPECT_TRUE(holds(changed("nbf", kNow)));
  EXPECT_FALSE(holds(changed("iss", "https://other.test")));
  EXPECT_FALSE(holds(changed("aud", "anon")));
  EXPECT_TRUE(holds(changed("aud", {"other", "authenticated"})));
  EXPECT_FALSE(holds(changed("aud", Json::array())));
  EXPECT_FALSE(holds(changed("sub", "")));
  EXPECT_FALSE(holds(changed("sub", std::string(256, 'a'))));
  for (const char* name : {"exp", "iss", "aud", "sub"}) EXPECT_FALSE(holds(without(name))) << name;
}

TEST(Jwt, WhatIsNoTokenIsRefused) {
  for (const char* token : {"", ".", "..", "...", "a.b.c", "e30.e30.", "W10.W10.W10", "bnVsbA.bnVsbA.bnVsbA"}) {
    EXPECT_FALSE(holds(std::string(token))) << token;
  }
  EXPECT_FALSE(jwt_key_id("no token"));
  EXPECT_FALSE(holds(std::string(100'000, 'A') + ".e30.e30"));
  EXPECT_EQ(jwt_key_id(sign_hs256("{}", kSecret)), "");
}

TEST(KeySet, TakesTokensOfItsKeys) {
  const Pkey rsa = new_rsa(2048), p256 = new_p256();
  const auto keys = key_set({rsa_entry(rsa, "r"), p256_entry(p256, "e")});
  const std::string by_rsa = signed_part({{"alg", "RS256"}, {"kid", "r"}}, claims());
  const std::string by_p256 = signed_part({{"alg", "ES256"}, {"kid", "e"}}, claims());
  const std::string rsa_token = by_rsa + "." + base64url_encode(sign(rsa, by_rsa));
  const std::string p256_token = by_p256 + "." + base64url_encode(raw_of(sign(p256, by_p256)));
  EXPECT_TRUE(keys->verify(rsa_token, kExpected, kNowMs));
  EXPECT_TRUE(keys->verify(p256_token, kExpected, kNowMs));
  EXPECT_EQ(jwt_key_id(rsa_token), "r");
  EXPECT_FALSE(keys->verify(rsa_token, kExpected, kNowMs + 700'000)) << "expired";
  EXPECT_FALSE(keys->verify(rsa_token, {"https://other.test", "authenticated"}, kNowMs));
  EXPECT_FALSE(keys->verify(by_p256 + "." + base64url_encode(sign(p256, by_p256)), kExpected, kNowMs))
      << "RFC 7518 does not know DER";
  EXPECT_FALSE(keys->verify(by_p256 + "." + base64url_encode(std::string(64, '\0')), kExpected, kNowMs));
}

TEST(KeySet, KeysAndAlgorithmsAreNotExchangeable) {
  const Pkey rsa = new_rsa(2048), p256 = new_p256();
  const Json entry = rsa_entry(rsa, "r");
  const auto keys = key_set({entry, p256_entry(p256, "e")});
  const auto refused = [&](const Json& header, const std::function<std::string(const std::string&)>& signer) {
    const std::string part = signed_part(header, claims());
    return !keys->verify(part + "." + base64url_encode(signer(part)), kExpected, kNowMs);
  };
  const auto by_rsa = [&](const std::string& part) { return sign(rsa, part); };
  // The old trick: the public key as an HMAC secret.
  const std::string modulus = base64url_decode(entry["n"].get<std::string>()).value_or("");
  EXPECT_TRUE(refused({{"alg", "HS256"}, {"kid", "r"}}, [&](const auto& part) { return hmac_sha256(modulus, part); }));
  EXPECT_TRUE(refused({{"alg", "none"}, {"kid", "r"}}, [](const auto&) { return std::string(); }));
  EXPECT_TRUE(refused({{"alg", "RS256"}, {"kid", "e"}}, by_rsa));
  EXPECT_TRUE(refused({{"alg", "ES256"}, {"kid", "r"}}, by_rsa));
  EXPECT_TRUE(refused({{"alg", "RS256"}, {"kid", "unknown"}}, by_rsa));
  EXPECT_TRUE(refused({{"alg", "RS256"}}, by_rsa)) << "no kid";
  EXPECT_TRUE(refused({{"alg", "RS256"}, {"kid", "r"}, {"crit", {"exp"}}}, by_rsa));
  EXPECT_TRUE(
      refused({{"alg", "RS256"}, {"kid", "r"}}, [](const std::string& part) { return sign(new_rsa(2048), part); }));
}

TEST(KeySet, PassesOverWhatItDoesNotTake) {
  Json off_curve = p256_entry(new_p256(), "off");
  off_curve["x"] = base64url_encode(std::string(32, '\x01'));
  Json encryption = p256_entry(new_p256(), "encryption");
  encryption["use"] = "enc";
  const auto keys = key_set({rsa_entry(new_rsa(1024), "short"),
                             off_curve,
                             encryption,
                             5,
                             "text",
                             {{"kty", "oct"}, {"kid", "secret"}, {"k", "AAAA"}},
                             {{"kty", "RSA"}, {"kid", "bare"}},
                             p256_entry(new_p256(), "good")});
  for (const char* id : {"short", "off", "encryption", "secret", "bare", ""}) EXPECT_FALSE(keys->has(id)) << id;
  EXPECT_TRUE(keys->has("good"));
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", "<html>"}) EXPECT_FALSE(KeySet::parse(text)) << text;
}

TEST(KeySet, HoldsABoundedNumberOfKeys) {
  const Json entry = p256_entry(new_p256(), "");
  Json entries = Json::array();
  for (int i = 0; i < 200; ++i) {
    entries.push_back(entry);
    entries.back()["kid"] = std::to_string(i);
  }
  const auto keys = key_set(entries);
  int held = 0;
  for (int i = 0; i < 200; ++i) held += keys->has(std::to_string(i));
  EXPECT_EQ(held, 64);
}

}  // namespace
}  // namespace tintype::api
