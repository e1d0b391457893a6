// Cutting, joining and arranging, which mostly moves nothing.
#include <algorithm>
#include <cmath>

#include "engine/model/onnx_reading.h"

namespace tintype::engine::onnx {

namespace {

Extent scaled(const Extent& extent, std::int64_t factor, bool is_up) {
  Extent result = extent;
  for (std::int64_t& length : result) length = is_up ? length * factor : length / factor;
  return result;
}

bool is_single(const View& view, std::size_t dim) {
  return view.dims[dim].empty();
}

bool is_single(const Numbers& numbers, std::size_t dim) {
  return numbers.dims[dim] == 1;
}

bool is_single(const Reals& reals, std::size_t dim) {
  return reals.dims[dim] == 1;
}

void add_single(View& view, std::size_t dim) {
  view.dims.insert(view.dims.begin() + static_cast<std::ptrdiff_t>(dim), std::vector<Factor>());
}

void add_single(Numbers& numbers, std::size_t dim) {
  numbers.dims.insert(numbers.dims.begin() + static_cast<std::ptrdiff_t>(dim), 1);
}

void add_single(Reals& reals, std::size_t dim) {
  reals.dims.insert(reals.dims.begin() + static_cast<std::ptrdiff_t>(dim), 1);
}

}  // namespace

Wrong Reading::same() {
  results_.push_back(*inputs_[0]);
  return {};
}

Wrong Reading::concat() {
  if (!is_any_feature()) return concat_numbers();
  std::vector<int> nodes;
  std::optional<std::size_t> rank;
  for (std::size_t input = 0; input < inputs_.size(); ++input) {
    Feature part;
    if (is_feature(input)) {
      if (Wrong wrong = take(input, part)) return wrong;
    } else {
      Reals constant;
      if (Wrong wrong = take(input, constant)) return wrong;
      part.rank = constant.dims.size();
      const auto shape = shape_beside(part, constant.dims);
      if (!shape || part.rank > 4) return "joins a constant that is no value of a network";
      const auto node = add(Constant{*shape, constant.weights}, {});
      if (!node) return node.error();
      part.node = *node;
    }
    if (rank.value_or(part.rank) != part.rank) return "joins values of different counts of dimensions";
    rank = part.rank;
    nodes.push_back(part.node);
  }
  const auto axis = axis_of(integer("axis", 1), *rank);
  if (!axis) return kNoAxis;
  return make(Concat{*axis}, nodes, *rank);
}

Wrong Reading::concat_numbers() {
  std::vector<Numbers> parts(inputs_.size());
  for (std::size_t input = 0; input < parts.size(); ++input) {
    if (Wrong wrong = take(input, parts[input])) return wrong;
  }
  const auto axis = dim_of(integer("axis", 0), parts[0].dims.size());
  auto result = axis ? joined(parts, *axis) : std::nullopt;
  if (!result) return "joins what does not fit together";
  results_.emplace_back(std::move(*result));
  return {};
}

Wrong Reading::cut(Feature& x, std::size_t dim, const Extent& begin, const Extent& end) {
  if (dim == 0 || dim >= x.rank) return kNoAxis;
  const auto axis = static_cast<Axis>(dim - 1);
  const std::array<Shape, kProbes> shapes = shapes_of(x.node);
  Extent first{}, last{}, left{};
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const Shape& shape = shapes[probe];
    const std::int64_t length = axis == Axis::kChannel  ? shape.channels
                                : axis == Axis::kHeight ? shape.height
                                                        : shape.width;
    const auto place = [&](std::int64_t index) {
      return std::clamp<std::int64_t>(index < 0 ? index + length : index, 0, length);
    };
    first[probe] = place(begin[probe]);
    last[probe] = place(end[probe]);
    left[probe] = last[probe] - length;
    if (last[probe] <= first[probe]) return "cuts nothing out";
  }
  if (first == Extent{} && left == Extent{}) return {};
  const bool from_end = is_same_for_all(left);
  if (!is_same_for_all(first) || (!from_end && !is_same_for_all(last))) {
    return "cuts at places that depend on the picture's size in a way that is not known here";
  }
  const auto node = add(Slice{axis, bounded(first[0]), bounded(from_end ? left[0] : last[0])}, {x.node});
  if (!node) return node.error();
  x.node = *node;
  return {};
}

Wrong Reading::slice() {
  std::vector<Extent> begins, ends;
  std::vector<std::int64_t> axes, steps;
  if (Wrong wrong = take_list(1, "starts", begins)) return wrong;
  if (Wrong wrong = take_list(2, "ends", ends)) return wrong;
  if (Wrong wrong = take_list(3, "axes", axes)) return wrong;
  if (Wrong wrong = take_list(4, "steps", steps)) return wrong;
  for (std::size_t axis = axes.size(); axes.size() < begins.size(); ++axis) {
    axes.push_back(static_cast<std::int64_t>(axis));
  }
  steps.resize(std::max(steps.size(), begins.size()), 1);
  if (begins.size() != ends.size() || axes.size() != begins.size() || begins.size() > kRankMax) {
    return "does not name starts, ends and axes";
  }
  if (!is_feature(0)) return slice_numbers(begins, ends, axes, steps);
  Feature x;
  if (Wrong wrong = take(0, x)) return wrong;
  for (std::size_t part = 0; part < axes.size(); ++part) {
    const auto dim = dim_of(axes[part], x.rank);
    if (!dim || steps[part] != 1) return "cuts along a dimension that is not there, or in steps";
    if (Wrong wrong = cut(x, *dim, begins[part], ends[part])) return wrong;
  }
  return answer(x.node, x.rank);
}

Wrong Reading::slice_numbers(const std::vector<Extent>& begins, const std::vector<Extent>& ends,
                             const std::vector<std::int64_t>& axes, const std::vector<std::int64_t>& steps) {
  Numbers numbers;
  if (Wrong wrong = take(0, numbers)) return wrong;
  for (std::size_t part = 0; part < axes.size(); ++part) {
    const auto dim = dim_of(axes[part], numbers.dims.size());
    if (!dim || !is_same_for_all(begins[part]) || !is_same_for_all(ends[part]) || steps[part] == 0) {
      return "cuts numbers in a way that is not known here";
    }
    numbers = taken(numbers, *dim, sliced(numbers.dims[*dim], begins[part][0], ends[part][0], steps[part]));
  }
  results_.emplace_back(std::move(numbers));
  return {};
}

Wrong Reading::split() {
  Feature x;
  std::vector<std::int64_t> lengths;
  if (Wrong wrong = take(0, x)) return wrong;
  if (Wrong wrong = take_list(1, "split", lengths)) return wrong;
  const auto dim = dim_of(integer("axis", 0), x.rank);
  if (!dim || *dim == 0) return kNoAxis;
  const std::size_t count = node_->outputs.size();
  const Extent whole = std::get<View>(*inputs_[0]).length(*dim);
  if (lengths.empty()) {
    if (count == 0 || !is_same_for_all(whole)) return "splits a length that depends on the picture's size";
    const auto parts = static_cast<std::int64_t>(count);
    lengths.assign(count, (whole[0] + parts - 1) / parts);  // the last may be shorter
    lengths.back() = whole[0] - lengths[0] * (parts - 1);
  }
  if (lengths.size() != count) return "splits into another count than it makes";
  std::int64_t begin = 0;
  for (const std::int64_t length : lengths) {
    if (length < 1 || length > kSideMax * 4) return "has a bad length";
    Feature part = x;
    if (Wrong wrong = cut(part, *dim, {begin, begin}, {begin + length, begin + length})) return wrong;
    if (Wrong wrong = answer(part.node, x.rank)) return wrong;
    begin += length;
  }
  return whole == Extent{begin, begin} ? Wrong() : Wrong("splits into lengths that are not the whole");
}

Wrong Reading::pad() {
  Feature x;
  std::vector<std::int64_t> pads, axes;
  if (Wrong wrong = take_picture(x)) return wrong;
  if (Wrong wrong = take_list(1, "pads", pads)) return wrong;
  if (Wrong wrong = take_list(3, "axes", axes)) return wrong;
  if (axes.empty()) axes = {0, 1, 2, 3};
  std::array<std::int64_t, 8> all{};  // before each dimension, behind each
  if (pads.size() != axes.size() * 2) return "does not pad both sides of each dimension";
  for (std::size_t part = 0; part < axes.size(); ++part) {
    const auto dim = dim_of(axes[part], 4);
    if (!dim) return kNoAxis;
    all[*dim] = pads[part];
    all[*dim + 4] = pads[part + axes.size()];
  }
  if (all[0] != 0 || all[1] != 0 || all[4] != 0 || all[5] != 0) return "pads other dimensions than rows and columns";
  const std::string_view mode = text("mode", "constant");
  Pad layer;
  layer.sides = {bounded(all[2]), bounded(all[3]), bounded(all[6]), bounded(all[7])};
  layer.value = real("value", 0);
  if (has(2)) {
    Reals value;
    if (Wrong wrong = take(2, value)) return wrong;
    if (value.weights.size() != 1) return "pads by more than one number";
    layer.value = value.weights.values()[0];
  }
  if (mode != "constant" && mode != "reflect" && mode != "edge") return "pads in a way that is not known here";
  layer.mode = mode == "constant" ? Pad::Mode::kConstant : mode == "edge" ? Pad::Mode::kReplicate : Pad::Mode::kReflect;
  if (layer.sides == Sides{}) return answer(x.node, 4);
  return make(layer, {x.node}, 4);
}

// x[:, index]: one place of a dimension, which goes away.
Wrong Reading::gather_one(const std::vector<std::int64_t>& indices, bool is_single) {
  Feature x;
  if (Wrong wrong = take(0, x)) return wrong;
  const auto dim = dim_of(integer("axis", 0), x.rank);
  if (!dim || indices.size() != 1) return "picks several places, which is not known here";
  const std::int64_t end = indices[0] == -1 ? kSideMax * 4 : indices[0] + 1;
  if (Wrong wrong = cut(x, *dim, {indices[0], indices[0]}, {end, end})) return wrong;
  View view = whole_view(x.node, shapes_of(x.node), x.rank);
  if (is_single) view.dims.erase(view.dims.begin() + static_cast<std::ptrdiff_t>(*dim));
  results_.emplace_back(std::move(view));
  return {};
}

Wrong Reading::arrange(const View& view, const std::vector<Extent>& lengths, const std::vector<std::size_t>& order,
                       const std::vector<Extent>& then) {
  auto split = reshaped(view, lengths);
  if (!split) return "has a factor that does not divide its dimensions";
  View turned{view.node, {}};
  for (const std::size_t dim : order) turned.dims.push_back(split->dims[dim]);
  auto result = reshaped(turned, then);
  if (!result) return "has a factor that does not divide its dimensions";
  results_.emplace_back(std::move(*result));
  return {};
}

Wrong Reading::depth_to_space() {
  Feature x;
  if (Wrong wrong = take_picture(x)) return wrong;
  const std::int64_t block = integer("blocksize", 0);
  const std::string_view mode = text("mode", "DCR");
  if (block < 1 || block > 64 || (mode != "DCR" && mode != "CRD")) return "has a bad blocksize or mode";
  const View& view = std::get<View>(*inputs_[0]);
  const Extent side{block, block}, one{1, 1}, height = view.length(2), width = view.length(3);
  const Extent channels = scaled(view.length(1), block * block, false);
  const std::vector<Extent> then{one, channels, scaled(height, block, true), scaled(width, block, true)};
  if (mode == "DCR") return arrange(view, {one, side, side, channels, height, width}, {0, 3, 4, 1, 5, 2}, then);
  return arrange(view, {one, channels, side, side, height, width}, {0, 1, 4, 2, 5, 3}, then);
}

Wrong Reading::space_to_depth() {
  Feature x;
  if (Wrong wrong = take_picture(x)) return wrong;
  const std::int64_t block = integer("blocksize", 0);
  if (block < 1 || block > 64) return "has a bad blocksize";
  const View& view = std::get<View>(*inputs_[0]);
  const Extent side{block, block}, one{1, 1}, channels = view.length(1);
  const Extent height = scaled(view.length(2), block, false), width = scaled(view.length(3), block, false);
  return arrange(view, {one, channels, height, side, width, side}, {0, 3, 5, 1, 2, 4},
                 {one, scaled(channels, block * block, true), height, width});
}

Wrong Reading::reshape() {
  std::vector<Extent> wanted;
  if (Wrong wrong = take_list(1, "shape", wanted)) return wrong;
  if (wanted.size() > kRankMax) return "has too many dimensions";
  if (!is_feature(0)) return reshape_constant(wanted);
  const View& view = std::get<View>(*inputs_[0]);
  const bool keeps_zero = integer("allowzero", 0) == 0;
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    std::int64_t open = -1, known = 1, count = 1;
    for (std::size_t dim = 0; dim < view.dims.size(); ++dim) count *= view.length(dim)[probe];
    for (std::size_t dim = 0; dim < wanted.size(); ++dim) {
      std::int64_t& length = wanted[dim][probe];
      if (length == 0 && keeps_zero && dim < view.dims.size()) length = view.length(dim)[probe];
      if (length == -1 && open < 0) {
        open = static_cast<std::int64_t>(dim);
        continue;
      }
      if (length < 1 || known > count / length) return "has a shape of another count of numbers";
      known *= length;
    }
    if (open >= 0) wanted[at(open)][probe] = count / known;
  }
  auto result = reshaped(view, wanted);
  if (!result) return "arranges numbers in a way that is not known here";
  results_.emplace_back(std::move(*result));
  return {};
}

Wrong Reading::reshape_constant(const std::vector<Extent>& wanted) {
  results_.push_back(*inputs_[0]);
  auto* numbers = std::get_if<Numbers>(&results_[0]);
  auto* reals = std::get_if<Reals>(&results_[0]);
  std::vector<std::int64_t>& dims = numbers != nullptr ? numbers->dims : reals->dims;
  const auto count = static_cast<std::int64_t>(numbers != nullptr ? numbers->values.size() : reals->weights.size());
  const std::vector<std::int64_t> before = std::exchange(dims, {});
  std::int64_t known = 1, open = -1;
  for (std::size_t dim = 0; dim < wanted.size(); ++dim) {
    std::int64_t length = wanted[dim][0];
    if (length == 0 && integer("allowzero", 0) == 0 && dim < before.size()) length = before[dim];
    if (length == -1 && open < 0) open = static_cast<std::int64_t>(dim);
    if (!is_same_for_all(wanted[dim]) || length < -1 || length > std::max<std::int64_t>(count, 1)) {
      return "has a shape of another count of numbers";
    }
    dims.push_back(length);
    if (length != -1) known = std::min(known * length, count + 1);
  }
  if (open >= 0 && known > 0) dims[at(open)] = count / known;
  std::int64_t made = 1;
  for (const std::int64_t length : dims) made = length < 0 ? -1 : std::min(made * length, count + 1);
  return made == count ? Wrong() : Wrong("has a shape of another count of numbers");
}

Wrong Reading::flatten() {
  if (!is_feature(0)) return "flattens a constant";
  const View& view = std::get<View>(*inputs_[0]);
  const std::int64_t axis = integer("axis", 1), rank = static_cast<std::int64_t>(view.dims.size());
  if (axis < -rank || axis > rank) return kNoAxis;
  View result{view.node, {{}, {}}};
  for (std::int64_t dim = 0; dim < rank; ++dim) {
    std::vector<Factor>& into = result.dims[dim < (axis < 0 ? axis + rank : axis) ? 0 : 1];
    into.insert(into.end(), view.dims[at(dim)].begin(), view.dims[at(dim)].end());
  }
  results_.emplace_back(std::move(result));
  return {};
}

Wrong Reading::transpose() {
  std::vector<std::int64_t> order;
  if (const OnnxAttribute* found = attribute("perm")) order = found->integers;
  Numbers numbers;
  if (!is_feature(0)) {
    if (Wrong wrong = take(0, numbers)) return wrong;
  }
  const std::size_t rank = is_feature(0) ? std::get<View>(*inputs_[0]).dims.size() : numbers.dims.size();
  if (order.empty()) {
    for (std::size_t dim = rank; dim-- > 0;) order.push_back(static_cast<std::int64_t>(dim));
  }
  std::vector<std::int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t dim = 0; dim < sorted.size(); ++dim) {
    if (sorted.size() != rank || sorted[dim] != static_cast<std::int64_t>(dim)) return "has a bad order";
  }
  if (!is_feature(0)) {
    auto result = transposed(numbers, order);
    if (!result) return "has a bad order";
    results_.emplace_back(std::move(*result));
    return {};
  }
  const View& view = std::get<View>(*inputs_[0]);
  View result{view.node, {}};
  for (const std::int64_t dim : order) result.dims.push_back(view.dims[at(dim)]);
  results_.emplace_back(std::move(result));
  return {};
}

Wrong Reading::squeeze() {
  std::vector<std::int64_t> axes;
  if (Wrong wrong = take_list(1, "axes", axes)) return wrong;
  results_.push_back(*inputs_[0]);
  return std::visit(
      [&](auto& value) -> Wrong {
        const std::size_t rank = value.dims.size();
        std::vector<bool> goes(rank, false);
        for (const std::int64_t axis : axes) {
          const auto dim = dim_of(axis, rank);
          if (!dim || !is_single(value, *dim)) return "takes a dimension away that is not of length 1";
          goes[*dim] = true;
        }
        for (std::size_t dim = 0; axes.empty() && dim < rank; ++dim) goes[dim] = is_single(value, dim);
        for (std::size_t dim = rank; dim-- > 0;) {
          if (goes[dim]) value.dims.erase(value.dims.begin() + static_cast<std::ptrdiff_t>(dim));
        }
        return {};
      },
      results_[0]);
}

Wrong Reading::unsqueeze() {
  std::vector<std::int64_t> axes;
  if (Wrong wrong = take_list(1, "axes", axes)) return wrong;
  results_.push_back(*inputs_[0]);
  return std::visit(
      [&](auto& value) -> Wrong {
        const std::size_t rank = value.dims.size() + axes.size();
        if (rank > kRankMax) return "has too many dimensions";
        std::vector<std::size_t> dims;
        for (const std::int64_t axis : axes) dims.push_back(dim_of(axis, rank).value_or(rank));
        std::ranges::sort(dims);
        for (const std::size_t dim : dims) {
          if (dim > value.dims.size()) return kNoAxis;
          add_single(value, dim);
        }
        return {};
      },
      results_[0]);
}

}  // namespace tintype::engine::onnx
