#include <algorithm>
#include <array>
#include <string_view>

#include "engine/strip/byte_source.h"
#include "engine/strip/exif_orientation.h"
#include "engine/strip/strip.h"

namespace tintype::engine {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kKept = {"IHDR"sv, "PLTE"sv, "IDAT"sv, "IEND"sv, "tRNS"sv, "cHRM"sv, "gAMA"sv, "iCCP"sv, "sBIT"sv,
                              "sRGB"sv, "cICP"sv, "mDCV"sv, "cLLI"sv, "bKGD"sv, "pHYs"sv, "acTL"sv, "fcTL"sv, "fdAT"sv};

std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

std::string bytes_of(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift & 255));
  return bytes;
}

// PNG, annex D: the CRC of ISO 3309. For the few bytes of a chunk of our own.
std::uint32_t crc_of(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return ~crc;
}

void write(std::ostream& out, std::string_view bytes) {
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// A chunk of metadata; the first EXIF block leaves its orientation behind. False when the file ends inside it.
bool pass_metadata(ByteSource& source, std::string_view type, std::uint32_t length, bool& has_exif, std::ostream& out) {
  if (type != "eXIf" || has_exif) return source.pass(length, nullptr);
  has_exif = true;
  const std::size_t looked_at = std::min<std::size_t>(length, kExifBytesMax);
  const auto block = source.take(looked_at);
  if (!block || !source.pass(length - looked_at, nullptr)) return false;
  if (const int orientation = exif_orientation(*block); orientation != 1) {
    const std::string chunk = "eXIf" + exif_of_orientation(orientation);
    write(out, bytes_of(static_cast<std::uint32_t>(chunk.size() - 4)) + chunk + bytes_of(crc_of(chunk)));
  }
  return true;
}

}  // namespace

Result<void> strip_png(std::istream& in, std::ostream& out) {
  constexpr std::uint32_t kLengthMax = 0x7fffffff;
  constexpr std::uint32_t kCrcBytes = 4;
  ByteSource source(in);
  const auto signature = source.take(8);
  if (signature != "\x89PNG\r\n\x1a\n"sv) return cut_or_damaged("it does not begin as PNG does");
  write(out, *signature);
  bool is_first = true, has_exif = false;
  while (true) {
    const auto head = source.take(8);
    if (!head) return cut_or_damaged("it has no end");
    const std::uint32_t length = number_of(std::string_view(*head).substr(0, 4));
    const std::string_view type = std::string_view(*head).substr(4);
    if (length > kLengthMax || is_first != (type == "IHDR"sv)) return cut_or_damaged("its chunks make no sense");
    is_first = false;
    const bool is_kept = std::ranges::find(kKept, type) != kKept.end();
    if (is_kept) write(out, *head);
    const bool passed = is_kept ? source.pass(std::uint64_t{length} + kCrcBytes, &out)
                                : pass_metadata(source, type, length, has_exif, out) && source.pass(kCrcBytes, nullptr);
    if (!passed) return cut_or_damaged("a chunk ends early");
    if (type == "IEND"sv) return {};
  }
}

}  // namespace tintype::engine
