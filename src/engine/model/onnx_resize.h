// ONNX's many ways of resizing, and which of them are ours.
#pragma once

#include <optional>
#include <string_view>

#include "engine/net/graph.h"

namespace tintype::engine {

// Attributes of ONNX's Resize, and the factor along one axis where that was given rather than a size.
struct OnnxResize {
  std::string_view mode;         // "nearest", "linear", "cubic"
  std::string_view coordinates;  // coordinate_transformation_mode
  std::string_view rounding;     // nearest_mode
};

// Whether `layer` takes each of `out` places of an axis from the same places of `in` as ONNX does. `factor` is what
// ONNX divides by.
bool is_resized_alike(const OnnxResize& onnx, const Resize& layer, std::int64_t in, std::int64_t out, double factor);

}  // namespace tintype::engine
