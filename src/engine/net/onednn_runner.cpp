// fp32 convolutions by oneDNN, activations in its blocked layout (nChw8c or nChw16c) from the first layer to the last.
//
// oneDNN 2.6 takes PReLU as a post-operation only in reference code a hundred times slower, so it is a pass of our
// own over the blocked buffer while that is still warm.
#include <dnnl.hpp>

#include <cstring>

#include "engine/net/runners.h"

// GNU OpenMP's, without its header: only this one call is needed.
extern "C" void omp_set_num_threads(int);

namespace tintype::engine {

namespace {

using Memory = dnnl::memory;

bool has_avx512() {
  const dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  return isa != dnnl::cpu_isa::sse41 && isa != dnnl::cpu_isa::avx && isa != dnnl::cpu_isa::avx2 &&
         isa != dnnl::cpu_isa::avx2_vnni;
}

class OneDnnRunner final : public Runner {
 public:
  OneDnnRunner(std::shared_ptr<const Graph> graph, int width, int height)
      : graph_(std::move(graph)),
        width_(width),
        height_(height),
        block_(has_avx512() ? 16 : 8),
        engine_(dnnl::engine::kind::cpu, 0),
        stream_(engine_) {}

  Result<void> build() {
    // Tiles are spread over our own threads; oneDNN gets one. The setting belongs to the thread that makes it, and it
    // must stand before oneDNN lays out its scratch memory.
    omp_set_num_threads(1);
    const Memory::desc input({1, graph_->channels, height_, width_}, Memory::data_type::f32, Memory::format_tag::nchw);
    input_ = Memory(input, engine_, nullptr);
    int channels_max = 0;
    for (const Convolution& layer : graph_->convolutions)
      channels_max = std::max(channels_max, padded(layer.out_channels));
    for (std::vector<float>& buffer : buffers_) {
      buffer.assign(static_cast<std::size_t>(channels_max) * width_ * height_, 0.0F);
    }
    Memory::desc source = input;
    for (std::size_t at = 0; at < graph_->convolutions.size(); ++at) {
      auto built = build_layer(graph_->convolutions[at], source, buffers_[at % 2].data());
      if (!built) return std::unexpected(built.error());
      source = *built;
    }
    return {};
  }

  void run(const float* input, float* output) override {
    input_.set_data_handle(const_cast<float*>(input));
    for (std::size_t at = 0; at < layers_.size(); ++at) {
      Layer& layer = layers_[at];
      layer.primitive.execute(stream_, {{DNNL_ARG_SRC, at == 0 ? input_ : layers_[at - 1].result},
                                        {DNNL_ARG_WEIGHTS, layer.weights},
                                        {DNNL_ARG_BIAS, layer.bias},
                                        {DNNL_ARG_DST, layer.result}});
      stream_.wait();
      bend(graph_->convolutions[at], static_cast<float*>(layer.result.get_data_handle()));
    }
    const auto* features = static_cast<const float*>(layers_.back().result.get_data_handle());
    const std::size_t pixels = static_cast<std::size_t>(width_) * height_;
    shuffle_and_add(
        *graph_, width_, height_, input,
        [&](int channel, int y, int x) {
          return features[(channel / block_) * pixels * block_ + (static_cast<std::size_t>(y) * width_ + x) * block_ +
                          channel % block_];
        },
        output);
  }

 private:
  struct Layer {
    std::vector<float> plain_weights;
    std::vector<float> plain_bias;
    dnnl::convolution_forward primitive;
    Memory weights;
    Memory bias;
    Memory result;
  };

  int padded(int channels) const { return (channels + block_ - 1) / block_ * block_; }

  static std::vector<float> padded_weights(const Convolution& layer, int in, int out) {
    const std::size_t taps = static_cast<std::size_t>(layer.kernel) * static_cast<std::size_t>(layer.kernel);
    std::vector<float> weights(static_cast<std::size_t>(out) * static_cast<std::size_t>(in) * taps, 0.0F);
    for (int to = 0; to < layer.out_channels; ++to) {
      const auto row = static_cast<std::size_t>(layer.in_channels) * taps;
      std::copy_n(layer.weights.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(to) * row), row,
                  weights.begin() +
                      static_cast<std::ptrdiff_t>(static_cast<std::size_t>(to) * static_cast<std::size_t>(in) * taps));
    }
    return weights;
  }

  Result<Memory::desc> build_layer(const Convolution& layer, const Memory::desc& source, float* buffer) {
    const int k = layer.kernel;
    const auto f32 = Memory::data_type::f32;
    // Zero weights fill the channels up to whole blocks: oneDNN has fast code for those alone.
    const int out = padded(layer.out_channels);
    const int in = source.dims()[1] == layer.in_channels ? layer.in_channels : padded(layer.in_channels);
    Layer built;
    built.plain_weights = padded_weights(layer, in, out);
    built.plain_bias = layer.bias;
    built.plain_bias.resize(static_cast<std::size_t>(out), 0.0F);
    const Memory::dims weight_dims = {out, in, k, k};
    const Memory::desc weights(weight_dims, f32, Memory::format_tag::any);
    const Memory::desc bias({out}, f32, Memory::format_tag::x);
    const Memory::desc result({1, out, height_, width_}, f32,
                              block_ == 16 ? Memory::format_tag::nChw16c : Memory::format_tag::nChw8c);
    const Memory::dims pad = {k / 2, k / 2};
    const dnnl::convolution_forward::primitive_desc description({dnnl::prop_kind::forward_inference,
                                                                 dnnl::algorithm::convolution_direct,
                                                                 source,
                                                                 weights,
                                                                 bias,
                                                                 result,
                                                                 {1, 1},
                                                                 pad,
                                                                 pad},
                                                                engine_);
    const std::string implementation = description.impl_info_str();
    if (implementation.starts_with("ref")) {
      return fail_internal("oneDNN has no fast convolution of " + std::to_string(layer.in_channels) + " to " +
                           std::to_string(layer.out_channels) + " channels here");
    }
    built.primitive = dnnl::convolution_forward(description);
    Memory plain({weight_dims, f32, Memory::format_tag::oihw}, engine_, built.plain_weights.data());
    built.weights = Memory(description.weights_desc(), engine_);
    dnnl::reorder(plain, built.weights).execute(stream_, plain, built.weights);
    stream_.wait();
    built.bias = Memory(bias, engine_, built.plain_bias.data());
    built.result = Memory(result, engine_, buffer);
    layers_.push_back(std::move(built));
    return result;
  }

  void bend(const Convolution& layer, float* data) const {
    if (layer.slopes.empty()) return;
    const std::size_t pixels = static_cast<std::size_t>(width_) * height_;
    std::array<float, 16> slopes{};
    for (int first = 0; first < layer.out_channels; first += block_) {
      const int count = std::min(block_, layer.out_channels - first);
      std::copy_n(layer.slopes.begin() + first, count, slopes.begin());
      float* block = data + static_cast<std::size_t>(first / block_) * pixels * block_;
      if (block_ == 16) {
        bend_block<16>(block, pixels, slopes.data());
      } else {
        bend_block<8>(block, pixels, slopes.data());
      }
    }
  }

  template <int kBlock>
  static void bend_block(float* block, std::size_t pixels, const float* slopes) {
    for (std::size_t pixel = 0; pixel < pixels; ++pixel, block += kBlock) {
      for (int lane = 0; lane < kBlock; ++lane) {
        const float value = block[lane];
        block[lane] = std::max(value, 0.0F) + slopes[lane] * std::min(value, 0.0F);
      }
    }
  }

  const std::shared_ptr<const Graph> graph_;
  const int width_;
  const int height_;
  const int block_;  // channels side by side in memory
  dnnl::engine engine_;
  dnnl::stream stream_;
  Memory input_;
  std::array<std::vector<float>, 2> buffers_;
  std::vector<Layer> layers_;
};

}  // namespace

Result<std::unique_ptr<Runner>> make_onednn_runner(std::shared_ptr<const Graph> graph, int width, int height) {
  try {
    auto runner = std::make_unique<OneDnnRunner>(std::move(graph), width, height);
    if (auto built = runner->build(); !built) return std::unexpected(built.error());
    return runner;
  } catch (const dnnl::error& error) {
    return fail_internal(std::string("oneDNN: ") + error.what());
  }
}

}  // namespace tintype::engine
