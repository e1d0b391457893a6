#include "cmd/bench.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "cmd/commands.h"
#include "engine/model/model.h"
#include "engine/operation/native_engine.h"

namespace tintype::cmd {

namespace {

struct Measured {
  double load_ms = 0;     // from file to packed weights
  double seconds = 0;     // best of all repeats
  double bytes_max = 0;   // as planned
  double operations = 0;  // as the layers say: Winograd does fewer
};

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// As many rows at a time as take the least memory: a deep network keeps some rows of every layer, unless it sees all
// rows at once and can forget a layer after the next.
Result<int> rows_per_feed(const engine::Network& network, const engine::Shape& shape) {
  constexpr int kBand = 32;
  const auto banded = engine::runner_bytes(network, shape, kBand),
             whole = engine::runner_bytes(network, shape, shape.height);
  if (!banded || !whole) return std::unexpected(banded ? whole.error() : banded.error());
  return *banded < *whole ? kBand : shape.height;
}

Result<Measured> measure(const std::filesystem::path& directory, const engine::Manifest& manifest,
                         engine::Backend backend, const BenchOptions& options) {
  Measured measured;
  const auto began = std::chrono::steady_clock::now();
  auto graph = engine::load_model(directory, manifest, engine::kDenoiseDefault);
  if (!graph) return std::unexpected(graph.error());
  measured.operations =
      static_cast<double>(engine::operations_of(*graph, {3, options.height / 8 * 8, options.width / 8 * 8}));
  const auto network = engine::Network::make(std::move(*graph), backend);
  if (!network) return std::unexpected(network.error());
  measured.load_ms = 1e3 * seconds_since(began);
  const engine::Shape shape{3, options.height / 8 * 8, options.width / 8 * 8};
  const auto rows = rows_per_feed(**network, shape);
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::unique_ptr<engine::Runner>> runners;
  for (int thread = 0; thread < options.threads; ++thread) {
    auto runner = engine::make_runner(*network, shape, *rows);
    if (!runner) return std::unexpected(runner.error());
    runners.push_back(std::move(*runner));
  }
  measured.bytes_max = static_cast<double>(engine::runner_bytes(**network, shape, *rows).value() * options.threads +
                                           (*network)->packed_bytes());
  const std::vector<float> band(static_cast<std::size_t>(*rows) * static_cast<std::size_t>(shape.width) * 3, 0.5F);
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    {
      std::vector<std::jthread> threads;
      for (const auto& runner : runners) {
        threads.emplace_back([&] {
          for (int y = 0; y < shape.height; y += *rows) runner->feed(band.data(), std::min(*rows, shape.height - y));
          while (!runner->is_complete()) runner->feed(nullptr, 0);
        });
      }
    }
    const double took = seconds_since(start) / options.threads;  // each has run one picture
    measured.seconds = repeat == 0 ? took : std::min(measured.seconds, took);
  }
  return measured;
}

void print(const std::string& model, engine::Backend backend, const Measured& measured, double peak,
           const BenchOptions& options) {
  const double megapixels = 1e-6 * (options.width / 8 * 8) * (options.height / 8 * 8) / measured.seconds;
  const double rate = measured.operations / measured.seconds;
  const double share = peak > 0 ? rate / (peak * options.threads) : 0;
  if (options.json) {
    const nlohmann::json line = {{"model", model},
                                 {"backend", engine::backend_name(backend)},
                                 {"megapixels_per_second", megapixels},
                                 {"milliseconds", 1e3 * measured.seconds},
                                 {"memory_mb", measured.bytes_max / 1e6},
                                 {"gflops", rate / 1e9},
                                 {"share_of_peak", share},
                                 {"load_ms", measured.load_ms}};
    std::printf("%s\n", line.dump().c_str());
  } else {
    std::printf("%-26s %-10s %9.3f %9.0f %9.1f %7.0f %% %8.0f\n", model.c_str(), engine::backend_name(backend),
                megapixels, measured.bytes_max / 1e6, rate / 1e9, 100 * share, measured.load_ms);
  }
  std::fflush(stdout);
}

}  // namespace

int bench_models(const BenchOptions& given) {
  BenchOptions options = given;
  if (options.threads == 0) options.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const auto directory = engine::models_directory(options.models_directory);
  const auto folder = engine::read_models(directory);
  if (!folder) return report(folder.error());
  std::vector<engine::Backend> backends;
  for (const engine::Backend backend : engine::all_backends()) {
    const bool wanted = options.backend ? backend == *options.backend : backend != engine::Backend::kReference;
    if (wanted && engine::is_available(backend)) backends.push_back(backend);
  }
  if (!options.json) {
    std::printf("%-26s %-10s %9s %9s %9s %9s %8s\n", "model", "backend", "MP/s", "MB", "GFLOP/s", "of peak", "load ms");
  }
  int failed = 0;
  for (const engine::Backend backend : backends) {
    const double peak = engine::peak_of(backend);
    for (const engine::Manifest& manifest : folder->models) {
      if (manifest.purpose != engine::Purpose::kEnhancement) continue;  // they do not take pictures of any size
      if (!options.models.empty() && std::ranges::find(options.models, manifest.name) == options.models.end()) continue;
      const auto measured = measure(directory, manifest, backend, options);
      if (measured) print(manifest.name, backend, *measured, peak, options);
      if (!measured) failed += report(measured.error());
    }
  }
  return failed > 0 ? 1 : 0;
}

}  // namespace tintype::cmd
