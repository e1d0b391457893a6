#include "worker/input.h"

#include <fstream>
#include <vector>

namespace tintype::worker {

namespace {

Result<void> copy_to(ObjectReader& reader, const std::filesystem::path& path) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  std::vector<char> piece(256 * 1024);
  for (std::int64_t offset = 0; offset < reader.info().size_bytes;) {
    const auto count = reader.read(offset, piece);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return fail_internal("the object ended early");
    stream.write(piece.data(), static_cast<std::streamsize>(*count));
    offset += static_cast<std::int64_t>(*count);
  }
  stream.flush();
  return stream ? Result<void>() : fail_internal("write " + path.string());
}

}  // namespace

ScratchFile::~ScratchFile() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

Result<std::filesystem::path> Input::fetch(ObjectStore& objects, std::string_view key) {
  auto reader = objects.open(key);
  if (!reader) return std::unexpected(reader.error());
  reader_ = std::move(*reader);
  if (const auto file = reader_->file()) return *file;
  if (auto copied = copy_to(*reader_, copy_.path()); !copied) return std::unexpected(copied.error());
  return copy_.path();
}

}  // namespace tintype::worker
