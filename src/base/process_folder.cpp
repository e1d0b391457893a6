#include "base/process_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tintype {

namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "lock";

void remove_left_behind(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    const int lock = ::open((entry.path() / kLockName).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (lock >= 0 && ::flock(lock, LOCK_EX | LOCK_NB) == 0) {
      fs::remove_all(entry.path(), ignored);
    } else if (lock < 0 && errno == ENOENT) {
      ::rmdir(entry.path().c_str());  // empty: made and not locked yet; its maker makes another
    }
    if (lock >= 0) ::close(lock);
  }
}

}  // namespace

ProcessFolder::ProcessFolder(const fs::path& parent, Random& random) {
  fs::create_directories(parent);
  remove_left_behind(parent);
  while (true) {
    path_ = parent / new_id(random, "run-");
    fs::create_directory(path_);
    lock_ = ::open((path_ / kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat status{};
    if (lock_ >= 0 && ::flock(lock_, LOCK_EX) == 0 && ::fstat(lock_, &status) == 0 && status.st_nlink == 1) return;
    const int error = lock_ < 0 ? errno : ENOENT;
    if (lock_ >= 0) ::close(lock_);
    if (error == ENOENT) continue;  // another process swept it away in between
    throw fs::filesystem_error("lock", path_, std::error_code(error, std::generic_category()));
  }
}

ProcessFolder::~ProcessFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  ::close(lock_);
}

}  // namespace tintype
