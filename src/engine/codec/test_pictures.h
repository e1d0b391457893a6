// What the codec's tests draw, and where they put it.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/codec/codec.h"
#include "support/test_folder.h"

namespace tintype::engine {

// Waves and squares; samples of two bytes use both.
inline Pixels drawn(const PictureShape& shape) {
  Pixels pixels{shape.width, shape.height, shape.channels, shape.bytes_per_sample, {}};
  pixels.data.reserve(shape.size_bytes());
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      for (int channel = 0; channel < shape.channels; ++channel) {
        const double wave = std::sin(x * 0.31 + channel) * std::cos(y * 0.17) + (x / 9 + y / 7) % 2;
        const auto value = static_cast<std::uint16_t>(std::clamp(23'000 + 15'000 * wave, 0.0, 65'535.0));
        if (shape.bytes_per_sample == 2) pixels.data.push_back(static_cast<std::uint8_t>(value & 0xff));
        pixels.data.push_back(static_cast<std::uint8_t>(value >> 8));
      }
    }
  }
  return pixels;
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace tintype::engine
