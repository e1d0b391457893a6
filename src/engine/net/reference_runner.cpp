// Plain loops, for the tests to compare with.
#include "engine/net/runners.h"

namespace tintype::engine {

namespace {

class ReferenceRunner final : public Runner {
 public:
  ReferenceRunner(std::shared_ptr<const Graph> graph, int width, int height)
      : graph_(std::move(graph)), width_(width), height_(height) {}

  void run(const float* input, float* output) override {
    const std::size_t pixels = static_cast<std::size_t>(width_) * height_;
    std::vector<float> planes(input, input + pixels * static_cast<std::size_t>(graph_->channels));
    for (const Convolution& layer : graph_->convolutions) planes = apply(layer, planes);
    shuffle_and_add(
        *graph_, width_, height_, input,
        [&](int channel, int y, int x) {
          return planes[(static_cast<std::size_t>(channel) * height_ + y) * width_ + x];
        },
        output);
  }

 private:
  float tap_sum(const Convolution& layer, const std::vector<float>& planes, int out, int y, int x) const {
    const int reach = layer.kernel / 2;
    double sum = layer.bias[static_cast<std::size_t>(out)];
    for (int in = 0; in < layer.in_channels; ++in) {
      for (int ky = 0; ky < layer.kernel; ++ky) {
        for (int kx = 0; kx < layer.kernel; ++kx) {
          const int sy = y + ky - reach, sx = x + kx - reach;
          if (sy < 0 || sy >= height_ || sx < 0 || sx >= width_) continue;
          const std::size_t weight =
              ((static_cast<std::size_t>(out) * layer.in_channels + in) * layer.kernel + ky) * layer.kernel + kx;
          sum += double{layer.weights[weight]} * planes[(static_cast<std::size_t>(in) * height_ + sy) * width_ + sx];
        }
      }
    }
    return static_cast<float>(sum);
  }

  std::vector<float> apply(const Convolution& layer, const std::vector<float>& planes) const {
    std::vector<float> result(static_cast<std::size_t>(layer.out_channels) * width_ * height_);
    std::size_t at = 0;
    for (int out = 0; out < layer.out_channels; ++out) {
      for (int y = 0; y < height_; ++y) {
        for (int x = 0; x < width_; ++x) {
          const float sum = tap_sum(layer, planes, out, y, x);
          const bool bent = !layer.slopes.empty() && sum < 0;
          result[at++] = bent ? sum * layer.slopes[static_cast<std::size_t>(out)] : sum;
        }
      }
    }
    return result;
  }

  const std::shared_ptr<const Graph> graph_;
  const int width_;
  const int height_;
};

}  // namespace

Result<std::unique_ptr<Runner>> make_reference_runner(std::shared_ptr<const Graph> graph, int width, int height) {
  return std::make_unique<ReferenceRunner>(std::move(graph), width, height);
}

}  // namespace tintype::engine
