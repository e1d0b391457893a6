// The networks in a folder: each is a manifest, NAME.json, and the files that it names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/net/graph.h"

namespace tintype::engine {

struct ModelFile {
  std::string name;    // plain: without a folder
  std::string sha256;  // hex
};

enum class Purpose {
  kEnhancement,      // pictures of any size, `scale` times each side
  kFaceRestoration,  // one face, 3 x side x side in [-1, 1], and the same again
  kFaceDetection,    // several outputs of a row for each place: 4 numbers of a box, 2 scores, at times 10 of landmarks
  kSegmentation,     // how much of each pixel belongs to the subject
};
const char* purpose_name(Purpose purpose);  // "face restoration"

struct Manifest {
  std::string name;
  // "srvgg", "edsr", "rrdb" or "gfpgan", of tensors alone (.safetensors, .pth); "ncnn", of layers
  std::string architecture;
  Purpose purpose = Purpose::kEnhancement;
  int side = 0;  // of the only picture that it takes, which is square; 0 when it takes any
  int scale = 1;
  int unshuffle = 1;             // srvgg: the input's pixels are folded into channels by this first
  bool denoise = false;          // srvgg: its biases depend on the strength of denoising
  std::vector<ModelFile> files;  // of ncnn: .param, .bin
  // A network of the same make that clears least: the strength of denoising is how far the weights are from it.
  std::vector<ModelFile> weak_files;
  std::string licence;
  std::string description;

  bool has_strength() const { return denoise || !weak_files.empty(); }
};

Result<Manifest> read_manifest(const std::filesystem::path& path);

// Every manifest in the folder that can be read, by name.
std::vector<Manifest> list_models(const std::filesystem::path& directory);

// Maps, verifies (SHA-256) and checks the files of a manifest. Errors name file and tensor or layer.
// `denoise_strength`, 0 to 1, counts where the manifest has one.
Result<Graph> load_model(const std::filesystem::path& directory, const Manifest& manifest, double denoise_strength);

struct NewModel {
  std::string name;  // letters, digits, '-', '_' and '.'
  std::vector<std::filesystem::path> files;
  std::vector<std::filesystem::path> weak_files;
  std::string licence = "unknown";
  std::string description;
};
// Finds out what the files are, checks that they make a network, copies them into the folder and writes the manifest
// last: a model is there whole or not at all. kConflict when there is one of this name.
Result<Manifest> add_model(const std::filesystem::path& directory, const NewModel& model);

// kNotFound when there is none of this name.
Result<void> remove_model(const std::filesystem::path& directory, const std::string& name);

// Where the models that ship with the program are: `configured` when it is not empty, else beside the program's
// build or in share/tintype/models of its prefix.
std::filesystem::path models_directory(const std::filesystem::path& configured);

}  // namespace tintype::engine
