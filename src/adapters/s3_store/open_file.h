// A local file on its way into the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "adapters/s3_store/s3_client.h"
#include "base/error.h"

namespace tintype::s3 {

class OpenFile {
 public:
  // kInternal when it is no file that can be read. Links are not followed.
  static Result<OpenFile> open(const std::filesystem::path& path);
  OpenFile(OpenFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), size_bytes_(other.size_bytes_) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  int descriptor() const { return descriptor_; }
  std::int64_t size_bytes() const { return size_bytes_; }

 private:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  std::int64_t size_bytes_ = 0;
};

// 16 raw bytes, read piece by piece.
Result<std::string> md5_of(const FileRange& range);

}  // namespace tintype::s3
