// Where every value of a network lies in memory, and how many of its rows are kept, for pictures of one shape.
#pragma once

#include <vector>

#include "engine/net/network.h"

namespace tintype::engine {

// How far a run has come: rows that are there, by value. The plan is made by letting the rows flow without pixels; the
// run itself counts the same way.
class Progress {
 public:
  Progress(const Network& network, const std::vector<Shape>& shapes, int rows_per_feed);

  void restart();
  void feed(int count);
  // The rows that a step can make now, in its turn of this feed, and counts them as made.
  RowRange advance(int step);
  // The first row of a value that somebody still needs; its height when nobody does.
  int first_needed(int value) const;
  int rows_of(int value) const { return rows_[static_cast<std::size_t>(value)]; }
  // The reader of an output has seen all of it.
  void release_outputs();
  bool has_all_input() const;
  bool is_complete() const;  // all outputs are there

 private:
  struct Use {
    int step = 0;
    int input = 0;
  };
  bool has_input(const Network::Step& step, std::size_t input, int row) const;
  // A value that no step makes is there as far as all that it consists of is.
  void follow(int changed);

  const Network& network_;
  const std::vector<Shape>& shapes_;       // by value
  std::vector<int> rows_max_;              // in one feed, by step
  std::vector<std::vector<Use>> uses_;     // by value
  std::vector<std::vector<int>> wholes_;   // the values that consist of it, by value
  std::vector<std::vector<int>> outputs_;  // that it is, by value
  std::vector<int> rows_;                  // made so far, by value
  std::vector<int> released_;              // by output
};

struct MemoryPlan {
  // A value that is not a part of another one.
  struct Room {
    int rows = 0;  // kept
    int channels = 0;
    int pixel = 0;  // numbers from one pixel to the next
    std::int64_t row_bytes = 0;
    std::int64_t offset = 0;
    std::int64_t bytes = 0;
    bool is_carried = false;  // from one feed to the next: nothing else may lie there
  };
  struct Place {
    int room = 0;  // the value that has it
    int first_channel = 0;
    int zeros_left = 0;  // pixels of zeros that somebody reads beside its rows
    int zeros_right = 0;
  };
  std::vector<Shape> shapes;  // by value
  std::vector<Place> places;  // by value
  std::vector<Room> rooms;    // by value; empty for those that are parts
  std::int64_t arena_bytes = 0;
  std::int64_t scratch_bytes = 0;
};

// By value. kInvalidInput when the network cannot take such a picture.
Result<std::vector<Shape>> value_shapes(const Network& network, const Shape& input);

// Errors as value_shapes().
Result<MemoryPlan> plan_memory(const Network& network, const Shape& input, int rows_per_feed);

}  // namespace tintype::engine
