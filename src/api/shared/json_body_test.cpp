#include "api/shared/json_body.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "base/bytes.h"

namespace tintype::api {
namespace {

Result<Json> parse(std::string body, std::string type = "application/json") {
  http::Request request;
  request.headers.add("Content-Type", std::move(type));
  request.body = std::move(body);
  return parse_json_body(request);
}

std::string nested(int arrays) {
  return R"({"a":)" + std::string(static_cast<std::size_t>(arrays), '[') +
         std::string(static_cast<std::size_t>(arrays), ']') + "}";
}

TEST(JsonBody, TakesOneObjectInUtf8AndNothingElse) {
  EXPECT_TRUE(parse(R"({"a": [1, {"b": "ü"}]})"));
  EXPECT_TRUE(parse("{}", "Application/JSON; charset=utf-8"));
  for (const char* body : {"", "null", "[]", "1", "\"a\"", "{", "{}{}", "{\"a\":1,}", "{'a':1}", "{\"a\":NaN}",
                           "{\"a\":01}", "{} // comment", "{\"a\":\"\\ud800\"}", "{\"a\":1e999}"}) {
    const auto parsed = parse(body);
    ASSERT_FALSE(parsed) << body;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidInput) << body;
  }
  EXPECT_FALSE(parse("{\"a\":\"\xff\"}"));
  EXPECT_FALSE(parse("{\"a\":\"\xc0\x80\"}"));
  EXPECT_FALSE(parse("{\"a\":\"\xed\xa0\x80\"}"));
}

TEST(JsonBody, OtherTypesAreNotJson) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"}) {
    const auto parsed = parse("{}", type);
    ASSERT_FALSE(parsed) << type;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUnsupportedMediaType) << type;
  }
  EXPECT_FALSE(parse_json_body(http::Request{}));
}

TEST(JsonBody, DepthIsBoundedAndKeysStandOnce) {
  EXPECT_TRUE(parse(nested(kJsonDepthMax - 1)));
  EXPECT_FALSE(parse(nested(kJsonDepthMax)));
  EXPECT_FALSE(parse(nested(1'000'000)));
  EXPECT_FALSE(parse(R"({"a":1,"a":1})"));
  EXPECT_FALSE(parse(R"({"a":1,"\u0061":2})"));
  EXPECT_FALSE(parse(R"({"b":[{"a":1,"a":2}]})"));
  EXPECT_TRUE(parse(R"({"b":[{"a":1},{"a":2}],"a":3})"));
}

RC_GTEST_PROP(JsonBody, AnyBytesAreAnObjectOrAnError, (const std::string& body)) {
  const auto parsed = parse(body);
  RC_ASSERT(!parsed || parsed->is_object());
}

RC_GTEST_PROP(JsonBody, AnObjectThatIsCutShortIsAnError, (const std::map<std::string, std::int64_t>& numbers)) {
  Json object = Json::object();
  for (const auto& [name, value] : numbers) object[hex_encode(name)] = value;
  const std::string text = object.dump();
  RC_ASSERT(parse(text).has_value());
  RC_ASSERT(!parse(text.substr(0, *rc::gen::inRange<std::size_t>(0, text.size()))));
}

RC_GTEST_PROP(JsonBody, IntegersAreWholeAndInRange, (std::int64_t value, std::int64_t a, std::int64_t b)) {
  const std::int64_t min = std::min(a, b), max = std::max(a, b);
  const Json object = {{"n", value}};
  ObjectReader fields(object);
  const auto read = fields.optional_integer("n", min, max);
  const bool fits = value >= min && value <= max;
  RC_ASSERT(fields.finish().has_value() == fits);
  RC_ASSERT(!fits || read == value);
}

TEST(ObjectReader, NumbersThatAreNoIntegersAreRefused) {
  for (const char* number : {"1.0", "1.5", "1e2", "9223372036854775808", "18446744073709551615", "1e19", "\"1\"",
                             "true", "[]", "-9223372036854775809"}) {
    const auto object = parse(std::string(R"({"n":)") + number + "}");
    ASSERT_TRUE(object) << number;
    ObjectReader fields(*object);
    EXPECT_EQ(fields.optional_integer("n", INT64_MIN, INT64_MAX), std::nullopt) << number;
    const auto read = fields.finish();
    ASSERT_FALSE(read) << number;
    EXPECT_NE(read.error().message.find("n must be a whole number"), std::string::npos);
  }
}

TEST(ObjectReader, ReadsWhatIsThereAndNamesWhatIsWrong) {
  const Json object = {{"text", "a"}, {"flag", true}, {"list", {"x", "y"}}, {"nothing", nullptr}};
  ObjectReader fields(object);
  EXPECT_EQ(fields.required_string("text", 1, 1), "a");
  EXPECT_TRUE(fields.optional_bool("flag", false));
  EXPECT_EQ(fields.required_strings("list", 1, 2, 1), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(fields.optional_string("nothing", 0, 5), std::nullopt);
  EXPECT_EQ(fields.optional_integer("absent", 0, 1), std::nullopt);
  EXPECT_TRUE(fields.finish());

  const auto fault = [&](auto read) {
    ObjectReader one(object);
    one.ignore_unknown();
    read(one);
    const auto finished = one.finish();
    return finished ? std::string() : finished.error().message;
  };
  EXPECT_NE(fault([](auto& r) { r.required_string("absent", 0, 9); }).find("absent"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.required_string("nothing", 0, 9); }).find("nothing"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.required_string("flag", 0, 9); }).find("flag"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.required_string("text", 2, 9); }).find("text"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.optional_string("text", 0, 0); }).find("text"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.optional_bool("text", true); }).find("text"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.required_strings("list", 3, 9, 9); }).find("list"), std::string::npos);
  EXPECT_NE(fault([](auto& r) { r.required_strings("text", 0, 9, 9); }).find("text"), std::string::npos);
  EXPECT_EQ(fault([](auto&) {}), "");
}

TEST(ObjectReader, UnknownFieldsAndZeroCharactersAreRefused) {
  const Json object = {{"text", std::string("a\0b", 3)}, {"more", 1}};
  ObjectReader unknown(object);
  unknown.optional_integer("more", 0, 9);
  const auto refused = unknown.finish();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("'text'"), std::string::npos);

  ObjectReader zero(object);
  zero.ignore_unknown();
  zero.required_string("text", 1, 9);
  EXPECT_FALSE(zero.finish());
}

Json body_of(const http::Response& response) {
  return Json::parse(std::get<std::string>(response.body));
}

TEST(Dialect, EnhancementSpellsTheContractsErrors) {
  const auto unauthorized = enhancement_error({ErrorCode::kUnauthorized, "You must be logged in", ""});
  EXPECT_EQ(unauthorized.status, 401);
  EXPECT_EQ(body_of(unauthorized), (Json{{"error", "You must be logged in"},
                                         {"title", "Authentication Required"},
                                         {"suggestion", "Please log in and try again"},
                                         {"code", "UNAUTHORIZED"}}));
  Error limited{ErrorCode::kRateLimited, "You've exceeded the rate limit", ""};
  limited.retry_after_seconds = 60;
  const auto response = enhancement_error(limited);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("retry-after"), "60");
  EXPECT_EQ(body_of(response)["retryAfter"], 60);
  EXPECT_EQ(body_of(response)["code"], "RATE_LIMIT");
  EXPECT_EQ(body_of(response)["title"], "Rate Limited");
}

TEST(Dialect, ACauseIsNeverShown) {
  http::Request request;
  for (const char* path : {"/api/images", "/auth/v1/user", "/unknown"}) {
    request.path = path;
    Error error{ErrorCode::kInternal, "Something went wrong", ""};
    error.cause = "disk sda1 is full";
    const auto response = render_error(request, error);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(std::get<std::string>(response.body).find("sda1"), std::string::npos) << path;
  }
}

TEST(Dialect, GoTrueSpellsItsOwn) {
  http::Request request;
  request.path = "/auth/v1/token";
  const auto wrong = render_error(request, {ErrorCode::kUnauthorized, "Invalid login credentials", ""});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(body_of(wrong),
            (Json{{"code", 400}, {"error_code", "invalid_credentials"}, {"msg", "Invalid login credentials"}}));
  const auto stranger = render_error(request, {ErrorCode::kUnauthorized, "You must be logged in", ""});
  EXPECT_EQ(stranger.status, 401);
  EXPECT_EQ(body_of(stranger)["error_code"], "no_authorization");
  EXPECT_EQ(render_error(request, {ErrorCode::kConflict, "taken", ""}).status, 422);
}

http::Request keyed(std::string key, std::string body) {
  http::Request request;
  request.method = http::Method::kPost;
  request.path = "/api/albums";
  request.headers.add("Idempotency-Key", std::move(key));
  request.body = std::move(body);
  return request;
}

TEST(Idempotency, KeysAreVisibleAsciiAndStandOnce) {
  const Principal principal{.user_id = "u", .email = {}, .session_id = {}, .plan = {}};
  EXPECT_EQ(*idempotency_key(http::Request{}, principal.user_id), std::nullopt);
  EXPECT_TRUE(idempotency_key(keyed(std::string(255, 'k'), ""), principal.user_id));
  for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a b"), std::string("\xc3\xbc")}) {
    EXPECT_FALSE(idempotency_key(keyed(key, ""), principal.user_id)) << key;
  }
  http::Request twice = keyed("a", "");
  twice.headers.add("idempotency-key", "b");
  EXPECT_FALSE(idempotency_key(twice, principal.user_id));
}

TEST(Idempotency, FingerprintTellsPathBodyAndPartsApart) {
  const Principal principal{.user_id = "u", .email = {}, .session_id = {}, .plan = {}};
  const auto print = [&](const http::Request& request) {
    return (*idempotency_key(request, principal.user_id))->fingerprint;
  };
  const http::Request base = keyed("k", "{}");
  EXPECT_EQ(print(base), print(keyed("other", "{}")));
  EXPECT_NE(print(base), print(keyed("k", "{} ")));
  http::Request elsewhere = base;
  elsewhere.path = "/api/images";
  EXPECT_NE(print(base), print(elsewhere));
  http::Request one = keyed("k", ""), two = keyed("k", "");
  one.form.push_back({.name = "ab", .file_name = {}, .media_type = {}, .text = "c", .file = {}});
  two.form.push_back({.name = "a", .file_name = {}, .media_type = {}, .text = "bc", .file = {}});
  EXPECT_NE(print(one), print(two)) << "pieces may not run into each other";
}

}  // namespace
}  // namespace tintype::api
