#include "engine/net/self_ensemble.h"

#include <algorithm>
#include <cmath>

namespace tintype::engine {

namespace {

constexpr int kQuarters = 4;

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

bool is_even(const Sides& sides) {
  return sides.top == sides.left && sides.top == sides.bottom && sides.top == sides.right;
}

// Of a square that was turned clockwise, turned back: which number of it stands in this row and column then.
int turned_back(int row, int column, int side, int quarters) {
  for (int turn = 0; turn < quarters; ++turn) {
    const int former_row = row;
    row = column;
    column = side - 1 - former_row;
  }
  return row * side + column;
}

// Every run of side x side numbers.
Weights squares_turned_back(const Weights& squares, int side, int quarters) {
  const std::vector<float> values = squares.values();
  std::vector<float> turned(values.size());
  const std::size_t area = at(side) * at(side);
  for (std::size_t first = 0; first < values.size(); first += area) {
    for (int row = 0; row < side; ++row) {
      for (int column = 0; column < side; ++column) {
        turned[first + at(row * side + column)] = values[first + at(turned_back(row, column, side, quarters))];
      }
    }
  }
  return Weights(std::move(turned));
}

// A convolution that only changes places: those of a square of `factor` channels a side, turned back.
Convolution places_turned_back(int channels, int factor, int quarters) {
  Convolution layer;
  layer.in_channels = layer.out_channels = channels;
  layer.kernel_height = layer.kernel_width = 1;
  std::vector<float> weights(at(channels) * at(channels));
  for (int channel = 0; channel < channels; ++channel) {
    const int place = channel % (factor * factor);
    const int from = channel - place + turned_back(place / factor, place % factor, factor, quarters);
    weights[at(channel) * at(channels) + at(from)] = 1;
  }
  layer.weights = Weights(std::move(weights));
  return layer;
}

// Makes of a layer the one that does to a picture what the former does to the turned one, as far as one layer can.
// False where no layer does.
class Turning {
 public:
  explicit Turning(int quarters) : quarters_(quarters) {}

  bool operator()(Input& layer) const { return layer.shape.height == layer.shape.width; }
  bool operator()(const Constant& layer) const { return layer.shape.height == 1 && layer.shape.width == 1; }
  bool operator()(Convolution& layer) const {
    const bool is_square = layer.kernel_height == layer.kernel_width && layer.dilation_y == layer.dilation_x;
    if (!is_square || layer.stride_y != 1 || layer.stride_x != 1 || !is_even(layer.padding)) return false;
    layer.weights = squares_turned_back(layer.weights, layer.kernel_height, quarters_);
    return true;
  }
  bool operator()(Deconvolution& layer) const {
    const bool is_square = layer.kernel_height == layer.kernel_width && layer.stride_y == layer.stride_x;
    if (!is_square || !is_even(layer.crop)) return false;
    layer.weights = squares_turned_back(layer.weights, layer.kernel_height, quarters_);
    return true;
  }
  bool operator()(const Concat& layer) const { return layer.axis == Axis::kChannel; }
  bool operator()(const Slice& layer) const { return layer.axis == Axis::kChannel; }
  bool operator()(const Softmax& layer) const { return layer.axis == Axis::kChannel; }
  bool operator()(const Pad& layer) const { return is_even(layer.sides); }
  bool operator()(const Resize& layer) const {
    // The nearest pixel is the one before it where two are as near.
    const bool is_exact = layer.mode != Resize::Mode::kNearest || layer.factor_y == std::floor(layer.factor_y);
    return layer.factor_y == layer.factor_x && layer.height == 0 && layer.width == 0 && is_exact;
  }
  bool operator()(const Pool& layer) const {
    const bool is_square = layer.kernel_height == layer.kernel_width && is_even(layer.padding);
    return layer.global || (is_square && layer.stride_y == 1 && layer.stride_x == 1);
  }
  bool operator()(const Activation&) const { return true; }
  bool operator()(const Arithmetic&) const { return true; }
  bool operator()(const Affine&) const { return true; }
  bool operator()(const PixelShuffle&) const { return true; }
  bool operator()(const PixelUnshuffle&) const { return true; }
  bool operator()(const Demodulation&) const { return true; }
  bool operator()(const Dense&) const { return false; }
  bool operator()(const Reshape&) const { return false; }
  bool operator()(const Permute&) const { return false; }

 private:
  const int quarters_;
};

// Adds the nodes of `graph` for a picture turned so often, but for its input, which stands in `all` already; answers
// the node of its output.
Result<int> add_turned(Graph& all, const Graph& graph, std::span<const Shape> shapes, int quarters) {
  std::vector<int> places;  // in `all`, of each node
  for (const Node& node : graph.nodes) {
    Layer layer = node.layer;
    if (!std::visit(Turning(quarters), layer)) {
      return fail(ErrorCode::kInvalidInput, "'" + node.name + "' (" + layer_name(node.layer) +
                                                ") makes something else of a picture that is turned");
    }
    if (std::holds_alternative<Input>(layer)) {
      places.push_back(0);
      continue;
    }
    std::vector<int> inputs;
    for (const int input : node.inputs) inputs.push_back(places[at(input)]);
    const std::string name = node.name + " turned " + std::to_string(quarters);
    if (const auto* shuffle = std::get_if<PixelShuffle>(&layer)) {
      const int channels = shapes[at(node.inputs[0])].channels;
      inputs = {all.add(name + " places", places_turned_back(channels, shuffle->factor, quarters), inputs)};
    }
    places.push_back(all.add(name, layer, inputs));
    if (const auto* fold = std::get_if<PixelUnshuffle>(&layer)) {
      const int channels = shapes[places.size() - 1].channels;
      const auto unturned = places_turned_back(channels, fold->factor, kQuarters - quarters);
      places.back() = all.add(name + " places", unturned, {places.back()});
    }
  }
  return places[at(graph.outputs[0])];
}

}  // namespace

Result<Graph> self_ensemble(const Graph& graph) {
  const auto geometry = geometry_of(graph);
  if (!geometry) return std::unexpected(geometry.error());
  const auto is_input = [](const Node& node) { return std::holds_alternative<Input>(node.layer); };
  const Node& input = *std::ranges::find_if(graph.nodes, is_input);
  constexpr int kSidePx = 256;
  const int side = (kSidePx + geometry->multiple - 1) / geometry->multiple * geometry->multiple;
  const auto shapes = infer_shapes(graph, {std::get<Input>(input.layer).shape.channels, side, side});
  if (!shapes) return std::unexpected(shapes.error());
  Graph all;
  all.add(input.name, input.layer, {});
  std::vector<int> made;
  for (int quarters = 0; quarters < kQuarters; ++quarters) {
    const auto output = add_turned(all, graph, *shapes, quarters);
    if (!output) return std::unexpected(output.error());
    made.push_back(*output);
  }
  int sum = made[0];
  for (int quarters = 1; quarters < kQuarters; ++quarters) {
    sum = all.add("sum of " + std::to_string(quarters + 1) + " turns", Arithmetic{}, {sum, made[at(quarters)]});
  }
  all.outputs = {all.add("mean of turns", Arithmetic{Arithmetic::Kind::kMultiply, 1.0F / kQuarters}, {sum})};
  return all;
}

}  // namespace tintype::engine
