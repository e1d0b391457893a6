// `tintype bench-render`: how fast renditions are made here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/operation/native_engine.h"

namespace tintype::cmd {

struct BenchRenderOptions {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> variants;  // "large:webp" and such; those of every image when empty
  std::filesystem::path output;       // a folder to keep what is made in; none: it is forgotten
  int pictures = 12;                  // made in all, by turns of the files
  int workers = 2;                    // pictures made at once
  int threads = 1;                    // that encode one picture
  int webp_effort = engine::NativeEngineOptions().rendition_webp_effort;
};

// Makes the renditions of each file and prints one line of JSON: pictures a second, the processor's time for one,
// and what was made of each file.
// Answers the exit code.
int bench_render(const BenchRenderOptions& options);

}  // namespace tintype::cmd
