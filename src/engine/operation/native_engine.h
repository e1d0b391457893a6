// The engine in this process: libvips for pixels in and out, our networks in between.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>

#include "engine/model/model.h"
#include "engine/operation/plan.h"
#include "engine/operation/upscale.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct NativeEngineOptions {
  std::filesystem::path models_directory;
  std::string model_family = "exact";         // the default model of scale N is {family}-xN
  int threads = 0;                            // 0: one per core
  std::int64_t memory_bytes_max = 2LL << 30;  // of one run
  ImageLimits limits;
  int jpeg_quality = 92;
};

struct EnhanceRequest {
  std::filesystem::path input;
  std::filesystem::path output;
  Goal goal;
  std::optional<ImageFormat> format;
  std::string model;  // empty: the family's
};

class NativeEngine final : public ImageEngine {
 public:
  explicit NativeEngine(NativeEngineOptions options);

  Result<ImageFacts> inspect(const std::filesystem::path& file) override;
  Result<ImageFacts> verify(const std::filesystem::path& file) override;
  Result<RunOutcome> run(const RunRequest& request, RunControl& control) override;
  Result<void> check() override;

  // What `run` does for kEnhance, with any goal: the command line's way in.
  Result<RunOutcome> enhance(const EnhanceRequest& request, RunControl& control);

 private:
  struct Step {
    std::string model;
    std::shared_ptr<const Graph> graph;
  };
  struct Prepared {
    Plan plan;
    std::vector<Step> steps;
    std::int64_t memory_bytes_max = 0;
  };
  Result<Prepared> prepare(const EnhanceRequest& request, const ImageFacts& facts);
  Result<std::shared_ptr<const Graph>> graph_of(const std::string& model);
  UpscaleOptions upscale_options() const;

  const NativeEngineOptions options_;
  std::counting_semaphore<> verify_turns_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Graph>> graphs_;
};

}  // namespace tintype::engine
