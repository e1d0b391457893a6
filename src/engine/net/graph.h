// A network as a list of layers out of a closed set, with its weights. Plain data: what runs it is a Runner.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

// 3x3 or any odd square convolution over zero padding. weights: out x in x k x k, row-major.
struct Convolution {
  int in_channels = 0;
  int out_channels = 0;
  int kernel = 3;
  std::vector<float> weights;
  std::vector<float> bias;
  std::vector<float> slopes;  // PReLU (He et al. 2015) of each output channel behind it; empty for none
};

// Convolutions one after another, then a pixel shuffle (Shi et al. 2016) by `scale`, then the nearest-neighbour
// enlarged input added (`SRVGGNetCompact`, Wang et al. 2021).
struct Graph {
  int scale = 1;
  int channels = 3;  // of input and output
  std::vector<Convolution> convolutions;

  // How far a pixel of the output looks in the input: half the sum of the kernels' reach.
  int receptive_field_radius() const;
};

// The first thing that does not fit together, in words.
Result<void> check(const Graph& graph);

enum class Backend { kOneDnn, kReference };

// Runs a graph on tiles of one fixed shape. Holds its buffers; one thread at a time.
class Runner {
 public:
  virtual ~Runner() = default;
  // input: channels x height x width planes in [0, 1]; output: channels x (height*scale) x (width*scale), not clamped.
  virtual void run(const float* input, float* output) = 0;
};

// kInternal when the backend has no fast path for a layer: falling back to something a hundred times slower is an
// error here.
Result<std::unique_ptr<Runner>> make_runner(Backend backend, std::shared_ptr<const Graph> graph, int width, int height);

// What a runner of this shape holds at most.
std::int64_t runner_bytes_max(const Graph& graph, int width, int height);

}  // namespace tintype::engine
