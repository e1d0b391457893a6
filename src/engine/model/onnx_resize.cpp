// ONNX's many ways of resizing, and which of them are ours.
#include <algorithm>
#include <cmath>

#include "engine/model/onnx_reading.h"

namespace tintype::engine::onnx {

namespace {

// Attributes of ONNX's Resize.
struct OnnxResize {
  std::string_view mode;         // "nearest", "linear", "cubic"
  std::string_view coordinates;  // coordinate_transformation_mode
  std::string_view rounding;     // nearest_mode
};

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

// Whether `layer` takes each of `out` places of an axis from the same places of `in` as ONNX does. `factor` is what
// ONNX divides by.
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
    if (std::abs(seen(*theirs) - seen(ours)) > kNearly) return false;
  }
  return true;
}

// A whole number, or one over a whole number, that takes every probe's length to the wanted one.
std::optional<float> factor_of(const Extent& from, const Extent& to) {
  for (std::int64_t below = 1; below <= 8; ++below) {
    const std::int64_t above = (to[0] * below + from[0] / 2) / from[0];
    bool fits = above >= 1 && above <= 64;
    for (std::size_t probe = 0; probe < kProbes; ++probe) fits = fits && from[probe] * above == to[probe] * below;
    if (fits) return static_cast<float>(static_cast<double>(above) / static_cast<double>(below));
  }
  return std::nullopt;
}

}  // namespace

Wrong Reading::resize() {
  Feature x;
  if (Wrong wrong = take_picture(x)) return wrong;
  const bool is_old = node_->type == "Upsample" || file_.opset < 11;
  const OnnxResize onnx{text("mode", "nearest"),
                        is_old ? "asymmetric" : text("coordinate_transformation_mode", "half_pixel"),
                        is_old ? "floor" : text("nearest_mode", "round_prefer_floor")};
  Resize layer;
  if (onnx.mode != "nearest" && onnx.mode != "linear" && onnx.mode != "cubic") {
    return "resizes in a way that is not known here";
  }
  if (onnx.mode == "linear") layer.mode = Resize::Mode::kBilinear;
  if (onnx.mode == "cubic") layer.mode = Resize::Mode::kBicubic;
  layer.align_corners = onnx.coordinates == "align_corners";
  if (onnx.mode == "cubic" && (real("cubic_coeff_a", -0.75F) != -0.75F || integer("exclude_outside", 0) != 0)) {
    return "has a cubic kernel that is not known here";
  }
  const std::string_view policy = text("keep_aspect_ratio_policy", "stretch");
  if (integer("antialias", 0) != 0 || policy != "stretch") return "resizes in a way that is not known here";
  std::array<double, 2> factors{};  // 0 where a size is given
  Size size{};
  if (Wrong wrong = read_factors(is_old ? 1 : 2, factors)) return wrong;
  if (Wrong wrong = read_size(x, factors, size)) return wrong;
  std::vector<int> inputs{x.node};
  if (Wrong wrong = say_size(x, factors, size, layer, inputs)) return wrong;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      const std::int64_t in = size_of(shapes_of(x.node))[axis][probe], out = size[axis][probe];
      const double factor = factors[axis] > 0 ? factors[axis] : static_cast<double>(out) / static_cast<double>(in);
      if (!spend(out)) return kTooMuch;
      if (!is_resized_alike(onnx, layer, in, out, factor)) {
        return "takes pixels from places (" + std::string(onnx.coordinates) + ") that are not known here";
      }
    }
  }
  return make(layer, inputs, 4);
}

// Which of the four dimensions an input of Resize has numbers for.
Wrong Reading::resized_dims(std::size_t count, std::vector<std::size_t>& dims) const {
  dims.clear();
  if (const OnnxAttribute* axes = attribute("axes")) {
    for (const std::int64_t axis : axes->integers) {
      const auto dim = dim_of(axis, 4);
      if (!dim) return kNoAxis;
      dims.push_back(*dim);
    }
  } else {
    dims = {0, 1, 2, 3};
  }
  return dims.size() == count ? Wrong() : Wrong("has not one number for each dimension");
}

Wrong Reading::read_factors(std::size_t input, std::array<double, 2>& factors) const {
  std::vector<double> given;
  if (const OnnxAttribute* old = attribute("scales")) {
    given.assign(old->reals.begin(), old->reals.end());
  } else if (has(input)) {
    Numbers numbers;
    if (Wrong wrong = take(input, numbers)) return wrong;
    for (const Number& number : numbers.values) {
      if (!is_same_for_all(number)) return "has factors that depend on the picture's size";
      given.push_back(number[0]);
    }
  }
  if (given.empty()) return {};
  std::vector<std::size_t> dims;
  if (Wrong wrong = resized_dims(given.size(), dims)) return wrong;
  factors = {1, 1};
  for (std::size_t part = 0; part < dims.size(); ++part) {
    if (!(given[part] > 0 && given[part] <= 64)) return "has a bad factor";
    if (dims[part] < 2 && given[part] != 1) return "resizes other dimensions than rows and columns";
    if (dims[part] >= 2) factors[dims[part] - 2] = given[part];
  }
  return {};
}

// By the factors, or else as the fourth input says.
Wrong Reading::read_size(const Feature& x, const std::array<double, 2>& factors, Size& size) const {
  size = size_of(shapes_of(x.node));
  if (factors[0] > 0) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      for (std::int64_t& length : size[axis]) {
        length = static_cast<std::int64_t>(std::floor(static_cast<double>(length) * factors[axis]));
      }
    }
    return {};
  }
  std::vector<Extent> given;
  std::vector<std::size_t> dims;
  if (Wrong wrong = take_list(3, "sizes", given)) return wrong;
  if (given.empty()) return "says neither factors nor sizes";
  if (Wrong wrong = resized_dims(given.size(), dims)) return wrong;
  for (std::size_t part = 0; part < dims.size(); ++part) {
    if (dims[part] >= 2) {
      size[dims[part] - 2] = given[part];
    } else if (given[part] != std::get<View>(*inputs_[0]).length(dims[part])) {
      return "resizes other dimensions than rows and columns";
    }
  }
  for (const Extent& extent : size) {
    for (const std::int64_t length : extent) {
      if (length < 1 || length > kSideMax) return "has a size that is empty or huge";
    }
  }
  return {};
}

// As factors, as a size that is always the same, or as the size of another value.
Wrong Reading::say_size(const Feature& x, const std::array<double, 2>& factors, const Size& size, Resize& layer,
                        std::vector<int>& inputs) const {
  if (factors[0] > 0) {
    layer.factor_y = static_cast<float>(factors[0]);
    layer.factor_x = static_cast<float>(factors[1]);
    return {};
  }
  if (is_same_for_all(size[0]) && is_same_for_all(size[1])) {
    layer.height = bounded(size[0][0]);
    layer.width = bounded(size[1][0]);
    return {};
  }
  const Size from = size_of(shapes_of(x.node));
  const auto factor_y = factor_of(from[0], size[0]), factor_x = factor_of(from[1], size[1]);
  if (factor_y && factor_x) {
    layer.factor_y = *factor_y;
    layer.factor_x = *factor_x;
    return {};
  }
  const auto alike = sizes_.find(size);
  if (alike == sizes_.end()) return "resizes to a size that is neither fixed nor that of another value";
  inputs.push_back(alike->second);
  return {};
}

}  // namespace tintype::engine::onnx
