#include "app/scratch.h"

#include <fstream>
#include <vector>

namespace tintype::app {

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
  stream.close();
  return stream ? Result<void>() : fail_internal("write " + path.string());
}

std::filesystem::path scratch_folder(const ObjectStore& objects) {
  auto folder = objects.spool_directory();
  return folder.empty() ? std::filesystem::temp_directory_path() : folder;
}

ScratchFile::~ScratchFile() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

Result<ReadableFile> ReadableFile::of(ObjectReader& reader, const std::filesystem::path& copy) {
  if (auto file = reader.file()) return ReadableFile(std::move(*file), {});
  ReadableFile readable(copy, copy);
  if (auto copied = copy_to(reader, copy); !copied) return std::unexpected(copied.error());
  return readable;
}

Result<ReadableFile> ReadableFile::of(ObjectStore& objects, std::string_view key, const std::filesystem::path& copy) {
  const auto reader = objects.open(key);
  if (!reader) return std::unexpected(reader.error());
  return of(**reader, copy);
}

}  // namespace tintype::app
