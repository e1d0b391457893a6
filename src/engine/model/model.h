// The networks in a folder: each is a manifest, NAME.json, and the files that it names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/model/purpose.h"
#include "engine/net/graph.h"

namespace tintype::engine {

struct ModelFile {
  std::string name;    // plain: without a folder
  std::string sha256;  // hex
  bool operator==(const ModelFile&) const = default;
};

inline constexpr double kPsnrMinDb = 32;

struct Manifest {
  std::string name;
  // "srvgg", "edsr", "rrdb" or "gfpgan", of tensors alone (.safetensors, .pth); "ncnn" or "onnx", of layers
  std::string architecture;
  Purpose purpose = Purpose::kEnhancement;
  int side = 0;  // see Use
  int scale = 1;
  int unshuffle = 1;             // srvgg: the input's pixels are folded into channels by this first
  bool denoise = false;          // srvgg: it can be told how strongly to denoise, see build_srvgg()
  bool adds_input = false;       // the network answers what has to be added to the enlarged input
  bool self_ensemble = false;    // what runs is the network's self_ensemble()
  std::optional<bool> half;      // whether half precision is exact enough; when not known, it is found out at load
  std::vector<ModelFile> files;  // of ncnn: .param, .bin
  // A network of the same make that clears least: the strength of denoising is how far the weights are from it.
  std::vector<ModelFile> weak_files;
  // How well a result, reduced again, has to agree with its input: the gate's peak signal-to-noise ratio.
  double psnr_min_db = kPsnrMinDb;
  std::string licence;
  std::string description;

  bool has_strength() const { return denoise || !weak_files.empty(); }
  std::vector<ModelFile> all_files() const;
  bool operator==(const Manifest&) const = default;
};

// Whether networks of this architecture can be run here.
bool is_architecture(const std::string& name);

// No model's: what others publish is listed in it, beside the models that ship with the program.
constexpr const char* kCatalogueName = "catalogue.json";

constexpr std::size_t kModelNameMax = 64;
bool is_model_name(const std::string& name);  // letters, digits, '-', '_' and '.', not at the beginning
bool is_plain_name(const std::string& name, std::size_t length_max);  // of the same characters
bool is_digest(const std::string& text);                              // SHA-256 in lower-case hex
bool is_one_line(const std::string& text);                            // UTF-8 that does nothing to a terminal

// A file of a network that is larger is refused.
constexpr std::int64_t kModelFileBytesMax = 1 << 30;

// Of the file NAME.json, which has to carry that name.
Result<Manifest> read_manifest(const std::filesystem::path& path);

// What lies in a folder of models. Names that begin with a dot are passed over.
struct ModelsFolder {
  std::vector<Manifest> models;      // by name
  std::vector<Error> unreadable;     // one for each manifest that cannot be read; names its file
  std::vector<std::string> unnamed;  // files that no manifest names, such as those of an add that was cut off
};
Result<ModelsFolder> read_models(const std::filesystem::path& directory);

// Maps, verifies (SHA-256) and checks the files of a manifest. Errors name file and tensor or layer.
// `denoise_strength`, 0 to 1, counts where the manifest has one.
Result<Graph> load_model(const std::filesystem::path& directory, const Manifest& manifest, double denoise_strength);

struct NewModel {
  std::string name;  // letters, digits, '-', '_' and '.'
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> weak_files;
  std::string licence = "unknown";
  std::string description;
  bool self_ensemble = false;  // see Manifest
};
// Finds out what the files are, checks that they make a network, copies them into the folder and writes the manifest
// last: a model is there whole or not at all, after a power cut too. kConflict when there is one of this name, or one
// that has files of the same names.
Result<Manifest> add_model(const std::filesystem::path& directory, const NewModel& model);

// Deletes the manifest and then its files, but for those that another manifest names. kNotFound when there is none of
// this name.
Result<void> remove_model(const std::filesystem::path& directory, const std::string& name);

// Where the models that ship with the program are: `configured` when it is not empty, else beside the program's
// build or in share/tintype/models of its prefix.
std::filesystem::path models_directory(const std::filesystem::path& configured);

}  // namespace tintype::engine
