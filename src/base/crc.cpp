#include "base/crc.h"

#include <array>
#include <bit>
#include <cstring>

namespace tintype {

namespace {

static_assert(std::endian::native == std::endian::little, "eight bytes are read as one word");

// kTables[n][b] is what byte b does to the register n bytes later.
template <class Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr Tables<Word> tables_of(Word reflected_polynomial) {
  Tables<Word> tables{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    Word value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? reflected_polynomial : 0);
    tables[0][byte] = value;
  }
  for (std::size_t later = 1; later < 8; ++later) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const Word before = tables[later - 1][byte];
      tables[later][byte] = (before >> 8) ^ tables[0][before & 255];
    }
  }
  return tables;
}

template <class Word>
Word extend(const Tables<Word>& tables, Word crc, std::string_view bytes) {
  Word state = ~crc;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word ^= state;
    state = 0;
    for (std::size_t at = 0; at < 8; ++at) state ^= tables[7 - at][(word >> (8 * at)) & 255];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) state = (state >> 8) ^ tables[0][(state ^ static_cast<unsigned char>(c)) & 255];
  return ~state;
}

}  // namespace

std::uint32_t crc32(std::uint32_t crc, std::string_view bytes) {
  static constexpr auto kTables = tables_of<std::uint32_t>(0xedb88320);
  return extend(kTables, crc, bytes);
}

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
  static constexpr auto kTables = tables_of<std::uint32_t>(0x82f63b78);
  return extend(kTables, crc, bytes);
}

std::uint64_t crc64_nvme(std::uint64_t crc, std::string_view bytes) {
  static constexpr auto kTables = tables_of<std::uint64_t>(0x9a6c9329ac4bc9b5);
  return extend(kTables, crc, bytes);
}

}  // namespace tintype
