#include "engine/net/self_ensemble.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "engine/net/network.h"
#include "engine/net/reference.h"
#include "engine/net/test_layers.h"

namespace tintype::engine {
namespace {

// Folds, convolves, gates, enlarges by a transposed convolution, unfolds, and adds the enlarged input.
Graph enlarger(Numbers& numbers, int fold, int scale) {
  Graph graph;
  const int input = graph.add("input", Input{{3, 0, 0}, fold}, {});
  int x = fold > 1 ? graph.add("fold", PixelUnshuffle{fold}, {input}) : input;
  const int channels = numbers.between(1, 7);
  x = graph.add("first", convolution(numbers, 3 * fold * fold, channels, 3), {x});
  x = graph.add("prelu", prelu(numbers, channels), {x});
  Convolution depthwise = convolution(numbers, 1, channels, 5);
  depthwise.in_channels = depthwise.groups = channels;
  const int gate = graph.add("gate", depthwise, {x});
  x = graph.add("gated", Arithmetic{Arithmetic::Kind::kMultiply, 0}, {x, gate});
  Deconvolution enlarge;
  enlarge.in_channels = enlarge.out_channels = channels;
  enlarge.kernel_height = enlarge.kernel_width = 4;
  enlarge.stride_y = enlarge.stride_x = 2;
  enlarge.crop = {1, 1, 1, 1};
  enlarge.weights = Weights(numbers.normal(std::int64_t{channels} * channels * 16, 0.3));
  x = graph.add("enlarge", enlarge, {x});
  x = graph.add("last", convolution(numbers, channels, 3 * fold * fold * scale * scale, 3), {x});
  x = graph.add("unfold", PixelShuffle{fold * scale}, {x});
  Resize nearest;
  nearest.factor_y = nearest.factor_x = static_cast<float>(2 * scale);
  graph.outputs = {graph.add("sum", Arithmetic{}, {x, graph.add("base", nearest, {input})})};
  return graph;
}

// A quarter turn clockwise.
std::vector<float> turned(const std::vector<float>& planes, Shape& shape) {
  std::vector<float> made(planes.size());
  const int height = shape.width, width = shape.height;
  const auto at = [](int channel, int y, int x, int rows, int columns) {
    return (static_cast<std::size_t>(channel) * rows + y) * columns + x;
  };
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        made[at(c, y, x, height, width)] = planes[at(c, shape.height - 1 - x, y, shape.height, shape.width)];
      }
    }
  }
  shape.height = height;
  shape.width = width;
  return made;
}

// The mean as its definition says it.
std::vector<float> mean_of_turns(const Graph& graph, Shape shape, std::vector<float> planes, int scale) {
  std::vector<float> mean;
  for (int quarters = 0; quarters < 4; ++quarters) {
    std::vector<float> made = run_reference(graph, shape, planes).value()[0];
    Shape of_made{shape.channels, shape.height * scale, shape.width * scale};
    for (int back = quarters; back % 4 != 0; ++back) made = turned(made, of_made);
    mean.resize(made.size());
    for (std::size_t at = 0; at < made.size(); ++at) mean[at] += made[at] / 4;
    planes = turned(planes, shape);
  }
  return mean;
}

RC_GTEST_PROP(SelfEnsemble, IsTheMeanOfWhatIsMadeOfThePictureTurned, ()) {
  Numbers numbers(*rc::gen::inRange(0U, 1U << 30));
  const int fold = numbers.between(1, 2), scale = numbers.between(1, 3);
  const Graph graph = enlarger(numbers, fold, scale);
  const Shape shape{3, fold * numbers.between(1, 9), fold * numbers.between(1, 9)};
  const std::vector<float> planes = numbers.normal(shape.count());
  const std::vector<float> expected = mean_of_turns(graph, shape, planes, 2 * scale);
  const auto ensemble = self_ensemble(graph);
  RC_ASSERT(ensemble.has_value());
  const auto plain = run_reference(*ensemble, shape, planes);
  const auto network = Network::make(*ensemble, exact(best_backend()));
  RC_ASSERT(plain.has_value() && network.has_value());
  const auto made = run_whole(*network, shape, planes);
  RC_ASSERT(made.has_value());
  for (const std::vector<float>& got : {(*plain)[0], (*made)[0]}) {
    RC_ASSERT(got.size() == expected.size());
    for (std::size_t at = 0; at < got.size(); ++at) {
      RC_ASSERT(std::abs(got[at] - expected[at]) < 1e-4F * std::max(1.0F, std::abs(expected[at])));
    }
  }
}

TEST(SelfEnsemble, RefusesByNameWhatATurnedPictureIsAnotherFor) {
  Numbers numbers(1);
  const auto refused = [](const Layer& layer) {
    Graph graph;
    const int input = graph.add("input", Input{{3, 0, 0}}, {});
    graph.outputs = {graph.add("odd one", layer, {input})};
    const auto made = self_ensemble(graph);
    return !made && made.error().message.find("odd one") != std::string::npos;
  };
  Convolution leaning = convolution(numbers, 3, 3, 3);
  leaning.padding = {1, 0, 1, 2};
  EXPECT_TRUE(refused(leaning));
  Convolution flat = convolution(numbers, 3, 3, 3);
  flat.kernel_height = 1;
  flat.padding = {0, 1, 0, 1};
  flat.weights = flat.weights.part(0, 27);
  EXPECT_TRUE(refused(flat));
}

}  // namespace
}  // namespace tintype::engine
