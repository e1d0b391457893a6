#include "adapters/model_folder/model_folder.h"

#include <algorithm>
#include <array>

#include "base/file_lock.h"
#include "engine/net/parameters.h"

namespace tintype {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDownloads = ".downloads";  // in the folder
constexpr std::array kShipped = {"exact-plus-x2", "exact-plus-x4", "exact-x2",  "exact-x4",
                                 "photo-x2",      "photo-x4",      "restore-x1"};

bool is_installed(const fs::path& directory, const std::string& name) {
  std::error_code ignored;
  return fs::exists(directory / (name + ".json"), ignored);
}

std::optional<NetworkNeed> need_of(const engine::Manifest& manifest) {
  switch (manifest.purpose) {
    case engine::Purpose::kEnhancement:
      return manifest.scale > 1 ? std::optional(NetworkNeed::kEnlarging) : std::nullopt;
    case engine::Purpose::kSegmentation: return NetworkNeed::kSubject;
    case engine::Purpose::kFaceRestoration:
    case engine::Purpose::kFaceDetection: return std::nullopt;
  }
  return std::nullopt;
}

// All architectures of tensors alone enlarge, but for one.
std::string purpose_of(const engine::PublishedModel& model) {
  const bool is_faces = model.architecture == "gfpgan";
  return engine::purpose_name(is_faces ? engine::Purpose::kFaceRestoration : engine::Purpose::kEnhancement);
}

}  // namespace

// One network on its way.
struct ModelFolder::Fetch {
  fs::path downloads;
  Progress progress;
  const std::atomic<bool>& cancel;
  std::int64_t before_bytes = 0;  // of files that are here whole
};

ModelFolder::ModelFolder(Downloader& downloader, ModelFolderOptions options)
    : downloader_(downloader), options_(std::move(options)) {}

Result<std::vector<InstalledModel>> ModelFolder::installed() {
  const auto folder = engine::read_models(options_.directory);
  if (!folder) return std::unexpected(folder.error());
  std::vector<InstalledModel> models;
  for (const engine::Manifest& manifest : folder->models) models.push_back(view_of(manifest));
  return models;
}

InstalledModel ModelFolder::view_of(const engine::Manifest& manifest) {
  InstalledModel model{manifest.name, engine::purpose_name(manifest.purpose), manifest.architecture, manifest.scale};
  model.licence = manifest.licence;
  model.description = manifest.description;
  model.is_shipped = std::ranges::find(kShipped, manifest.name) != kShipped.end();
  model.serves = need_of(manifest);
  model.parameters = parameters_of(manifest);
  std::int64_t largest = -1;
  for (const auto* files : {&manifest.files, &manifest.weak_files}) {
    for (const engine::ModelFile& file : *files) {
      std::error_code ignored;
      const std::uintmax_t counted = fs::file_size(options_.directory / file.name, ignored);
      const std::int64_t size_bytes = ignored ? 0 : static_cast<std::int64_t>(counted);
      model.size_bytes += size_bytes;
      if (files != &manifest.files || size_bytes <= largest) continue;
      largest = size_bytes;
      model.sha256 = file.sha256;
    }
  }
  return model;
}

// Counted once for each network: its files have to be read for it.
std::int64_t ModelFolder::parameters_of(const engine::Manifest& manifest) {
  std::string digests;
  for (const engine::ModelFile& file : manifest.files) digests += file.sha256;
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = parameters_.find(digests); known != parameters_.end()) return known->second;
  }
  engine::Manifest once = manifest;
  once.self_ensemble = false;
  const auto graph = engine::load_model(options_.directory, once, 1);
  const std::int64_t count = graph ? engine::parameters_of(*graph) : 0;
  const std::lock_guard lock(mutex_);
  if (count > 0) parameters_[digests] = count;
  return count;
}

Result<std::vector<PublishedNetwork>> ModelFolder::published() {
  const auto catalogue = engine::read_catalogue(options_.catalogue);
  if (!catalogue) return std::unexpected(catalogue.error());
  std::vector<PublishedNetwork> networks;
  for (const engine::PublishedModel& model : *catalogue) {
    networks.push_back({model.name, purpose_of(model), model.licence, model.description, model.scale,
                        model.size_bytes(), is_installed(options_.directory, model.name)});
  }
  return networks;
}

Result<engine::PublishedModel> ModelFolder::find(const std::string& name) const {
  const auto catalogue = engine::read_catalogue(options_.catalogue);
  if (!catalogue) return std::unexpected(catalogue.error());
  const auto found = std::ranges::find(*catalogue, name, &engine::PublishedModel::name);
  if (found == catalogue->end()) {
    std::string names;
    for (const engine::PublishedModel& model : *catalogue) names += (names.empty() ? "" : ", ") + model.name;
    return fail(ErrorCode::kNotFound, "There is no network '" + name + "' to download", "There are: " + names);
  }
  if (engine::is_architecture(found->architecture)) return *found;
  return fail(ErrorCode::kInvalidInput, name + " is a network of the architecture '" + found->architecture +
                                            "', which this version of tintype cannot run");
}

Result<void> ModelFolder::check_room_for(const std::string& name) const {
  if (!is_installed(options_.directory, name)) return {};
  return fail(ErrorCode::kConflict, "There is a model '" + name + "' already");
}

// Each into a folder named by its digest, so that what was begun is found again and two of one name do not meet.
Result<std::vector<fs::path>> ModelFolder::fetch_files(const std::vector<engine::PublishedFile>& files, Fetch& fetch) {
  std::vector<fs::path> paths;
  for (const engine::PublishedFile& file : files) {
    const fs::path folder = fetch.downloads / file.sha256;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(ErrorCode::kInvalidInput, folder.string() + " cannot be made");
    const Download download{file.url,
                            folder / file.name,
                            file.sha256,
                            file.size_bytes,
                            engine::kModelFileBytesMax,
                            options_.download_timeout,
                            options_.stall_timeout,
                            &fetch.cancel};
    const auto fetched = downloader_.download(download, [&](std::int64_t received, std::optional<std::int64_t> total) {
      fetch.progress({file.name, received, total, fetch.before_bytes + received});
    });
    fs::remove(folder, error);  // if nothing has come
    if (!fetched) return std::unexpected(fetched.error());
    const std::uintmax_t size_bytes = fs::file_size(download.path, error);
    if (!error) fetch.before_bytes += static_cast<std::int64_t>(size_bytes);
    paths.push_back(download.path);
  }
  return paths;
}

Result<InstalledModel> ModelFolder::fetch(const std::string& name, Progress progress, const std::atomic<bool>& cancel) {
  const auto model = find(name);
  if (!model) return std::unexpected(model.error());
  Fetch fetch{options_.directory / kDownloads, progress, cancel};
  std::error_code error;
  fs::create_directories(fetch.downloads, error);
  const auto lock = FileLock::try_take(fetch.downloads / ".lock");
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) {
    return fail(ErrorCode::kConflict, "Another tintype is downloading into " + options_.directory.string(),
                "Please wait until it has ended");
  }
  if (auto room = check_room_for(name); !room) return std::unexpected(room.error());
  const auto files = fetch_files(model->files, fetch);
  if (!files) return std::unexpected(files.error());
  const auto weak_files = fetch_files(model->weak_files, fetch);
  if (!weak_files) return std::unexpected(weak_files.error());
  const auto added =
      engine::add_model(options_.directory, {name, *files, *weak_files, model->licence, model->description});
  if (!added) return std::unexpected(added.error());
  for (const auto* paths : {&*files, &*weak_files}) {
    for (const fs::path& path : *paths) fs::remove_all(path.parent_path(), error);
  }
  return view_of(*added);
}

Result<InstalledModel> ModelFolder::add(const NetworkFiles& network) {
  const auto added =
      engine::add_model(options_.directory, {network.name, network.files, {}, network.licence, network.description});
  if (!added) return std::unexpected(added.error());
  return view_of(*added);
}

Result<void> ModelFolder::remove(const std::string& name) {
  return engine::remove_model(options_.directory, name);
}

}  // namespace tintype
