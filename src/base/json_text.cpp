#include "base/json_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/bytes.h"

namespace tintype {

namespace {

// Bitwise, so that a loop over it has no branches.
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return static_cast<bool>((byte >= 0x20) & (byte < 0x80) & (byte != '"') & (byte != '\\'));
}

// The letter behind the backslash for those control characters that have one; 0 for the others.
char short_escape(unsigned char byte) {
  switch (byte) {
    case '\b': return 'b';
    case '\t': return 't';
    case '\n': return 'n';
    case '\f': return 'f';
    case '\r': return 'r';
    default: return 0;
  }
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
    } else if (const char letter = short_escape(byte); letter != 0) {
      text.push_back('\\');
      text.push_back(letter);
    } else if (byte < 0x20) {
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

void append_number(std::string& text, std::int64_t number) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text.append(digits, end);
}

// Number::toString of ECMA-262: the fewest digits that read back as the same number, without an exponent from 1e-6 up
// to 1e21. `number` is finite.
void append_number(std::string& text, double number) {
  if (number == 0) {
    text.push_back('0');  // also for -0
    return;
  }
  if (number < 0) text.push_back('-');
  char scientific[32];  // d.ddde+XX
  const char* const end =
      std::to_chars(scientific, scientific + sizeof scientific, std::abs(number), std::chars_format::scientific).ptr;
  const char* const mark = std::find(scientific, const_cast<char*>(end), 'e');
  std::string digits;
  for (const char* at = scientific; at != mark; ++at) {
    if (*at != '.') digits.push_back(*at);
  }
  int exponent = 0;
  std::from_chars(mark + (mark[1] == '+' ? 2 : 1), end, exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  if (point > 21 || point < -5) {
    text.append(1, digits[0]);
    if (count > 1) text.append(1, '.').append(digits, 1);
    text.append(exponent < 0 ? "e" : "e+").append(std::to_string(exponent));
  } else if (point <= 0) {
    text.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  } else if (point >= count) {
    text.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else {
    text.append(digits, 0, static_cast<std::size_t>(point)).append(1, '.');
    text.append(digits, static_cast<std::size_t>(point));
  }
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

JsonText JsonText::of(std::string text) {
  JsonText json;
  json.text_ = std::move(text);
  return json;
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

JsonText& JsonText::add_all(std::string_view object) {
  constexpr std::size_t kEmptyObject = 2;
  if (object.size() <= kEmptyObject) return *this;
  begin_next();
  // Behind a comma, or in the place of an empty object's beginning.
  text_.append(object.substr(1));
  return *this;
}

JsonText& JsonText::push_back(JsonValue item) {
  begin_next();
  append(text_, item);
  text_.push_back(']');
  return *this;
}

}  // namespace tintype
