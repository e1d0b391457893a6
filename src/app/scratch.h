// Files on the way between the engine, which works on files, and the object store.
#pragma once

#include <filesystem>
#include <utility>

#include "ports/object_store.h"

namespace tintype::app {

// Where they lie: where put_file() need not copy, or the system's folder for such files.
std::filesystem::path scratch_folder(const ObjectStore& objects);

Result<void> copy_to(ObjectReader& reader, const std::filesystem::path& path);

// A path whose file is removed with this, unless it was renamed away.
class ScratchFile {
 public:
  explicit ScratchFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~ScratchFile();
  ScratchFile(ScratchFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFile& operator=(ScratchFile&&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An object as a file: the store's own where it has one, else a copy.
class ReadableFile {
 public:
  // A copy is made at `copy` and is removed with this.
  static Result<ReadableFile> of(ObjectReader& reader, const std::filesystem::path& copy);
  // The same of the object under a key; kNotFound.
  static Result<ReadableFile> of(ObjectStore& objects, std::string_view key, const std::filesystem::path& copy);
  // A file that lies there already; it is removed with this.
  static ReadableFile owned(const std::filesystem::path& path) { return ReadableFile(path, path); }
  const std::filesystem::path& path() const { return path_; }

 private:
  ReadableFile(std::filesystem::path path, std::filesystem::path copy)
      : path_(std::move(path)), copy_(std::move(copy)) {}
  std::filesystem::path path_;
  ScratchFile copy_;
};

}  // namespace tintype::app
