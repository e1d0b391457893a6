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

TEST(JsonText, TheFieldsOfAnotherObjectComeBehind) {
  JsonText json;
  json.add_all("").add_all("{}").add_all(R"({"a":1})").add("b", 2).add_all(R"({"c":{},"d":[]})");
  EXPECT_EQ(json.text(), R"({"a":1,"b":2,"c":{},"d":[]})");
}

TEST(JsonText, AnOptionalIsItsValueOrNull) {
  const JsonText json = {
      {"a", std::optional<std::string>("x")}, {"b", std::optional<int>()}, {"c", null_or("")}, {"d", null_or("text")}};
  EXPECT_EQ(json.text(), R"({"a":"x","b":null,"c":null,"d":"text"})");
}

TEST(JsonText, NothingInATextCanBreakOut) {
  const JsonText json = {{"quote\"", "a\\\"b"}, {"lines", std::string_view("\b\t\n\f\r\0\x1f\x7f", 8)}};
  EXPECT_EQ(json.text(), R"({"quote\"":"a\\\"b","lines":"\b\t\n\f\r\u0000\u001f)"
                         "\x7f\"}");
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

// What Node.js prints for them.
TEST(JsonText, NumbersLookAsInJavaScript) {
  const std::pair<double, const char*> numbers[] = {{18.5, "18.5"},
                                                    {18.0, "18"},
                                                    {-0.0, "0"},
                                                    {-2.5, "-2.5"},
                                                    {0.1 + 0.2, "0.30000000000000004"},
                                                    {100'000, "100000"},
                                                    {123'456'789'012'345'680.0, "123456789012345680"},
                                                    {1e20, "100000000000000000000"},
                                                    {1e21, "1e+21"},
                                                    {1.5e300, "1.5e+300"},
                                                    {0.000001, "0.000001"},
                                                    {0.00001234, "0.00001234"},
                                                    {1e-7, "1e-7"},
                                                    {1.25e-9, "1.25e-9"},
                                                    {5e-324, "5e-324"}};
  for (const auto& [number, text] : numbers) {
    EXPECT_EQ(JsonText::array({number}).text(), "[" + std::string(text) + "]");
  }
}

TEST(JsonText, JsonThatIsThereAlreadyIsTakenAsItStands) {
  EXPECT_EQ((JsonText{{"metadata", JsonText::of(R"({"order":"7"})")}}).text(), R"({"metadata":{"order":"7"}})");
}

}  // namespace
}  // namespace tintype
