#include "base/json_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace tintype {
namespace {

TEST(JsonText, AnObjectHasItsFieldsInOrder) {
  const std::string id = "img_1";
  const JsonText json = {{"id", id}, {"size", 12}, {"public", false}, {"note", nullptr}, {"ratio", 0.25}};
  EXPECT_EQ(json.text(), R"({"id":"img_1","size":12,"public":false,"note":null,"ratio":0.25})");
}

TEST(JsonText, ObjectsAndArraysNest) {
  JsonText jobs = JsonText::array();
  EXPECT_EQ(jobs.text(), "[]");
  jobs.push_back(JsonText{{"id", "a"}});
  jobs.push_back(JsonText());
  jobs.push_back("b");
  JsonText image = {{"owner", {{"name", "Ann"}, {"roles", JsonText::array({"user", "admin"})}}}};
  image.add("jobs", jobs);
  EXPECT_EQ(image.text(), R"({"owner":{"name":"Ann","roles":["user","admin"]},"jobs":[{"id":"a"},{},"b"]})");
}

TEST(JsonText, AddingBeginsAtAnEmptyObject) {
  JsonText json;
  EXPECT_EQ(json.text(), "{}");
  json.add("a", 1).add("b", 2);
  EXPECT_EQ(json.text(), R"({"a":1,"b":2})");
}

TEST(JsonText, AnOptionalIsItsValueOrNull) {
  const JsonText json = {
      {"a", std::optional<std::string>("x")}, {"b", std::optional<int>()}, {"c", null_or("")}, {"d", null_or("text")}};
  EXPECT_EQ(json.text(), R"({"a":"x","b":null,"c":null,"d":"text"})");
}

TEST(JsonText, NothingInATextCanBreakOut) {
  const JsonText json = {{"quote\"", "a\\\"b"}, {"lines", std::string_view("\r\n\0\x7f", 4)}};
  EXPECT_EQ(json.text(), R"({"quote\"":"a\\\"b","lines":"\u000d\u000a\u0000\u007f"})");
}

TEST(JsonText, Utf8StaysAndOtherBytesAreReplaced) {
  const JsonText json = {{"utf8", "\xc3\xa4"}, {"cut", "a\xc3"}, {"surrogate", "\xed\xa0\x80"}};
  EXPECT_EQ(json.text(), "{\"utf8\":\"\xc3\xa4\",\"cut\":\"a\\ufffd\",\"surrogate\":\"\\ufffd\\ufffd\\ufffd\"}");
}

TEST(JsonText, NumbersKeepTheirValue) {
  const JsonText json = {{"least", std::numeric_limits<std::int64_t>::min()},
                         {"most", std::numeric_limits<std::int64_t>::max()},
                         {"third", 1.0 / 3},
                         {"nan", std::nan("")},
                         {"infinite", std::numeric_limits<double>::infinity()}};
  EXPECT_EQ(json.text(), R"({"least":-9223372036854775808,"most":9223372036854775807,"third":0.3333333333333333,)"
                         R"("nan":null,"infinite":null})");
}

}  // namespace
}  // namespace tintype
