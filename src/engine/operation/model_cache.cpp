#include "engine/operation/model_cache.h"

#include <algorithm>
#include <chrono>

#include "engine/net/precision.h"
#include "ports/image_engine.h"

namespace tintype::engine {

namespace {

constexpr int kSideDefault = 256;  // of networks that take any

}  // namespace

ModelCache::ModelCache(ModelCacheOptions options)
    : options_(std::move(options)), watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

ModelCache::~ModelCache() = default;

Result<ModelCache::Model> ModelCache::get(const std::string& name, double denoise_strength) {
  // Under the lock: two who want the same network shall not both pack it.
  const std::lock_guard lock(mutex_);
  auto manifest = manifest_of(name);
  if (!manifest) return std::unexpected(manifest.error());
  // What was replaced on disk since is not handed out again.
  std::erase_if(entries_, [&](const Entry& entry) { return entry.name == name && entry.model.manifest != *manifest; });
  auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.name == name && (!entry.model.manifest.has_strength() || entry.denoise_strength == denoise_strength);
  });
  if (found == entries_.end()) {
    const auto began = std::chrono::steady_clock::now();
    auto model = load(std::move(*manifest), denoise_strength);
    if (!model) return std::unexpected(model.error());
    const std::lock_guard figures_lock(figures_mutex_);
    figures_.loads += 1;
    figures_.load_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    entries_.push_front({name, denoise_strength, std::move(*model), {}});
    found = entries_.begin();
  }
  found->used = std::chrono::steady_clock::now();
  entries_.splice(entries_.begin(), entries_, found);
  Model model = found->model;
  shrink();
  note();
  changed_.notify_all();
  return model;
}

Result<Manifest> ModelCache::manifest_of(const std::string& name) const {
  const auto missing = [&](const std::string& cause) {
    return fail(ErrorCode::kNotFound, "There is no model '" + name + "' in " + options_.directory.string(),
                "`tintype models list` shows which there are", std::string(kModelMissing) + ": " + cause);
  };
  if (name.find('/') != std::string::npos) return missing("its name is a path");
  auto manifest = read_manifest(options_.directory / (name + ".json"));
  if (!manifest) return missing(manifest.error().message);
  return manifest;
}

Result<ModelCache::Model> ModelCache::load(Manifest manifest, double denoise_strength) const {
  auto graph = load_model(options_.directory, manifest, denoise_strength);
  if (!graph) return std::unexpected(graph.error());
  // What is no picture has to be exact: GFPGAN's features outgrow half precision, and a detector's scores are compared.
  const Backend exactly = exact(options_.backend.value_or(best_backend()));
  auto network = manifest.purpose == Purpose::kEnhancement
                     ? make_network(std::move(*graph), options_.backend, manifest.half)
                     : Network::make(std::move(*graph), exactly, manifest.side > 0 ? manifest.side : kSideDefault);
  if (!network) return std::unexpected(network.error());
  return Model{std::move(manifest), std::move(*network)};
}

// Drops the longest unused, one by one, while all together are too large. The one just asked for stays.
void ModelCache::shrink() {
  std::int64_t bytes = 0;
  for (const Entry& entry : entries_) bytes += entry.model.network->packed_bytes();
  for (auto last = std::prev(entries_.end()); bytes > options_.packed_bytes_max && last != entries_.begin();) {
    const auto before = std::prev(last);
    if (last->model.network.use_count() == 1) {
      bytes -= last->model.network->packed_bytes();
      entries_.erase(last);
    }
    last = before;
  }
}

std::int64_t ModelCache::packed_bytes() const {
  const std::lock_guard lock(mutex_);
  std::int64_t bytes = 0;
  for (const Entry& entry : entries_) bytes += entry.model.network->packed_bytes();
  return bytes;
}

EngineFigures ModelCache::figures() const {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

void ModelCache::note() {
  const std::lock_guard lock(figures_mutex_);
  figures_.models = static_cast<std::int64_t>(entries_.size());
  figures_.model_bytes = 0;
  for (const Entry& entry : entries_) figures_.model_bytes += entry.model.network->packed_bytes();
}

void ModelCache::watch(const std::stop_token& stop) {
  const std::chrono::seconds idle(options_.idle_seconds);
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Instant now = std::chrono::steady_clock::now();
    std::erase_if(entries_,
                  [&](const Entry& entry) { return entry.used + idle <= now && entry.model.network.use_count() == 1; });
    note();
    // A network that somebody still runs is looked at again a little later.
    const auto pause = std::max(idle / 2, std::chrono::seconds(1));
    if (entries_.empty()) {
      changed_.wait(lock, stop, [&] { return !entries_.empty(); });
    } else {
      changed_.wait_for(lock, stop, pause, [] { return false; });
    }
  }
}

}  // namespace tintype::engine
