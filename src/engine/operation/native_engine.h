// The engine in this process: libvips for pixels in and out, our networks in between.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/turn.h"
#include "engine/operation/face_patch.h"
#include "engine/operation/model_cache.h"
#include "engine/operation/pass.h"
#include "engine/operation/plan.h"
#include "engine/operation/render.h"
#include "engine/operation/studio_run.h"
#include "ports/image_engine.h"

namespace tintype::engine {

class RowReader;

inline constexpr double kDenoiseDefault = 0.5;

struct NativeEngineOptions {
  std::filesystem::path models_directory;
  std::string model_family = "photo";         // the default model of scale N is {family}-xN; restore-x1 of 1
  std::optional<Backend> backend;             // none: the best that the processor has
  int threads = 0;                            // 0: one per core
  int stripe_px = 0;                          // see PassOptions
  std::int64_t memory_bytes_max = 2LL << 30;  // of one run
  std::int64_t model_idle_seconds = 600;
  ImageLimits limits;
  int jpeg_quality = 92;
  // libwebp's method for renditions, 0 to 6. 2 takes well under half the time of 4 and 4 % more bytes.
  int rendition_webp_effort = 2;
  // The network that the operator has chosen for such a run, installed or not; empty, or no function: the default.
  // Called before each run and forecast, by its thread.
  std::function<std::string(OperationKind, const Parameters&)> chosen_model = {};
};

struct EnhanceRequest {
  std::filesystem::path input;
  std::filesystem::path output;
  Goal goal;
  std::optional<ImageFormat> format;
  std::string model;  // empty: the family's
  double denoise_strength = kDenoiseDefault;
  double face_strength = 0;         // the share of restored faces, 0 to 1; 0 looks for none
  std::optional<int> quality = {};  // 1 to 100; none: NativeEngineOptions::jpeg_quality
  bool is_test = false;             // TEST stands across the result
  // The format of the result where none is asked for, of the input's and whether there is alpha.
  ImageFormat (*format_of)(ImageFormat original, bool has_alpha) = result_format;
  bool takes_frames = true;   // of what moves, the first; else it is refused
  bool must_denoise = false;  // a model without a strength is refused
  int fidelity_min_db = 0;    // see Upscale
};

class NativeEngine final : public ImageEngine {
 public:
  explicit NativeEngine(NativeEngineOptions options);

  Result<ImageFacts> inspect(const std::filesystem::path& file) override;
  Result<ImageFacts> verify(const std::filesystem::path& file) override;
  Result<PhotoMetadata> metadata(const std::filesystem::path& file) override;
  Result<RunOutcome> run(const RunRequest& request, RunControl& control) override;
  Result<WrittenPicture> preview(const PreviewRequest& request, RunControl& control) override;
  bool is_ready(OperationKind operation) const override;
  Result<RunForecast> forecast(const RunRequest& request, const ImageFacts& picture) override;
  Result<RenderOutcome> render(const RenderRequest& request, RunControl& control) override;
  Result<WrittenPicture> strip(const std::filesystem::path& input, const std::filesystem::path& output,
                               RunControl& control) override;
  Result<void> check() override;
  EngineFigures figures() const override;

  // What `run` does for kEnhance and kUpscale, with any goal: the command line's way in.
  Result<RunOutcome> enhance(const EnhanceRequest& request, RunControl& control);

 private:
  struct Step {
    std::string model;
    std::shared_ptr<const Network> network;
    double psnr_min_db = 0;  // see Manifest
    std::vector<ModelFile> files;
    Pass pass;
    std::int64_t bytes_max = 0;  // of all that is held meanwhile
  };
  // kInvalidInput when they take too much. `around_bytes`: held by reader and writer all the while.
  Result<std::vector<Step>> plan_steps(const EnhanceRequest& request, ModelCache& models, const Plan& plan,
                                       const PictureShape& picture, std::int64_t around_bytes);
  // `passing_bytes` are those that the picture itself takes afterwards. Adds to `used` where there are faces.
  Result<std::vector<FacePatch>> restore_faces(const EnhanceRequest& request, ModelCache& models, const Plan& plan,
                                               const RowReader& reader, const std::vector<Step>& steps,
                                               std::int64_t passing_bytes, std::vector<ModelFile>& used,
                                               RunControl& control);
  Result<Plan> plan_of(const EnhanceRequest& request, ModelCache& models, const ImageFacts& facts);
  Result<RunOutcome> run_studio(const RunRequest& request, RunControl& control);
  Result<StudioOptions> studio_options(const RunRequest& request);
  Result<EnhanceRequest> enhance_request(const RunRequest& request) const;
  std::string chosen_model(const RunRequest& request, Purpose purpose, bool must_denoise) const;
  EncodeOptions encoding_of(const EnhanceRequest& request, const ImageFacts& facts, bool has_alpha) const;
  Result<RunOutcome> attempt(const EnhanceRequest& request, ModelCache& models, RunControl& control);
  std::string default_model(int scale) const;
  Result<void> check_memory(std::int64_t bytes) const;
  PassOptions pass_options() const;
  RenderOptions render_options() const;

  const NativeEngineOptions options_;
  Turns verify_turns_;
  ModelCache models_;
  ModelCache exact_models_;  // of those, what single precision had to do
};

}  // namespace tintype::engine
