// The networks in the folder of models, and how others get into it.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/file_lock.h"
#include "cmd/commands.h"
#include "engine/model/catalogue.h"
#include "engine/model/model.h"
#include "engine/operation/native_engine.h"

namespace tintype::cmd {

namespace {

constexpr const char* kDownloads = ".downloads";  // in the folder of models
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

// Says on a terminal how far a file has come.
class ProgressLine {
 public:
  explicit ProgressLine(const engine::PublishedFile& file)
      : name_(file.name), is_shown_(::isatty(STDERR_FILENO) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    if (shown_ >= 0) std::fputc('\n', stderr);
  }
  void show(std::int64_t received, std::optional<std::int64_t> total) {
    // One line for each hundredth of the file, or megabyte.
    const std::int64_t now = total && *total > 0 ? received * 100 / *total : received >> 20;
    if (!is_shown_ || now == shown_) return;
    shown_ = now;
    std::fprintf(stderr, "\r%s: %.1f", name_.c_str(), static_cast<double>(received) / kBytesPerMegabyte);
    if (total) std::fprintf(stderr, " of %.1f", static_cast<double>(*total) / kBytesPerMegabyte);
    std::fputs(" MB", stderr);
  }

 private:
  const std::string name_;
  const bool is_shown_;
  std::int64_t shown_ = -1;
};

// Each into a folder named by its digest, so that what was begun is found again and two of one name do not meet.
Result<std::vector<std::filesystem::path>> fetch(const Config& config, const std::filesystem::path& downloads,
                                                 const std::vector<engine::PublishedFile>& files) {
  const auto downloader = make_downloader();
  std::vector<std::filesystem::path> paths;
  for (const engine::PublishedFile& file : files) {
    const std::filesystem::path folder = downloads / file.sha256;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(ErrorCode::kInvalidInput, folder.string() + " cannot be made");
    ProgressLine line(file);
    const Download download{file.url,
                            folder / file.name,
                            file.sha256,
                            file.size_bytes,
                            engine::kModelFileBytesMax,
                            std::chrono::seconds(config.engine.download_seconds),
                            std::chrono::seconds(config.engine.download_stall_seconds)};
    const auto fetched = downloader->download(
        download, [&](std::int64_t received, std::optional<std::int64_t> total) { line.show(received, total); });
    std::filesystem::remove(folder, error);  // if nothing has come
    if (!fetched) return std::unexpected(fetched.error());
    paths.push_back(download.path);
  }
  return paths;
}

Result<engine::PublishedModel> find_published(const Config& config, const std::string& name) {
  const auto catalogue = engine::read_catalogue(engine::catalogue_file(config.engine.catalogue));
  if (!catalogue) return std::unexpected(catalogue.error());
  const auto found = std::ranges::find(*catalogue, name, &engine::PublishedModel::name);
  if (found != catalogue->end()) return *found;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(name, ignored)) {
    return fail(ErrorCode::kNotFound, name + " is a file, and what it will be called is not said",
                "Please say it by --name");
  }
  std::string names;
  for (const engine::PublishedModel& model : *catalogue) names += (names.empty() ? "" : ", ") + model.name;
  return fail(ErrorCode::kNotFound, "There is no network '" + name + "' to download", "There are: " + names);
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
  const auto directory = directory_of(config);
  const auto model = find_published(config, name);
  if (!model) return report(model.error());
  if (!engine::is_architecture(model->architecture)) {
    return report({ErrorCode::kInvalidInput, name + " is a network of the architecture '" + model->architecture +
                                                 "', which this version of tintype cannot run"});
  }
  const auto downloads = directory / kDownloads;
  std::error_code error;
  std::filesystem::create_directories(downloads, error);
  const auto lock = FileLock::try_take(downloads / ".lock");
  if (!lock) return report(lock.error());
  if (!*lock) {
    return report({ErrorCode::kConflict, "Another tintype is downloading into " + directory.string(),
                   "Please wait until it has ended"});
  }
  if (is_installed(directory, name)) {
    return report({ErrorCode::kConflict, "There is a model '" + name + "' already"});
  }
  const auto files = fetch(config, downloads, model->files);
  if (!files) return report(files.error());
  const auto weak_files = fetch(config, downloads, model->weak_files);
  if (!weak_files) return report(weak_files.error());
  const int exit_code = add_model(config, {name, *files, *weak_files, model->licence, model->description});
  if (exit_code != 0) return exit_code;
  for (const auto* paths : {&*files, &*weak_files}) {
    for (const auto& path : *paths) std::filesystem::remove_all(path.parent_path(), error);
  }
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
