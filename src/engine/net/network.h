// A graph made ready for one backend, and what runs it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "engine/net/backend.h"
#include "engine/net/graph.h"
#include "engine/net/operation.h"

namespace tintype::engine {

// A network that looks further than this has no margins wide enough to come out the same wherever a picture is cut.
inline constexpr int kCutRadiusMaxPx = 48;

// Weights packed once and layers drawn together. Holds no picture: all threads share it.
class Network {
 public:
  // kInvalidInput names what the backend cannot run. The graph itself need not be checked before. `side` is one that
  // the network takes pictures of, where it does not take any.
  static Result<std::shared_ptr<const Network>> make(Graph graph, Backend backend, int side = 256);

  // A value that an operation makes. Some are parts of wider ones, so that joining channels copies nothing.
  struct Value {
    int node = 0;              // whose result it is, for its shape
    int home = -1;             // the wider value it is a part of
    int first_channel = 0;     // there
    std::vector<int> sources;  // values that it consists of, where no operation makes it
  };
  struct Step {
    std::unique_ptr<const Operation> operation;
    std::vector<int> inputs;  // values
    int output = 0;
  };

  const Graph& graph() const { return graph_; }
  Backend backend() const { return backend_; }
  const std::vector<Value>& values() const { return values_; }
  const std::vector<Step>& steps() const { return steps_; }
  int input_value() const { return input_; }
  const std::vector<int>& output_values() const { return outputs_; }
  std::int64_t packed_bytes() const;
  // Whether rows are made in the multiples that its kernels round alike in. Deep networks would gain nothing by it, but
  // keep rows of every layer for it.
  bool rounds_alike() const { return rounds_alike_; }

  // What the steps rely on, and value_shapes() holds every picture to: the channels of nodes that others stand beside
  // in a concatenation, and pairs of nodes whose results are of one shape because they were drawn into one step.
  const std::vector<std::pair<int, int>>& channels() const { return channels_; }
  const std::vector<std::pair<int, int>>& alike() const { return alike_; }

 private:
  friend class Lowering;
  Network() = default;
  Graph graph_;
  Backend backend_ = Backend::kReference;
  std::vector<Value> values_;
  std::vector<Step> steps_;
  int input_ = 0;
  bool rounds_alike_ = false;
  std::vector<int> outputs_;
  std::vector<std::pair<int, int>> channels_;
  std::vector<std::pair<int, int>> alike_;
};

// Rows from `first` up to, but not with, `end`.
struct RowRange {
  int first = 0;
  int end = 0;
};

// Runs a network over pictures of one shape, row by row. One thread at a time.
//
// Rows are fed from the top; whatever output rows they suffice for are then there, until the next feed. Only the rows
// that are still needed are kept, so memory does not grow with the picture's height, unless a layer needs all of it.
class Runner {
 public:
  virtual ~Runner() = default;
  // `rows`: count x width x channels, interleaved, count at most `rows_per_feed`. The picture ends with its last row.
  // At its lower edge every layer could finish at once, and would have to be kept whole: instead no layer makes more in
  // a feed than it makes of `rows_per_feed` rows elsewhere, and feeds of no rows bring forth the rest until all is
  // there. A runner of all rows in one feed needs none. False when `cancel` was found to be set, which ends the run for
  // good.
  virtual bool feed(const float* rows, int count, const std::atomic<bool>* cancel = nullptr) = 0;
  // All outputs of the picture have been made: the next feed begins another one.
  virtual bool is_complete() const = 0;
  // The rows of an output that are there now, and each of them: width pixels, `channels` numbers every `pixel` numbers.
  virtual RowRange ready(int output) const = 0;
  virtual const float* row(int output, int y) const = 0;
  virtual int pixel(int output) const = 0;
  virtual Shape shape(int output) const = 0;
};

// `input` is the whole picture's shape. Memory is fixed here: nothing is allocated while it runs.
Result<std::unique_ptr<Runner>> make_runner(std::shared_ptr<const Network> network, const Shape& input,
                                            int rows_per_feed);

// What such a runner holds, to the byte, but for some bookkeeping.
Result<std::int64_t> runner_bytes(const Network& network, const Shape& input, int rows_per_feed);

// The rows of the first output that are there after each feed, those of no rows included.
Result<std::vector<RowRange>> rows_by_feed(const Network& network, const Shape& input, int rows_per_feed);

// All of a picture at once: channels x height x width planes in, one such vector of each output out.
Result<std::vector<std::vector<float>>> run_whole(const std::shared_ptr<const Network>& network, const Shape& input,
                                                  std::span<const float> planes);

}  // namespace tintype::engine
