#include "engine/operation/plan.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "ports/image_engine.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kOutputPixelsMax = 300'000'000;

// The sides of a picture whose longest side becomes `longest`.
void fit(int width, int height, int longest, int& fitted_width, int& fitted_height) {
  const double ratio = static_cast<double>(longest) / std::max(width, height);
  fitted_width = std::max(1, static_cast<int>(std::lround(width * ratio)));
  fitted_height = std::max(1, static_cast<int>(std::lround(height * ratio)));
}

}  // namespace

Result<Plan> make_plan(int width, int height, const Goal& goal, std::optional<int> only_scale) {
  constexpr int kScaleDefault = 2;
  const int scale_wanted = goal.scale > 0 ? goal.scale : only_scale.value_or(kScaleDefault);
  Plan plan;
  plan.input_width = width;
  plan.input_height = height;
  int longest = std::max(width, height);
  int wanted = longest * scale_wanted;
  if (goal.longest_side_px) {
    wanted = *goal.longest_side_px;
    fit(width, height, wanted, plan.output_width, plan.output_height);
    if (longest > wanted) {
      plan.reduce_to_px = longest = wanted;
      plan.input_width = plan.output_width;
      plan.input_height = plan.output_height;
    }
  } else {
    plan.output_width = width * scale_wanted;
    plan.output_height = height * scale_wanted;
  }
  if (only_scale == 1 && wanted > longest) {
    return fail(ErrorCode::kInvalidInput, "This model does not enlarge", "Please take another one");
  }
  std::int64_t pixels = std::int64_t{plan.input_width} * plan.input_height;
  do {
    const int scale = only_scale ? *only_scale : longest >= wanted ? 1 : 2 * longest >= wanted ? 2 : 4;
    plan.scales.push_back(scale);
    longest *= scale;
    pixels *= std::int64_t{scale} * scale;
    if (scale < 2) break;
  } while (longest < wanted);
  if (pixels > kOutputPixelsMax) {
    return fail(ErrorCode::kInvalidInput, "The result would be too large", "Please ask for a smaller one",
                std::string(kResultTooLarge));
  }
  return plan;
}

}  // namespace tintype::engine
