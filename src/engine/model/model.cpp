#include "engine/model/model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/bytes.h"
#include "base/durable_file.h"
#include "base/file_lock.h"
#include "engine/model/architectures.h"
#include "engine/model/gfpgan.h"
#include "engine/model/ncnn.h"
#include "engine/model/onnx.h"
#include "engine/model/pytorch.h"
#include "engine/model/residual.h"
#include "engine/model/safetensors.h"
#include "engine/net/precision.h"
#include "engine/net/self_ensemble.h"

namespace tintype::engine {

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::size_t kManifestBytesMax = 64 << 10;
constexpr std::size_t kFileNameMax = kModelNameMax + 32;
constexpr const char* kLockName = ".lock";  // held by who adds or removes

std::unexpected<Error> invalid(const fs::path& path, const std::string& what) {
  return fail(ErrorCode::kInvalidInput, path.filename().string() + ": " + what);
}

// Manifests, and the cards that people write.
bool is_text(const fs::path& path) {
  return path.extension() == ".json" || path.extension() == ".md";
}

bool is_sane(const ModelFile& file) {
  return is_plain_name(file.name, kFileNameMax) && !is_text(file.name) && is_digest(file.sha256);
}

using Files = std::vector<std::shared_ptr<const MappedFile>>;

Result<std::shared_ptr<const MappedFile>> map_file(const fs::path& path) {
  auto file = MappedFile::open(path);
  if (file && static_cast<std::int64_t>((*file)->bytes().size()) > kModelFileBytesMax)
    return invalid(path, "it is too large");
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
  auto tensors =
      file->bytes().starts_with("PK") ? read_pytorch(file, file->bytes()) : read_safetensors(file, file->bytes());
  // Tensors that lie on top of each other would make a small file a huge network.
  std::size_t numbers = 0;
  if (tensors) {
    for (const auto& [name, tensor] : *tensors) numbers += tensor.values.size();
  }
  if (numbers * bytes_of(NumberType::kF16) > file->bytes().size()) {
    return fail(ErrorCode::kInvalidInput, "its tensors hold more than the file");
  }
  return tensors;
}

Result<Graph> read_graph(const Manifest& manifest, const Files& files, double denoise_strength) {
  if (manifest.architecture == "ncnn") return read_ncnn(files[0]->bytes(), files[1], files[1]->bytes());
  if (manifest.architecture == "onnx") return read_onnx(files[0], files[0]->bytes());
  const auto tensors = read_tensors(files[0]);
  if (!tensors) return std::unexpected(tensors.error());
  if (manifest.architecture == "rrdb") return build_rrdb(*tensors);
  if (manifest.architecture == "edsr") return build_edsr(*tensors, manifest.scale);
  if (manifest.architecture == "gfpgan") return build_gfpgan(*tensors);
  return build_srvgg(*tensors, {manifest.scale, manifest.unshuffle,
                                manifest.denoise ? std::optional(denoise_strength) : std::nullopt});
}

Result<Graph> build(const Manifest& manifest, const Files& files, double denoise_strength) {
  auto graph = read_graph(manifest, files, denoise_strength);
  if (graph && manifest.adds_input) return with_input_added(std::move(*graph));
  return graph;
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
  const auto sane = [](const ModelFile& file) { return is_sane(file); };
  return is_architecture(manifest.architecture) && is_model_name(manifest.name) && manifest.scale >= 1 &&
         manifest.scale <= 8 && manifest.side <= kFixedSideMax && manifest.unshuffle >= 1 && manifest.unshuffle <= 8 &&
         manifest.files.size() == count && (manifest.weak_files.empty() || manifest.weak_files.size() == count) &&
         std::ranges::all_of(manifest.files, sane) && std::ranges::all_of(manifest.weak_files, sane) &&
         is_one_line(manifest.licence) && is_one_line(manifest.description) && manifest.psnr_min_db >= 0 &&
         manifest.psnr_min_db <= 60 && (!manifest.self_ensemble || manifest.purpose == Purpose::kEnhancement);
}

// A whole number; none when it is something else or no int holds it.
int whole_number(const Json& json) {
  const bool fits = json.is_number_unsigned() && json.get<std::uint64_t>() <= std::numeric_limits<int>::max();
  return fits ? json.get<int>() : 0;
}

std::set<std::string> files_named_by(const std::vector<Manifest>& manifests) {
  std::set<std::string> names;
  for (const Manifest& manifest : manifests) {
    for (const ModelFile& file : manifest.files) names.insert(file.name);
    for (const ModelFile& file : manifest.weak_files) names.insert(file.name);
  }
  return names;
}

// The side of a square of which there are `channels` in `colours`; 0 when they make none of a sensible size.
int side_of_square(std::int64_t channels, std::int64_t colours) {
  for (int side = 1; side <= 64; ++side) {
    if (colours * side * side == channels) return side;
  }
  return 0;
}

// Whether a network is what its manifest says.
Result<void> check_use(const Graph& graph, const Manifest& manifest) {
  const auto use = find_use(graph);
  if (!use) return std::unexpected(use.error());
  if (use->scale != manifest.scale) return fail(ErrorCode::kInvalidInput, "its scale is not the manifest's");
  if (*use == Use{manifest.purpose, manifest.side, manifest.scale}) return {};
  return fail(ErrorCode::kInvalidInput, std::string("it is for ") + purpose_name(use->purpose) + " and sides of " +
                                            std::to_string(use->side) + ", not for what the manifest says");
}

// What the files are, but for what the network is for.
Result<Manifest> recognise(const Files& files, const NewModel& model) {
  Manifest manifest;
  if (files.size() == 2) {
    manifest.architecture = "ncnn";
    return manifest;
  }
  if (files.size() != 1) {
    return fail(ErrorCode::kInvalidInput, "A model is one file of tensors, an .onnx file, or a .param and a .bin file");
  }
  if (model.files[0].extension() == ".onnx") {
    manifest.architecture = "onnx";
    return manifest;
  }
  const auto tensors = read_tensors(files[0]);
  if (!tensors) return invalid(model.files[0], tensors.error().message);
  if (is_rrdb(*tensors) || is_gfpgan(*tensors)) {
    manifest.architecture = is_rrdb(*tensors) ? "rrdb" : "gfpgan";
    return manifest;
  }
  if (const auto shuffled = tensors->find("shuffled.weight");
      shuffled != tensors->end() && tensors->contains("blocks.0.0.weight")) {
    manifest.architecture = "edsr";
    manifest.scale = shuffled->second.shape.empty() ? 0 : side_of_square(shuffled->second.shape[0], 3);
    if (manifest.scale == 0) return invalid(model.files[0], "the tensor shuffled.weight is of another shape");
    return manifest;
  }
  // SRVGGNetCompact: the first convolution says how the input is folded, the last how the output is unfolded.
  manifest.architecture = "srvgg";
  const Tensor* first = nullptr;
  const Tensor* last = nullptr;
  for (int at = 0;; at += 2) {
    const auto found = tensors->find("body." + std::to_string(at) + ".weight");
    if (found == tensors->end() || found->second.shape.size() != 4) break;
    last = &found->second;
    if (first == nullptr) first = last;
  }
  const int folded = first == nullptr ? 0 : side_of_square(first->shape[1], 3);
  const int unfolded = last == nullptr ? 0 : side_of_square(last->shape[0], 3);
  if (folded == 0 || unfolded % folded != 0) {
    return invalid(model.files[0], "its tensors are those of no network that is known here");
  }
  manifest.unshuffle = folded;
  manifest.scale = unfolded / folded;
  manifest.denoise = tensors->contains("body.0.bias.denoise");
  return manifest;
}

// Copies files to the names that they will have.
Result<void> store(const fs::path& directory, const Files& files, const std::vector<ModelFile>& named) {
  for (std::size_t at = 0; at < files.size(); ++at) {
    if (auto written = write_durably(directory / named[at].name, files[at]->bytes()); !written) return written;
  }
  return {};
}

// Named by what they are, not by how they were called: a file of tensors that came as .json would take the manifest's
// place.
std::vector<ModelFile> name_files(const std::string& stem, const std::string& architecture, const Files& files) {
  std::vector<ModelFile> named;
  for (const auto& file : files) {
    const char* extension = file->bytes().starts_with("PK") ? ".pth" : ".safetensors";
    if (architecture == "ncnn") extension = named.empty() ? ".param" : ".bin";
    if (architecture == "onnx") extension = ".onnx";
    named.push_back({stem + extension, hex_encode(sha256(file->bytes()))});
  }
  return named;
}

// Checks that nothing else has these names, copies the files and writes the manifest last.
Result<void> install(const fs::path& directory, const Manifest& manifest, const Files& files, const Files& weak_files) {
  const fs::path place = directory / (manifest.name + ".json");
  std::error_code error;
  if (fs::exists(place, error)) {
    return fail(ErrorCode::kConflict, "There is a model '" + manifest.name + "' already");
  }
  const auto folder = read_models(directory);
  if (!folder) return std::unexpected(folder.error());
  const std::set<std::string> taken = files_named_by(folder->models);
  for (const std::string& name : files_named_by({manifest})) {
    if (!taken.contains(name)) continue;
    return fail(ErrorCode::kConflict, "Another model has a file " + name, "Please choose another name");
  }
  Json json = {{"name", manifest.name},
               {"architecture", manifest.architecture},
               {"purpose", purpose_name(manifest.purpose)},
               {"scale", manifest.scale},
               {"files", json_of(manifest.files)},
               {"licence", manifest.licence},
               {"description", manifest.description}};
  if (!manifest.weak_files.empty()) json["weak_files"] = json_of(manifest.weak_files);
  if (manifest.unshuffle > 1) json["unshuffle"] = manifest.unshuffle;
  if (manifest.denoise) json["denoise"] = true;
  if (manifest.side > 0) json["side"] = manifest.side;
  if (manifest.adds_input) json["adds_input"] = true;
  if (manifest.self_ensemble) json["self_ensemble"] = true;
  if (manifest.half) json["half"] = *manifest.half;
  Result<void> done = store(directory, files, manifest.files);
  if (done) done = store(directory, weak_files, manifest.weak_files);
  if (done) done = write_durably(place, json.dump(2) + "\n");
  if (!done) {
    return fail(ErrorCode::kInvalidInput, directory.string() + " cannot be written", {}, done.error().cause);
  }
  return {};
}

}  // namespace

std::vector<ModelFile> Manifest::all_files() const {
  std::vector<ModelFile> all = files;
  all.insert(all.end(), weak_files.begin(), weak_files.end());
  return all;
}

bool is_architecture(const std::string& name) {
  constexpr std::array kArchitectures = {"ncnn", "onnx", "srvgg", "edsr", "rrdb", "gfpgan"};
  return std::ranges::find(kArchitectures, name) != kArchitectures.end();
}

bool is_plain_name(const std::string& name, std::size_t length_max) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !name.empty() && name.size() <= length_max && name[0] != '.' && std::ranges::all_of(name, is_plain);
}

bool is_model_name(const std::string& name) {
  return is_plain_name(name, kModelNameMax) && name + ".json" != kCatalogueName;
}

bool is_digest(const std::string& text) {
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == 64 && std::ranges::all_of(text, is_digit);
}

bool is_one_line(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == 0x7f) return false;
    // The control characters of Latin-1, in UTF-8.
    if (c == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0) return false;
  }
  return is_valid_utf8(text);
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
    manifest.scale = whole_number(json.at("scale"));
    const auto purpose = purpose_of(json.value("purpose", purpose_name(Purpose::kEnhancement)));
    if (!purpose) return invalid(path, "its purpose is not known here");
    manifest.purpose = *purpose;
    manifest.side = whole_number(json.value("side", Json(0U)));
    manifest.unshuffle = whole_number(json.value("unshuffle", Json(1U)));
    manifest.denoise = json.value("denoise", false);
    manifest.adds_input = json.value("adds_input", false);
    manifest.self_ensemble = json.value("self_ensemble", false);
    if (json.contains("half")) manifest.half = json.at("half").get<bool>();
    manifest.files = files_of(json.at("files"));
    manifest.weak_files = files_of(json.value("weak_files", Json::array()));
    manifest.psnr_min_db = json.value("psnr_min_db", kPsnrMinDb);
    manifest.licence = json.at("licence");
    manifest.description = json.value("description", "");
  } catch (const Json::exception& exception) {
    return invalid(path, std::string("it is no manifest: ") + exception.what());
  }
  if (!is_sane(manifest)) return invalid(path, "its architecture, numbers, texts or files are not what they can be");
  if (manifest.name != path.stem()) return invalid(path, "the name in it is not the file's");
  return manifest;
}

Result<ModelsFolder> read_models(const fs::path& directory) {
  ModelsFolder folder;
  std::vector<std::string> others;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const fs::path name = at->path().filename();
    if (name.string().starts_with('.') || name == kCatalogueName) continue;
    if (name.extension() == ".json") {
      auto manifest = read_manifest(at->path());
      if (manifest) folder.models.push_back(std::move(*manifest));
      if (!manifest) folder.unreadable.push_back(manifest.error());
    } else if (std::error_code ignored; !is_text(name) && !fs::is_directory(at->path(), ignored)) {
      others.push_back(name);
    }
  }
  if (error) return fail(ErrorCode::kNotFound, "The models in " + directory.string() + " cannot be read");
  std::ranges::sort(folder.models, {}, &Manifest::name);
  const std::set<std::string> named = files_named_by(folder.models);
  std::ranges::copy_if(others, std::back_inserter(folder.unnamed),
                       [&](const auto& name) { return !named.contains(name); });
  std::ranges::sort(folder.unnamed);
  return folder;
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
  if (manifest.self_ensemble) {
    graph = self_ensemble(*graph);
    if (!graph) return invalid(manifest.files[0].name, graph.error().message);
  }
  if (auto checked = check_use(*graph, manifest); !checked) {
    return invalid(manifest.files[0].name, checked.error().message);
  }
  return graph;
}

Result<Manifest> add_model(const fs::path& directory, const NewModel& model) {
  if (!is_model_name(model.name)) {
    return fail(ErrorCode::kInvalidInput, "'" + model.name + "' is no name for a model",
                "Please use up to 64 letters, digits, '-', '_' and '.'");
  }
  if (!is_one_line(model.licence) || !is_one_line(model.description)) {
    return fail(ErrorCode::kInvalidInput, "Licence and description are one line of UTF-8 each");
  }
  std::error_code error;
  if (!fs::is_directory(directory, error)) {
    return fail(ErrorCode::kNotFound, "There is no folder " + directory.string());
  }
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
  auto graph = build(*manifest, files, 1);
  if (!graph) return invalid(model.files[0], graph.error().message);
  const auto use = find_use(*graph);
  if (!use) return invalid(model.files[0], use.error().message);
  if (use->purpose == Purpose::kEnhancement) {
    manifest->adds_input = answers_residual(*graph);
    if (manifest->adds_input) graph = build(*manifest, files, 1);
    if (!graph) return invalid(model.files[0], graph.error().message);
    manifest->half = holds_in_half(*graph);
  }
  if (!weak_files.empty()) {
    const auto weak = build(*manifest, weak_files, 1);
    const auto both = weak ? interpolate(*weak, *graph, 0.5F) : Result<Graph>(std::unexpected(weak.error()));
    if (!both) return invalid(model.weak_files[0], both.error().message);
  }
  if (model.self_ensemble) {
    if (use->purpose != Purpose::kEnhancement) return invalid(model.files[0], "it enlarges nothing in four turns");
    if (const auto turned = self_ensemble(*graph); !turned) return invalid(model.files[0], turned.error().message);
  }
  manifest->self_ensemble = model.self_ensemble;
  manifest->name = model.name;
  manifest->purpose = use->purpose;
  manifest->side = use->side;
  manifest->scale = use->scale;
  manifest->files = name_files(model.name, manifest->architecture, files);
  manifest->weak_files = name_files(model.name + "-weak", manifest->architecture, weak_files);
  manifest->licence = model.licence;
  manifest->description = model.description;
  const auto lock = FileLock::take(directory / kLockName);
  if (!lock) return std::unexpected(lock.error());
  if (auto installed = install(directory, *manifest, files, weak_files); !installed) {
    return std::unexpected(installed.error());
  }
  return manifest;
}

Result<void> remove_model(const fs::path& directory, const std::string& name) {
  const fs::path place = directory / (name + ".json");
  std::error_code error;
  if (!is_model_name(name) || !fs::exists(place, error)) {
    return fail(ErrorCode::kNotFound, "There is no model '" + name + "' in " + directory.string());
  }
  const auto lock = FileLock::take(directory / kLockName);
  if (!lock) return std::unexpected(lock.error());
  const auto manifest = read_manifest(place);
  if (!manifest) {
    return fail(manifest.error().code, manifest.error().message, "What cannot be read has to be deleted by hand");
  }
  if (!fs::remove(place, error)) return fail(ErrorCode::kInvalidInput, place.string() + " cannot be removed");
  const auto folder = read_models(directory);
  if (!folder) return std::unexpected(folder.error());
  const std::set<std::string> kept = files_named_by(folder->models);
  for (const std::string& file : files_named_by({*manifest})) {
    // A folder is nobody's network.
    if (kept.contains(file) || fs::is_directory(fs::symlink_status(directory / file, error))) continue;
    fs::remove(directory / file, error);
    if (error) return fail(ErrorCode::kInvalidInput, (directory / file).string() + " cannot be removed");
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
