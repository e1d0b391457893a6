#include "engine/model/model.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "engine/model/safetensors.h"

namespace tintype::engine {

namespace {

using Json = nlohmann::json;

constexpr std::uintmax_t kManifestBytesMax = 64 * 1024;
constexpr std::uintmax_t kModelBytesMax = 512ULL << 20;

std::unexpected<Error> invalid(const std::filesystem::path& path, const std::string& what) {
  return fail(ErrorCode::kInvalidInput, path.filename().string() + ": " + what);
}

Result<std::string> read_file(const std::filesystem::path& path, std::uintmax_t bytes_max) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return invalid(path, error.message());
  if (size > bytes_max) return invalid(path, "it is too large");
  std::ifstream stream(path, std::ios::binary);
  std::string bytes(size, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!stream) return invalid(path, "it cannot be read");
  return bytes;
}

// Takes tensor `name` with this shape out of the file.
Result<std::vector<float>> take(std::map<std::string, Tensor>& tensors, const std::string& name,
                                const std::vector<std::int64_t>& shape) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return fail(ErrorCode::kInvalidInput, "the tensor " + name + " is missing");
  if (found->second.shape != shape) return fail(ErrorCode::kInvalidInput, "the tensor " + name + " has another shape");
  return std::move(found->second.values);
}

Result<Convolution> take_convolution(std::map<std::string, Tensor>& tensors, int index, int in, int out, bool bent) {
  const std::string name = "body." + std::to_string(index);
  auto weights = take(tensors, name + ".weight", {out, in, 3, 3});
  if (!weights) return std::unexpected(weights.error());
  auto bias = take(tensors, name + ".bias", {out});
  if (!bias) return std::unexpected(bias.error());
  Convolution layer{in, out, 3, std::move(*weights), std::move(*bias), {}};
  if (!bent) return layer;
  auto slopes = take(tensors, "body." + std::to_string(index + 1) + ".weight", {out});
  if (!slopes) return std::unexpected(slopes.error());
  layer.slopes = std::move(*slopes);
  return layer;
}

// Names and order are those of the authors' PyTorch Sequential: convolution and PReLU by turns.
Result<Graph> srvgg(const Manifest& manifest, std::map<std::string, Tensor>& tensors) {
  Graph graph;
  graph.scale = manifest.scale;
  const int last = manifest.convolutions + 1;
  for (int at = 0; at <= last; ++at) {
    const int in = at == 0 ? graph.channels : manifest.features;
    const int out = at == last ? graph.channels * manifest.scale * manifest.scale : manifest.features;
    auto layer = take_convolution(tensors, 2 * at, in, out, at != last);
    if (!layer) return std::unexpected(layer.error());
    graph.convolutions.push_back(std::move(*layer));
  }
  return graph;
}

}  // namespace

Result<Manifest> read_manifest(const std::filesystem::path& path) {
  const auto text = read_file(path, kManifestBytesMax);
  if (!text) return std::unexpected(text.error());
  const Json json = Json::parse(*text, nullptr, false);
  Manifest manifest;
  try {
    manifest = {json.at("name"),     json.at("architecture"), json.at("scale"),
                json.at("features"), json.at("convolutions"), json.at("file"),
                json.at("sha256"),   json.at("licence"),      json.value("description", "")};
  } catch (const Json::exception& exception) {
    return invalid(path, std::string("it is no manifest: ") + exception.what());
  }
  const bool sane = manifest.architecture == "srvgg" && manifest.scale >= 1 && manifest.scale <= 8 &&
                    manifest.features >= 1 && manifest.features <= 1'024 && manifest.convolutions >= 0 &&
                    manifest.convolutions <= 256;
  if (!sane) return invalid(path, "its architecture or numbers are not ones that we know");
  if (manifest.file.empty() || std::filesystem::path(manifest.file).filename() != manifest.file) {
    return invalid(path, "its file is not a plain name");
  }
  return manifest;
}

std::vector<Manifest> list_models(const std::filesystem::path& directory) {
  std::vector<Manifest> manifests;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.path().extension() != ".json") continue;
    if (auto manifest = read_manifest(entry.path())) manifests.push_back(std::move(*manifest));
  }
  std::sort(manifests.begin(), manifests.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return manifests;
}

Result<std::shared_ptr<const Graph>> load_model(const std::filesystem::path& directory, const Manifest& manifest) {
  const std::filesystem::path path = directory / manifest.file;
  const auto bytes = read_file(path, kModelBytesMax);
  if (!bytes) return std::unexpected(bytes.error());
  if (hex_encode(sha256(*bytes)) != manifest.sha256) return invalid(path, "its SHA-256 is not the manifest's");
  auto tensors = read_safetensors(*bytes);
  if (!tensors) return invalid(path, tensors.error().message);
  auto graph = srvgg(manifest, *tensors);
  if (!graph) return invalid(path, graph.error().message);
  if (auto fits = check(*graph); !fits) return invalid(path, fits.error().message);
  return std::make_shared<const Graph>(std::move(*graph));
}

std::filesystem::path models_directory(const std::filesystem::path& configured) {
  if (!configured.empty()) return configured;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto home = program.parent_path();
  for (const auto& candidate : {home / "../../models", home / "../share/tintype/models"}) {
    if (std::filesystem::is_directory(candidate, error)) return std::filesystem::weakly_canonical(candidate, error);
  }
  return "models";
}

}  // namespace tintype::engine
