#include "adapters/s3_store/open_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/digest.h"

namespace tintype::s3 {

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

}  // namespace

Result<OpenFile> OpenFile::open(const std::filesystem::path& path) {
  OpenFile file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status{};
  if (file.descriptor_ < 0 || ::fstat(file.descriptor_, &status) != 0) {
    return fail_internal("open " + path.string() + ": " + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) return fail_internal("open " + path.string() + ": it is no file");
  file.size_bytes_ = status.st_size;
  return file;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> md5_of(const FileRange& range) {
  Digest digest(DigestKind::kMd5);
  std::vector<char> piece(kPieceBytes);
  for (std::int64_t done = 0; done < range.size_bytes;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(kPieceBytes, range.size_bytes - done));
    const ssize_t count = ::pread(range.descriptor, piece.data(), wanted, range.offset_bytes + done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_internal(std::string("read the file: ") + std::strerror(errno));
    if (count == 0) return fail_internal("the file has become shorter");
    digest.update({piece.data(), static_cast<std::size_t>(count)});
    done += count;
  }
  return digest.finish();
}

}  // namespace tintype::s3
