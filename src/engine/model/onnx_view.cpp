#include "engine/model/onnx_view.h"

#include <algorithm>

namespace tintype::engine {

namespace {

constexpr std::int64_t kChannelsMoved = 2'048;
constexpr std::int64_t kFactorMax = 64;

bool is_one(const Extent& extent) {
  return extent == Extent{1, 1};
}

// a / b where b divides a for all probes.
std::optional<Extent> divided(const Extent& a, const Extent& b) {
  Extent quotient{};
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    if (b[probe] == 0 || a[probe] % b[probe] != 0) return std::nullopt;
    quotient[probe] = a[probe] / b[probe];
  }
  return quotient;
}

Extent product(const Extent& a, const Extent& b) {
  Extent result{};
  for (std::size_t probe = 0; probe < kProbes; ++probe) result[probe] = a[probe] * b[probe];
  return result;
}

Extent length_along(const std::array<Shape, kProbes>& shapes, Axis axis) {
  Extent length{};
  for (std::size_t probe = 0; probe < kProbes; ++probe) {
    const Shape& shape = shapes[probe];
    length[probe] = axis == Axis::kChannel ? shape.channels : axis == Axis::kHeight ? shape.height : shape.width;
  }
  return length;
}

// Whether b lies directly inside of a: together they are one factor.
bool follows(const Factor& a, const Factor& b) {
  return a.axis == b.axis && a.stride == product(b.stride, b.length);
}

void append(std::vector<Factor>& factors, const Factor& factor) {
  if (is_one(factor.length)) return;
  if (!factors.empty() && follows(factors.back(), factor)) {
    factors.back() = {factor.axis, product(factors.back().length, factor.length), factor.stride};
  } else {
    factors.push_back(factor);
  }
}

std::vector<Factor> whole_axis(const std::array<Shape, kProbes>& shapes, Axis axis) {
  const Extent length = length_along(shapes, axis);
  if (is_one(length)) return {};
  return {{axis, length, {1, 1}}};
}

bool is_constant(const Factor& factor) {
  return is_same_for_all(factor.length) && is_same_for_all(factor.stride);
}

// A small factor that is the last of an axis' length: what a pixel shuffle takes or gives.
std::optional<int> block_of(const Factor& factor, Axis axis) {
  const bool fits = factor.axis == axis && is_constant(factor) && factor.length[0] <= kFactorMax;
  return fits ? std::optional(static_cast<int>(factor.length[0])) : std::nullopt;
}

// The three dimensions behind the batch, where nothing but channels and blocks of pixels has moved.
class Folding {
 public:
  Folding(std::vector<std::vector<Factor>> groups, const std::array<Shape, kProbes>& shapes)
      : groups_(std::move(groups)), shapes_(shapes) {}

  std::optional<Moves> run() {
    Moves moves;
    if (!take_shuffle(moves) && !take_unshuffle(moves)) return std::nullopt;
    if (!order_channels(moves)) return std::nullopt;
    return moves;
  }

 private:
  // Rows and columns as they are, or each with a block behind it that comes from the channels.
  bool take_shuffle(Moves& moves) {
    std::vector<Factor> blocks;
    for (const Axis axis : {Axis::kHeight, Axis::kWidth}) {
      std::vector<Factor> rest = groups_[static_cast<std::size_t>(axis)];
      const std::vector<Factor> whole = whole_axis(shapes_, axis);
      if (!std::ranges::equal(std::span(rest).first(std::min(rest.size(), whole.size())), whole)) return false;
      rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole.size()));
      if (rest.size() > 1) return false;
      blocks.insert(blocks.end(), rest.begin(), rest.end());
    }
    channels_ = groups_[0];
    if (blocks.empty()) return true;
    const auto down = block_of(blocks[0], Axis::kChannel);
    if (blocks.size() != 2 || !down || block_of(blocks[1], Axis::kChannel) != down) return false;
    moves.shuffle = *down;
    channels_.insert(channels_.end(), blocks.begin(), blocks.end());
    return true;
  }

  // Rows and columns without the blocks that have become channels.
  bool take_unshuffle(Moves& moves) {
    std::optional<int> factor;
    for (const Axis axis : {Axis::kHeight, Axis::kWidth}) {
      const auto block = std::ranges::find(groups_[0], axis, &Factor::axis);
      if (block == groups_[0].end() || block->stride != Extent{1, 1}) return false;
      const auto length = block_of(*block, axis);
      const auto rest = divided(length_along(shapes_, axis), block->length);
      if (!length || !rest || (factor && factor != length)) return false;
      std::vector<Factor> kept;
      append(kept, {axis, *rest, block->length});
      if (groups_[static_cast<std::size_t>(axis)] != kept) return false;
      factor = length;
    }
    moves.unshuffle = *factor;
    channels_ = groups_[0];
    return true;
  }

  // Where each channel of the result comes from, out of the digits that its factors are.
  bool order_channels(Moves& moves) const {
    const std::int64_t area = std::int64_t{moves.unshuffle} * moves.unshuffle;
    std::vector<std::int64_t> order{0};
    for (const Factor& factor : channels_) {
      if (!is_constant(factor) || factor.length[0] > kChannelsMoved) return false;
      const std::int64_t step = factor.axis == Axis::kChannel  ? factor.stride[0] * area
                                : factor.axis == Axis::kHeight ? moves.unshuffle
                                                               : 1;
      std::vector<std::int64_t> longer;
      if (static_cast<std::int64_t>(order.size()) * factor.length[0] > kChannelsMoved) return false;
      for (const std::int64_t begin : order) {
        for (std::int64_t digit = 0; digit < factor.length[0]; ++digit) longer.push_back(begin + digit * step);
      }
      order = std::move(longer);
    }
    if (static_cast<std::int64_t>(order.size()) != std::int64_t{shapes_[0].channels} * area) return false;
    if (!std::ranges::is_sorted(order)) moves.channels = std::move(order);
    return true;
  }

  const std::vector<std::vector<Factor>> groups_;
  const std::array<Shape, kProbes>& shapes_;
  std::vector<Factor> channels_;
};

// Three lengths, of which one at most depends on the picture.
std::optional<Shape> shape_of(const std::array<Extent, 3>& lengths) {
  std::array<int, 3> known{};
  int open = 0;
  for (std::size_t dim = 0; dim < lengths.size(); ++dim) {
    const bool is_known = is_same_for_all(lengths[dim]);
    open += is_known ? 0 : 1;
    known[dim] = is_known && lengths[dim][0] < (1 << 30) ? static_cast<int>(lengths[dim][0]) : -1;
  }
  if (open > 1) return std::nullopt;
  return Shape{known[0], known[1], known[2]};
}

// Whole axes in another order.
std::optional<Moves> permutation(const std::vector<std::vector<Factor>>& groups,
                                 const std::array<Shape, kProbes>& shapes) {
  constexpr std::array kAxes{Axis::kChannel, Axis::kHeight, Axis::kWidth};
  std::array<Axis, 3> order{};
  std::vector<std::size_t> open;  // dimensions of length 1
  for (std::size_t dim = 0; dim < 3; ++dim) {
    if (groups[dim].empty()) {
      open.push_back(dim);
    } else {
      order[dim] = groups[dim][0].axis;
      if (groups[dim] != whole_axis(shapes, order[dim])) return std::nullopt;
    }
  }
  for (const Axis axis : kAxes) {
    if (!whole_axis(shapes, axis).empty()) continue;
    if (open.empty()) return std::nullopt;
    order[open.front()] = axis;
    open.erase(open.begin());
  }
  if (!open.empty()) return std::nullopt;
  Moves moves;
  if (order != kAxes) moves.order = order;
  return moves;
}

// Any order of up to three parts: reshape, permute, reshape.
std::optional<Moves> general_moves(const std::vector<std::vector<Factor>>& groups,
                                   const std::array<Shape, kProbes>& shapes) {
  std::vector<Factor> wanted;
  for (const auto& group : groups) wanted.insert(wanted.end(), group.begin(), group.end());
  std::vector<std::size_t> sorted(wanted.size());  // places in `wanted`, in the order of the value
  for (std::size_t place = 0; place < sorted.size(); ++place) sorted[place] = place;
  std::ranges::sort(sorted, [&](std::size_t a, std::size_t b) {
    return wanted[a].axis != wanted[b].axis ? wanted[a].axis < wanted[b].axis
                                            : wanted[a].stride[0] > wanted[b].stride[0];
  });
  // What lies side by side before and after is one part.
  std::vector<std::size_t> first_of_part;  // in `wanted`
  std::array<Extent, 3> split{Extent{1, 1}, Extent{1, 1}, Extent{1, 1}};
  for (std::size_t place = 0; place < sorted.size(); ++place) {
    if (place == 0 || sorted[place] != sorted[place - 1] + 1) first_of_part.push_back(sorted[place]);
    if (first_of_part.size() > 3) return std::nullopt;
    Extent& length = split[first_of_part.size() - 1];
    length = product(length, wanted[sorted[place]].length);
  }
  std::array<std::size_t, 3> order{0, 1, 2};
  first_of_part.resize(3, wanted.size());
  std::ranges::sort(order, {}, [&](std::size_t part) { return std::pair(first_of_part[part], part); });
  const std::array natural{length_along(shapes, Axis::kChannel), length_along(shapes, Axis::kHeight),
                           length_along(shapes, Axis::kWidth)};
  std::array<Extent, 3> moved{}, result{Extent{1, 1}, Extent{1, 1}, Extent{1, 1}};
  for (std::size_t part = 0; part < 3; ++part) moved[part] = split[order[part]];
  for (std::size_t dim = 0; dim < groups.size(); ++dim) {
    for (const Factor& factor : groups[dim]) result[dim] = product(result[dim], factor.length);
  }
  Moves moves;
  if (std::ranges::is_sorted(order)) moved = natural;
  if (split != natural && !std::ranges::is_sorted(order) && !(moves.split = shape_of(split))) return std::nullopt;
  if (!std::ranges::is_sorted(order)) {
    moves.order = {static_cast<Axis>(order[0]), static_cast<Axis>(order[1]), static_cast<Axis>(order[2])};
  }
  if (result != moved && !(moves.shape = shape_of(result))) return std::nullopt;
  return moves;
}

}  // namespace

Extent View::length(std::size_t dim) const {
  Extent length{1, 1};
  for (const Factor& factor : dims[dim]) length = product(length, factor.length);
  return length;
}

std::vector<Factor> View::factors() const {
  std::vector<Factor> all;
  for (const auto& dim : dims) all.insert(all.end(), dim.begin(), dim.end());
  return all;
}

View whole_view(int node, const std::array<Shape, kProbes>& shapes, std::size_t rank) {
  View view{node, {{}}};
  for (std::size_t dim = 1; dim < rank; ++dim) view.dims.push_back(whole_axis(shapes, static_cast<Axis>(dim - 1)));
  return view;
}

std::optional<View> reshaped(const View& view, const std::vector<Extent>& lengths) {
  const std::vector<Factor> all = view.factors();
  std::vector<Factor> rest(all.rbegin(), all.rend());  // the next one is at the end
  View result{view.node, {}};
  for (const Extent& length : lengths) {
    std::vector<Factor>& dim = result.dims.emplace_back();
    for (Extent open = length; !is_one(open);) {
      if (rest.empty()) return std::nullopt;
      Factor next = rest.back();
      rest.pop_back();
      if (const auto beyond = divided(open, next.length)) {
        append(dim, next);
        open = *beyond;
      } else if (const auto inner = divided(next.length, open)) {
        append(dim, {next.axis, open, product(next.stride, *inner)});
        rest.push_back({next.axis, *inner, next.stride});
        open = {1, 1};
      } else {
        return std::nullopt;
      }
    }
  }
  if (!rest.empty()) return std::nullopt;
  return result;
}

bool is_in_order(const View& view) {
  const std::vector<Factor> all = view.factors();
  return std::ranges::is_sorted(all, [](const Factor& a, const Factor& b) {
    return a.axis != b.axis ? a.axis < b.axis : a.stride[0] > b.stride[0];
  });
}

std::optional<Moves> moves_for(const View& view, const std::array<Shape, kProbes>& shapes) {
  if (view.dims.empty() || view.dims.size() > 4 || !view.dims[0].empty()) return std::nullopt;
  std::vector<std::vector<Factor>> groups(view.dims.begin() + 1, view.dims.end());
  groups.resize(3);
  if (auto moves = Folding(groups, shapes).run()) return moves;
  if (auto moves = permutation(groups, shapes)) return moves;
  return general_moves(groups, shapes);
}

}  // namespace tintype::engine
