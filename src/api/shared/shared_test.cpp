#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <rapidcheck/gtest.h>

#include "api/shared/dialect.h"
#include "api/shared/json_body.h"
#include "api/shared/jwt.h"
#include "base/bytes.h"
#include "base/openssl_handle.h"

namespace tintype::api {
namespace {

http::Request with_body(std::string body, const char* type = "application/json") {
  http::Request request;
  request.headers.add("Content-Type", type);
  request.body = std::move(body);
  return request;
}

ErrorCode code_of(const std::string& body) {
  const auto parsed = parse_json_body(with_body(body));
  return parsed ? ErrorCode::kInternal : parsed.error().code;
}

TEST(JsonBody, IsStrict) {
  EXPECT_TRUE(parse_json_body(with_body(R"({"a":[1,{"b":null}]})")));
  EXPECT_TRUE(parse_json_body(with_body("{}", "Application/JSON; charset=utf-8")));
  EXPECT_EQ(parse_json_body(with_body("{}", "text/plain")).error().code, ErrorCode::kUnsupportedMediaType);
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), std::string("1"), std::string(), std::string(R"({"a":1,"a":2})"),
        std::string(R"({"a":{"b":1,"b":1}})"), std::string("{\"a\":\"\xff\"}"), std::string("{} {}"),
        "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"}) {
    EXPECT_EQ(code_of(bad), ErrorCode::kInvalidInput) << bad;
  }
}

RC_GTEST_PROP(JsonBody, NothingMakesItThrow, (const std::string& body)) {
  static_cast<void>(parse_json_body(with_body(body)));
  static_cast<void>(parse_json_body(with_body("{\"a\":" + body + "}")));
}

TEST(ObjectReader, NamesWhatIsWrong) {
  const auto message = [](const char* text, auto read) {
    const Json object = Json::parse(text);
    ObjectReader fields(object);
    read(fields);
    const auto finished = fields.finish();
    return finished ? std::string() : finished.error().message;
  };
  const auto name = [](ObjectReader& fields) { fields.required_string("name", 1, 5); };
  const auto count = [](ObjectReader& fields) { fields.optional_integer("count", 1, 9); };
  EXPECT_EQ(message(R"({"name":"ok"})", name), "");
  for (const char* text : {R"({})", R"({"name":null})", R"({"name":""})", R"({"name":"too long"})", R"({"name":1})",
                           R"({"name":"a\u0000"})"}) {
    EXPECT_NE(message(text, name).find("name"), std::string::npos) << text;
  }
  EXPECT_NE(message(R"({"name":"ok","more":1})", name).find("more"), std::string::npos);
  EXPECT_EQ(message(R"({"count":9})", count), "");
  for (const char* text : {R"({"count":0})", R"({"count":1.0})", R"({"count":"1"})", R"({"count":1e3})",
                           R"({"count":99999999999999999999})"}) {
    EXPECT_NE(message(text, count).find("count"), std::string::npos) << text;
  }
}

TEST(Dialect, NeverShowsTheCause) {
  for (const char* path : {"/api/images", "/auth/v1/user"}) {
    http::Request request;
    request.path = path;
    const auto response = render_error(request, fail_internal("the password of the database").error());
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(std::get<std::string>(response.body).find("password"), std::string::npos);
  }
  Error limited{ErrorCode::kRateLimited, "no"};
  limited.retry_after_seconds = 7;
  const auto response = enhancement_error(limited);
  EXPECT_EQ(response.headers.find("Retry-After"), "7");
  EXPECT_EQ(Json::parse(std::get<std::string>(response.body))["retryAfter"], 7);
}

// ---- Tokens

constexpr UnixMs kNow = 1'000'000'000'000;
const JwtExpectation kExpected{"https://issuer", "authenticated"};

std::string payload(std::int64_t expires_in_seconds = 60, const char* issuer = "https://issuer",
                    const char* audience = "authenticated") {
  return Json{{"iss", issuer},
              {"aud", audience},
              {"sub", "user"},
              {"session_id", "s"},
              {"exp", kNow / 1000 + expires_in_seconds}}
      .dump();
}

std::string token(const std::string& header, const std::string& body, const std::string& signature) {
  return base64url_encode(header) + "." + base64url_encode(body) + "." + base64url_encode(signature);
}

bool holds(const std::string& text) {
  return verify_hs256(text, "secret", kExpected, kNow).has_value();
}

TEST(Jwt, OwnTokensHoldAndOthersDoNot) {
  const auto claims = verify_hs256(sign_hs256(payload(), "secret"), "secret", kExpected, kNow);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "user");
  EXPECT_EQ(claims->session_id, "s");
  EXPECT_FALSE(holds(sign_hs256(payload(), "other secret")));
  EXPECT_FALSE(holds(sign_hs256(payload(-60), "secret"))) << "expired";
  EXPECT_FALSE(holds(sign_hs256(payload(60, "https://else"), "secret")));
  EXPECT_FALSE(holds(sign_hs256(payload(60, "https://issuer", "else"), "secret")));
  EXPECT_FALSE(holds(token(R"({"alg":"none"})", payload(), "")));
  const std::string good = sign_hs256(payload(), "secret");
  for (const std::string& bad : {good.substr(0, good.size() - 4), good + "A", std::string("a.b.c"), std::string(".."),
                                 std::string(9'000, 'a') + "." + good}) {
    EXPECT_FALSE(holds(bad));
  }
}

TEST(Jwt, TheHeaderCannotChooseTheAlgorithm) {
  for (const char* algorithm : {"none", "HS512", "RS256", "hs256", ""}) {
    const std::string header = Json{{"alg", algorithm}}.dump();
    const std::string signed_part = base64url_encode(header) + "." + base64url_encode(payload());
    EXPECT_FALSE(holds(signed_part + "." + base64url_encode(hmac_sha256("secret", signed_part)))) << algorithm;
  }
}

using Pkey = OpensslHandle<EVP_PKEY_free>;

std::string number_of(EVP_PKEY* key, const char* name, int length) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, name, &number);
  std::string bytes(static_cast<std::size_t>(length), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), length);
  BN_free(number);
  return base64url_encode(bytes);
}

std::string sign(EVP_PKEY* key, const std::string& text) {
  const OpensslHandle<EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::size_t length = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key);
  EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size());
  std::string signature(length, '\0');
  EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes, text.size());
  signature.resize(length);
  return signature;
}

std::string rs256(EVP_PKEY* key, const char* key_id, const char* algorithm = "RS256") {
  const std::string signed_part =
      base64url_encode(Json{{"alg", algorithm}, {"kid", key_id}}.dump()) + "." + base64url_encode(payload());
  return signed_part + "." + base64url_encode(sign(key, signed_part));
}

TEST(Jwks, RsaKeysHoldForTheirOwnAlgorithmAlone) {
  const Pkey key(EVP_RSA_gen(2048)), other(EVP_RSA_gen(2048));
  const Json jwks = {{"keys",
                      {{{"kty", "RSA"}, {"kid", "one"}, {"n", number_of(key.get(), "n", 256)}, {"e", "AQAB"}},
                       {{"kty", "RSA"}, {"kid", "small"}, {"n", base64url_encode(std::string(64, 'x'))}, {"e", "AQAB"}},
                       {{"kty", "oct"}, {"kid", "odd"}, {"k", "AAAA"}}}}};
  const auto keys = KeySet::parse(jwks.dump());
  ASSERT_TRUE(keys);
  EXPECT_TRUE((*keys)->has("one"));
  EXPECT_FALSE((*keys)->has("small"));
  EXPECT_FALSE((*keys)->has("odd"));
  EXPECT_TRUE((*keys)->verify(rs256(key.get(), "one"), kExpected, kNow));
  EXPECT_FALSE((*keys)->verify(rs256(other.get(), "one"), kExpected, kNow));
  EXPECT_FALSE((*keys)->verify(rs256(key.get(), "none"), kExpected, kNow));
  EXPECT_FALSE((*keys)->verify(rs256(key.get(), "one", "ES256"), kExpected, kNow));
  // A public key taken for an HMAC secret.
  const std::string header = base64url_encode(R"({"alg":"HS256","kid":"one"})") + "." + base64url_encode(payload());
  EXPECT_FALSE((*keys)->verify(header + "." + base64url_encode(hmac_sha256("key", header)), kExpected, kNow));
  EXPECT_FALSE(KeySet::parse("{}"));
  EXPECT_FALSE(KeySet::parse("no JSON"));
}

}  // namespace
}  // namespace tintype::api
