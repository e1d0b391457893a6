#include "domain/search_words.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdint>

namespace tintype {

namespace {

enum class Part { kBetween, kLetter, kAlone };

bool is_written_without_spaces(std::int32_t point) {
  return point == 0x3005 || point == 0x3007 ||    // iteration mark, zero
         (point >= 0x3041 && point <= 0x3096) ||  // Hiragana
         (point >= 0x309d && point <= 0x309f) ||  //
         (point >= 0x30a1 && point <= 0x30fa) ||  // Katakana
         (point >= 0x30fc && point <= 0x30ff) ||  //
         (point >= 0x31f0 && point <= 0x31ff) ||  // Katakana phonetic extensions
         (point >= 0x3400 && point <= 0x4dbf) ||  // Han, extension A
         (point >= 0x4e00 && point <= 0x9fff) ||  // Han
         (point >= 0xf900 && point <= 0xfaff) ||  // Han, compatibility
         (point >= 0x20000 && point <= 0x323af);  // Han, extensions B to H
}

Part part_of(std::int32_t point) {
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return is_written_without_spaces(point) ? Part::kAlone : Part::kLetter;
    case UTF8PROC_CATEGORY_SO: return Part::kAlone;
    default: return Part::kBetween;  // NOLINT: all other of Unicode's thirty categories
  }
}

// NFKD, case-folded, without marks: code points. Nothing for text that is not UTF-8.
std::vector<std::int32_t> folded(std::string_view text) {
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                                           UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto size = static_cast<utf8proc_ssize_t>(text.size());
  std::vector<std::int32_t> points(text.size() + 16);
  utf8proc_ssize_t count =
      utf8proc_decompose(bytes, size, points.data(), static_cast<utf8proc_ssize_t>(points.size()), kOptions);
  if (count > static_cast<utf8proc_ssize_t>(points.size())) {
    points.resize(static_cast<std::size_t>(count));
    count = utf8proc_decompose(bytes, size, points.data(), count, kOptions);
  }
  points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(count, 0)));
  return points;
}

void append_letter(std::string& word, std::int32_t point) {
  utf8proc_uint8_t bytes[4];
  const auto length = utf8proc_encode_char(point, bytes);
  word.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

bool begins_letter(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

}  // namespace

std::vector<SearchWord> search_words(std::string_view text) {
  std::vector<SearchWord> words;
  std::size_t letters = 0;  // of the word that is open; none is when it is 0
  for (const std::int32_t point : folded(text)) {
    const Part part = part_of(point);
    if (part != Part::kLetter) letters = 0;
    if (part == Part::kBetween) continue;
    if (letters == 0) {
      if (words.size() == kWordsPerTextMax) break;
      words.push_back({{}, part == Part::kAlone});
    }
    if (part == Part::kAlone) {
      append_letter(words.back().text, point);
    } else if (letters++ < kWordLettersMax) {
      append_letter(words.back().text, point);
    }
  }
  return words;
}

std::string normal_text(std::string_view text) {
  std::string joined;
  for (const SearchWord& word : search_words(text)) {
    if (!joined.empty()) joined.push_back(' ');
    joined += word.text;
  }
  return joined;
}

std::string normal_tag(std::string_view tag) {
  std::string normal = normal_text(tag);
  if (normal.empty()) {
    for (const char byte : tag) normal.push_back(static_cast<unsigned char>(byte) < 0x20 ? ' ' : byte);
  }
  normal.resize(letter_bytes(normal, kTagLettersMax));
  return normal;
}

std::size_t letter_bytes(std::string_view text, std::size_t letters) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins_letter(text[at])) continue;
    if (letters == 0) return at;
    --letters;
  }
  return text.size();
}

std::size_t count_letters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_letter));
}

}  // namespace tintype
