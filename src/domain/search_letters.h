// What the search language takes for a space and for the same letter: ASCII alone, as its own words are.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

inline std::string lower(std::string_view text) {
  std::string low(text);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return low;
}

}  // namespace tintype
