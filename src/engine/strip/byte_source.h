// Reads a file's bytes in their order, in pieces of one size, whatever the lengths that the file claims.
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <string>

#include "base/error.h"

namespace tintype::engine {

// What a stripper answers when the file is not what its format says.
[[nodiscard]] std::unexpected<Error> cut_or_damaged(const char* what);

class ByteSource {
 public:
  explicit ByteSource(std::istream& stream) : stream_(stream) {}

  // The next byte without taking it; nothing at the end.
  std::optional<unsigned char> peek();
  std::optional<unsigned char> take();
  // Exactly `count` bytes, or nothing. For what is short by its format.
  std::optional<std::string> take(std::size_t count);
  // Takes exactly `count` bytes, and writes them when `out` is given; false when the file ends before.
  bool pass(std::uint64_t count, std::ostream* out);
  // Takes and writes all bytes up to the next `stop`, which is left; false when the file ends before.
  bool pass_until(unsigned char stop, std::ostream& out);

 private:
  bool refill();

  std::istream& stream_;
  std::array<char, 65'536> buffer_{};
  std::size_t begin_ = 0, end_ = 0;  // of what was read and not taken
};

}  // namespace tintype::engine
