#include "engine/strip/exif_orientation.h"

#include <cstdint>
#include <optional>

namespace tintype::engine {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShort = 3, kLong = 4;  // types of TIFF 6.0
constexpr std::size_t kEntryBytes = 12;

// Numbers in the block's own byte order; nothing behind its end.
class Numbers {
 public:
  Numbers(std::string_view bytes, bool is_little) : bytes_(bytes), is_little_(is_little) {}

  std::optional<std::uint32_t> at(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t place = is_little_ ? offset + count - 1 - i : offset + i;
      value = value << 8 | static_cast<unsigned char>(bytes_[place]);
    }
    return value;
  }

 private:
  std::string_view bytes_;
  bool is_little_;
};

}  // namespace

int exif_orientation(std::string_view block) {
  if (block.starts_with("Exif\0\0"sv)) block.remove_prefix(6);
  const bool is_little = block.starts_with("II*\0"sv);
  if (!is_little && !block.starts_with("MM\0*"sv)) return 1;
  const Numbers numbers(block, is_little);
  const auto directory = numbers.at(4, 4);
  const auto entries = directory ? numbers.at(*directory, 2) : std::nullopt;
  if (!entries) return 1;
  for (std::size_t entry = 0; entry < *entries; ++entry) {
    const std::size_t place = std::size_t{*directory} + 2 + entry * kEntryBytes;
    const auto tag = numbers.at(place, 2), type = numbers.at(place + 2, 2);
    if (!tag || !type) return 1;
    if (*tag != kOrientationTag || (*type != kShort && *type != kLong)) continue;
    const auto value = numbers.at(place + 8, *type == kShort ? 2 : 4);
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

std::string exif_of_orientation(int orientation) {
  std::string block("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0"sv);
  block[19] = static_cast<char>(orientation);
  return block;
}

}  // namespace tintype::engine
