#include "cmd/bench_render.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

Result<std::vector<VariantKey>> variants_of(const BenchRenderOptions& options) {
  if (options.variants.empty()) return display_variants();
  std::string text;
  for (const std::string& variant : options.variants) text += (text.empty() ? "" : ",") + variant;
  return variants_from({{"variants", text}});
}

// Of all threads of this process so far.
double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

Result<RenderRequest> request_for(const std::filesystem::path& file, const std::vector<VariantKey>& variants,
                                  const std::filesystem::path& folder, const std::string& stem) {
  RenderRequest request{file, {}};
  for (const VariantKey& variant : variants) {
    const auto recipe = parse_recipe(variant.name);
    if (!recipe) return fail(ErrorCode::kInvalidInput, "'" + variant.name + "' is no rendition");
    const std::string name = stem + "-" + variant.name + "." + image_format_extension(variant.format);
    request.renditions.push_back({*recipe, variant.format, folder / name});
  }
  return request;
}

}  // namespace

int bench_render(const BenchRenderOptions& options) {
  const auto variants = variants_of(options);
  if (!variants) return report(variants.error());
  const bool is_kept = !options.output.empty();
  const std::filesystem::path folder =
      is_kept ? options.output
              : std::filesystem::temp_directory_path() / ("tintype-bench-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  engine::NativeEngineOptions engine_options;
  engine_options.threads = options.threads;
  engine_options.rendition_webp_effort = options.webp_effort;
  engine::NativeEngine engine(engine_options);
  std::atomic<int> next{0};
  std::mutex mutex;
  std::optional<Error> error;
  nlohmann::ordered_json made = nlohmann::ordered_json::object();
  const auto began = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < options.workers; ++worker) {
      workers.emplace_back([&, worker] {
        for (int turn = next++; turn < options.pictures; turn = next++) {
          const std::filesystem::path& file = options.files[static_cast<std::size_t>(turn) % options.files.size()];
          const std::string stem = file.stem().string() + (is_kept ? "" : "-" + std::to_string(worker));
          const auto request = request_for(file, *variants, folder, stem);
          RunControl control;
          const auto outcome = request ? engine.render(*request, control) : std::unexpected(request.error());
          const std::lock_guard lock(mutex);
          if (!outcome) {
            error = outcome.error();
            next = options.pictures;
            return;
          }
          nlohmann::ordered_json sizes;
          for (const WrittenPicture& picture : outcome->renditions) sizes.push_back(picture.size_bytes);
          made[file.filename().string()] = {{"thumb_hash", outcome->thumb_hash}, {"sizes_bytes", sizes}};
        }
      });
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (!is_kept) std::filesystem::remove_all(folder);
  if (error) return report(*error);
  const nlohmann::ordered_json line{{"pictures_per_second", options.pictures / seconds},
                                    {"cpu_ms_per_picture", 1e3 * cpu_seconds() / options.pictures},
                                    {"files", made}};
  std::puts(line.dump().c_str());
  return 0;
}

}  // namespace tintype::cmd
