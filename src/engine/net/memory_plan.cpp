#include "engine/net/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tintype::engine {

namespace {

constexpr std::int64_t kAlignment = 64;
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
    Progress progress(network_, plan_.shapes);
    for (int fed = 0; fed < height; fed += rows_per_feed) {
      progress.feed(std::min(rows_per_feed, height - fed));
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
      if (fed + rows_per_feed < height) find_carried(progress);
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

  void find_carried(const Progress& progress) {
    for (std::size_t value = 0; value < plan_.places.size(); ++value) {
      const int index = static_cast<int>(value);
      if (progress.first_needed(index) < progress.rows_of(index)) {
        plan_.rooms[at(plan_.places[value].room)].is_carried = true;
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

}  // namespace

Progress::Progress(const Network& network, const std::vector<Shape>& shapes) : network_(network), shapes_(shapes) {
  uses_.resize(network.values().size());
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
}

bool Progress::has_input(const Network::Step& step, std::size_t input, int row) const {
  const int value = step.inputs[input];
  const RowSpan span =
      step.operation->needs(static_cast<int>(input), row, shapes_[at(value)], shapes_[at(step.output)]);
  return std::min(span.last, shapes_[at(value)].height - 1) < rows_of(value);
}

RowRange Progress::advance(int step_index) {
  follow_sources();
  const Network::Step& step = network_.steps()[at(step_index)];
  int& rows = rows_[at(step.output)];
  const RowRange made{rows, rows};
  const int height = shapes_[at(step.output)].height;
  const auto has_all = [&](int row) {
    for (std::size_t input = 0; input < step.inputs.size(); ++input) {
      if (!has_input(step, input, row)) return false;
    }
    return true;
  };
  while (rows < height && has_all(rows)) ++rows;
  if (rows < height) rows -= rows % step.operation->row_multiple();
  return {made.first, rows};
}

void Progress::follow_sources() {
  for (std::size_t value = 0; value < rows_.size(); ++value) {
    const std::vector<int>& sources = network_.values()[value].sources;
    if (sources.empty()) continue;
    int rows = std::numeric_limits<int>::max();
    for (const int source : sources) rows = std::min(rows, rows_[at(source)]);
    rows_[value] = rows;
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
  const std::vector<int>& outputs = network_.output_values();
  for (std::size_t output = 0; output < outputs.size(); ++output) {
    if (outputs[output] == value) first = std::min(first, released_[output]);
  }
  return first;
}

void Progress::release_outputs() {
  follow_sources();
  for (std::size_t output = 0; output < released_.size(); ++output) {
    released_[output] = rows_of(network_.output_values()[output]);
  }
}

bool Progress::is_complete() const {
  const int input = network_.input_value();
  return rows_of(input) == shapes_[at(input)].height;
}

Result<std::vector<Shape>> value_shapes(const Network& network, const Shape& input) {
  const auto nodes = infer_shapes(network.graph(), input);
  if (!nodes) return std::unexpected(nodes.error());
  std::vector<Shape> shapes;
  for (const Network::Value& value : network.values()) shapes.push_back((*nodes)[at(value.node)]);
  return shapes;
}

Result<MemoryPlan> plan_memory(const Network& network, const Shape& input, int rows_per_feed) {
  auto shapes = value_shapes(network, input);
  if (!shapes) return std::unexpected(shapes.error());
  return Planning(network, std::move(*shapes)).run(rows_per_feed);
}

Result<std::vector<RowRange>> rows_by_feed(const Network& network, const Shape& input, int rows_per_feed) {
  std::vector<RowRange> ranges(at((input.height + rows_per_feed - 1) / rows_per_feed));
  if (network.backend() == Backend::kReference) {
    const auto shapes = infer_shapes(network.graph(), input);
    if (!shapes) return std::unexpected(shapes.error());
    ranges.back().end = (*shapes)[at(network.graph().outputs[0])].height;
    return ranges;
  }
  const auto shapes = value_shapes(network, input);
  if (!shapes) return std::unexpected(shapes.error());
  Progress progress(network, *shapes);
  const int output = network.output_values()[0];
  int first = 0;
  for (int fed = 0; fed < input.height; fed += rows_per_feed) {
    progress.feed(std::min(rows_per_feed, input.height - fed));
    for (int step = 0; step < static_cast<int>(network.steps().size()); ++step) progress.advance(step);
    progress.follow_sources();
    ranges[at(fed / rows_per_feed)] = {first, progress.rows_of(output)};
    first = progress.rows_of(output);
  }
  return ranges;
}

}  // namespace tintype::engine
