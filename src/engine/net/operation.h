// What a network is made of once it is ready to run: operations that turn rows of their inputs into rows of an output.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/kernel/rows.h"
#include "engine/net/graph.h"

namespace tintype::engine {

// From `first` to `last`, both of them included; nothing when last is before first. May reach over the edges of the
// picture.
struct RowSpan {
  int first = 0;
  int last = -1;
};

// A value in memory: the latest `capacity` of its rows, row y in place y % capacity.
struct View {
  float* base = nullptr;           // pixel 0 of row 0, at the value's own first channel
  std::ptrdiff_t row_numbers = 0;  // from one row to the next
  int capacity = 0;
  int pixel = 0;  // numbers from one pixel to the next
  Shape shape;

  float* row(int y) const { return base + (y % capacity) * row_numbers; }
};

// Memory that an operation may use while it runs.
struct Workspace {
  std::byte* scratch = nullptr;  // aligned to 64 bytes
  std::vector<const void*> in_rows;
  std::vector<void*> out_rows;
  std::vector<const void*> residual_rows;
  const std::atomic<bool>* cancel = nullptr;  // set: what takes long may leave off, its result counts for nothing
};

// Holds packed weights and no picture: any number of threads may run it.
class Operation {
 public:
  virtual ~Operation() = default;
  // The rows of input number `input` that row `row` of the output is made of. Both ends never go back as the row goes
  // on.
  virtual RowSpan needs(int input, int row, const Shape& in, const Shape& out) const = 0;
  // How many pixels of zeros it reads to the left and to the right of the rows of input 0.
  virtual Sides zeros(const Shape& /*in*/, const Shape& /*out*/) const { return {}; }
  virtual std::int64_t scratch_bytes(const Shape& /*in*/, const Shape& /*out*/) const { return 0; }
  virtual std::int64_t packed_bytes() const { return 0; }
  // Rows are made so many at a time, but for the picture's last ones: what an operation works in, so that its rounding
  // does not depend on how a picture was cut.
  virtual int row_multiple() const { return 1; }
  // Every run makes all rows, whichever are asked for.
  virtual bool makes_all() const { return false; }
  // Makes the rows from `first` up to, but not with, `end`.
  virtual void run(std::span<const View> inputs, const View& output, int first, int end,
                   Workspace& workspace) const = 0;
};

// Row y of the output is made of row y of each input; of an input that has one row alone, of that.
RowSpan same_row(int row, const Shape& in);
// All of the input.
RowSpan all_rows(const Shape& in);

}  // namespace tintype::engine
