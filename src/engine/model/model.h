// A network's file plus its manifest: NAME.json beside NAME.safetensors.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/net/graph.h"

namespace tintype::engine {

struct Manifest {
  std::string name;
  std::string architecture;  // "srvgg"
  int scale = 1;
  int features = 0;
  int convolutions = 0;  // between the first and the last
  std::string file;
  std::string sha256;  // hex, of the file
  std::string licence;
  std::string description;
};

Result<Manifest> read_manifest(const std::filesystem::path& path);

// Every manifest in the folder that can be read, by name.
std::vector<Manifest> list_models(const std::filesystem::path& directory);

// Reads, verifies (SHA-256) and checks the file of a manifest. Errors name file and tensor.
Result<std::shared_ptr<const Graph>> load_model(const std::filesystem::path& directory, const Manifest& manifest);

// Where the models that ship with the program are: `configured` when it is not empty, else beside the program's
// build or in share/tintype/models of its prefix.
std::filesystem::path models_directory(const std::filesystem::path& configured);

}  // namespace tintype::engine
