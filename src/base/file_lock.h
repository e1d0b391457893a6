// One process at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "base/error.h"

namespace tintype {

// Held until it goes out of scope or its process ends, however it ends (flock(2)). The file is made when there is none
// and stays: removing it would let two processes hold locks on two files of one name.
class FileLock {
 public:
  // Waits for whoever holds it.
  static Result<FileLock> take(const std::filesystem::path& file);
  // Nothing when somebody holds it.
  static Result<std::optional<FileLock>> try_take(const std::filesystem::path& file);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  static Result<std::optional<FileLock>> lock(const std::filesystem::path& file, int how);
  int descriptor_;
};

}  // namespace tintype
