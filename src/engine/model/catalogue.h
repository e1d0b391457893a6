// Networks that others publish, by name: where their files are and what these have to be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

struct PublishedFile {
  std::string url;     // http or https
  std::string name;    // its last segment
  std::string sha256;  // lower-case hex
  std::optional<std::int64_t> size_bytes;
};

struct PublishedModel {
  std::string name;
  std::string architecture;  // as in a Manifest, or one that this program does not know
  int scale = 1;
  std::string licence;
  std::string description;
  std::vector<PublishedFile> files;
  std::vector<PublishedFile> weak_files;  // of the twin that denoises least

  // Of all files; nothing where one of them does not say.
  std::optional<std::int64_t> size_bytes() const;
};

// Errors name the entry that is wrong.
Result<std::vector<PublishedModel>> read_catalogue(const std::filesystem::path& path);

// `configured` when it is not empty, else the one that ships with the program.
std::filesystem::path catalogue_file(const std::filesystem::path& configured);

}  // namespace tintype::engine
