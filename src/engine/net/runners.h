// The backends' own constructors; make_runner() chooses.
#pragma once

#include "engine/net/graph.h"

namespace tintype::engine {

Result<std::unique_ptr<Runner>> make_onednn_runner(std::shared_ptr<const Graph> graph, int width, int height);
Result<std::unique_ptr<Runner>> make_reference_runner(std::shared_ptr<const Graph> graph, int width, int height);

// Pixel shuffle of `features` and the enlarged input added: the end that both backends share. `feature(c, y, x)`
// reads channel c of the last convolution.
template <class Feature>
void shuffle_and_add(const Graph& graph, int width, int height, const float* input, Feature feature, float* output) {
  const int scale = graph.scale;
  for (int channel = 0; channel < graph.channels; ++channel) {
    for (int y = 0; y < height; ++y) {
      const float* base = input + (static_cast<std::size_t>(channel) * height + y) * width;
      for (int dy = 0; dy < scale; ++dy) {
        float* row = output + ((static_cast<std::size_t>(channel) * height + y) * scale + dy) * width * scale;
        for (int dx = 0; dx < scale; ++dx) {
          const int from = (channel * scale + dy) * scale + dx;
          for (int x = 0; x < width; ++x) row[x * scale + dx] = feature(from, y, x) + base[x];
        }
      }
    }
  }
}

}  // namespace tintype::engine
