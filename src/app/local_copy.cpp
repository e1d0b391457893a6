#include "app/local_copy.h"

#include <fstream>
#include <vector>

#include "base/bytes.h"
#include "base/file_digest.h"

namespace tintype::app {

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

// Copies to the end and answers the SHA-256 in hex.
Result<std::string> copy(ObjectReader& reader, const std::filesystem::path& path) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  std::vector<char> piece(kPieceBytes);
  Sha256 digest;
  for (std::int64_t offset = 0; offset < reader.info().size_bytes;) {
    const auto count = reader.read(offset, piece);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return fail_internal("the object ended early");
    digest.update({piece.data(), *count});
    stream.write(piece.data(), static_cast<std::streamsize>(*count));
    offset += static_cast<std::int64_t>(*count);
  }
  stream.flush();
  if (!stream) return fail_internal("write " + path.string());
  return hex_encode(digest.finish());
}

}  // namespace

Result<LocalCopy> LocalCopy::of(ObjectReader& reader, Need need, const std::filesystem::path& folder, Random& random) {
  LocalCopy local;
  const auto file = reader.file();
  if (file && need == Need::kReading) {
    local.path_ = *file;
    auto digest = sha256_of_file(local.path_);
    if (!digest) return std::unexpected(digest.error());
    local.sha256_ = std::move(*digest);
    return local;
  }
  local.path_ = (folder.empty() ? std::filesystem::temp_directory_path() : folder) / new_id(random, "tintype-");
  local.owned_ = true;
  auto digest = copy(reader, local.path_);
  if (!digest) return std::unexpected(digest.error());
  local.sha256_ = std::move(*digest);
  return local;
}

LocalCopy::LocalCopy(LocalCopy&& other) noexcept
    : path_(std::move(other.path_)), owned_(std::exchange(other.owned_, false)), sha256_(std::move(other.sha256_)) {}

LocalCopy::~LocalCopy() {
  std::error_code ignored;
  if (owned_) std::filesystem::remove(path_, ignored);
}

}  // namespace tintype::app
