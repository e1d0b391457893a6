// Digests and checksums under one roof: for whoever is told by name which one to compute.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tintype {

enum class DigestKind {
  kMd5,     // RFC 1321: a name for bytes, no proof of them
  kSha1,    // FIPS 180-4
  kSha256,  // FIPS 180-4
  kCrc32,   // see base/crc.h
  kCrc32c,
  kCrc64Nvme,
};

// Over bytes that come in pieces.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  DigestKind kind() const;
  void update(std::string_view bytes);
  std::string finish();  // raw bytes, a CRC's most significant first; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string md5(std::string_view bytes);  // 16 raw bytes

}  // namespace tintype
