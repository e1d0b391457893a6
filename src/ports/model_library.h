// The networks that are installed, those that can be had, and how they come and go.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/function_ref.h"
#include "domain/model_tier.h"

namespace tintype {

struct InstalledModel {
  std::string name;
  std::string purpose;  // "enhancement", "segmentation" ...
  std::string architecture;
  int scale = 1;
  std::int64_t parameters = 0;  // 0: its files cannot be read
  std::int64_t size_bytes = 0;  // of its files
  std::string licence, description;
  std::string sha256;                 // of its largest file, in hex
  bool is_shipped = false;            // with the program
  std::optional<NetworkNeed> serves;  // the tiers that it can be chosen for
};

// One that others publish.
struct PublishedNetwork {
  std::string name;
  std::string purpose;
  std::string licence, description;
  int scale = 1;
  std::optional<std::int64_t> size_bytes;  // of its files, where that is known
  bool is_installed = false;
};

// Files of one network, that are here.
struct NetworkFiles {
  std::string name;
  std::vector<std::filesystem::path> files;  // what they are is seen by their extensions and bytes
  std::string licence = "unknown";
  std::string description;
};

// How far the files of a network have come.
struct FetchProgress {
  std::string file;  // that is on its way
  std::int64_t file_bytes = 0;
  std::optional<std::int64_t> file_bytes_total;
  std::int64_t received_bytes = 0;  // of all files
};

class ModelLibrary {
 public:
  using Progress = FunctionRef<void(const FetchProgress&)>;

  virtual ~ModelLibrary() = default;
  virtual Result<std::vector<InstalledModel>> installed() = 0;  // by name
  virtual Result<std::vector<PublishedNetwork>> published() = 0;
  // Downloads one that is published, verifies and installs it. What has come stays when it ends before, for the next
  // call. kNotFound when nobody publishes it; kConflict when there is one of this name, or another process is
  // downloading; kInvalidInput for what is no network that runs here; kCancelled soon after `cancel` is set. Blocks.
  virtual Result<InstalledModel> fetch(const std::string& name, Progress progress, const std::atomic<bool>& cancel) = 0;
  // kConflict when there is one of this name; kInvalidInput for what is no network that runs here. Copies the files.
  virtual Result<InstalledModel> add(const NetworkFiles& network) = 0;
  virtual Result<void> remove(const std::string& name) = 0;  // kNotFound
};

}  // namespace tintype
