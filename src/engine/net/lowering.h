// From a graph to the steps of a Network: layers that can be drawn into a neighbour are, and every value gets a place.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "engine/net/network.h"
#include "engine/net/operations.h"

namespace tintype::engine {

class Lowering {
 public:
  Lowering(Graph graph, Backend backend, int side);
  Result<std::shared_ptr<const Network>> run();

 private:
  using Value = Network::Value;

  // What a pixel shuffle adds to its result: a node's value, enlarged by its nearest pixels.
  struct Base {
    int node = 0;
    int factor = 1;
  };

  // The one node that uses this one, or -1 when there are more, or none, or it is an output of the graph.
  int only_user(int node) const;
  void find_last();
  // Node `user` as a layer of this kind, or null.
  template <class Layer>
  const Layer* layer_of(int node) const;

  void find_bases();
  void lower(int node);
  void lower_convolution(int node, const Convolution& layer);
  int draw_in_activation(int node, FusedConvolution& fused);
  int draw_in_factor(int node, FusedConvolution& fused);
  int draw_in_residual(int node, std::vector<int>& inputs);
  void put_in_order_of(int shuffle, FusedConvolution& fused);
  void lower_deconvolution(int node, const Deconvolution& layer);
  void lower_shuffle(int node, const PixelShuffle& layer);
  void lower_concat(int node);
  void lower_slice(int node, const Slice& layer);
  void lower_plain(int node, OperationPtr operation);

  int add_value(int node);
  int add_step(int node, OperationPtr operation, std::vector<int> inputs);

  void place_parts();
  bool lies_in_order(const std::vector<int>& parts) const;
  void fail_at(int node, const std::string& what);

  const std::shared_ptr<Network> network_;
  const int side_;                       // of the picture whose shapes tell the channels of each value
  std::vector<Shape> shapes_;            // for a picture of some size: channels alone count
  std::vector<std::vector<int>> users_;  // of each node
  std::vector<bool> is_last_;
  std::vector<bool> is_output_;  // of the graph, by node
  std::vector<int> value_of_;    // of each node; -1 while there is none
  std::map<int, Base> base_of_;  // by shuffle
  std::set<int> by_pixel_;       // shuffles whose convolution was put into their order
  std::set<int> drawn_in_;       // nodes that are part of another's step
  std::vector<int> concats_;     // values
  std::optional<Error> error_;
};

}  // namespace tintype::engine
