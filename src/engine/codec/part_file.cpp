#include "engine/codec/part_file.h"

#include <cerrno>
#include <cstring>

namespace tintype::engine {

PartFile::PartFile(std::filesystem::path file)
    : file_(std::move(file)), part_(file_.string() + ".part"), stream_(std::fopen(part_.c_str(), "wb")) {}

PartFile::~PartFile() {
  if (stream_ == nullptr) return;
  std::fclose(stream_);
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
}

Result<std::int64_t> PartFile::finish() {
  if (stream_ == nullptr) return fail_internal("write " + part_.string());
  const bool was_fine = std::ferror(stream_) == 0;
  const long size_bytes = std::ftell(stream_);
  if (std::fflush(stream_) != 0 || !was_fine || size_bytes <= 0) {
    return fail_internal("write " + part_.string() + ": " + std::strerror(errno));
  }
  std::fclose(stream_);
  stream_ = nullptr;
  std::error_code error;
  std::filesystem::rename(part_, file_, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(part_, ignored);
    return fail_internal("write " + file_.string() + ": " + error.message());
  }
  return size_bytes;
}

}  // namespace tintype::engine
