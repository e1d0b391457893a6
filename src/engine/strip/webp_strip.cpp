#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/strip/byte_source.h"
#include "engine/strip/exif_orientation.h"
#include "engine/strip/strip.h"

namespace tintype::engine {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kHeadBytes = 8;  // of a chunk: four letters and a length
constexpr std::size_t kExtendedBytes = 10;
constexpr std::size_t kFrameBytes = 16;
constexpr unsigned char kExifFlag = 0x08, kXmpFlag = 0x04;
// RFC 9649 sets no bound; a thousand frames are the most that we read anyway.
constexpr std::size_t kPiecesMax = 16'384;

std::uint32_t number_of(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t at = 4; at-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at]);
  return number;
}

std::string bytes_of(std::uint64_t number) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(number >> shift & 255));
  return bytes;
}

std::uint64_t padded(std::uint64_t length) {
  return length + (length & 1);
}

bool is_bitstream(std::string_view type) {
  return type == "VP8 "sv || type == "VP8L"sv || type == "ALPH"sv;
}

// The file that is to be: bytes of its own, each followed by some of the file that is.
struct Piece {
  std::string own;
  std::uint64_t dropped = 0;  // of the file that is, before those that follow
  std::uint64_t length = 0;
};

// The first reading: decides what stays.
class Survey {
 public:
  explicit Survey(std::istream& in) : source_(in) {}

  Result<std::vector<Piece>> run() {
    const auto head = source_.take(12);
    if (!head || !head->starts_with("RIFF") || head->substr(8) != "WEBP") {
      return cut_or_damaged("it does not begin as WebP does");
    }
    const std::uint64_t claimed = padded(number_of(head->substr(4, 4)));
    if (claimed < 4) return cut_or_damaged("it has no length");
    pieces_.push_back({"", 12, 0});
    std::uint64_t left = claimed - 4;
    while (left >= kHeadBytes) {
      if (auto passed = pass_chunk(left); !passed) return std::unexpected(passed.error());
      if (pieces_.size() > kPiecesMax) return cut_or_damaged("it has too many chunks");
    }
    if (!has_picture_) return cut_or_damaged("it has no picture");
    finish();
    return std::move(pieces_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void drop(std::uint64_t count) {
    if (pieces_.back().length > 0) pieces_.push_back({});
    pieces_.back().dropped += count;
  }
  void keep(std::uint64_t count) { pieces_.back().length += count; }
  void write(std::string own) { pieces_.push_back({std::move(own), 0, 0}); }

  Result<void> pass_chunk(std::uint64_t& left) {
    const auto head = source_.take(kHeadBytes);
    if (!head) return cut_or_damaged("it ends early");
    const std::string type = head->substr(0, 4);
    const std::uint64_t length = number_of(head->substr(4)), whole = padded(length);
    left -= kHeadBytes;
    if (whole > left) return cut_or_damaged("a chunk is longer than the file");
    left -= whole;
    if (type == "VP8X") return pass_extended(*head, length);
    if (type == "ANMF") return pass_frame(length);
    if (type == "EXIF") return pass_exif(length);
    if (is_bitstream(type) || type == "ICCP" || type == "ANIM") {
      has_picture_ = has_picture_ || type == "VP8 " || type == "VP8L";
      keep(kHeadBytes + whole);
      return source_.pass(whole, nullptr) ? Result<void>() : cut_or_damaged("a chunk ends early");
    }
    drop(kHeadBytes + whole);
    return source_.pass(whole, nullptr) ? Result<void>() : cut_or_damaged("a chunk ends early");
  }

  Result<void> pass_extended(const std::string& head, std::uint64_t length) {
    if (length != kExtendedBytes || extended_ != kNone) return cut_or_damaged("its header makes no sense");
    const auto body = source_.take(kExtendedBytes);
    if (!body) return cut_or_damaged("it ends early");
    drop(kHeadBytes + kExtendedBytes);
    // Decoders look at no block that the header does not announce.
    has_exif_ = (static_cast<unsigned char>(body->front()) & kExifFlag) == 0;
    extended_ = pieces_.size();
    write(head + *body);
    return {};
  }

  // A frame of an animation is a chunk of chunks.
  Result<void> pass_frame(std::uint64_t length) {
    if (length < kFrameBytes) return cut_or_damaged("a frame makes no sense");
    const auto body = source_.take(kFrameBytes);
    if (!body) return cut_or_damaged("it ends early");
    drop(kHeadBytes + kFrameBytes);
    const std::size_t frame = pieces_.size();
    write("");
    std::uint64_t left = padded(length) - kFrameBytes, kept = kFrameBytes;
    while (left >= kHeadBytes) {
      const auto head = source_.take(kHeadBytes);
      if (!head) return cut_or_damaged("it ends early");
      const std::uint64_t whole = padded(number_of(head->substr(4)));
      left -= kHeadBytes;
      if (whole > left) return cut_or_damaged("a chunk is longer than its frame");
      left -= whole;
      if (is_bitstream(head->substr(0, 4))) {
        keep(kHeadBytes + whole);
        kept += kHeadBytes + whole;
      } else {
        drop(kHeadBytes + whole);
      }
      if (!source_.pass(whole, nullptr)) return cut_or_damaged("a frame ends early");
      if (pieces_.size() > kPiecesMax) return cut_or_damaged("it has too many chunks");
    }
    if (left > 0) drop(left);
    if (!source_.pass(left, nullptr)) return cut_or_damaged("a frame ends early");
    pieces_[frame].own = "ANMF" + bytes_of(kept) + *body;
    has_picture_ = true;
    return {};
  }

  Result<void> pass_exif(std::uint64_t length) {
    const auto looked_at = static_cast<std::size_t>(std::min<std::uint64_t>(length, kExifBytesMax));
    const auto block = source_.take(looked_at);
    if (!block || !source_.pass(padded(length) - looked_at, nullptr)) return cut_or_damaged("a chunk ends early");
    drop(kHeadBytes + padded(length));
    if (has_exif_ || extended_ == kNone) return {};
    has_exif_ = true;
    if (const int orientation = exif_orientation(*block); orientation != 1) {
      const std::string made = exif_of_orientation(orientation);
      write("EXIF" + bytes_of(made.size()) + made);
      has_orientation_ = true;
    }
    return {};
  }

  // What is known only at the end: flags and the length of all.
  void finish() {
    if (extended_ != kNone) {
      char& flags = pieces_[extended_].own[kHeadBytes];
      const unsigned char cleared = static_cast<unsigned char>(flags) & ~(kExifFlag | kXmpFlag);
      flags = static_cast<char>(has_orientation_ ? cleared | kExifFlag : cleared);
    }
    std::uint64_t length = 4;
    for (const Piece& piece : pieces_) length += piece.own.size() + piece.length;
    pieces_.insert(pieces_.begin(), {"RIFF" + bytes_of(length) + "WEBP", 0, 0});
  }

  ByteSource source_;
  std::vector<Piece> pieces_;
  std::size_t extended_ = kNone;
  bool has_picture_ = false, has_orientation_ = false;
  bool has_exif_ = false;  // all that counts
};

}  // namespace

Result<void> strip_webp(std::istream& in, std::ostream& out) {
  const auto start = in.tellg();
  const auto pieces = Survey(in).run();
  if (!pieces) return std::unexpected(pieces.error());
  in.clear();
  in.seekg(start);
  ByteSource source(in);
  for (const Piece& piece : *pieces) {
    out.write(piece.own.data(), static_cast<std::streamsize>(piece.own.size()));
    if (!source.pass(piece.dropped, nullptr) || !source.pass(piece.length, &out)) {
      return cut_or_damaged("it changed while it was read");
    }
  }
  return {};
}

}  // namespace tintype::engine
