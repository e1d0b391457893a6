#include "cmd/enhance.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <nlohmann/json.hpp>
#include <thread>

#include "engine/model/model.h"

namespace tintype::cmd {

namespace {

std::atomic<bool> g_interrupted{false};

void on_interrupt(int) {
  g_interrupted.store(true);
}

std::filesystem::path target_of(const std::filesystem::path& file, ImageFormat format, const EnhanceOptions& options) {
  const std::filesystem::path folder = options.output_directory.empty() ? file.parent_path() : options.output_directory;
  return folder / (file.stem().string() + "-enhanced." + image_format_extension(format));
}

// The bar of one file, redrawn in place.
class ProgressBar {
 public:
  explicit ProgressBar(std::string name) : name_(std::move(name)), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressBar() {
    if (shown_) std::fprintf(stderr, "\r\033[K");
  }
  void draw(int permille) const {
    if (!shown_) return;
    constexpr int kWidth = 30;
    std::string bar;
    for (int at = 0; at < kWidth; ++at) bar += at < permille * kWidth / 1000 ? "█" : "░";
    std::fprintf(stderr, "\r\033[K%s %s %3d %%", bar.c_str(), name_.c_str(), permille / 10);
    std::fflush(stderr);
  }

 private:
  std::string name_;
  bool shown_;
};

Result<engine::EnhanceRequest> request_for(engine::NativeEngine& engine, const std::filesystem::path& file,
                                           const EnhanceOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return fail(ErrorCode::kNotFound, "there is no such file");
  const auto facts = engine.inspect(file);
  if (!facts) return std::unexpected(facts.error());
  engine::EnhanceRequest request;
  request.input = file;
  request.goal = options.goal;
  request.model = options.model;
  request.denoise_strength = options.denoise_strength;
  request.face_strength = options.face_strength;
  request.format = options.format.value_or(result_format(facts->format, facts->has_alpha));
  request.output = target_of(file, *request.format, options);
  if (std::filesystem::equivalent(request.output, file, error)) {
    return fail(ErrorCode::kConflict, "the result would overwrite the original");
  }
  if (std::filesystem::exists(request.output, error) && !options.force) {
    return fail(ErrorCode::kConflict, request.output.string() + " exists already; --force overwrites it");
  }
  return request;
}

// Runs in a thread of its own, so that this one can draw and listen for Ctrl-C.
Result<RunOutcome> run(engine::NativeEngine& engine, const engine::EnhanceRequest& request) {
  RunControl control;
  std::atomic<bool> done{false};
  Result<RunOutcome> outcome = fail_internal("not run");
  const ProgressBar bar(request.input.filename().string());
  std::thread runner([&] {
    try {
      outcome = engine.enhance(request, control);
    } catch (const std::bad_alloc&) {
      outcome = fail(ErrorCode::kInternal, "there is not enough memory for this picture");
    } catch (const std::exception& exception) {
      outcome = fail_internal(exception.what());
    }
    done.store(true);
  });
  while (!done.load()) {
    if (g_interrupted.load()) control.cancel.store(true);
    bar.draw(control.progress_permille.load());
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  runner.join();
  return outcome;
}

// The original, enlarged by a bicubic to the result's size, to the left of the result: FILE-compared.png.
Result<std::filesystem::path> write_comparison(const std::filesystem::path& file, const std::filesystem::path& result) {
  const auto after = engine::decode(result, {}, std::nullopt);
  if (!after) return std::unexpected(after.error());
  auto before = engine::decode(file, {}, std::nullopt);
  if (!before) return std::unexpected(before.error());
  const engine::Pixels& right = after->pixels;
  const auto left = engine::resize(std::move(before->pixels), right.width, right.height);
  if (!left) return std::unexpected(left.error());
  if (left->channels != right.channels || left->bytes_per_sample != right.bytes_per_sample) {
    return fail(ErrorCode::kInvalidInput, "the result has other channels than the original and cannot stand beside it");
  }
  engine::Pixels both{2 * right.width, right.height, right.channels, right.bytes_per_sample, {}};
  for (std::size_t y = 0; y < static_cast<std::size_t>(right.height); ++y) {
    for (const engine::Pixels* side : {&*left, &right}) {
      const auto row = side->data.begin() + static_cast<std::ptrdiff_t>(y * side->row_bytes());
      both.data.insert(both.data.end(), row, row + static_cast<std::ptrdiff_t>(side->row_bytes()));
    }
  }
  const auto target = result.parent_path() / (file.stem().string() + "-compared.png");
  if (auto written = engine::encode(both, {}, {ImageFormat::kPng}, target); !written)
    return std::unexpected(written.error());
  return target;
}

void print_failure(const std::filesystem::path& file, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", file.c_str(), error.message.c_str());
  if (!error.cause.empty()) std::fprintf(stderr, "  (%s)\n", error.cause.c_str());
}

}  // namespace

int enhance_files(const EnhanceOptions& options) {
  std::error_code error;
  if (!options.output_directory.empty()) std::filesystem::create_directories(options.output_directory, error);
  if (error) {
    std::fprintf(stderr, "%s: %s\n", options.output_directory.c_str(), error.message().c_str());
    return 1;
  }
  engine::NativeEngineOptions engine_options;
  engine_options.models_directory = engine::models_directory(options.models_directory);
  engine_options.threads = options.threads;
  engine_options.backend = options.backend;
  engine_options.stripe_px = options.stripe_px;
  engine::NativeEngine engine(engine_options);
  std::signal(SIGINT, on_interrupt);
  int failed = 0;
  for (const std::filesystem::path& file : options.files) {
    if (g_interrupted.load()) return 130;
    const auto began = std::chrono::steady_clock::now();
    const auto request = request_for(engine, file, options);
    const auto outcome = request ? run(engine, *request) : std::unexpected(request.error());
    if (!outcome && outcome.error().code == ErrorCode::kCancelled) return 130;
    if (!outcome) {
      print_failure(file, outcome.error());
      ++failed;
      continue;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const double fidelity_db = nlohmann::json::parse(outcome->details).at("fidelity");
    std::printf("%s -> %s  %d x %d, %.1f s, fidelity %.1f dB\n", file.c_str(), request->output.c_str(),
                outcome->width_px, outcome->height_px, took.count(), fidelity_db);
    if (options.compare) {
      const auto compared = write_comparison(file, request->output);
      if (compared) std::printf("%s -> %s\n", file.c_str(), compared->c_str());
      if (!compared) print_failure(file, compared.error());
    }
    std::fflush(stdout);
  }
  if (failed > 0) std::fprintf(stderr, "%d of %zu files failed\n", failed, options.files.size());
  return failed > 0 ? 1 : 0;
}

}  // namespace tintype::cmd
