// How text is cut into the words that are searched: one way for what is stored and for what is asked, so that both
// databases find the same.
//
// Text is brought to NFKD (UAX #15), case-folded and stripped of its marks, so that "Café", "CAFE" and "cafe" are one
// word. A word is a run of letters and digits (general categories L and N). Characters that are written without spaces
// between words, Han, Hiragana and Katakana, and symbols (category So: emoji among them) are words of their own, so
// that a run of them is found as a phrase.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tintype {

inline constexpr std::size_t kWordLettersMax = 64;    // of a longer word the rest is dropped
inline constexpr std::size_t kWordsPerTextMax = 256;  // of a longer text the rest is not searched
inline constexpr std::size_t kPrefixLettersMax = 16;  // longer prefixes are not indexed
inline constexpr std::size_t kTagLettersMax = 256;

struct SearchWord {
  std::string text;           // UTF-8, letters and digits alone, never empty
  bool stands_alone = false;  // a character that is a word of its own
};

// In order. Text that is not valid UTF-8 has none.
std::vector<SearchWord> search_words(std::string_view text);

// The words with one space between them, at most kWordsPerTextMax.
std::string normal_text(std::string_view text);

// What a tag is compared by: its words, or the tag itself where it has none ("!!"); kTagLettersMax letters of it.
std::string normal_tag(std::string_view tag);

// How many bytes the first `letters` code points of valid UTF-8 take; the whole length when it has fewer.
std::size_t letter_bytes(std::string_view text, std::size_t letters);
std::size_t count_letters(std::string_view text);

}  // namespace tintype
