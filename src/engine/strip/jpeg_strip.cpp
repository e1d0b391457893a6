#include <string_view>
#include <utility>

#include "engine/strip/byte_source.h"
#include "engine/strip/exif_orientation.h"
#include "engine/strip/strip.h"

namespace tintype::engine {

namespace {

using std::string_view_literals::operator""sv;

constexpr unsigned char kSoi = 0xd8, kEoi = 0xd9, kSos = 0xda, kApp0 = 0xe0, kApp1 = 0xe1, kApp2 = 0xe2, kApp14 = 0xee;

bool is_restart(unsigned char marker) {
  return marker >= 0xd0 && marker <= 0xd7;
}

// Frames, Huffman, arithmetic and quantisation tables, scans, restart intervals, number of lines.
bool is_of_the_picture(unsigned char marker) {
  return (marker >= 0xc0 && marker <= 0xcf && marker != 0xc8) || (marker >= kSos && marker <= 0xdd);
}

class JpegStripper {
 public:
  JpegStripper(std::istream& in, std::ostream& out) : source_(in), out_(out) {}

  Result<void> run() {
    const auto start = source_.take(2);
    if (start != "\xff\xd8"sv) return cut_or_damaged("it does not begin as JPEG does");
    write_marker(kSoi);
    while (true) {
      const auto marker = next_marker();
      if (!marker) return cut_or_damaged("it has no end");
      if (*marker == kEoi) {
        write_marker(kEoi);
        return {};
      }
      // Without a length, and of no use outside of a scan.
      if (*marker == 0x00 || *marker == 0x01 || *marker == kSoi || is_restart(*marker)) continue;
      if (auto passed = pass_segment(*marker); !passed) return passed;
    }
  }

 private:
  // Decoders pass over bytes between segments; here they are dropped.
  std::optional<unsigned char> next_marker() {
    if (scan_ended_by_) return std::exchange(scan_ended_by_, std::nullopt);
    while (const auto byte = source_.take()) {
      if (*byte != 0xff) continue;
      while (source_.peek() == 0xff) source_.take();
      return source_.take();
    }
    return std::nullopt;
  }

  void write_marker(unsigned char marker) {
    out_.put('\xff');
    out_.put(static_cast<char>(marker));
  }

  void write_segment(unsigned char marker, std::string_view payload) {
    write_marker(marker);
    const std::size_t length = payload.size() + 2;
    out_.put(static_cast<char>(length >> 8));
    out_.put(static_cast<char>(length & 255));
    out_.write(payload.data(), static_cast<std::streamsize>(payload.size()));
  }

  Result<void> pass_segment(unsigned char marker) {
    const auto length = source_.take(2);
    if (!length) return cut_or_damaged("a segment has no length");
    const std::size_t bytes =
        static_cast<unsigned char>((*length)[0]) * 256U + static_cast<unsigned char>((*length)[1]);
    if (bytes < 2) return cut_or_damaged("a segment has no length");
    const auto payload = source_.take(bytes - 2);
    if (!payload) return cut_or_damaged("a segment ends early");
    if (is_of_the_picture(marker)) {
      write_segment(marker, *payload);
    } else {
      pass_application(marker, *payload);
    }
    return marker == kSos ? pass_scan() : Result<void>();
  }

  void pass_application(unsigned char marker, std::string_view payload) {
    constexpr std::size_t kJfifBytes = 14;
    if (marker == kApp0 && payload.starts_with("JFIF\0"sv) && payload.size() >= kJfifBytes) {
      std::string bare(payload.substr(0, kJfifBytes));
      bare[12] = bare[13] = 0;  // the thumbnail's sides
      return write_segment(marker, bare);
    }
    if (marker == kApp2 && payload.starts_with("ICC_PROFILE\0"sv)) return write_segment(marker, payload);
    if (marker == kApp14 && payload.starts_with("Adobe"sv)) return write_segment(marker, payload);
    if (marker != kApp1 || !payload.starts_with("Exif\0\0"sv) || has_exif_) return;
    has_exif_ = true;  // decoders go by the first
    if (const int orientation = exif_orientation(payload); orientation != 1) {
      write_segment(kApp1, std::string("Exif\0\0"sv) + exif_of_orientation(orientation));
    }
  }

  // Coded data up to the next marker that is not part of it.
  Result<void> pass_scan() {
    while (source_.pass_until(0xff, out_)) {
      source_.take();
      while (source_.peek() == 0xff) source_.take();
      const auto code = source_.take();
      if (!code) break;
      if (*code != 0 && !is_restart(*code)) {
        scan_ended_by_ = code;
        return {};
      }
      write_marker(*code);  // a byte of 255 and its zero, or a restart
    }
    return cut_or_damaged("a scan ends early");
  }

  ByteSource source_;
  std::ostream& out_;
  bool has_exif_ = false;
  std::optional<unsigned char> scan_ended_by_;
};

}  // namespace

Result<void> strip_jpeg(std::istream& in, std::ostream& out) {
  return JpegStripper(in, out).run();
}

}  // namespace tintype::engine
