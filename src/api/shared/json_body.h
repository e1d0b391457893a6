// Strict reading of JSON bodies. nlohmann's header is heavy, so only sources of the surfaces include this one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json_text.h"
#include "http/message.h"

namespace tintype::api {

using Json = nlohmann::ordered_json;

inline constexpr int kJsonDepthMax = 32;

// The body's Content-Type in lower case, without its parameters; empty when there is none.
std::string media_type_of(const http::Request& request);

// Content-Type must be application/json (kUnsupportedMediaType otherwise); the body one JSON object in valid UTF-8,
// at most kJsonDepthMax deep, no key twice.
Result<Json> parse_json_body(const http::Request& request);
// The same of a text that came otherwise; `what` names it in errors.
Result<Json> parse_json_object(std::string_view text, const std::string& what);

// Typed reading of an object's fields. Reads note what they took; finish() refuses what nobody asked for by name,
// and every read names the field in its error.
class ObjectReader {
 public:
  explicit ObjectReader(const Json& object, std::string path = {});

  std::string required_string(std::string_view name, std::size_t length_min, std::size_t length_max);
  std::optional<std::string> optional_string(std::string_view name, std::size_t length_min,
                                             std::size_t length_max);  // null is absent
  bool required_bool(std::string_view name);
  bool optional_bool(std::string_view name, bool fallback);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
  // true, false, or a number from 0 to 1: false is 0, and true is `when_true`.
  std::optional<double> optional_strength(std::string_view name, double when_true);
  // An object of strings, in its order; names and texts of at most so many bytes.
  std::optional<std::vector<std::pair<std::string, std::string>>> optional_texts(std::string_view name,
                                                                                 std::size_t count_max,
                                                                                 std::size_t name_bytes_max,
                                                                                 std::size_t text_bytes_max);
  std::vector<std::string> required_strings(std::string_view name, std::size_t count_min, std::size_t count_max,
                                            std::size_t length_max);
  // Nothing when the field is absent; an empty list is one.
  std::optional<std::vector<std::string>> optional_strings(std::string_view name, std::size_t count_max,
                                                           std::size_t length_max);
  // A list of objects, each to be read by a reader of its own whose errors name its place in the list.
  std::vector<ObjectReader> required_objects(std::string_view name, std::size_t count_min, std::size_t count_max);
  std::int64_t required_integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::vector<std::int64_t> required_integers(std::string_view name, std::size_t count_min, std::size_t count_max,
                                              std::int64_t min, std::int64_t max);
  void ignore(std::string_view name);  // whatever it holds
  void ignore_unknown();               // the sign-in routes alone
  // The first thing that was wrong, or that a field is not known; success when all is well.
  Result<void> finish();

 private:
  const Json* take(std::string_view name);
  void refuse(const std::string& message);

  const Json& object_;
  std::string path_;
  std::string field_;  // the one that was taken last
  std::vector<std::string> known_;
  bool unknown_allowed_ = false;
  std::optional<Error> error_;
};

// Of requests that have nothing to say: an empty object is taken as no body is, as many clients send one with every
// POST.
Result<void> check_empty(const http::Request& request);

inline constexpr const char* kJsonMediaType = "application/json; charset=utf-8";

http::Response json_response(int status, JsonText body);

}  // namespace tintype::api
