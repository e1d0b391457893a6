// How the numbers of a value are arranged as an ONNX tensor, after any number of reshapes and transpositions that have
// moved nothing yet: every dimension of the tensor is a run of factors, each a part of one axis of the value.
#pragma once

#include <optional>
#include <vector>

#include "engine/model/onnx_numbers.h"
#include "engine/net/graph.h"

namespace tintype::engine {

struct Factor {
  Axis axis = Axis::kChannel;  // of the value
  Extent length{};             // never 1 for all probes
  Extent stride{};             // steps along that axis from one to the next
  bool operator==(const Factor&) const = default;
};

struct View {
  int node = 0;  // whose value it is
  std::vector<std::vector<Factor>> dims;

  Extent length(std::size_t dim) const;
  std::vector<Factor> factors() const;  // of all dimensions, in order
};

// 1 x channels x height x width, or the first `rank` of these; one shape for each probe.
View whole_view(int node, const std::array<Shape, kProbes>& shapes, std::size_t rank);

// Nothing where the lengths do not hold as many numbers, or cut through an axis at places that depend on the picture.
std::optional<View> reshaped(const View& view, const std::vector<Extent>& lengths);

// Whether nothing but the grouping into dimensions differs from the value itself.
bool is_in_order(const View& view);

// Layers that make such a tensor out of the value, in this order.
struct Moves {
  int unshuffle = 1;                   // a pixel unshuffle
  std::vector<std::int64_t> channels;  // which channel becomes the first, the second ...; empty to keep all
  int shuffle = 1;                     // a pixel shuffle
  std::optional<Shape> split;          // a reshape
  std::optional<std::array<Axis, 3>> order;
  std::optional<Shape> shape;  // a last reshape
};
// Nothing where our layers cannot, or the first dimension is no batch of one.
std::optional<Moves> moves_for(const View& view, const std::array<Shape, kProbes>& shapes);

}  // namespace tintype::engine
