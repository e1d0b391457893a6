#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "engine/net/memory_plan.h"
#include "engine/net/network.h"
#include "engine/net/reference.h"

namespace tintype::engine {

namespace {

std::size_t at(int value) {
  return static_cast<std::size_t>(value);
}

// Pages from the system: zeros at first, and given back at once.
class Memory {
 public:
  static Result<Memory> of(std::int64_t bytes) {
    Memory memory;
    memory.bytes_ = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 1));
    void* data = ::mmap(nullptr, memory.bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) return fail_internal("no memory for a run of " + std::to_string(bytes) + " bytes");
    // Kernels touch many rows at once: large pages spare them most of the address translation.
    ::madvise(data, memory.bytes_, MADV_HUGEPAGE);
    memory.data_ = static_cast<std::byte*>(data);
    return memory;
  }
  Memory() = default;
  Memory(Memory&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Memory() {
    if (data_ != nullptr) ::munmap(data_, bytes_);
  }
  std::byte* data() const { return data_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

class PlannedRunner final : public Runner {
 public:
  PlannedRunner(std::shared_ptr<const Network> network, MemoryPlan plan, Memory arena, Memory scratch,
                int rows_per_feed)
      : network_(std::move(network)),
        plan_(std::move(plan)),
        arena_(std::move(arena)),
        scratch_(std::move(scratch)),
        progress_(*network_, plan_.shapes, rows_per_feed) {
    workspace_.scratch = scratch_.data();
    for (std::size_t value = 0; value < plan_.shapes.size(); ++value) views_.push_back(view_of(value));
    for (const Network::Step& step : network_->steps()) {
      std::vector<View> inputs;
      for (const int input : step.inputs) inputs.push_back(views_[at(input)]);
      inputs_.push_back(std::move(inputs));
    }
    ready_.resize(network_->output_values().size());
  }

  bool feed(const float* rows, int count, const std::atomic<bool>* cancel) override {
    if (progress_.is_complete()) {
      progress_.restart();
      for (RowRange& ready : ready_) ready = {};
    }
    progress_.release_outputs();
    workspace_.cancel = cancel;
    take_in(rows, count);
    progress_.feed(count);
    const int steps = static_cast<int>(network_->steps().size());
    for (int index = 0; index < steps; ++index) {
      const Network::Step& step = network_->steps()[at(index)];
      const RowRange made = progress_.advance(index);
      if (made.first == made.end) continue;
      step.operation->run(inputs_[at(index)], views_[at(step.output)], made.first, made.end, workspace_);
      if (cancel != nullptr && cancel->load()) return false;
      clear_sides(step.output, made.first, made.end);
    }
    for (std::size_t output = 0; output < ready_.size(); ++output) {
      ready_[output] = {ready_[output].end, progress_.rows_of(network_->output_values()[output])};
    }
    return true;
  }

  bool is_complete() const override { return progress_.is_complete(); }
  RowRange ready(int output) const override { return ready_[at(output)]; }
  const float* row(int output, int y) const override { return output_view(output).row(y); }
  int pixel(int output) const override { return output_view(output).pixel; }
  Shape shape(int output) const override { return output_view(output).shape; }

 private:
  const View& output_view(int output) const { return views_[at(network_->output_values()[at(output)])]; }

  View view_of(std::size_t value) const {
    const MemoryPlan::Place& place = plan_.places[value];
    const MemoryPlan::Room& room = plan_.rooms[at(place.room)];
    View view;
    view.base = reinterpret_cast<float*>(arena_.data() + room.offset) + std::ptrdiff_t{kSlackPx} * room.pixel +
                place.first_channel;
    view.row_numbers = room.row_bytes / std::int64_t{sizeof(float)};
    view.capacity = std::max(1, room.rows);
    view.pixel = room.pixel;
    view.shape = plan_.shapes[value];
    return view;
  }

  void take_in(const float* rows, int count) {
    const int value = network_->input_value();
    const View& view = views_[at(value)];
    const int first = progress_.rows_of(value);
    for (int y = first; y < first + count; ++y) {
      float* out = view.row(y);
      for (int x = 0; x < view.shape.width; ++x, rows += view.shape.channels, out += view.pixel) {
        std::memcpy(out, rows, at(view.shape.channels) * sizeof(float));
      }
    }
    clear_sides(value, first, first + count);
  }

  // Others may have lain where a convolution is now to find zeros. In rooms of their own nobody ever writes there.
  void clear_sides(int value, int first, int end) {
    const MemoryPlan::Place& place = plan_.places[at(value)];
    if (plan_.rooms[at(place.room)].is_carried || place.zeros_left + place.zeros_right == 0) return;
    const View& view = views_[at(value)];
    const auto clear = [&](float* from, int count) {
      for (int x = 0; x < count; ++x, from += view.pixel) std::fill_n(from, view.shape.channels, 0.0F);
    };
    for (int y = first; y < end; ++y) {
      float* row = view.row(y);
      clear(row - std::ptrdiff_t{place.zeros_left} * view.pixel, place.zeros_left);
      clear(row + std::ptrdiff_t{view.shape.width} * view.pixel, place.zeros_right);
    }
  }

  const std::shared_ptr<const Network> network_;
  const MemoryPlan plan_;
  const Memory arena_;
  const Memory scratch_;
  Progress progress_;
  Workspace workspace_;
  std::vector<View> views_;                // by value
  std::vector<std::vector<View>> inputs_;  // by step
  std::vector<RowRange> ready_;            // by output
};

// Gathers the whole picture and gives it to the plain loops.
class ReferenceRunner final : public Runner {
 public:
  ReferenceRunner(std::shared_ptr<const Network> network, const Shape& input, std::vector<Shape> outputs)
      : network_(std::move(network)), input_(input), outputs_(std::move(outputs)) {
    planes_.resize(static_cast<std::size_t>(input.count()));
    results_.resize(outputs_.size());
  }

  bool feed(const float* rows, int count, const std::atomic<bool>* cancel) override {
    for (int y = rows_; y < rows_ + count; ++y) {
      for (int x = 0; x < input_.width; ++x) {
        for (int channel = 0; channel < input_.channels; ++channel) {
          planes_[(at(channel) * at(input_.height) + at(y)) * at(input_.width) + at(x)] = *rows++;
        }
      }
    }
    rows_ += count;
    is_ready_ = rows_ == input_.height;
    if (!is_ready_) return true;
    if (cancel != nullptr && cancel->load()) return false;
    rows_ = 0;
    // Its only failures are those of a graph that was checked when it was made ready.
    const auto planes = run_reference(network_->graph(), input_, planes_);
    for (std::size_t output = 0; planes && output < outputs_.size(); ++output) interleave((*planes)[output], output);
    return planes.has_value();
  }

  bool is_complete() const override { return is_ready_; }
  RowRange ready(int output) const override { return {0, is_ready_ ? outputs_[at(output)].height : 0}; }
  const float* row(int output, int y) const override {
    const Shape& shape = outputs_[at(output)];
    return results_[at(output)].data() + at(y) * at(shape.width) * at(shape.channels);
  }
  int pixel(int output) const override { return outputs_[at(output)].channels; }
  Shape shape(int output) const override { return outputs_[at(output)]; }

 private:
  void interleave(const std::vector<float>& planes, std::size_t output) {
    const Shape& shape = outputs_[output];
    const std::size_t area = at(shape.height) * at(shape.width);
    results_[output].resize(planes.size());
    for (std::size_t pixel = 0; pixel < area; ++pixel) {
      for (int channel = 0; channel < shape.channels; ++channel) {
        results_[output][pixel * at(shape.channels) + at(channel)] = planes[at(channel) * area + pixel];
      }
    }
  }

  const std::shared_ptr<const Network> network_;
  const Shape input_;
  const std::vector<Shape> outputs_;
  std::vector<float> planes_;
  std::vector<std::vector<float>> results_;
  int rows_ = 0;
  bool is_ready_ = false;
};

}  // namespace

Result<std::unique_ptr<Runner>> make_runner(std::shared_ptr<const Network> network, const Shape& input,
                                            int rows_per_feed) {
  if (network->backend() == Backend::kReference) {
    auto shapes = infer_shapes(network->graph(), input);
    if (!shapes) return std::unexpected(shapes.error());
    std::vector<Shape> outputs;
    for (const int output : network->graph().outputs) outputs.push_back((*shapes)[at(output)]);
    return std::make_unique<ReferenceRunner>(std::move(network), input, std::move(outputs));
  }
  auto plan = plan_memory(*network, input, rows_per_feed);
  if (!plan) return std::unexpected(plan.error());
  auto arena = Memory::of(plan->arena_bytes);
  if (!arena) return std::unexpected(arena.error());
  auto scratch = Memory::of(plan->scratch_bytes);
  if (!scratch) return std::unexpected(scratch.error());
  return std::make_unique<PlannedRunner>(std::move(network), std::move(*plan), std::move(*arena), std::move(*scratch),
                                         rows_per_feed);
}

Result<std::int64_t> runner_bytes(const Network& network, const Shape& input, int rows_per_feed) {
  if (network.backend() == Backend::kReference) return reference_bytes(network.graph(), input);
  const auto plan = plan_memory(network, input, rows_per_feed);
  if (!plan) return std::unexpected(plan.error());
  return plan->arena_bytes + plan->scratch_bytes;
}

Result<std::vector<std::vector<float>>> run_whole(const std::shared_ptr<const Network>& network, const Shape& input,
                                                  std::span<const float> planes) {
  auto runner = make_runner(network, input, input.height);
  if (!runner) return std::unexpected(runner.error());
  const std::size_t area = at(input.height) * at(input.width);
  std::vector<float> rows(planes.size());
  for (std::size_t pixel = 0; pixel < area; ++pixel) {
    for (int channel = 0; channel < input.channels; ++channel) {
      rows[pixel * at(input.channels) + at(channel)] = planes[at(channel) * area + pixel];
    }
  }
  (*runner)->feed(rows.data(), input.height);
  std::vector<std::vector<float>> results;
  for (int output = 0; output < static_cast<int>(network->graph().outputs.size()); ++output) {
    const Shape shape = (*runner)->shape(output);
    std::vector<float> result(static_cast<std::size_t>(shape.count()));
    for (int y = 0; y < shape.height; ++y) {
      const float* row = (*runner)->row(output, y);
      for (int x = 0; x < shape.width; ++x, row += (*runner)->pixel(output)) {
        for (int channel = 0; channel < shape.channels; ++channel) {
          result[(at(channel) * at(shape.height) + at(y)) * at(shape.width) + at(x)] = row[channel];
        }
      }
    }
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace tintype::engine
