// A file that is written beside its place and renamed once it is whole.
#pragma once

#include <cstdio>
#include <filesystem>

#include "base/error.h"

namespace tintype::engine {

class PartFile {
 public:
  explicit PartFile(std::filesystem::path file);
  ~PartFile();  // what was not finished is removed
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::FILE* stream() { return stream_; }  // null when it could not be opened

  // Answers the size in bytes. kInternal when the disk did not take all of it.
  Result<std::int64_t> finish();

 private:
  std::filesystem::path file_, part_;
  std::FILE* stream_;
};

}  // namespace tintype::engine
