// A folder of networks, and a catalogue of those that others publish.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "engine/model/catalogue.h"
#include "engine/model/model.h"
#include "ports/downloader.h"
#include "ports/model_library.h"

namespace tintype {

struct ModelFolderOptions {
  std::filesystem::path directory;
  std::filesystem::path catalogue;
  std::chrono::seconds download_timeout{4 * 3'600};  // for each file
  std::chrono::seconds stall_timeout{60};
};

// Any thread may call. What is here is read from the folder each time, so that other processes may change it.
class ModelFolder final : public ModelLibrary {
 public:
  ModelFolder(Downloader& downloader, ModelFolderOptions options);

  Result<std::vector<InstalledModel>> installed() override;
  Result<std::vector<PublishedNetwork>> published() override;
  Result<InstalledModel> fetch(const std::string& name, Progress progress, const std::atomic<bool>& cancel) override;
  Result<InstalledModel> add(const NetworkFiles& network) override;
  Result<void> remove(const std::string& name) override;

 private:
  struct Fetch;
  Result<engine::PublishedModel> find(const std::string& name) const;
  Result<void> check_room_for(const std::string& name) const;
  Result<std::vector<std::filesystem::path>> fetch_files(const std::vector<engine::PublishedFile>& files, Fetch& fetch);
  InstalledModel view_of(const engine::Manifest& manifest);
  std::int64_t parameters_of(const engine::Manifest& manifest);

  Downloader& downloader_;
  const ModelFolderOptions options_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> parameters_;  // of networks that were looked into, by their files' digests
};

}  // namespace tintype
