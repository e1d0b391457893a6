// Networks on every backend that this processor has, against the plain loops.
#include "engine/net/network.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>

#include "engine/net/reference.h"

namespace tintype::engine {
namespace {

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

std::vector<Backend> backends() {
  std::vector<Backend> found;
  for (const Backend backend : all_backends()) {
    if (is_available(backend) && backend != Backend::kReference) found.push_back(backend);
  }
  return found;
}

Convolution convolution(Numbers& numbers, int in, int out, int kernel) {
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

Activation prelu(Numbers& numbers, int channels) {
  Activation layer;
  layer.kind = Activation::Kind::kPRelu;
  layer.slopes = Weights(numbers.normal(channels, 0.3));
  return layer;
}

double root_mean_square(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += double{value} * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

// Half precision is let off by 2 % of the values' root mean square, and by five times that at worst.
void expect_near(const std::vector<float>& got, const std::vector<float>& expected, Backend backend) {
  ASSERT_EQ(got.size(), expected.size());
  const double most = (is_exact(backend) ? 2e-4 : 2e-2) * std::max(1e-3, root_mean_square(expected));
  double worst = 0, sum = 0;
  for (std::size_t at = 0; at < got.size(); ++at) {
    const double difference = double{got[at]} - expected[at];
    worst = std::max(worst, std::abs(difference));
    sum += difference * difference;
    if (!std::isfinite(got[at])) worst = HUGE_VAL;
  }
  EXPECT_LE(worst, (is_exact(backend) ? 8 : 5) * most);
  EXPECT_LE(std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, got.size()))), most);
}

// Whole, and in feeds of `rows` rows: the results must agree with the plain loops, and with each other to the bit.
void expect_equal_runs(const Graph& graph, const Shape& shape, unsigned seed, int rows) {
  Numbers numbers(seed);
  const std::vector<float> planes = numbers.normal(shape.count());
  const auto expected = run_reference(graph, shape, planes);
  ASSERT_TRUE(expected) << expected.error().message;
  for (const Backend backend : backends()) {
    SCOPED_TRACE(backend_name(backend));
    const auto network = Network::make(graph, backend);
    ASSERT_TRUE(network) << network.error().message;
    const auto got = run_whole(*network, shape, planes);
    ASSERT_TRUE(got) << got.error().message;
    for (std::size_t output = 0; output < expected->size(); ++output) {
      expect_near((*got)[output], (*expected)[output], backend);
    }
    auto runner = make_runner(*network, shape, rows);
    ASSERT_TRUE(runner) << runner.error().message;
    for (int turn = 0; turn < 2; ++turn) {  // the second picture must not see the first
      std::vector<float> interleaved(static_cast<std::size_t>(shape.width * shape.channels * rows));
      int seen = 0;
      for (int fed = 0; fed < shape.height; fed += rows) {
        const int count = std::min(rows, shape.height - fed);
        for (int y = 0; y < count; ++y) {
          for (int x = 0; x < shape.width; ++x) {
            for (int c = 0; c < shape.channels; ++c) {
              interleaved[static_cast<std::size_t>((y * shape.width + x) * shape.channels + c)] =
                  planes[static_cast<std::size_t>((c * shape.height + fed + y) * shape.width + x)];
            }
          }
        }
        (*runner)->feed(interleaved.data(), count);
        const RowRange ready = (*runner)->ready(0);
        ASSERT_EQ(ready.first, seen);
        seen = ready.end;
        const Shape out = (*runner)->shape(0);
        for (int y = ready.first; y < ready.end; ++y) {
          const float* row = (*runner)->row(0, y);
          for (int x = 0; x < out.width; ++x) {
            for (int c = 0; c < out.channels; ++c) {
              const float whole = (*got)[0][static_cast<std::size_t>((c * out.height + y) * out.width + x)];
              ASSERT_NEAR(row[x * (*runner)->pixel(0) + c], whole, 1e-4 * std::max(1.0F, std::abs(whole)))
                  << "row " << y << " column " << x;
            }
          }
        }
      }
      EXPECT_EQ(seen, (*runner)->shape(0).height);
    }
  }
}

Graph srvgg(Numbers& numbers, int features, int convolutions, int scale, int unshuffle) {
  Graph graph;
  const int input = graph.add("input", Input{{3, 0, 0}}, {});
  int last = input;
  int channels = 3;
  if (unshuffle > 1) {
    last = graph.add("fold", PixelUnshuffle{unshuffle}, {last});
    channels *= unshuffle * unshuffle;
  }
  for (int at = 0; at <= convolutions; ++at) {
    last = graph.add("convolution", convolution(numbers, channels, features, 3), {last});
    last = graph.add("prelu", prelu(numbers, features), {last});
    channels = features;
  }
  const int factor = scale * unshuffle;
  last = graph.add("last", convolution(numbers, channels, 3 * factor * factor, 3), {last});
  last = graph.add("shuffle", PixelShuffle{factor}, {last});
  Resize enlarge;
  enlarge.factor_y = enlarge.factor_x = static_cast<float>(scale);
  const int base = graph.add("base", enlarge, {input});
  graph.outputs = {graph.add("sum", Arithmetic{}, {last, base})};
  return graph;
}

// A residual dense block's shape in small (Wang et al. 2018): concatenations that grow, a factor, two residuals.
Graph dense_blocks(Numbers& numbers, int blocks) {
  Graph graph;
  const auto scaled = [&](int value, int added) {
    const int product = graph.add("factor", Arithmetic{Arithmetic::Kind::kMultiply, 0.2F}, {value});
    return graph.add("sum", Arithmetic{}, {product, added});
  };
  const int input = graph.add("input", Input{{3, 0, 0}}, {});
  int x = graph.add("first", convolution(numbers, 3, 16, 3), {input});
  const int trunk = x;
  for (int block = 0; block < blocks; ++block) {
    std::vector<int> parts{x};
    int last = x;
    for (int at = 0; at < 3; ++at) {
      const int joined = at == 0 ? x : graph.add("concat", Concat{}, parts);
      const bool is_last = at == 2;
      last = graph.add("convolution", convolution(numbers, 16 + 8 * at, is_last ? 16 : 8, 3), {joined});
      if (!is_last) {
        Activation leaky;
        leaky.kind = Activation::Kind::kLeakyRelu;
        leaky.a = 0.2F;
        last = graph.add("leaky", leaky, {last});
        parts.push_back(last);
      }
    }
    x = scaled(last, x);
  }
  x = graph.add("sum", Arithmetic{}, {x, trunk});
  Resize enlarge;
  enlarge.factor_y = enlarge.factor_x = 2;
  x = graph.add("enlarge", enlarge, {x});
  graph.outputs = {graph.add("last", convolution(numbers, 16, 3, 3), {x})};
  return graph;
}

RC_GTEST_PROP(Network, RunsCompactNetworks, ()) {
  Numbers numbers(*rc::gen::inRange(0U, 1U << 30));
  const int unshuffle = numbers.between(1, 2);
  const Graph graph = srvgg(numbers, numbers.between(1, 40), numbers.between(0, 3), numbers.between(1, 4), unshuffle);
  const Shape shape{3, numbers.between(1, 20) * unshuffle, numbers.between(1, 40) * unshuffle};
  expect_equal_runs(graph, shape, 7, numbers.between(1, 9) * unshuffle);
}

RC_GTEST_PROP(Network, RunsDenseBlocks, ()) {
  Numbers numbers(*rc::gen::inRange(0U, 1U << 30));
  const Graph graph = dense_blocks(numbers, numbers.between(1, 3));
  expect_equal_runs(graph, {3, numbers.between(1, 25), numbers.between(1, 40)}, 8, numbers.between(1, 12));
}

// One layer of any kind between two convolutions, so that padding, rings and places are all in play.
RC_GTEST_PROP(Network, RunsEveryLayer, ()) {
  Numbers numbers(*rc::gen::inRange(0U, 1U << 30));
  Graph graph;
  const int channels = numbers.between(1, 20);
  int x = graph.add("input", Input{{3, 0, 0}}, {});
  x = graph.add("first", convolution(numbers, 3, channels, 3), {x});
  const int before = x;
  switch (numbers.between(0, 15)) {
    case 0: {
      Convolution layer = convolution(numbers, channels, numbers.between(1, 20), numbers.between(1, 7));
      layer.stride_y = numbers.between(1, 3);
      layer.stride_x = numbers.between(1, 3);
      layer.dilation_y = numbers.between(1, 2);
      layer.dilation_x = numbers.between(1, 2);
      layer.padding = {layer.kernel_height, layer.kernel_width, layer.kernel_height, layer.kernel_width};
      x = graph.add("convolution", layer, {x});
      break;
    }
    case 1: {
      Convolution layer = convolution(numbers, 1, channels, 3);
      layer.in_channels = layer.groups = channels;
      x = graph.add("depthwise", layer, {x});
      break;
    }
    case 2: {
      Deconvolution layer;
      layer.in_channels = channels;
      layer.out_channels = numbers.between(1, 12);
      layer.kernel_height = numbers.between(1, 5);
      layer.kernel_width = numbers.between(1, 5);
      layer.stride_y = numbers.between(1, 3);
      layer.stride_x = numbers.between(1, 3);
      layer.weights = Weights(
          numbers.normal(std::int64_t{channels} * layer.out_channels * layer.kernel_height * layer.kernel_width, 0.3));
      layer.bias = Weights(numbers.normal(layer.out_channels));
      layer.activation.kind = numbers.coin() ? Activation::Kind::kRelu : Activation::Kind::kTanh;
      if (numbers.coin() && layer.kernel_height > 2 && layer.kernel_width > 2) layer.crop = {1, 1, 1, 1};
      x = graph.add("deconvolution", layer, {x});
      break;
    }
    case 3: {
      Activation layer;
      layer.kind = static_cast<Activation::Kind>(numbers.between(0, 9));
      layer.a = 0.2F;
      layer.b = 0.5F;
      if (layer.kind == Activation::Kind::kPRelu) layer = prelu(numbers, channels);
      x = graph.add("activation", layer, {x});
      break;
    }
    case 4: {
      Pool global;
      global.global = true;
      global.kind = Pool::Kind::kAverage;
      const int pooled = graph.add("pool", global, {x});
      Dense dense{channels,
                  channels,
                  Weights(numbers.normal(std::int64_t{channels} * channels)),
                  Weights(numbers.normal(channels)),
                  {}};
      dense.activation.kind = Activation::Kind::kSigmoid;
      const int gate = graph.add("dense", dense, {pooled});
      x = graph.add("gate", Arithmetic{Arithmetic::Kind::kMultiply}, {x, gate});
      break;
    }
    case 5:
      x = graph.add("affine", Affine{Weights(numbers.normal(channels)), Weights(numbers.normal(channels))}, {x});
      break;
    case 6: {
      const int other = graph.add("other", convolution(numbers, channels, 5, 1), {x});
      x = graph.add("concat", Concat{}, {other, x, other});
      x = graph.add("slice", Slice{Axis::kChannel, numbers.between(0, 5), 0}, {x});
      break;
    }
    case 7: {
      Pad pad;
      pad.sides = {numbers.between(0, 2), numbers.between(0, 2), numbers.between(0, 2), numbers.between(0, 2)};
      pad.mode = static_cast<Pad::Mode>(numbers.between(0, 2));
      pad.value = 0.5F;
      x = graph.add("pad", pad, {x});
      break;
    }
    case 8: {
      x = graph.add("wide", convolution(numbers, channels, 12, 3), {x});
      x = graph.add("shuffle", PixelShuffle{2}, {x});
      break;
    }
    case 9: {
      Resize resize;
      resize.mode = static_cast<Resize::Mode>(numbers.between(0, 2));
      resize.factor_y = static_cast<float>(numbers.between(1, 6)) / 2;
      resize.factor_x = static_cast<float>(numbers.between(1, 6)) / 2;
      resize.align_corners = numbers.coin();
      x = graph.add("resize", resize, {x});
      break;
    }
    case 10: {
      Pool pool;
      pool.kind = numbers.coin() ? Pool::Kind::kMaximum : Pool::Kind::kAverage;
      pool.kernel_height = pool.kernel_width = numbers.between(2, 4);
      pool.stride_y = pool.stride_x = numbers.between(1, 3);
      pool.padding = {1, 1, 1, 1};
      pool.ceil = numbers.coin();
      pool.count_padding = numbers.coin();
      x = graph.add("pool", pool, {x});
      break;
    }
    case 11: x = graph.add("softmax", Softmax{static_cast<Axis>(numbers.between(0, 2))}, {x}); break;
    case 12: x = graph.add("permute", Permute{{Axis::kChannel, Axis::kWidth, Axis::kHeight}}, {x}); break;
    case 13: {
      const int rows = graph.add("rows", Slice{Axis::kHeight, 1, 0}, {x});
      const int columns = graph.add("columns", Slice{Axis::kWidth, 1, -1}, {rows});
      x = graph.add("joined", Concat{numbers.coin() ? Axis::kHeight : Axis::kWidth}, {columns, columns});
      break;
    }
    case 14:
      x = graph.add("difference", Arithmetic{static_cast<Arithmetic::Kind>(numbers.between(0, 5)), 1.5F}, {x});
      break;
    case 15: {
      Pool global;
      global.global = true;
      const int style = graph.add("style", global, {x});
      const int modulation =
          graph.add("demodulation",
                    Demodulation{channels, channels,
                                 Weights(std::vector<float>(
                                     static_cast<std::size_t>(channels) * static_cast<std::size_t>(channels), 0.5F))},
                    {style});
      x = graph.add("modulated", Arithmetic{Arithmetic::Kind::kMultiply}, {x, modulation});
      break;
    }
  }
  const auto shapes = infer_shapes(graph, {3, 24, 24});
  if (graph.nodes[static_cast<std::size_t>(before)].name.empty()) return;
  Graph shaped = graph;
  shaped.outputs = {x};
  const auto found = infer_shapes(shaped, {3, 24, 24});
  RC_ASSERT(found.has_value());
  const int out = (*found)[static_cast<std::size_t>(x)].channels;
  graph.outputs = {graph.add("last", convolution(numbers, out, 4, 3), {x})};
  expect_equal_runs(graph, {3, numbers.between(6, 24), numbers.between(6, 40)}, 9, numbers.between(1, 10));
  (void)shapes;
}

}  // namespace
}  // namespace tintype::engine
