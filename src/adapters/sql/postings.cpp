#include "adapters/sql/postings.h"

#include <bit>
#include <cstring>

namespace tintype::sql {

namespace {

constexpr char kZero = '0';
constexpr std::uint32_t kGroup = 31, kMore = 32;

// Eight characters of six bits each to 48 bits, the first in the lowest.
inline std::uint64_t pack(const char* characters) {
  std::uint64_t x = 0;
  for (int at = 7; at >= 0; --at) x = x << 8 | static_cast<unsigned char>(characters[at]);
  x -= 0x3030303030303030;
  x = (x & 0x003f003f003f003f) | (x & 0x3f003f003f003f00) >> 2;
  x = (x & 0x00000fff00000fff) | (x & 0x0fff00000fff0000) >> 4;
  return (x & 0x0000000000ffffff) | (x & 0x00ffffff00000000) >> 8;
}

void add_dense(std::string_view text, PostingBits& bits) {
  // Four times eight characters are three words.
  std::size_t at = 0;
  for (; text.size() >= 32 && at + 3 <= bits.size(); text.remove_prefix(32), at += 3) {
    const std::uint64_t a = pack(text.data()), b = pack(text.data() + 8);
    const std::uint64_t c = pack(text.data() + 16), d = pack(text.data() + 24);
    bits[at] |= a | b << 48;
    bits[at + 1] |= b >> 16 | c << 32;
    bits[at + 2] |= c >> 32 | d << 16;
  }
  std::size_t bit = 64 * at;
  const auto add = [&](std::uint64_t value) {
    const std::size_t word = bit >> 6, shift = bit & 63;
    if (word < bits.size()) bits[word] |= value << shift;
    if (shift > 16 && word + 1 < bits.size()) bits[word + 1] |= value >> (64 - shift);
  };
  for (; text.size() >= 8; text.remove_prefix(8), bit += 48) add(pack(text.data()));
  char rest[9] = "00000000";
  std::memcpy(rest, text.data(), text.size());
  if (!text.empty()) add(pack(rest));
}

template <class Each>
void each_sparse(std::string_view text, Each each) {
  const auto value_at = [&](std::size_t place) { return static_cast<std::uint32_t>(text[place] - kZero); };
  std::uint32_t at = 0;
  for (std::size_t place = 0; place < text.size();) {
    // Most distances are of one group, or of two.
    std::uint32_t value = value_at(place++);
    std::uint32_t distance = value & kGroup;
    for (int shift = 5; (value & kMore) != 0 && shift < 30 && place < text.size(); shift += 5) {
      value = value_at(place++);
      distance |= (value & kGroup) << shift;
    }
    each(at += distance);
  }
}

}  // namespace

std::string encode_postings(const std::vector<std::uint32_t>& offsets, std::uint32_t documents) {
  const std::size_t dense_size = 1 + (documents + 5) / 6;
  std::string text = "s";
  std::uint32_t before = 0;
  for (const std::uint32_t offset : offsets) {
    std::uint32_t distance = offset - before;
    before = offset;
    for (; distance > kGroup; distance >>= 5) text.push_back(static_cast<char>(kZero + (distance & kGroup) + kMore));
    text.push_back(static_cast<char>(kZero + distance));
    if (text.size() > dense_size) break;
  }
  if (text.size() <= dense_size) return text;
  text.assign(dense_size, kZero);
  text.front() = 'd';
  for (const std::uint32_t offset : offsets) {
    char& c = text[1 + offset / 6];
    c = static_cast<char>(kZero + ((c - kZero) | 1 << offset % 6));
  }
  return text;
}

void add_postings(std::string_view postings, PostingBits& bits) {
  if (postings.empty()) return;
  if (postings.front() == 'd') return add_dense(postings.substr(1), bits);
  each_sparse(postings.substr(1), [&](std::uint32_t offset) {
    if (offset >> 6 < bits.size()) bits[offset >> 6] |= std::uint64_t{1} << (offset & 63);
  });
}

void append_offsets(std::string_view postings, std::uint32_t base, std::vector<std::uint32_t>& offsets) {
  if (postings.empty()) return;
  if (postings.front() != 'd') {
    each_sparse(postings.substr(1), [&](std::uint32_t offset) { offsets.push_back(base + offset); });
    return;
  }
  for (std::uint32_t at = 0; at + 1 < postings.size(); ++at) {
    for (auto value = static_cast<std::uint32_t>(postings[at + 1] - kZero); value != 0; value &= value - 1) {
      offsets.push_back(base + 6 * at + static_cast<std::uint32_t>(std::countr_zero(value)));
    }
  }
}

}  // namespace tintype::sql
