// Networks on every backend that this processor has, against the plain loops.
#include "engine/net/network.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "engine/net/reference.h"
#include "engine/net/test_layers.h"

namespace tintype::engine {
namespace {

constexpr double kTolerance = 1.6e-3;  // of the root mean square

std::vector<Backend> backends() {
  std::vector<Backend> found;
  for (const Backend backend : all_backends()) {
    if (is_available(backend) && backend != Backend::kReference) found.push_back(backend);
  }
  return found;
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

void expect_rows(const Runner& runner, int output, const RowRange& rows, const std::vector<float>& planes) {
  const Shape out = runner.shape(output);
  // Tiles begin elsewhere and round otherwise.
  const double most = kTolerance * std::max(1.0, root_mean_square(planes));
  for (int y = rows.first; y < rows.end; ++y) {
    const float* row = runner.row(output, y);
    for (int x = 0; x < out.width; ++x) {
      for (int c = 0; c < out.channels; ++c) {
        const float whole = planes[(static_cast<std::size_t>(c) * out.height + y) * out.width + x];
        ASSERT_NEAR(row[x * runner.pixel(output) + c], whole, most)
            << "output " << output << " row " << y << " column " << x;
      }
    }
  }
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
      std::vector<int> seen(expected->size());
      for (int fed = 0; fed == 0 || !(*runner)->is_complete(); fed += rows) {
        const int count = std::clamp(shape.height - fed, 0, rows);
        for (int y = 0; y < count; ++y) {
          for (int x = 0; x < shape.width; ++x) {
            for (int c = 0; c < shape.channels; ++c) {
              interleaved[(static_cast<std::size_t>(y) * shape.width + x) * shape.channels + c] =
                  planes[(static_cast<std::size_t>(c) * shape.height + fed + y) * shape.width + x];
            }
          }
        }
        (*runner)->feed(interleaved.data(), count);
        for (int output = 0; output < static_cast<int>(expected->size()); ++output) {
          const RowRange ready = (*runner)->ready(output);
          ASSERT_EQ(ready.first, seen[static_cast<std::size_t>(output)]);
          seen[static_cast<std::size_t>(output)] = ready.end;
          expect_rows(**runner, output, ready, (*got)[static_cast<std::size_t>(output)]);
        }
      }
      for (int output = 0; output < static_cast<int>(expected->size()); ++output) {
        EXPECT_EQ(seen[static_cast<std::size_t>(output)], (*runner)->shape(output).height);
      }
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

// Layers that keep a picture's sides, in any connection: whatever is drawn together, made in place, copied or kept for
// several outputs must not show.
class RandomGraph {
 public:
  explicit RandomGraph(Numbers& numbers) : numbers_(numbers) {
    add(Input{{3, 0, 0}}, {}, 3);
    for (int layers = numbers.between(1, 14); layers > 0; --layers) add_layer();
    for (int outputs = numbers.between(1, 3); outputs > 0; --outputs) graph.outputs.push_back(any());
  }
  Graph graph;

 private:
  int any() { return numbers_.between(std::max(0, static_cast<int>(graph.nodes.size()) - 5), last()); }
  int last() const { return static_cast<int>(graph.nodes.size()) - 1; }
  int channels(int node) const { return channels_[static_cast<std::size_t>(node)]; }
  void add(Layer layer, std::vector<int> inputs, int channels) {
    graph.add("layer " + std::to_string(channels_.size()), std::move(layer), std::move(inputs));
    channels_.push_back(channels);
  }

  void add_layer() {
    const int from = any();
    switch (numbers_.between(0, 7)) {
      case 0:
      case 1:
      case 2: return add_convolution(from);
      case 3: {
        Activation layer;
        layer.kind = numbers_.coin() ? Activation::Kind::kLeakyRelu : Activation::Kind::kSigmoid;
        layer.a = 0.3F;
        return add(layer, {from}, channels(from));
      }
      case 4: return add(Arithmetic{Arithmetic::Kind::kMultiply, -0.4F}, {from}, channels(from));
      case 5: return add_sum(from);
      case 6: return add_concat();
      default: {
        const int begin = numbers_.between(0, channels(from) - 1);
        const int end = numbers_.between(begin + 1, channels(from));
        return add(Slice{Axis::kChannel, begin, end}, {from}, end - begin);
      }
    }
  }

  void add_convolution(int from) {
    const int sizes[] = {1, 3, 3, 3, 5};
    Convolution layer = convolution(numbers_, channels(from), numbers_.between(1, 130), sizes[numbers_.between(0, 4)]);
    if (numbers_.between(0, 3) == 0) layer.bias = {};
    if (numbers_.between(0, 3) == 0) layer.activation.kind = Activation::Kind::kRelu;
    if (numbers_.between(0, 4) == 0) {
      const int groups = channels(from) % 2 == 0 && layer.out_channels % 2 == 0 ? 2 : 1;
      layer.groups = groups;
      layer.weights = layer.weights.part(0, layer.weights.size() / static_cast<std::size_t>(groups));
    }
    add(std::move(layer), {from}, 0);
    channels_.back() = std::get<Convolution>(graph.nodes.back().layer).out_channels;
  }

  // Of the last value of the same width, if there is one; of all others, what is spread over them.
  void add_sum(int from) {
    for (int other = last(); other >= 0; --other) {
      if (other == from && numbers_.coin()) continue;
      if (channels(other) == channels(from) || channels(other) == 1) {
        const std::vector<int> inputs = numbers_.coin() ? std::vector<int>{from, other} : std::vector<int>{other, from};
        return add(Arithmetic{}, inputs, channels(from));
      }
    }
  }

  void add_concat() {
    std::vector<int> parts;
    int sum = 0;
    for (int count = numbers_.between(1, 4); count > 0; --count) {
      const int part = any();
      if (sum + channels(part) > 400) continue;
      parts.push_back(part);
      sum += channels(part);
    }
    if (!parts.empty()) add(Concat{}, parts, sum);
  }

  Numbers& numbers_;
  std::vector<int> channels_;
};

RC_GTEST_PROP(Network, RunsWhateverIsConnected, ()) {
  Numbers numbers(*rc::gen::inRange(0U, 1U << 30));
  const Graph graph = RandomGraph(numbers).graph;
  expect_equal_runs(graph, {3, numbers.between(1, 12), numbers.between(1, 30)}, 10, numbers.between(1, 7));
}

// The end of the networks here, where the base of the sum is a value with other users, or an output too.
RC_GTEST_PROP(Network, EnlargesAnyBase, ()) {
  Numbers numbers(*rc::gen::inRange(0U, 1U << 30));
  Graph graph;
  const int channels = numbers.between(1, 9), factor = numbers.between(1, 3);
  int x = graph.add("input", Input{{3, 0, 0}}, {});
  const int base = x = graph.add("base", convolution(numbers, 3, channels, 3), {x});
  if (numbers.coin()) x = graph.add("relu", Activation{Activation::Kind::kRelu, 0, 0, {}}, {x});
  x = graph.add("wide", convolution(numbers, channels, channels * factor * factor, 3), {x});
  if (numbers.coin()) x = graph.add("prelu", prelu(numbers, channels * factor * factor), {x});
  const int wide = x;
  x = graph.add("shuffle", PixelShuffle{factor}, {x});
  Resize resize;
  resize.factor_y = resize.factor_x = static_cast<float>(factor);
  const int enlarged = graph.add("enlarged", resize, {base});
  graph.outputs = {
      graph.add("sum", Arithmetic{}, numbers.coin() ? std::vector<int>{x, enlarged} : std::vector<int>{enlarged, x})};
  const int also[] = {base, wide, x, enlarged};
  if (numbers.coin()) graph.outputs.push_back(also[numbers.between(0, 3)]);
  expect_equal_runs(graph, {3, numbers.between(1, 15), numbers.between(1, 30)}, 11, numbers.between(1, 7));
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
    default: {
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
  Graph shaped = graph;
  shaped.outputs = {x};
  const auto found = infer_shapes(shaped, {3, 24, 24});
  RC_ASSERT(found.has_value());
  const int out = (*found)[static_cast<std::size_t>(x)].channels;
  graph.outputs = {graph.add("last", convolution(numbers, out, 4, 3), {x})};
  expect_equal_runs(graph, {3, numbers.between(6, 24), numbers.between(6, 40)}, 9, numbers.between(1, 10));
}

// The copy of a part may be made before another part is there: from one feed to the next it must stay.
TEST(Network, APartWaitsForTheOthersOfItsWhole) {
  Numbers numbers(2);
  Graph graph;
  const int x = graph.add("input", Input{{3, 0, 0}}, {});
  const int late = graph.add("late", convolution(numbers, 3, 9, 3), {x});
  const int joined = graph.add("joined", Concat{}, {late, x});
  // What comes behind it would lie where it was.
  int last = joined;
  for (int at = 0; at < 4; ++at) last = graph.add("later", Activation{Activation::Kind::kSigmoid, 0, 0, {}}, {last});
  graph.outputs = {last};
  expect_equal_runs(graph, {3, 17, 9}, 12, 3);
}

// Shapes that agree by chance for the picture that a network was made ready with, and for no other.
TEST(Network, OtherPicturesThanItWasMadeForAreRefused) {
  Numbers numbers(1);
  Graph turned;
  const int x = turned.add("input", Input{{3, 0, 0}}, {});
  const int columns = turned.add("turned", Permute{{Axis::kWidth, Axis::kHeight, Axis::kChannel}}, {x});
  turned.outputs = {turned.add("joined", Concat{}, {columns, columns})};
  Graph spread;
  const int input = spread.add("input", Input{{3, 0, 0}}, {});
  const int shifted = spread.add("convolution", convolution(numbers, 3, 3, 3), {input});
  const int fixed = spread.add("constant", Constant{{3, 256, 256}, Weights(numbers.normal(3 * 256 * 256))}, {});
  // A constant that stands before the convolution can be drawn into it.
  std::swap(spread.nodes[1], spread.nodes[2]);
  spread.outputs = {spread.add("sum", Arithmetic{}, {fixed, shifted})};
  for (const Graph& graph : {turned, spread}) {
    for (const Backend backend : backends()) {
      const auto network = Network::make(graph, backend);
      ASSERT_TRUE(network) << network.error().message;
      EXPECT_TRUE(make_runner(*network, {3, 256, 256}, 32));
      EXPECT_EQ(make_runner(*network, {3, 1, 1}, 32).error().code, ErrorCode::kInvalidInput);
    }
  }
}

TEST(Network, MemoryAndStepsAreBounded) {
  Graph chain;
  int x = chain.add("input", Input{{3, 0, 0}}, {});
  for (int at = 0; at < 10'000; ++at)
    x = chain.add("slope", Activation{Activation::Kind::kLeakyRelu, 0.9F, 0, {}}, {x});
  chain.outputs = {x};
  const auto network = Network::make(chain, best_backend());
  ASSERT_TRUE(network);
  const auto bytes = runner_bytes(**network, {3, 400, 64}, 32);
  ASSERT_TRUE(bytes);
  EXPECT_LT(*bytes, 1 << 20) << "what nobody needs any more makes room";
  for (int at = 0; at < 90'000; ++at) x = chain.add("slope", Activation{}, {x});
  EXPECT_FALSE(infer_shapes(chain, {3, 8, 8}));

  Graph phases;
  Deconvolution layer;
  layer.in_channels = layer.out_channels = layer.groups = 1 << 16;
  layer.kernel_height = layer.kernel_width = 1;
  layer.stride_y = layer.stride_x = 32;
  layer.weights = Weights(std::vector<float>(1 << 16));
  const int wide = phases.add("input", Input{{1 << 16, 0, 0}}, {});
  phases.outputs = {phases.add("phases", layer, {wide})};
  EXPECT_FALSE(Network::make(phases, best_backend(), 4));
}

// At the lower edge all layers could finish at once. A network of many layers must not be kept whole for that.
TEST(Network, TheLowerEdgeTakesNoMoreMemoryThanTheRest) {
  Numbers numbers(5);
  Graph graph;
  int x = graph.add("input", Input{{3, 0, 0}}, {});
  for (int at = 0; at < 60; ++at) x = graph.add("convolution", convolution(numbers, at == 0 ? 3 : 8, 8, 3), {x});
  graph.outputs = {x};
  const auto network = Network::make(graph, best_backend());
  const auto bytes = runner_bytes(**network, {3, 500, 64}, 4);
  ASSERT_TRUE(bytes);
  const std::int64_t row = std::int64_t{64 + 2 * 32} * 8 * 4;
  EXPECT_LT(*bytes, 60 * 8 * row + (1 << 20));
}

TEST(Network, TheReferenceSaysWhatItTakes) {
  Numbers numbers(3);
  const Graph graph = srvgg(numbers, 8, 2, 2, 1);
  const auto network = Network::make(graph, Backend::kReference);
  const auto bytes = runner_bytes(**network, {3, 40, 30}, 8);
  ASSERT_TRUE(bytes);
  EXPECT_GT(*bytes, 40 * 30 * 8 * 4);
}

TEST(Network, CancelsWithinALayer) {
  Numbers numbers(4);
  const auto network = Network::make(srvgg(numbers, 8, 2, 2, 1), best_backend());
  const auto runner = make_runner(*network, {3, 16, 16}, 16);
  const std::vector<float> rows(16 * 16 * 3);
  const std::atomic<bool> cancel{true};
  EXPECT_FALSE((*runner)->feed(rows.data(), 16, &cancel));
}

}  // namespace
}  // namespace tintype::engine
