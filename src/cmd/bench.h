// `tintype bench`: how fast networks run here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/net/backend.h"

namespace tintype::cmd {

struct BenchOptions {
  std::vector<std::string> models;  // all when empty
  std::filesystem::path models_directory;
  std::optional<engine::Backend> backend;  // none: all that the processor has but the reference
  int width = 512;
  int height = 512;
  int threads = 0;  // 0: one per core
  int repeats = 3;  // the best counts
  bool json = false;
};

// Runs each model on each backend, one picture on each thread, and prints a table, or one line of JSON for each run.
// Answers the exit code.
int bench_models(const BenchOptions& options);

}  // namespace tintype::cmd
