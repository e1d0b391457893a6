#include "adapters/fs_store/file_bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "adapters/fs_store/descriptor.h"
#include "adapters/fs_store/place.h"
#include "base/digest.h"

namespace tintype::fs_store {

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Where the kernel cannot copy between these two.
Result<void> append_by_hand(int from, std::int64_t offset, int to, std::string_view name) {
  std::vector<char> piece(kPieceBytes);
  while (true) {
    const ssize_t count = ::pread(from, piece.data(), piece.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", name);
    if (count == 0) return {};
    if (!write_all(to, {piece.data(), static_cast<std::size_t>(count)})) return failed("write", name);
    offset += count;
  }
}

}  // namespace

Result<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.open()) return failed("create", path.string());
  if (!write_all(file.value(), bytes)) return failed("write", path.string());
  return {};
}

Result<std::string> md5_of(int file, std::string_view name) {
  ::sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);  // a hint: fsync is what counts
  Digest digest(DigestKind::kMd5);
  std::vector<char> piece(kPieceBytes);
  for (std::int64_t offset = 0;;) {
    const ssize_t count = ::pread(file, piece.data(), piece.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", name);
    if (count == 0) return digest.finish();
    digest.update({piece.data(), static_cast<std::size_t>(count)});
    offset += count;
  }
}

Result<void> append_file(int from, std::int64_t size_bytes, int to, std::string_view name) {
  const off_t begin = ::lseek(to, 0, SEEK_CUR);
  off_t offset = 0;
  while (offset < size_bytes) {
    const ssize_t count =
        ::copy_file_range(from, &offset, to, nullptr, static_cast<std::size_t>(size_bytes - offset), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) {
      return failed("copy", name);
    }
    if (count <= 0) break;
  }
  if (offset < size_bytes) {
    if (auto appended = append_by_hand(from, offset, to, name); !appended) return appended;
  }
  ::sync_file_range(to, begin, size_bytes, SYNC_FILE_RANGE_WRITE);
  return {};
}

}  // namespace tintype::fs_store
