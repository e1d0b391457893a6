// What an enhancement does, step by step, decided before the first pixel.
#pragma once

#include <optional>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

// Either the result's longest side, or how many times each side grows.
struct Goal {
  std::optional<int> longest_side_px;
  int scale = 1;  // without longest_side_px; 0: the model's own, 2 without one
};

struct Plan {
  std::optional<int> reduce_to_px;  // longest side before the first pass; nothing when it is used as it is
  int input_width = 0;              // of the first pass
  int input_height = 0;
  std::vector<int> scales;  // of the network passes, in order
  int output_width = 0;     // reached by a last Lanczos reduction where the passes overshoot
  int output_height = 0;
};

// A picture larger than the goal is reduced to it first, never below, so that no detail is lost that the result could
// have held; then it is doubled and reduced again, or enlarged by 2 and 4 until the goal is reached or passed.
// `only_scale` is that of a model the caller insists on. kInvalidInput when the goal would be too large.
Result<Plan> make_plan(int width, int height, const Goal& goal, std::optional<int> only_scale);

}  // namespace tintype::engine
