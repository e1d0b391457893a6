#include "engine/operation/native_engine.h"

#include <thread>

#include "base/turn.h"
#include "engine/operation/gate.h"

namespace tintype::engine {

namespace {

// How the progress of a run is shared out.
constexpr int kDecodedPermille = 50;
constexpr int kNetworksDonePermille = 900;

int cores() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

Result<EnhanceRequest> enhance_request(const RunRequest& request) {
  const auto enhance = enhance_from(request.parameters);
  if (!enhance) return std::unexpected(enhance.error());
  return EnhanceRequest{
      request.input, request.output, {tier_longest_side_px(enhance->tier), 1}, request.format, request.model};
}

void advance(RunControl& control, int permille) {
  int seen = control.progress_permille.load();
  while (seen < permille && !control.progress_permille.compare_exchange_weak(seen, permille)) {
  }
}

}  // namespace

NativeEngine::NativeEngine(NativeEngineOptions options) : options_(std::move(options)), verify_turns_(cores()) {}

UpscaleOptions NativeEngine::upscale_options() const {
  return {options_.threads > 0 ? options_.threads : cores()};
}

Result<ImageFacts> NativeEngine::inspect(const std::filesystem::path& file) {
  return engine::inspect(file, options_.limits);
}

Result<ImageFacts> NativeEngine::verify(const std::filesystem::path& file) {
  // A hostile picture may take hundreds of megabytes to decode: few at once, whatever number is uploaded.
  const Turn turn(verify_turns_);
  return engine::verify(file, options_.limits);
}

Result<std::shared_ptr<const Graph>> NativeEngine::graph_of(const std::string& model) {
  const std::lock_guard lock(mutex_);
  auto& graph = graphs_[model];
  if (graph) return graph;
  if (model.find('/') != std::string::npos) return fail(ErrorCode::kNotFound, "There is no model '" + model + "'");
  const auto manifest = read_manifest(options_.models_directory / (model + ".json"));
  if (!manifest) {
    return fail(ErrorCode::kNotFound, "There is no model '" + model + "' in " + options_.models_directory.string(),
                "`tintype models list` shows which there are", manifest.error().message);
  }
  auto loaded = load_model(options_.models_directory, *manifest);
  if (!loaded) return std::unexpected(loaded.error());
  graph = std::move(*loaded);
  return graph;
}

Result<NativeEngine::Prepared> NativeEngine::prepare(const EnhanceRequest& request, const ImageFacts& facts) {
  Prepared prepared;
  std::shared_ptr<const Graph> only;
  if (!request.model.empty()) {
    auto graph = graph_of(request.model);
    if (!graph) return std::unexpected(graph.error());
    only = std::move(*graph);
  }
  auto plan =
      make_plan(facts.width_px, facts.height_px, request.goal, only ? std::optional(only->scale) : std::nullopt);
  if (!plan) return std::unexpected(plan.error());
  prepared.plan = std::move(*plan);
  // 16 bits and alpha are assumed where the header alone cannot tell.
  const int channels = facts.has_alpha ? 4 : 3;
  const bool deep = facts.format == ImageFormat::kPng || facts.format == ImageFormat::kTiff;
  const int bytes = deep ? 2 : 1;
  int width = prepared.plan.input_width, height = prepared.plan.input_height;
  std::int64_t held = std::int64_t{width} * height * channels * bytes;  // the pass's input
  for (const int scale : prepared.plan.scales) {
    const std::string model =
        request.model.empty() ? options_.model_family + "-x" + std::to_string(scale) : request.model;
    auto graph = only ? Result<std::shared_ptr<const Graph>>(only) : graph_of(model);
    if (!graph) return std::unexpected(graph.error());
    const std::int64_t pass = upscale_bytes_max(width, height, channels, bytes, **graph, upscale_options());
    prepared.memory_bytes_max = std::max(prepared.memory_bytes_max, held + pass);
    prepared.steps.push_back({model, std::move(*graph)});
    width *= scale;
    height *= scale;
    held = std::int64_t{width} * height * channels * bytes;
  }
  const std::int64_t output = std::int64_t{prepared.plan.output_width} * prepared.plan.output_height * channels * bytes;
  prepared.memory_bytes_max = std::max(prepared.memory_bytes_max, held + output);
  if (prepared.memory_bytes_max > options_.memory_bytes_max) {
    return fail(ErrorCode::kInvalidInput,
                "This would take " + std::to_string(prepared.memory_bytes_max >> 20) + " MB of memory, " +
                    std::to_string(options_.memory_bytes_max >> 20) + " MB are allowed",
                "Please ask for a smaller result, or raise engine.memory_max_bytes");
  }
  return prepared;
}

Result<RunOutcome> NativeEngine::run(const RunRequest& request, RunControl& control) {
  switch (request.operation) {
    case OperationKind::kProbe: return RunOutcome{};
    case OperationKind::kEnhance: break;
  }
  const auto enhance = enhance_request(request);
  if (!enhance) return std::unexpected(enhance.error());
  return this->enhance(*enhance, control);
}

Result<RunOutcome> NativeEngine::enhance(const EnhanceRequest& request, RunControl& control) {
  const auto facts = inspect(request.input);
  if (!facts) return std::unexpected(facts.error());
  const auto prepared = prepare(request, *facts);
  if (!prepared) return std::unexpected(prepared.error());
  auto decoded = decode(request.input, options_.limits, prepared->plan.reduce_to_px);
  if (!decoded) return std::unexpected(decoded.error());
  advance(control, kDecodedPermille);

  const Overview before = overview_of(decoded->pixels);
  const bool has_alpha = decoded->pixels.has_alpha();
  Pixels pixels = std::move(decoded->pixels);
  const double passes = static_cast<double>(prepared->steps.size());
  for (std::size_t at = 0; at < prepared->steps.size(); ++at) {
    const std::function<void(double)> progress = [&](double share) {
      const double done = (static_cast<double>(at) + share) / passes;
      advance(control, kDecodedPermille + static_cast<int>(done * (kNetworksDonePermille - kDecodedPermille)));
    };
    auto enlarged = upscale(pixels, prepared->steps[at].graph, upscale_options(), control.cancel, progress);
    if (!enlarged) return std::unexpected(enlarged.error());
    pixels = std::move(*enlarged);
  }
  auto fitted = resize(std::move(pixels), prepared->plan.output_width, prepared->plan.output_height);
  if (!fitted) return std::unexpected(fitted.error());
  if (control.cancel.load()) return fail(ErrorCode::kCancelled, "The job was cancelled");
  if (auto sound = check_result(before, *fitted); !sound) return std::unexpected(sound.error());
  const EncodeOptions encoding{request.format.value_or(result_format(decoded->facts.format, has_alpha)),
                               options_.jpeg_quality};
  const auto size_bytes = encode(*fitted, decoded->metadata, encoding, request.output);
  if (!size_bytes) return std::unexpected(size_bytes.error());
  advance(control, 1000);
  return RunOutcome{encoding.format, fitted->width, fitted->height, *size_bytes, prepared->steps.back().model};
}

Result<void> NativeEngine::check() {
  for (const int scale : {2, 4}) {
    const auto graph = graph_of(options_.model_family + "-x" + std::to_string(scale));
    if (!graph) return std::unexpected(graph.error());
  }
  return {};
}

}  // namespace tintype::engine
