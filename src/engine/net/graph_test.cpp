#include "engine/net/graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "engine/net/reference.h"

namespace tintype::engine {
namespace {

Convolution convolution(int in, int out, int kernel, int padding) {
  Convolution layer;
  layer.in_channels = in;
  layer.out_channels = out;
  layer.kernel_height = layer.kernel_width = kernel;
  layer.padding = {padding, padding, padding, padding};
  layer.weights = Weights(std::vector<float>(static_cast<std::size_t>(in * out * kernel * kernel), 0.1F));
  return layer;
}

Resize nearest(float factor) {
  Resize layer;
  layer.factor_y = layer.factor_x = factor;
  return layer;
}

// How far from its own place an output pixel is found to see a change of the input.
int measured_radius(const Graph& graph) {
  constexpr int kSide = 48;
  const Shape shape{1, kSide, kSide};
  std::vector<float> values(kSide * kSide, 0.5F);
  const std::vector<float> before = run_reference(graph, shape, values).value()[0];
  const Geometry geometry = geometry_of(graph).value();
  const int side = geometry.scale * kSide - 2 * geometry.left_out;
  int radius = 0;
  for (int changed = kSide / 2; changed < kSide / 2 + 4; ++changed) {  // a fold's every place
    std::vector<float> other = values;
    other[static_cast<std::size_t>(changed * kSide + changed)] = 1;
    const std::vector<float> after = run_reference(graph, shape, other).value()[0];
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const auto at = static_cast<std::size_t>(y * side + x);
        if (after[at] == before[at]) continue;
        for (const int place : {y, x}) {
          radius = std::max(radius, std::abs((place + geometry.left_out) / geometry.scale - changed));
        }
      }
    }
  }
  return radius;
}

TEST(Graph, TheReceptiveFieldIsWhatIsSeen) {
  const auto built = [](const std::function<int(Graph&, int)>& add) {
    Graph graph;
    const int input = graph.add("input", Input{{1, 0, 0}}, {});
    graph.outputs = {add(graph, input)};
    return graph;
  };
  const Graph graphs[] = {
      built([](Graph& g, int x) { return g.add("c", convolution(1, 1, 5, 2), {x}); }),
      built([](Graph& g, int x) { return g.add("c", convolution(1, 1, 3, 0), {x}); }),
      built([](Graph& g, int x) { return g.add("s", PixelShuffle{2}, {g.add("c", convolution(1, 4, 3, 1), {x})}); }),
      built([](Graph& g, int x) { return g.add("c", convolution(1, 1, 3, 1), {g.add("r", nearest(2), {x})}); }),
      built([](Graph& g, int x) {
        const int folded = g.add("u", PixelUnshuffle{2}, {x});
        const int seen = g.add("c", convolution(4, 4, 3, 1), {folded});
        return g.add("s", PixelShuffle{2}, {seen});
      }),
      built([](Graph& g, int x) {
        Convolution down = convolution(1, 1, 2, 0);
        down.stride_y = down.stride_x = 2;
        const int small = g.add("d", down, {x});
        Deconvolution up;
        up.in_channels = up.out_channels = 1;
        up.kernel_height = up.kernel_width = up.stride_y = up.stride_x = 2;
        up.weights = Weights(std::vector<float>(4, 0.3F));
        return g.add("sum", Arithmetic{}, {g.add("up", up, {small}), x});
      }),
  };
  for (const Graph& graph : graphs) {
    const auto radius = receptive_field_radius(graph);
    ASSERT_TRUE(radius);
    const int measured = measured_radius(graph);
    EXPECT_GE(*radius, measured);
    EXPECT_LE(*radius, measured + 1) << "a margin too wide is work for nothing";
  }
  Graph pooled;
  const int input = pooled.add("input", Input{{1, 0, 0}}, {});
  Pool pool;
  pool.global = true;
  const int gate = pooled.add("pool", pool, {input});
  pooled.outputs = {pooled.add("gated", Arithmetic{Arithmetic::Kind::kMultiply, 0}, {input, gate})};
  EXPECT_FALSE(receptive_field_radius(pooled)) << "it sees all of a picture";
}

TEST(Graph, TheGeometryIsThatOfItsSizes) {
  Graph graph;
  int x = graph.add("input", Input{{1, 0, 0}}, {});
  x = graph.add("u", PixelUnshuffle{2}, {x});
  x = graph.add("c", convolution(4, 36, 3, 0), {x});
  graph.outputs = {graph.add("s", PixelShuffle{6}, {x})};
  const auto geometry = geometry_of(graph);
  ASSERT_TRUE(geometry) << geometry.error().message;
  EXPECT_EQ(geometry->scale, 3);
  EXPECT_EQ(geometry->left_out, 6);
  EXPECT_EQ(geometry->multiple, 2);
}

// What does not fit together is refused by name, whatever a file says.
TEST(Graph, WhatDoesNotFitIsRefused) {
  const auto refused = [](const Layer& layer, std::vector<int> inputs) {
    Graph graph;
    graph.add("input", Input{{3, 0, 0}}, {});
    graph.outputs = {graph.add("odd one", layer, std::move(inputs))};
    const auto shapes = infer_shapes(graph, {3, 16, 16});
    EXPECT_FALSE(shapes) << layer_name(layer);
    return !shapes && shapes.error().message.find("odd one") != std::string::npos;
  };
  Convolution wide = convolution(3, 4, 3, 1);
  wide.kernel_width = 1'000'000'000;
  Convolution still = convolution(3, 4, 3, 1);
  still.stride_x = 0;
  Convolution far = convolution(3, 4, 3, 1);
  far.dilation_y = -1;
  Convolution grouped = convolution(3, 4, 3, 1);
  grouped.groups = 2;
  Convolution hollow = convolution(3, 4, 3, 1);
  hollow.weights = Weights(std::vector<float>(5));
  Pad vast;
  vast.sides = {0, 0, 2'000'000'000, 2'000'000'000};
  Resize huge = nearest(60);
  huge.height = huge.width = 2'000'000'000;
  Pool nothing;
  nothing.kernel_height = 60;
  for (const Layer& layer :
       std::initializer_list<Layer>{wide,
                                    still,
                                    far,
                                    grouped,
                                    hollow,
                                    vast,
                                    huge,
                                    nothing,
                                    convolution(4, 4, 3, 1),
                                    convolution(3, 4, 33, 0),
                                    PixelShuffle{2},
                                    PixelShuffle{0},
                                    PixelUnshuffle{3},
                                    PixelUnshuffle{-1},
                                    Slice{Axis::kChannel, 3, 0},
                                    Slice{Axis::kWidth, -1, 4},
                                    Slice{Axis::kWidth, 4, 17},
                                    Reshape{{-1, -1, 3}},
                                    Reshape{{7, 1, 1}},
                                    Permute{{Axis::kWidth, Axis::kWidth, Axis::kHeight}},
                                    Affine{Weights(std::vector<float>(2)), {}},
                                    Activation{Activation::Kind::kPRelu, 0, 0, Weights(std::vector<float>(2))},
                                    nearest(0),
                                    nearest(NAN),
                                    Dense{5, 1, Weights(std::vector<float>(5)), {}, {}},
                                    Demodulation{3, 1, Weights(std::vector<float>(2))}}) {
    EXPECT_TRUE(refused(layer, {0})) << layer_name(layer);
  }
  EXPECT_TRUE(refused(Concat{}, {}));
  EXPECT_TRUE(refused(Concat{}, {0, 1})) << "a circle";
  EXPECT_TRUE(refused(Arithmetic{}, {0, 7})) << "a node that is not there";
  EXPECT_TRUE(refused(Arithmetic{}, {0, -1}));
  Graph empty;
  EXPECT_FALSE(infer_shapes(empty, {3, 16, 16}));
}

}  // namespace
}  // namespace tintype::engine
