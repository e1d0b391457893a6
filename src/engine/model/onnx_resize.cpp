#include "engine/model/onnx_resize.h"

#include <algorithm>
#include <cmath>

namespace tintype::engine {

namespace {

// Factors are stored as binary32: what they should make whole they make nearly whole.
constexpr double kNearly = 1e-4;

// Where ONNX takes place `to` from; nothing for a way that is not known here.
std::optional<double> source_of(const OnnxResize& onnx, double to, double in, double out, double factor) {
  const double half_pixel = (to + 0.5) / factor - 0.5;
  if (onnx.coordinates == "half_pixel") return half_pixel;
  if (onnx.coordinates == "pytorch_half_pixel") return out > 1 ? half_pixel : 0;
  if (onnx.coordinates == "align_corners") return out > 1 ? to * (in - 1) / (out - 1) : 0;
  if (onnx.coordinates == "asymmetric") return to / factor;
  if (onnx.coordinates == "half_pixel_symmetric") return in / 2 * (1 - out / (factor * in)) + half_pixel;
  return std::nullopt;
}

std::optional<double> rounded(std::string_view rounding, double place) {
  if (rounding == "round_prefer_floor") return std::ceil(place - 0.5 - kNearly);
  if (rounding == "round_prefer_ceil") return std::floor(place + 0.5 + kNearly);
  if (rounding == "floor") return std::floor(place + kNearly);
  if (rounding == "ceil") return std::ceil(place - kNearly);
  return std::nullopt;
}

}  // namespace

bool is_resized_alike(const OnnxResize& onnx, const Resize& layer, std::int64_t in, std::int64_t out, double factor) {
  const auto length = static_cast<double>(in), out_length = static_cast<double>(out);
  for (std::int64_t to = 0; to < out; ++to) {
    const auto theirs = source_of(onnx, static_cast<double>(to), length, out_length, factor);
    if (!theirs) return false;
    if (layer.mode == Resize::Mode::kNearest) {
      const auto place = rounded(onnx.rounding, *theirs);
      if (!place || std::clamp(*place, 0.0, length - 1) != static_cast<double>(to * in / out)) return false;
      continue;
    }
    const double halves = (static_cast<double>(to) + 0.5) * length / out_length - 0.5;
    const double corners = out > 1 ? static_cast<double>(to) * (length - 1) / (out_length - 1) : 0;
    const double ours = layer.align_corners ? corners : halves;
    const auto seen = [&](double place) {
      return layer.mode == Resize::Mode::kBilinear ? std::clamp(place, 0.0, length - 1) : place;
    };
    if (std::abs(seen(*theirs) - seen(ours)) > 10 * kNearly) return false;
  }
  return true;
}

}  // namespace tintype::engine
