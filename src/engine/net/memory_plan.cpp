#include "engine/net/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tintype::engine {

namespace {

constexpr std::int64_t kAlignment = 64;
constexpr std::int64_t kArenaBytesMax = std::int64_t{1} << 44;
// A pixel of this many channels at most is stored without gaps.
constexpr int kThinChannels = 4;

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

std::int64_t aligned(std::int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

int pixel_of(int channels) {
  constexpr int kMultiple = 8;
  return channels <= kThinChannels ? channels : (channels + kMultiple - 1) / kMultiple * kMultiple;
}

// Finds rooms their places in one piece of memory: the largest first, each as low as those that live at the same time
// allow.
class Arena {
 public:
  struct Block {
    int value = 0;
    int first_step = 0;
    int last_step = 0;
    std::int64_t bytes = 0;
    std::int64_t offset = 0;
  };

  static std::int64_t place(std::vector<Block>& blocks) {
    std::ranges::sort(blocks, [](const Block& a, const Block& b) {
      return a.bytes != b.bytes ? a.bytes > b.bytes : a.value < b.value;
    });
    std::int64_t end = 0;
    std::vector<const Block*> neighbours;
    for (std::size_t at_block = 0; at_block < blocks.size(); ++at_block) {
      Block& block = blocks[at_block];
      neighbours.clear();
      for (std::size_t other = 0; other < at_block; ++other) {
        if (blocks[other].first_step <= block.last_step && block.first_step <= blocks[other].last_step) {
          neighbours.push_back(&blocks[other]);
        }
      }
      std::ranges::sort(neighbours, {}, &Block::offset);
      for (const Block* neighbour : neighbours) {
        if (block.offset + block.bytes <= neighbour->offset) break;
        block.offset = std::max(block.offset, neighbour->offset + neighbour->bytes);
      }
      end = std::max(end, block.offset + block.bytes);
    }
    return end;
  }
};

class Planning {
 public:
  Planning(const Network& network, std::vector<Shape> shapes) : network_(network) {
    plan_.shapes = std::move(shapes);
    plan_.rooms.resize(network.values().size());
    plan_.places.resize(network.values().size());
  }

  MemoryPlan run(int rows_per_feed) {
    find_places();
    find_zeros();
    let_flow(rows_per_feed);
    size_rooms();
    place_rooms();
    for (const Network::Step& step : network_.steps()) {
      if (step.inputs.empty()) continue;
      plan_.scratch_bytes =
          std::max(plan_.scratch_bytes, step.operation->scratch_bytes(shape(step.inputs[0]), shape(step.output)));
    }
    plan_.scratch_bytes = aligned(plan_.scratch_bytes);
    return std::move(plan_);
  }

 private:
  const Shape& shape(int value) const { return plan_.shapes[at(value)]; }

  void find_places() {
    for (std::size_t value = 0; value < network_.values().size(); ++value) {
      int home = static_cast<int>(value), channel = 0;
      while (network_.values()[at(home)].home >= 0) {
        channel += network_.values()[at(home)].first_channel;
        home = network_.values()[at(home)].home;
      }
      plan_.places[value].room = home;
      plan_.places[value].first_channel = channel;
    }
  }

  // What stands beside the rows of a whole stands beside those of its parts.
  void find_zeros() {
    for (const Network::Step& step : network_.steps()) {
      if (step.inputs.empty()) continue;
      const Sides zeros = step.operation->zeros(shape(step.inputs[0]), shape(step.output));
      MemoryPlan::Place& place = plan_.places[at(plan_.places[at(step.inputs[0])].room)];
      place.zeros_left = std::max(place.zeros_left, zeros.left);
      place.zeros_right = std::max(place.zeros_right, zeros.right);
    }
    for (MemoryPlan::Place& place : plan_.places) {
      place.zeros_left = plan_.places[at(place.room)].zeros_left;
      place.zeros_right = plan_.places[at(place.room)].zeros_right;
    }
  }

  void let_flow(int rows_per_feed) {
    first_step_.assign(network_.values().size(), std::numeric_limits<int>::max());
    last_step_.assign(network_.values().size(), -1);
    const int steps = static_cast<int>(network_.steps().size());
    const int height = shape(network_.input_value()).height;
    Progress progress(network_, plan_.shapes, rows_per_feed);
    while (!progress.is_complete()) {
      progress.feed(std::min(rows_per_feed, height - progress.rows_of(network_.input_value())));
      measure(progress, network_.input_value());
      touch(network_.input_value(), -1);
      for (int step = 0; step < steps; ++step) {
        const int output = network_.steps()[at(step)].output;
        const int needed = room_needed(progress, output);
        const RowRange rows = progress.advance(step);
        if (rows.first == rows.end) continue;
        keep(output, rows.end - std::min(needed, rows.first));
        touch(output, step);
        for (const int input : network_.steps()[at(step)].inputs) touch(input, step);
      }
      for (const int output : network_.output_values()) touch(output, steps);
      if (!progress.is_complete()) find_carried(progress);
      progress.release_outputs();
    }
  }

  // The first row that anybody needs of anything that lies in the same room.
  int room_needed(const Progress& progress, int value) const {
    int needed = std::numeric_limits<int>::max();
    for (const int part : parts_of(plan_.places[at(value)].room))
      needed = std::min(needed, progress.first_needed(part));
    return needed;
  }

  const std::vector<int>& parts_of(int room) const {
    if (parts_.empty()) {
      parts_.resize(plan_.places.size());
      for (std::size_t value = 0; value < plan_.places.size(); ++value) {
        parts_[at(plan_.places[value].room)].push_back(static_cast<int>(value));
      }
    }
    return parts_[at(room)];
  }

  void measure(const Progress& progress, int value) {
    keep(value, progress.rows_of(value) - std::min(room_needed(progress, value), progress.rows_of(value)));
  }

  void keep(int value, int rows) {
    MemoryPlan::Room& room = plan_.rooms[at(plan_.places[at(value)].room)];
    room.rows = std::max(room.rows, rows);
  }

  void touch(int value, int step) {
    const int room = plan_.places[at(value)].room;
    first_step_[at(room)] = std::min(first_step_[at(room)], step);
    last_step_[at(room)] = std::max(last_step_[at(room)], step);
  }

  // A part may be ahead of the whole that is to be read: its rows wait for the others.
  void find_carried(const Progress& progress) {
    for (std::size_t room = 0; room < plan_.rooms.size(); ++room) {
      if (plan_.places[room].room != static_cast<int>(room) || plan_.rooms[room].is_carried) continue;
      const int needed = room_needed(progress, static_cast<int>(room));
      for (const int part : parts_of(static_cast<int>(room))) {
        plan_.rooms[room].is_carried = plan_.rooms[room].is_carried || needed < progress.rows_of(part);
      }
    }
  }

  void size_rooms() {
    for (std::size_t value = 0; value < plan_.rooms.size(); ++value) {
      MemoryPlan::Room& room = plan_.rooms[value];
      if (room.rows == 0) continue;
      room.channels = plan_.shapes[value].channels;
      room.pixel = pixel_of(room.channels);
      const std::int64_t pixels = std::int64_t{plan_.shapes[value].width} + std::int64_t{2} * kSlackPx;
      room.row_bytes = aligned(pixels * room.pixel * std::int64_t{sizeof(float)});
      room.bytes = room.row_bytes * room.rows;
    }
  }

  void place_rooms() {
    std::vector<Arena::Block> blocks;
    for (std::size_t value = 0; value < plan_.rooms.size(); ++value) {
      const MemoryPlan::Room& room = plan_.rooms[value];
      if (room.rows == 0) continue;
      constexpr int kAlways = std::numeric_limits<int>::max();
      blocks.push_back({static_cast<int>(value), room.is_carried ? -1 : first_step_[value],
                        room.is_carried ? kAlways : last_step_[value], room.bytes, 0});
    }
    // Kernels may read a little beyond the last row.
    plan_.arena_bytes = Arena::place(blocks) + kAlignment * kAlignment;
    for (const Arena::Block& block : blocks) plan_.rooms[at(block.value)].offset = block.offset;
  }

  const Network& network_;
  MemoryPlan plan_;
  std::vector<int> first_step_;  // that touches a room
  std::vector<int> last_step_;
  mutable std::vector<std::vector<int>> parts_;
};

int multiple_of(const Network& network, const Network::Step& step) {
  return network.rounds_alike() ? step.operation->row_multiple() : 1;
}

}  // namespace

// How many rows of each step's output belong to `rows_per_feed` rows of the picture. Two pictures tell it, as what a
// layer leaves out at the edges is the same in both.
std::vector<int> rows_by_step(const Network& network, const std::vector<Shape>& shapes, int rows_per_feed) {
  constexpr int kMoreRows = 960;  // a multiple of whatever networks fold by
  const Shape& input = shapes[at(network.input_value())];
  const auto higher = value_shapes(network, {input.channels, input.height + kMoreRows, input.width});
  std::vector<int> rows;
  for (const Network::Step& step : network.steps()) {
    const std::int64_t height = shapes[at(step.output)].height;
    std::int64_t most = (height * rows_per_feed + input.height - 1) / input.height;
    if (higher) {
      const std::int64_t grown = (*higher)[at(step.output)].height - height;
      most = std::max(most, (grown * rows_per_feed + kMoreRows - 1) / kMoreRows);
    }
    const int multiple = multiple_of(network, step);
    most = (most + multiple - 1) / multiple * multiple;
    const bool at_once = rows_per_feed >= input.height || step.operation->makes_all();
    rows.push_back(static_cast<int>(at_once ? height : std::clamp<std::int64_t>(most, 1, height)));
  }
  return rows;
}

Progress::Progress(const Network& network, const std::vector<Shape>& shapes, int rows_per_feed)
    : network_(network), shapes_(shapes), rows_max_(rows_by_step(network, shapes, rows_per_feed)) {
  const std::size_t values = network.values().size();
  uses_.resize(values);
  wholes_.resize(values);
  outputs_.resize(values);
  for (std::size_t value = 0; value < values; ++value) {
    for (const int source : network.values()[value].sources) wholes_[at(source)].push_back(static_cast<int>(value));
  }
  for (std::size_t output = 0; output < network.output_values().size(); ++output) {
    outputs_[at(network.output_values()[output])].push_back(static_cast<int>(output));
  }
  for (std::size_t step = 0; step < network.steps().size(); ++step) {
    const std::vector<int>& inputs = network.steps()[step].inputs;
    for (std::size_t input = 0; input < inputs.size(); ++input) {
      uses_[at(inputs[input])].push_back({static_cast<int>(step), static_cast<int>(input)});
    }
  }
  restart();
}

void Progress::restart() {
  rows_.assign(network_.values().size(), 0);
  released_.assign(network_.output_values().size(), 0);
}

void Progress::feed(int count) {
  rows_[at(network_.input_value())] += count;
  follow(network_.input_value());
}

bool Progress::has_input(const Network::Step& step, std::size_t input, int row) const {
  const int value = step.inputs[input];
  const RowSpan span =
      step.operation->needs(static_cast<int>(input), row, shapes_[at(value)], shapes_[at(step.output)]);
  return std::min(span.last, shapes_[at(value)].height - 1) < rows_of(value);
}

RowRange Progress::advance(int step_index) {
  const Network::Step& step = network_.steps()[at(step_index)];
  int& rows = rows_[at(step.output)];
  const RowRange made{rows, rows};
  const int end = std::min(shapes_[at(step.output)].height, rows + rows_max_[at(step_index)]);
  const auto has_all = [&](int row) {
    for (std::size_t input = 0; input < step.inputs.size(); ++input) {
      if (!has_input(step, input, row)) return false;
    }
    return true;
  };
  while (rows < end && has_all(rows)) ++rows;
  if (rows < shapes_[at(step.output)].height) rows -= rows % multiple_of(network_, step);
  if (rows > made.first) follow(step.output);
  return {made.first, rows};
}

void Progress::follow(int changed) {
  for (const int whole : wholes_[at(changed)]) {
    int rows = std::numeric_limits<int>::max();
    for (const int source : network_.values()[at(whole)].sources) rows = std::min(rows, rows_[at(source)]);
    if (rows == rows_[at(whole)]) continue;
    rows_[at(whole)] = rows;
    follow(whole);
  }
}

int Progress::first_needed(int value) const {
  const int height = shapes_[at(value)].height;
  int first = height;
  for (const Use& use : uses_[at(value)]) {
    const Network::Step& step = network_.steps()[at(use.step)];
    const int next = rows_of(step.output);
    if (next >= shapes_[at(step.output)].height) continue;
    const RowSpan span = step.operation->needs(use.input, next, shapes_[at(value)], shapes_[at(step.output)]);
    if (span.last < span.first) continue;
    first = std::min(first, std::clamp(span.first, 0, height));
  }
  for (const int output : outputs_[at(value)]) first = std::min(first, released_[at(output)]);
  return first;
}

void Progress::release_outputs() {
  for (std::size_t output = 0; output < released_.size(); ++output) {
    released_[output] = rows_of(network_.output_values()[output]);
  }
}

bool Progress::has_all_input() const {
  const int input = network_.input_value();
  return rows_of(input) == shapes_[at(input)].height;
}

bool Progress::is_complete() const {
  return has_all_input() && std::ranges::all_of(network_.output_values(),
                                                [&](int value) { return rows_of(value) == shapes_[at(value)].height; });
}

Result<std::vector<Shape>> value_shapes(const Network& network, const Shape& input) {
  const auto nodes = infer_shapes(network.graph(), input);
  if (!nodes) return std::unexpected(nodes.error());
  bool fits = true;
  for (const auto& [node, channels] : network.channels()) fits = fits && (*nodes)[at(node)].channels == channels;
  for (const auto& [a, b] : network.alike()) fits = fits && (*nodes)[at(a)] == (*nodes)[at(b)];
  if (!fits) return fail(ErrorCode::kInvalidInput, "The network is not for pictures of this shape");
  std::vector<Shape> shapes;
  for (const Network::Value& value : network.values()) shapes.push_back((*nodes)[at(value.node)]);
  return shapes;
}

Result<MemoryPlan> plan_memory(const Network& network, const Shape& input, int rows_per_feed) {
  auto shapes = value_shapes(network, input);
  if (!shapes) return std::unexpected(shapes.error());
  MemoryPlan plan = Planning(network, std::move(*shapes)).run(rows_per_feed);
  if (plan.arena_bytes > kArenaBytesMax) {
    return fail(ErrorCode::kInvalidInput, "The network would take more memory than any machine has");
  }
  return plan;
}

Result<std::vector<RowRange>> rows_by_feed(const Network& network, const Shape& input, int rows_per_feed) {
  if (network.backend() == Backend::kReference) {
    const auto shapes = infer_shapes(network.graph(), input);
    if (!shapes) return std::unexpected(shapes.error());
    std::vector<RowRange> ranges(at((input.height + rows_per_feed - 1) / rows_per_feed));
    ranges.back().end = (*shapes)[at(network.graph().outputs[0])].height;
    return ranges;
  }
  const auto shapes = value_shapes(network, input);
  if (!shapes) return std::unexpected(shapes.error());
  Progress progress(network, *shapes, rows_per_feed);
  const int output = network.output_values()[0];
  std::vector<RowRange> ranges;
  while (!progress.is_complete()) {
    progress.feed(std::min(rows_per_feed, input.height - progress.rows_of(network.input_value())));
    for (int step = 0; step < static_cast<int>(network.steps().size()); ++step) progress.advance(step);
    ranges.push_back({ranges.empty() ? 0 : ranges.back().end, progress.rows_of(output)});
  }
  return ranges;
}

}  // namespace tintype::engine
