#include "base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace tintype {

namespace fs = std::filesystem;

namespace {

Result<void> failed(const char* what, const fs::path& path) {
  return fail_internal(std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

Result<void> sync(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failed("open", path);
  const int result = ::fsync(descriptor);
  const int cause = errno;
  ::close(descriptor);
  errno = cause;
  return result == 0 ? Result<void>() : failed("sync", path);
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Result<void> rename_durably(const fs::path& from, const fs::path& to) {
  if (auto synced = sync(from); !synced) return synced;
  if (std::rename(from.c_str(), to.c_str()) != 0) return failed("rename to", to);
  return sync(to.has_parent_path() ? to.parent_path() : ".");
}

Result<void> write_durably(const fs::path& path, std::string_view bytes) {
  const fs::path beside = path.string() + ".new";
  const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return failed("open", beside);
  Result<void> done = write_all(descriptor, bytes) ? Result<void>() : failed("write", beside);
  ::close(descriptor);
  if (done) done = rename_durably(beside, path);
  if (!done) ::unlink(beside.c_str());
  return done;
}

}  // namespace tintype
