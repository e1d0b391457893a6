#include "engine/strip/byte_source.h"

#include <algorithm>
#include <cstring>

namespace tintype::engine {

std::unexpected<Error> cut_or_damaged(const char* what) {
  return fail(ErrorCode::kInvalidInput, std::string("The picture is damaged or cut off (") + what + ")",
              "Please open it in an image program, save it anew and try again");
}

bool ByteSource::refill() {
  if (begin_ < end_) return true;
  stream_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  begin_ = 0;
  end_ = static_cast<std::size_t>(stream_.gcount());
  return end_ > 0;
}

std::optional<unsigned char> ByteSource::peek() {
  if (!refill()) return std::nullopt;
  return static_cast<unsigned char>(buffer_[begin_]);
}

std::optional<unsigned char> ByteSource::take() {
  const auto byte = peek();
  if (byte) ++begin_;
  return byte;
}

std::optional<std::string> ByteSource::take(std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    if (!refill()) return std::nullopt;
    const std::size_t piece = std::min(count - bytes.size(), end_ - begin_);
    bytes.append(buffer_.data() + begin_, piece);
    begin_ += piece;
  }
  return bytes;
}

bool ByteSource::pass(std::uint64_t count, std::ostream* out) {
  while (count > 0) {
    if (!refill()) return false;
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(count, end_ - begin_));
    if (out != nullptr) out->write(buffer_.data() + begin_, static_cast<std::streamsize>(piece));
    begin_ += piece;
    count -= piece;
  }
  return true;
}

bool ByteSource::pass_until(unsigned char stop, std::ostream& out) {
  while (refill()) {
    const char* begin = buffer_.data() + begin_;
    const auto* found = static_cast<const char*>(std::memchr(begin, stop, end_ - begin_));
    const std::size_t piece = found != nullptr ? static_cast<std::size_t>(found - begin) : end_ - begin_;
    out.write(begin, static_cast<std::streamsize>(piece));
    begin_ += piece;
    if (found != nullptr) return true;
  }
  return false;
}

}  // namespace tintype::engine
