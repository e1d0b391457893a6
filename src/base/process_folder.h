// A folder for what a process has in hand.
#pragma once

#include <filesystem>

#include "base/random.h"

namespace tintype {

// A new folder under `parent` that goes away with its owner. Where a process was killed, the next one under the same
// parent removes its folder: each holds a lock in its own, which ends with the process however that ends.
class ProcessFolder {
 public:
  // Makes the parent too; throws std::filesystem::filesystem_error when it cannot.
  ProcessFolder(const std::filesystem::path& parent, Random& random);
  ~ProcessFolder();
  ProcessFolder(const ProcessFolder&) = delete;
  ProcessFolder& operator=(const ProcessFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace tintype
