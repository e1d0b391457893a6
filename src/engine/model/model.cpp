#include "engine/model/model.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "engine/model/architectures.h"
#include "engine/model/gfpgan.h"
#include "engine/model/ncnn.h"
#include "engine/model/pytorch.h"
#include "engine/model/safetensors.h"

namespace tintype::engine {

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kManifestBytesMax = 64 << 10;
constexpr std::size_t kFileBytesMax = 1 << 30;
constexpr std::size_t kNameMax = 64;
// Of the one picture that a network takes, where its file does not say: the usual ones.
constexpr int kSidesTried[] = {320, 512, 256, 224, 384, 640, 1024};
constexpr int kSideMax = 1024;
constexpr int kSideOfAny = 384;  // of networks that take any: a multiple of what they fold by

std::unexpected<Error> invalid(const fs::path& path, const std::string& what) {
  return fail(ErrorCode::kInvalidInput, path.filename().string() + ": " + what);
}

bool is_plain_name(const std::string& name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !name.empty() && name.size() <= kNameMax && name[0] != '.' && std::ranges::all_of(name, is_plain);
}

using Files = std::vector<std::shared_ptr<const MappedFile>>;

Result<std::shared_ptr<const MappedFile>> map_file(const fs::path& path) {
  auto file = MappedFile::open(path);
  if (file && (*file)->bytes().size() > kFileBytesMax) return invalid(path, "it is too large");
  return file;
}

Result<Files> map_verified(const fs::path& directory, const std::vector<ModelFile>& named) {
  Files files;
  for (const ModelFile& entry : named) {
    auto file = map_file(directory / entry.name);
    if (!file) return std::unexpected(file.error());
    if (hex_encode(sha256((*file)->bytes())) != entry.sha256) {
      return invalid(entry.name, "its SHA-256 is not the manifest's");
    }
    files.push_back(std::move(*file));
  }
  return files;
}

// Of a file of tensors alone, of either kind.
Result<Tensors> read_tensors(const std::shared_ptr<const MappedFile>& file) {
  return file->bytes().starts_with("PK") ? read_pytorch(file, file->bytes()) : read_safetensors(file, file->bytes());
}

Result<Graph> build(const Manifest& manifest, const Files& files, double denoise_strength) {
  if (manifest.architecture == "ncnn") return read_ncnn(files[0]->bytes(), files[1], files[1]->bytes());
  const auto tensors = read_tensors(files[0]);
  if (!tensors) return std::unexpected(tensors.error());
  if (manifest.architecture == "rrdb") return build_rrdb(*tensors);
  if (manifest.architecture == "gfpgan") return build_gfpgan(*tensors);
  if (manifest.architecture == "edsr") return build_edsr(*tensors, manifest.scale);
  return build_srvgg(*tensors, {manifest.scale, manifest.unshuffle,
                                manifest.denoise ? std::optional(denoise_strength) : std::nullopt});
}

std::vector<ModelFile> files_of(const Json& json) {
  std::vector<ModelFile> files;
  for (const Json& file : json) files.push_back({file.at("name"), file.at("sha256")});
  return files;
}

Json json_of(const std::vector<ModelFile>& files) {
  Json json = Json::array();
  for (const ModelFile& file : files) json.push_back({{"name", file.name}, {"sha256", file.sha256}});
  return json;
}

bool is_sane(const Manifest& manifest) {
  const bool is_ncnn = manifest.architecture == "ncnn";
  const std::size_t count = is_ncnn ? 2 : 1;
  constexpr std::array kArchitectures = {"ncnn", "srvgg", "edsr", "rrdb", "gfpgan"};
  const auto plain = [](const ModelFile& file) { return is_plain_name(file.name); };
  return std::ranges::find(kArchitectures, manifest.architecture) != kArchitectures.end() && manifest.side >= 0 &&
         manifest.side <= kSideMax && is_plain_name(manifest.name) && manifest.scale >= 1 && manifest.scale <= 8 &&
         manifest.unshuffle >= 1 && manifest.unshuffle <= 8 && manifest.files.size() == count &&
         (manifest.weak_files.empty() || manifest.weak_files.size() == count) &&
         std::ranges::all_of(manifest.files, plain) && std::ranges::all_of(manifest.weak_files, plain);
}

// Written beside its place and renamed.
Result<void> write_file(const fs::path& path, std::string_view bytes) {
  const fs::path beside = path.string() + ".new";
  std::ofstream stream(beside, std::ios::binary);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  std::error_code error;
  if (stream) fs::rename(beside, path, error);
  if (!stream || error) {
    fs::remove(beside, error);
    return fail(ErrorCode::kInvalidInput, path.string() + " cannot be written");
  }
  return {};
}

// What a network answers to a picture of this size, by the shapes alone; nothing when it takes none or it is not known.
std::optional<Purpose> purpose_at(const Graph& graph, int height, int width) {
  const auto shapes = infer_shapes(graph, {3, height, width});
  if (!shapes) return std::nullopt;
  const auto output = [&](std::size_t at) { return (*shapes)[static_cast<std::size_t>(graph.outputs[at])]; };
  const Shape first = output(0);
  if (graph.outputs.size() == 1 && first == Shape{3, height, width}) return Purpose::kFaceRestoration;
  if (first == Shape{1, height, width}) return Purpose::kSegmentation;
  bool has_boxes = false, has_scores = false, fits = true;
  for (std::size_t at = 0; at < graph.outputs.size(); ++at) {
    has_boxes |= output(at).width == 4;
    has_scores |= output(at).width == 2;
    fits = fits && output(at) == Shape{1, first.height, output(at).width};
  }
  return has_boxes && has_scores && fits ? std::optional(Purpose::kFaceDetection) : std::nullopt;
}

// Finds out what the network is for: its purpose, scale and side. kInvalidInput when it is for nothing here.
Result<void> find_purpose(const Graph& graph, Manifest& manifest) {
  if (const auto geometry = geometry_of(graph)) {
    const auto shapes = infer_shapes(graph, {3, kSideOfAny, kSideOfAny});
    const bool is_picture = shapes && (*shapes)[static_cast<std::size_t>(graph.outputs[0])].channels == 3;
    if (is_picture || geometry->scale != 1) {
      manifest.scale = geometry->scale;
      if (is_picture) return {};
      return fail(ErrorCode::kInvalidInput, "The network does not answer pictures of three colours");
    }
  }
  std::vector<int> sides(std::begin(kSidesTried), std::end(kSidesTried));
  for (const Node& node : graph.nodes) {
    const auto* input = std::get_if<Input>(&node.layer);
    if (input != nullptr && input->shape.width > 0 && input->shape.width <= kSideMax) sides = {input->shape.width};
  }
  for (const int side : sides) {
    const auto purpose = purpose_at(graph, side, side);
    if (!purpose) continue;
    manifest.purpose = *purpose;
    // Whether other sides will do as well, and upright pictures.
    const bool takes_any = purpose_at(graph, side, 2 * side) && purpose_at(graph, 3 * side, side);
    manifest.side = takes_any ? 0 : side;
    return {};
  }
  return fail(ErrorCode::kInvalidInput,
              "The network neither takes pictures of any size nor finds faces or subjects as those known here do");
}

// Whether a network is what its manifest says.
Result<void> check_purpose(const Graph& graph, const Manifest& manifest) {
  Manifest found;
  if (auto known = find_purpose(graph, found); !known) return known;
  if (found.scale != manifest.scale) return fail(ErrorCode::kInvalidInput, "its scale is not the manifest's");
  if (found.purpose == manifest.purpose && found.side == manifest.side) return {};
  return fail(ErrorCode::kInvalidInput, std::string("it is for ") + purpose_name(found.purpose) + " and sides of " +
                                            std::to_string(found.side) + ", not for what the manifest says");
}

// What the files are, but for the purpose and the scale.
Result<Manifest> recognise(const Files& files, const NewModel& model) {
  Manifest manifest;
  if (files.size() == 2) {
    manifest.architecture = "ncnn";
    return manifest;
  }
  if (files.size() != 1) {
    return fail(ErrorCode::kInvalidInput, "A model is one file of tensors, or a .param and a .bin file");
  }
  const auto tensors = read_tensors(files[0]);
  if (!tensors) return invalid(model.files[0], tensors.error().message);
  if (is_rrdb(*tensors) || is_gfpgan(*tensors)) {
    manifest.architecture = is_rrdb(*tensors) ? "rrdb" : "gfpgan";
    return manifest;
  }
  manifest.architecture = "srvgg";
  std::int64_t last = 0;
  for (const auto& [name, tensor] : *tensors) {
    if (name.starts_with("body.") && tensor.shape.size() == 4)
      last = std::max(last, tensor.shape[0] % 3 == 0 ? tensor.shape[0] : 0);
  }
  const auto first = tensors->find("body.0.weight");
  if (first == tensors->end() || first->second.shape.size() != 4 || first->second.shape[1] != 3) {
    return invalid(model.files[0], "its tensors are those of no network that is known here");
  }
  manifest.scale = static_cast<int>(std::lround(std::sqrt(static_cast<double>(last) / 3)));
  return manifest;
}

constexpr std::array kPurposeNames = {"enhancement", "face restoration", "face detection", "segmentation"};

std::optional<Purpose> purpose_of(const std::string& name) {
  const auto* const found = std::ranges::find(kPurposeNames, name);
  if (found == kPurposeNames.end()) return std::nullopt;
  return static_cast<Purpose>(found - kPurposeNames.begin());
}

}  // namespace

const char* purpose_name(Purpose purpose) {
  return kPurposeNames[static_cast<std::size_t>(purpose)];
}

Result<Manifest> read_manifest(const fs::path& path) {
  const auto file = MappedFile::open(path);
  if (!file) return std::unexpected(file.error());
  if ((*file)->bytes().size() > kManifestBytesMax) return invalid(path, "it is too large");
  const Json json = Json::parse((*file)->bytes(), nullptr, false);
  Manifest manifest;
  try {
    manifest.name = json.at("name");
    manifest.architecture = json.at("architecture");
    manifest.scale = json.at("scale");
    const auto purpose = purpose_of(json.value("purpose", purpose_name(Purpose::kEnhancement)));
    if (!purpose) return invalid(path, "its purpose is not known here");
    manifest.purpose = *purpose;
    manifest.side = json.value("side", 0);
    manifest.unshuffle = json.value("unshuffle", 1);
    manifest.denoise = json.value("denoise", false);
    manifest.files = files_of(json.at("files"));
    manifest.weak_files = files_of(json.value("weak_files", Json::array()));
    manifest.licence = json.at("licence");
    manifest.description = json.value("description", "");
  } catch (const Json::exception& exception) {
    return invalid(path, std::string("it is no manifest: ") + exception.what());
  }
  if (!is_sane(manifest)) return invalid(path, "its architecture, numbers or files are not what they can be");
  return manifest;
}

std::vector<Manifest> list_models(const fs::path& directory) {
  std::vector<Manifest> manifests;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() != ".json") continue;
    if (auto manifest = read_manifest(entry.path())) manifests.push_back(std::move(*manifest));
  }
  std::ranges::sort(manifests, {}, &Manifest::name);
  return manifests;
}

Result<Graph> load_model(const fs::path& directory, const Manifest& manifest, double denoise_strength) {
  const auto files = map_verified(directory, manifest.files);
  if (!files) return std::unexpected(files.error());
  auto graph = build(manifest, *files, denoise_strength);
  if (!graph) return invalid(manifest.files[0].name, graph.error().message);
  if (!manifest.weak_files.empty()) {
    const auto weak_files = map_verified(directory, manifest.weak_files);
    if (!weak_files) return std::unexpected(weak_files.error());
    const auto weak = build(manifest, *weak_files, denoise_strength);
    if (!weak) return invalid(manifest.weak_files[0].name, weak.error().message);
    graph = interpolate(*weak, *graph, static_cast<float>(denoise_strength));
    if (!graph) return invalid(manifest.weak_files[0].name, graph.error().message);
  }
  if (auto checked = check_purpose(*graph, manifest); !checked) {
    return invalid(manifest.files[0].name, checked.error().message);
  }
  return graph;
}

Result<Manifest> add_model(const fs::path& directory, const NewModel& model) {
  if (!is_plain_name(model.name)) {
    return fail(ErrorCode::kInvalidInput, "'" + model.name + "' is no name for a model",
                "Please use up to 64 letters, digits, '-', '_' and '.'");
  }
  const fs::path place = directory / (model.name + ".json");
  std::error_code error;
  if (fs::exists(place, error)) return fail(ErrorCode::kConflict, "There is a model '" + model.name + "' already");
  Files files, weak_files;
  for (const auto& [paths, mapped] : {std::pair(&model.files, &files), std::pair(&model.weak_files, &weak_files)}) {
    for (const fs::path& path : *paths) {
      auto file = map_file(path);
      if (!file) return std::unexpected(file.error());
      mapped->push_back(std::move(*file));
    }
  }
  auto manifest = recognise(files, model);
  if (!manifest) return manifest;
  if (!weak_files.empty() && weak_files.size() != files.size()) {
    return fail(ErrorCode::kInvalidInput, "The weak network has to be of as many files as the other");
  }
  const auto graph = build(*manifest, files, 1);
  if (!graph) return invalid(model.files[0], graph.error().message);
  if (auto known = find_purpose(*graph, *manifest); !known) return invalid(model.files[0], known.error().message);
  if (!weak_files.empty()) {
    const auto weak = build(*manifest, weak_files, 1);
    const auto both = weak ? interpolate(*weak, *graph, 0.5F) : Result<Graph>(std::unexpected(weak.error()));
    if (!both) return invalid(model.weak_files[0], both.error().message);
  }
  manifest->name = model.name;
  manifest->licence = model.licence;
  manifest->description = model.description;
  const auto store = [&](const Files& mapped, const std::vector<fs::path>& paths, const std::string& suffix,
                         std::vector<ModelFile>& named) -> Result<void> {
    for (std::size_t at = 0; at < mapped.size(); ++at) {
      const std::string name = model.name + suffix + paths[at].extension().string();
      if (auto written = write_file(directory / name, mapped[at]->bytes()); !written) return written;
      named.push_back({name, hex_encode(sha256(mapped[at]->bytes()))});
    }
    return {};
  };
  if (auto stored = store(files, model.files, "", manifest->files); !stored) return std::unexpected(stored.error());
  if (auto stored = store(weak_files, model.weak_files, "-weak", manifest->weak_files); !stored) {
    return std::unexpected(stored.error());
  }
  Json json = {{"name", manifest->name},
               {"architecture", manifest->architecture},
               {"purpose", purpose_name(manifest->purpose)},
               {"side", manifest->side},
               {"scale", manifest->scale},
               {"files", json_of(manifest->files)},
               {"licence", manifest->licence},
               {"description", manifest->description}};
  if (!manifest->weak_files.empty()) json["weak_files"] = json_of(manifest->weak_files);
  if (auto written = write_file(place, json.dump(2) + "\n"); !written) return std::unexpected(written.error());
  return manifest;
}

Result<void> remove_model(const fs::path& directory, const std::string& name) {
  const fs::path place = directory / (name + ".json");
  if (!is_plain_name(name)) return fail(ErrorCode::kNotFound, "There is no model '" + name + "'");
  const auto manifest = read_manifest(place);
  if (!manifest) return fail(ErrorCode::kNotFound, "There is no model '" + name + "' in " + directory.string());
  std::error_code error;
  fs::remove(place, error);
  if (error) return fail(ErrorCode::kInvalidInput, place.string() + " cannot be removed");
  for (const auto& files : {manifest->files, manifest->weak_files}) {
    for (const ModelFile& file : files) fs::remove(directory / file.name, error);
  }
  return {};
}

fs::path models_directory(const fs::path& configured) {
  if (!configured.empty()) return configured;
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  const auto home = program.parent_path();
  for (const auto& candidate : {home / "../../models", home / "../share/tintype/models"}) {
    if (fs::is_directory(candidate, error)) return fs::weakly_canonical(candidate, error);
  }
  return "models";
}

}  // namespace tintype::engine
