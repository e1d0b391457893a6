// A job's files while it runs.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "ports/object_store.h"

namespace tintype::worker {

// A file that goes away with its owner.
class ScratchFile {
 public:
  explicit ScratchFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An object as a file: the store's own where it has one, else a copy, at `copy`, that goes away with this.
class Input {
 public:
  explicit Input(std::filesystem::path copy) : copy_(std::move(copy)) {}
  // kNotFound when there is no such object.
  Result<std::filesystem::path> fetch(ObjectStore& objects, std::string_view key);

 private:
  std::unique_ptr<ObjectReader> reader_;  // keeps the store's file while it is used
  ScratchFile copy_;
};

}  // namespace tintype::worker
