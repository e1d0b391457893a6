#include "api/objects/xml_document.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace tintype::api {

namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr int kDepthMax = 8;
constexpr std::size_t kElementsMax = 100'000;

std::unexpected<Error> malformed() {
  return fail(ErrorCode::kInvalidInput,
              "The XML you provided was not well-formed or did not validate against our schema");
}

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  } else {
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 63)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 63)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  }
}

// What stands between '&' and ';'.
bool append_entity(std::string& out, std::string_view name) {
  constexpr std::pair<std::string_view, char> kNamed[] = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [known, character] : kNamed) {
    if (name != known) continue;
    out.push_back(character);
    return true;
  }
  if (!name.starts_with('#')) return false;
  const bool hex = name.starts_with("#x");
  name.remove_prefix(hex ? 2 : 1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (name.empty() || error != std::errc() || end != name.data() + name.size() || code == 0 || code > 0x10ffff) {
    return false;
  }
  if (!surrogate) append_code_point(out, code);
  return !surrogate;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Result<XmlElement> document() {
    if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
    skip_space();
    if (rest_.starts_with("<?xml") && !skip_past("?>")) return malformed();
    if (!skip_comments()) return malformed();
    XmlElement root;
    if (!element(root, 0) || !skip_comments() || !rest_.empty()) return malformed();
    return root;
  }

 private:
  void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size())); }
  bool skip_past(std::string_view mark) {
    const std::size_t at = rest_.find(mark);
    if (at == rest_.npos) return false;
    rest_.remove_prefix(at + mark.size());
    return true;
  }
  bool skip_comments() {
    skip_space();
    while (rest_.starts_with("<!--")) {
      if (!skip_past("-->")) return false;
      skip_space();
    }
    return true;
  }

  // "<name attributes>", at whose '<' we are. `empty` for "<name/>".
  bool open_tag(std::string& name, bool& empty) {
    const std::size_t close = rest_.find('>');
    if (!rest_.starts_with('<') || close == rest_.npos) return false;
    std::string_view inside = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    empty = inside.ends_with('/');
    if (empty) inside.remove_suffix(1);
    inside = inside.substr(0, inside.find_first_of(kSpace));
    if (inside.empty() || inside.find_first_of("<!?&\"'") != inside.npos) return false;
    name = inside;
    return true;
  }

  bool text_until_tag(std::string& text) {
    const std::size_t end = rest_.find('<');
    if (end == rest_.npos) return false;
    std::string_view raw = rest_.substr(0, end);
    rest_.remove_prefix(end);
    while (!raw.empty()) {
      const std::size_t ampersand = std::min(raw.find('&'), raw.size());
      text.append(raw.substr(0, ampersand));
      raw.remove_prefix(ampersand);
      if (raw.empty()) break;
      const std::size_t semicolon = raw.find(';');
      if (semicolon == raw.npos || !append_entity(text, raw.substr(1, semicolon - 1))) return false;
      raw.remove_prefix(semicolon + 1);
    }
    return true;
  }

  bool element(XmlElement& into, int depth) {
    std::string full_name;
    bool empty = false;
    if (depth == kDepthMax || ++elements_ > kElementsMax || !open_tag(full_name, empty)) return false;
    into.name = full_name.substr(full_name.find(':') == full_name.npos ? 0 : full_name.find(':') + 1);
    while (!empty) {
      if (!text_until_tag(into.text)) return false;
      if (rest_.starts_with("</")) {
        const std::string closing = "</" + full_name;
        if (!rest_.starts_with(closing)) return false;
        rest_.remove_prefix(closing.size());
        skip_space();
        if (!rest_.starts_with('>')) return false;
        rest_.remove_prefix(1);
        break;
      }
      if (rest_.starts_with("<!--")) {
        if (!skip_past("-->")) return false;
      } else if (!element(into.children.emplace_back(), depth + 1)) {
        return false;
      }
    }
    into.text.erase(0, std::min(into.text.find_first_not_of(kSpace), into.text.size()));
    into.text.erase(into.text.find_last_not_of(kSpace) + 1);
    return true;
  }

  std::string_view rest_;
  std::size_t elements_ = 0;
};

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

Result<XmlElement> parse_xml(std::string_view text) {
  if (!is_valid_utf8(text) || text.contains('\0')) return malformed();
  return Reader(text).document();
}

}  // namespace tintype::api
