// The law of keys, which every object store holds to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace tintype {

inline constexpr std::size_t kObjectKeyLengthMax = 512;

// Segments of [A-Za-z0-9._-] joined by '/', none of them "." or "..", at most 512 bytes. Those under "tmp/" and
// "multipart/" are the stores' own.
inline bool is_valid_object_key(std::string_view key) {
  if (key.empty() || key.size() > kObjectKeyLengthMax) return false;
  const std::string_view first = key.substr(0, key.find('/'));
  if (first == "tmp" || first == "multipart") return false;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") return false;
    const bool plain = std::ranges::all_of(segment, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
             c == '-';
    });
    if (!plain) return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace tintype
