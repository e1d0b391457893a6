// Arithmetic on values and on numbers that are known before the network runs.
#include <algorithm>
#include <cmath>

#include "engine/model/onnx_reading.h"

namespace tintype::engine::onnx {

namespace {

Affine affine(Arithmetic::Kind kind, std::vector<float> values, bool is_first) {
  using enum Arithmetic::Kind;
  std::vector<float> ones(values.size(), is_first && kind == kSubtract ? -1.0F : 1.0F);
  if (kind == kSubtract && !is_first) {
    for (float& value : values) value = -value;
  }
  if (kind == kDivide) {
    for (float& value : values) value = 1 / value;
  }
  if (kind == kMultiply || kind == kDivide) return {Weights(std::move(values)), {}};
  return {Weights(std::move(ones)), Weights(std::move(values))};
}

}  // namespace

Wrong Reading::arithmetic() {
  using Kind = Arithmetic::Kind;
  static const std::map<std::string_view, Kind> kKinds = {
      {"Add", Kind::kAdd},    {"Sum", Kind::kAdd},     {"Sub", Kind::kSubtract}, {"Mul", Kind::kMultiply},
      {"Div", Kind::kDivide}, {"Max", Kind::kMaximum}, {"Min", Kind::kMinimum}};
  if (!is_any_feature()) return compute();
  const Kind kind = kKinds.at(node_->type);
  const bool is_many = node_->type == "Sum" || node_->type == "Max" || node_->type == "Min";
  if (!is_many && inputs_.size() != 2) return "takes two inputs";
  std::vector<std::size_t> order(inputs_.size());
  for (std::size_t input = 0; input < order.size(); ++input) order[input] = input;
  // Constants come last where the order does not matter.
  if (is_many) std::ranges::sort(order, {}, [&](std::size_t input) { return std::pair(!is_feature(input), input); });
  if (is_many && order.size() == 1) return same();
  if (!is_feature(order[0])) {
    Feature x;
    if (Wrong wrong = take(order[1], x)) return wrong;
    return with_constant(kind, x, order[0], true);
  }
  Feature sum;
  if (Wrong wrong = take(order[0], sum)) return wrong;
  for (const std::size_t input : std::span(order).subspan(1)) {
    results_.clear();
    if (!is_feature(input)) {
      if (Wrong wrong = with_constant(kind, sum, input, false)) return wrong;
    } else {
      Feature other;
      if (Wrong wrong = take(input, other)) return wrong;
      if (other.rank != sum.rank) return "takes values of different counts of dimensions";
      if (Wrong wrong = make(Arithmetic{kind, 0}, {sum.node, other.node}, sum.rank)) return wrong;
    }
    sum.node = std::get<View>(results_[0]).node;
  }
  return {};
}

Wrong Reading::with_constant(Arithmetic::Kind kind, const Feature& x, std::size_t input, bool is_first) {
  using enum Arithmetic::Kind;
  Reals constant;
  if (Wrong wrong = take(input, constant)) return wrong;
  const auto shape = shape_beside(x, constant.dims);
  if (!shape) return "takes a constant of more dimensions than the value beside it";
  const int channels = shapes_of(x.node)[0].channels;
  const bool is_ordered = kind == kSubtract || kind == kDivide;
  if (constant.weights.size() == 1 && !(is_first && is_ordered)) {
    return make(Arithmetic{kind, constant.weights.values()[0]}, {x.node}, x.rank);
  }
  const bool is_by_channel = *shape == Shape{channels, 1, 1} || *shape == Shape{1, 1, 1};
  if (is_by_channel && kind != kMaximum && kind != kMinimum && !(is_first && kind == kDivide)) {
    std::vector<float> values = constant.weights.values();
    if (values.size() == 1) values.assign(at(channels), values[0]);
    return make(affine(kind, std::move(values), is_first), {x.node}, x.rank);
  }
  const auto beside = add(Constant{*shape, constant.weights}, {});
  if (!beside) return beside.error();
  std::vector<int> inputs{x.node, *beside};
  if (is_first) std::ranges::reverse(inputs);
  return make(Arithmetic{kind, 0}, inputs, x.rank);
}

Wrong Reading::reciprocal() {
  Feature x;
  if (Wrong wrong = take(0, x)) return wrong;
  const auto one = add(Constant{{1, 1, 1}, Weights(std::vector<float>{1})}, {});
  if (!one) return one.error();
  return make(Arithmetic{Arithmetic::Kind::kDivide, 0}, {*one, x.node}, x.rank);
}

// With numbers that are known before it runs.
Wrong Reading::compute() {
  Numbers a, b;
  if (node_->type == "Neg" && is_feature(0)) return make_like_input(Arithmetic{Arithmetic::Kind::kMultiply, -1});
  if (Wrong wrong = take(0, a)) return wrong;
  std::optional<Numbers> result;
  if (inputs_.size() == 1) {
    result = computed(node_->type, a);
  } else if (inputs_.size() == 2) {
    if (Wrong wrong = take(1, b)) return wrong;
    result = computed(node_->type, a, b);
  }
  if (!result) return "computes something that is not known here";
  results_.emplace_back(std::move(*result));
  return {};
}

Wrong Reading::cast() {
  const std::int64_t to = integer("to", 0);
  const bool is_real = to == OnnxTensor::kFloat || to == OnnxTensor::kFloat16 || to == OnnxTensor::kDouble ||
                       to == OnnxTensor::kBFloat16;
  if (is_feature(0) || (is_real && std::holds_alternative<Reals>(*inputs_[0]))) {
    return is_real ? same() : Wrong("makes whole numbers of the network's values, which is not known here");
  }
  Numbers numbers;
  if (Wrong wrong = take(0, numbers)) return wrong;
  if (!is_real && to != OnnxTensor::kInt64 && to != OnnxTensor::kInt32) return "casts to a type not known here";
  numbers.is_whole = !is_real;
  for (Number& number : numbers.values) {
    for (double& value : number) value = is_real ? value : std::trunc(value);
  }
  results_.emplace_back(std::move(numbers));
  return {};
}

Wrong Reading::shape() {
  Numbers numbers{{}, {}, true};
  if (!is_feature(0)) {
    Reals reals;
    if (Wrong wrong = take(0, reals)) return wrong;
    for (const std::int64_t length : reals.dims) numbers.values.push_back(number_of(static_cast<double>(length)));
  } else {
    const View& view = std::get<View>(*inputs_[0]);
    for (std::size_t dim = 0; dim < view.dims.size(); ++dim) {
      const Extent length = view.length(dim);
      numbers.values.push_back({static_cast<double>(length[0]), static_cast<double>(length[1])});
    }
  }
  const auto rank = static_cast<std::int64_t>(numbers.values.size());
  numbers.dims = {rank};
  results_.emplace_back(taken(numbers, 0, sliced(rank, integer("start", 0), integer("end", rank), 1)));
  return {};
}

Wrong Reading::gather() {
  std::vector<std::int64_t> indices;
  Numbers where;
  if (Wrong wrong = take_list(1, "", indices)) return wrong;
  if (Wrong wrong = take(1, where)) return wrong;
  if (is_feature(0)) return gather_one(indices, where.dims.empty());
  Numbers numbers;
  if (Wrong wrong = take(0, numbers)) return wrong;
  const auto dim = dim_of(integer("axis", 0), numbers.dims.size());
  if (!dim || where.dims.size() > 1) return "picks along dimensions not known here";
  const std::int64_t length = numbers.dims[*dim];
  for (std::int64_t& index : indices) {
    if (index < -length || index >= length) return "picks what is not there";
    index = index < 0 ? index + length : index;
  }
  if (static_cast<std::int64_t>(numbers.values.size() * indices.size()) > Numbers::kCountMax) return kTooMuch;
  numbers = taken(numbers, *dim, indices);
  if (where.dims.empty()) numbers.dims.erase(numbers.dims.begin() + static_cast<std::ptrdiff_t>(*dim));
  results_.emplace_back(std::move(numbers));
  return {};
}

Wrong Reading::constant() {
  if (const OnnxAttribute* found = attribute("value"); found != nullptr && found->tensor) {
    auto value = value_of(*found->tensor);
    if (!value) return value.error();
    results_.emplace_back(std::move(*value));
    return {};
  }
  Numbers numbers;
  if (const OnnxAttribute* one = attribute("value_int")) {
    numbers = {{}, {number_of(static_cast<double>(one->integer))}, true};
  } else if (const OnnxAttribute* one_real = attribute("value_float")) {
    numbers = {{}, {number_of(one_real->real)}, false};
  } else if (const OnnxAttribute* many = attribute("value_ints")) {
    for (const std::int64_t value : many->integers) numbers.values.push_back(number_of(static_cast<double>(value)));
    numbers.dims = {static_cast<std::int64_t>(many->integers.size())};
  } else if (const OnnxAttribute* many_reals = attribute("value_floats")) {
    numbers.is_whole = false;
    for (const float value : many_reals->reals) numbers.values.push_back(number_of(value));
    numbers.dims = {static_cast<std::int64_t>(many_reals->reals.size())};
  } else {
    return "holds something that is not known here";
  }
  if (numbers.values.size() > at(Numbers::kCountMax)) return kTooMuch;
  results_.emplace_back(std::move(numbers));
  return {};
}

Wrong Reading::constant_of_shape() {
  std::vector<std::int64_t> dims;
  if (Wrong wrong = take_list(0, "", dims)) return wrong;
  Numbers numbers{dims, {}, false};
  Number filling{};
  if (const OnnxAttribute* found = attribute("value"); found != nullptr && found->tensor) {
    const auto value = value_of(*found->tensor);
    if (!value || found->tensor->count() != 1) return "is filled with something that is not known here";
    const auto* whole = std::get_if<Numbers>(&*value);
    numbers.is_whole = whole != nullptr;
    filling = whole != nullptr ? whole->values[0] : number_of(std::get<Reals>(*value).weights.values()[0]);
  }
  std::int64_t count = 1;
  for (const std::int64_t length : dims) {
    if (length < 0 || dims.size() > kRankMax) return "has a bad shape";
    count = std::min(count, Numbers::kCountMax + 1) * std::min(length, Numbers::kCountMax + 1);
  }
  if (count > Numbers::kCountMax) return kTooMuch;
  numbers.values.assign(at(count), filling);
  results_.emplace_back(std::move(numbers));
  return {};
}

}  // namespace tintype::engine::onnx
