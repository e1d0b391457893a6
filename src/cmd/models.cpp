// The networks in the folder of models, and how others get into it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cmd/commands.h"
#include "engine/model/catalogue.h"
#include "engine/model/model.h"
#include "engine/operation/native_engine.h"

namespace tintype::cmd {

namespace {

constexpr double kBytesPerMegabyte = 1 << 20;

std::filesystem::path directory_of(const Config& config) {
  return engine::models_directory(config.engine.models_directory);
}

// "enhancement x4", "segmentation"
std::string use_of(const engine::Manifest& manifest) {
  const std::string purpose = engine::purpose_name(manifest.purpose);
  return manifest.purpose == engine::Purpose::kEnhancement ? purpose + " x" + std::to_string(manifest.scale) : purpose;
}

void print(const engine::Manifest& manifest) {
  std::printf("%-20s %-16s %-8s %-12s %s\n", manifest.name.c_str(), use_of(manifest).c_str(),
              manifest.architecture.c_str(), manifest.licence.c_str(), manifest.description.c_str());
}

bool is_installed(const std::filesystem::path& directory, const std::string& name) {
  std::error_code ignored;
  return std::filesystem::exists(directory / (name + ".json"), ignored);
}

// Says on a terminal how far the files have come, in a line for each.
class ProgressLine {
 public:
  ProgressLine() : is_shown_(::isatty(STDERR_FILENO) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    if (shown_ >= 0) std::fputc('\n', stderr);
  }
  void show(const FetchProgress& progress) {
    if (!is_shown_) return;
    const auto& total = progress.file_bytes_total;
    // One line for each hundredth of the file, or megabyte.
    const std::int64_t now = total && *total > 0 ? progress.file_bytes * 100 / *total : progress.file_bytes >> 20;
    if (name_ == progress.file && now == shown_) return;
    if (name_ != progress.file && shown_ >= 0) std::fputc('\n', stderr);
    name_ = progress.file;
    shown_ = now;
    std::fprintf(stderr, "\r%s: %.1f", name_.c_str(), static_cast<double>(progress.file_bytes) / kBytesPerMegabyte);
    if (total) std::fprintf(stderr, " of %.1f", static_cast<double>(*total) / kBytesPerMegabyte);
    std::fputs(" MB", stderr);
  }

 private:
  std::string name_;
  const bool is_shown_;
  std::int64_t shown_ = -1;
};

// What is asked for as a network and is a file.
Result<void> check_no_file(const std::string& name) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(name, ignored)) return {};
  return fail(ErrorCode::kNotFound, name + " is a file, and what it will be called is not said",
              "Please say it by --name");
}

}  // namespace

int list_models(const Config& config) {
  const auto folder = engine::read_models(directory_of(config));
  if (!folder) return report(folder.error());
  for (const engine::Manifest& manifest : folder->models) print(manifest);
  for (const Error& error : folder->unreadable) report(error);
  return 0;
}

int verify_models(const Config& config) {
  const auto directory = directory_of(config);
  const auto folder = engine::read_models(directory);
  if (!folder) return report(folder.error());
  std::size_t failed = folder->unreadable.size();
  for (const engine::Manifest& manifest : folder->models) {
    print(manifest);
    const auto loaded = engine::load_model(directory, manifest, engine::kDenoiseDefault);
    std::printf("  %s\n", loaded ? "verified" : loaded.error().message.c_str());
    failed += loaded ? 0 : 1;
  }
  for (const Error& error : folder->unreadable) std::printf("%s\n", error.message.c_str());
  for (const std::string& name : folder->unnamed) std::printf("%s: no manifest names it\n", name.c_str());
  return failed > 0 ? 1 : 0;
}

int list_published_models(const Config& config) {
  const auto catalogue = engine::read_catalogue(engine::catalogue_file(config.engine.catalogue));
  if (!catalogue) return report(catalogue.error());
  for (const engine::PublishedModel& model : *catalogue) {
    const auto size_bytes = model.size_bytes();
    char size[32] = "?";
    if (size_bytes) std::snprintf(size, sizeof size, "%.1f MB", static_cast<double>(*size_bytes) / kBytesPerMegabyte);
    const char* state = is_installed(directory_of(config), model.name) ? " (installed)"
                        : engine::is_architecture(model.architecture)  ? ""
                                                                       : " (cannot be run by this version)";
    std::printf("%-26s x%d  %-8s %-12s %9s  %s%s\n", model.name.c_str(), model.scale, model.architecture.c_str(),
                model.licence.c_str(), size, model.description.c_str(), state);
  }
  return 0;
}

int add_published_model(const Config& config, const std::string& name) {
  const auto downloader = make_downloader();
  const auto library = make_model_library(config, *downloader);
  const std::atomic<bool> cancel{false};
  Result<InstalledModel> added = fail_internal("a network was not fetched");
  {
    ProgressLine line;
    added = library->fetch(name, [&](const FetchProgress& progress) { line.show(progress); }, cancel);
  }
  if (!added && added.error().code == ErrorCode::kNotFound) {
    if (const auto named = check_no_file(name); !named) return report(named.error());
  }
  if (!added) return report(added.error());
  const std::string scale = added->serves == NetworkNeed::kEnlarging ? " x" + std::to_string(added->scale) : "";
  std::printf("%s is there: %s, for %s%s\n", added->name.c_str(), added->architecture.c_str(), added->purpose.c_str(),
              scale.c_str());
  return 0;
}

int add_model(const Config& config, const engine::NewModel& model) {
  const auto added = engine::add_model(directory_of(config), model);
  if (!added) return report(added.error());
  std::printf("%s is there: %s, for %s\n", added->name.c_str(), added->architecture.c_str(), use_of(*added).c_str());
  return 0;
}

int remove_model(const Config& config, const std::string& name) {
  const auto removed = engine::remove_model(directory_of(config), name);
  if (!removed) return report(removed.error());
  std::printf("%s is gone\n", name.c_str());
  return 0;
}

}  // namespace tintype::cmd
