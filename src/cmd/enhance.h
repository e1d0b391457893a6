// `tintype enhance FILE...`: no server, no database.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/operation/native_engine.h"

namespace tintype::cmd {

struct EnhanceOptions {
  std::vector<std::filesystem::path> files;
  std::filesystem::path output_directory;  // empty: beside each file
  engine::Goal goal{std::nullopt, 0};
  std::optional<ImageFormat> format;
  std::string model;
  double denoise_strength = engine::kDenoiseDefault;
  double face_strength = 0;
  std::optional<engine::Backend> backend;
  int stripe_px = 0;     // see engine::PassOptions
  bool compare = false;  // also writes original and result side by side
  std::filesystem::path models_directory;
  int threads = 0;
  bool force = false;
};

// Enhances one after another; a file that cannot be is named with its reason and passed over. Answers the exit code:
// 0 when all went well, 1 when a file failed, 130 after Ctrl-C.
int enhance_files(const EnhanceOptions& options);

}  // namespace tintype::cmd
