// Layers with random weights, and the numbers that they are drawn from.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "engine/net/graph.h"

namespace tintype::engine {

class Numbers {
 public:
  explicit Numbers(unsigned seed) : engine_(seed) {}
  std::vector<float> normal(std::int64_t count, double deviation = 1) {
    std::normal_distribution<float> distribution(0, static_cast<float>(deviation));
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = distribution(engine_);
    return values;
  }
  int between(int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine_); }
  bool coin() { return between(0, 1) == 1; }

 private:
  std::mt19937 engine_;
};

// With a bias, over as many pixels as went in; its values stay about as large as what it reads.
inline Convolution convolution(Numbers& numbers, int in, int out, int kernel) {
  Convolution layer;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.kernel_height = layer.kernel_width = kernel;
  layer.padding = {kernel / 2, kernel / 2, kernel / 2, kernel / 2};
  layer.weights =
      Weights(numbers.normal(std::int64_t{in} * out * kernel * kernel, 1.5 / std::sqrt(in * kernel * kernel)));
  layer.bias = Weights(numbers.normal(out, 0.1));
  return layer;
}

inline Activation prelu(Numbers& numbers, int channels) {
  Activation layer;
  layer.kind = Activation::Kind::kPRelu;
  layer.slopes = Weights(numbers.normal(channels, 0.3));
  return layer;
}

}  // namespace tintype::engine
