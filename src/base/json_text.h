// JSON text (RFC 8259) written straight into a string, with no tree in between: answers and log lines are made so.
// Numbers and strings are written as JSON.stringify (ECMA-262) writes them, so that JavaScript makes the same bytes of
// what it has read, as long as no name looks like an integer.
//   JsonText image = {{"id", id}, {"size", 12}, {"owner", {{"name", "Ann"}}}, {"note", nullptr}};
// Text that is not valid UTF-8 keeps its ASCII; each other byte becomes U+FFFD.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace tintype {

struct JsonField;
class JsonText;

// Refers to what it was made from: it lives no longer than the expression that it stands in.
class JsonValue {
 public:
  JsonValue(std::nullptr_t) : value_(nullptr) {}
  JsonValue(bool flag) : value_(flag) {}
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  JsonValue(T number) : value_(static_cast<std::int64_t>(number)) {}
  JsonValue(double number) : value_(number) {}  // null when it is not finite
  JsonValue(const char* text) : value_(std::string_view(text)) {}
  JsonValue(std::string_view text) : value_(text) {}
  JsonValue(const std::string& text) : value_(std::string_view(text)) {}
  JsonValue(const JsonText& json) : value_(&json) {}
  JsonValue(std::initializer_list<JsonField> object) : value_(object) {}
  template <class T>
  JsonValue(const std::optional<T>& value) : value_(value ? JsonValue(*value).value_ : Any(nullptr)) {}

 private:
  friend class JsonText;
  using Any = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string_view, const JsonText*,
                           std::initializer_list<JsonField>>;
  Any value_;
};

struct JsonField {
  std::string_view name;
  JsonValue value;
};

class JsonText {
 public:
  JsonText() : text_("{}") {}
  JsonText(std::initializer_list<JsonField> fields) { append_object(text_, fields); }  // an object
  static JsonText of(std::string text);                                                // of what is JSON already
  static JsonText array(std::initializer_list<JsonValue> items = {});

  JsonText& add(std::string_view name, JsonValue value);  // of an object
  JsonText& add_all(std::string_view object);             // of an object, the fields of another; empty: none
  JsonText& push_back(JsonValue item);                    // of an array

  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }

  // For whoever writes a line of its own around it.
  static void append(std::string& text, const JsonValue& value);

 private:
  struct Append;
  static void append_object(std::string& text, std::initializer_list<JsonField> fields);
  void begin_next();

  std::string text_;
};

// Null for an empty string.
inline JsonValue null_or(std::string_view text) {
  return text.empty() ? JsonValue(nullptr) : JsonValue(text);
}

}  // namespace tintype
