#include "base/json_text.h"

#include <charconv>
#include <cmath>

#include "base/bytes.h"

namespace tintype {

namespace {

// Bitwise, so that a loop over it has no branches.
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return static_cast<bool>((byte >= 0x20) & (byte < 0x7f) & (byte != '"') & (byte != '\\'));
}

void append_escaped(std::string& text, std::string_view from) {
  const bool is_text = is_valid_utf8(from);
  for (const char c : from) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c)) {
      text.push_back(c);
    } else if (c == '"' || c == '\\') {
      text.push_back('\\');
      text.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      constexpr const char* kDigits = "0123456789abcdef";
      text.append("\\u00").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    } else if (is_text) {
      text.push_back(c);
    } else {
      text.append("\\ufffd");
    }
  }
}

void append_string(std::string& text, std::string_view from) {
  text.push_back('"');
  unsigned char plain = 1;
  for (const char c : from) plain &= static_cast<unsigned char>(is_plain(c));
  if (plain != 0) {
    text.append(from);
  } else {
    append_escaped(text, from);
  }
  text.push_back('"');
}

template <class Number>
void append_number(std::string& text, Number number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text.append(digits, end);
}

}  // namespace

struct JsonText::Append {
  std::string& text;
  void operator()(std::nullptr_t) const { text.append("null"); }
  void operator()(bool flag) const { text.append(flag ? "true" : "false"); }
  void operator()(std::int64_t number) const { append_number(text, number); }
  void operator()(double number) const {
    if (std::isfinite(number)) {
      append_number(text, number);
    } else {
      text.append("null");
    }
  }
  void operator()(std::string_view from) const { append_string(text, from); }
  void operator()(const JsonText* json) const { text.append(json->text_); }
  void operator()(std::initializer_list<JsonField> object) const { append_object(text, object); }
};

void JsonText::append(std::string& text, const JsonValue& value) {
  std::visit(Append{text}, value.value_);
}

void JsonText::append_object(std::string& text, std::initializer_list<JsonField> fields) {
  text.push_back('{');
  bool first = true;
  for (const JsonField& field : fields) {
    if (!first) text.push_back(',');
    first = false;
    append_string(text, field.name);
    text.push_back(':');
    append(text, field.value);
  }
  text.push_back('}');
}

JsonText JsonText::array(std::initializer_list<JsonValue> items) {
  JsonText array;
  array.text_ = "[]";
  for (const JsonValue& item : items) array.push_back(item);
  return array;
}

// Takes the closing bracket away, and puts a comma behind what came before.
void JsonText::begin_next() {
  if (text_.size() > 2) {
    text_.back() = ',';
  } else {
    text_.pop_back();
  }
}

JsonText& JsonText::add(std::string_view name, JsonValue value) {
  begin_next();
  append_string(text_, name);
  text_.push_back(':');
  append(text_, value);
  text_.push_back('}');
  return *this;
}

JsonText& JsonText::push_back(JsonValue item) {
  begin_next();
  append(text_, item);
  text_.push_back(']');
  return *this;
}

}  // namespace tintype
