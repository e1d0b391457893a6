// The networks that were used lately, ready to run.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/model/model.h"
#include "engine/net/network.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct ModelCacheOptions {
  std::filesystem::path directory;
  std::optional<Backend> backend;           // none: the best that the processor has
  std::int64_t idle_seconds = 600;          // after which a network that nobody runs is dropped; 0: at once
  std::int64_t packed_bytes_max = 1 << 30;  // of all together; those that nobody runs go first
};

// Any thread may ask. What was handed out lives for as long as somebody holds it, in the cache or not.
class ModelCache {
 public:
  explicit ModelCache(ModelCacheOptions options);
  ~ModelCache();
  ModelCache(const ModelCache&) = delete;
  ModelCache& operator=(const ModelCache&) = delete;

  struct Model {
    Manifest manifest;
    std::shared_ptr<const Network> network;
  };
  // As it is on disk now. kNotFound when there is no such model; kInvalidInput when its file is not what its manifest
  // says.
  Result<Model> get(const std::string& name, double denoise_strength);

  std::int64_t packed_bytes() const;  // held now
  EngineFigures figures() const;      // as of the last change; never waits

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Entry {
    std::string name;
    double denoise_strength = 0;
    Model model;
    Instant used;
  };
  Result<Manifest> manifest_of(const std::string& name) const;
  Result<Model> load(Manifest manifest, double denoise_strength) const;
  void shrink();
  void note();
  void watch(const std::stop_token& stop);

  const ModelCacheOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Entry> entries_;  // the latest used first
  mutable std::mutex figures_mutex_;
  EngineFigures figures_;
  std::jthread watcher_;  // drops what is idle
};

}  // namespace tintype::engine
