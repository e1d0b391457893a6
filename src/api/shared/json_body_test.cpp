#include "api/shared/json_body.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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
  for (const std::string& text : {body, "{\"a\":" + body + "}"}) {
    const auto parsed = parse(text);
    RC_ASSERT(!parsed || parsed->is_object());
  }
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

}  // namespace
}  // namespace tintype::api
