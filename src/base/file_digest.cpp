#include "base/file_digest.h"

#include <fstream>
#include <vector>

#include "base/bytes.h"

namespace tintype {

Result<std::string> sha256_of_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  Sha256 digest;
  std::vector<char> piece(256 * 1024);
  while (stream) {
    stream.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    digest.update({piece.data(), static_cast<std::size_t>(stream.gcount())});
  }
  if (!stream.eof()) return fail_internal("read " + file.string());
  return hex_encode(digest.finish());
}

}  // namespace tintype
