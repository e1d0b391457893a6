#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tintype {

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
  auto taken = lock(file, LOCK_EX);
  if (!taken) return std::unexpected(taken.error());
  return std::move(**taken);
}

Result<std::optional<FileLock>> FileLock::try_take(const std::filesystem::path& file) {
  return lock(file, LOCK_EX | LOCK_NB);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::optional<FileLock>> FileLock::lock(const std::filesystem::path& file, int how) {
  // For writing, as NFS asks of an exclusive lock.
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    const std::string cause = std::strerror(errno);
    return fail(ErrorCode::kInvalidInput, file.string() + " cannot be written", {}, cause);
  }
  FileLock made(descriptor);
  int result = 0;
  do {
    result = ::flock(descriptor, how);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return std::optional<FileLock>(std::move(made));
  if (errno == EWOULDBLOCK) return std::optional<FileLock>();
  return fail_internal("lock " + file.string() + ": " + std::strerror(errno));
}

}  // namespace tintype
