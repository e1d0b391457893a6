#include "engine/model/onnx_numbers.h"

#include <algorithm>
#include <cmath>

namespace tintype::engine {

namespace {

std::size_t at(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

// Numbers between two places of a dimension that follow each other.
std::size_t inner_count(const std::vector<std::int64_t>& dims, std::size_t axis) {
  std::size_t count = 1;
  for (std::size_t inner = axis + 1; inner < dims.size(); ++inner) count *= at(dims[inner]);
  return count;
}

std::optional<double> computed_one(std::string_view operation, double a, double b, bool is_whole) {
  if (operation == "Add") return a + b;
  if (operation == "Sub") return a - b;
  if (operation == "Mul") return a * b;
  if (operation == "Max") return std::max(a, b);
  if (operation == "Min") return std::min(a, b);
  if (operation != "Div" || b == 0) return std::nullopt;
  return is_whole ? std::trunc(a / b) : a / b;
}

}  // namespace

Numbers taken(const Numbers& numbers, std::size_t axis, const std::vector<std::int64_t>& indices) {
  Numbers result{numbers.dims, {}, numbers.is_whole};
  const std::size_t inner = inner_count(numbers.dims, axis), length = at(numbers.dims[axis]);
  result.dims[axis] = static_cast<std::int64_t>(indices.size());
  for (std::size_t outer = 0; length > 0 && outer < numbers.values.size(); outer += inner * length) {
    for (const std::int64_t index : indices) {
      const auto from = numbers.values.begin() + static_cast<std::ptrdiff_t>(outer + at(index) * inner);
      result.values.insert(result.values.end(), from, from + static_cast<std::ptrdiff_t>(inner));
    }
  }
  return result;
}

std::vector<std::int64_t> sliced(std::int64_t length, std::int64_t begin, std::int64_t end, std::int64_t step) {
  const auto place = [&](std::int64_t index, std::int64_t least, std::int64_t most) {
    return std::clamp(index < 0 ? index + length : index, least, most);
  };
  std::vector<std::int64_t> places;
  if (step > 0) {
    const std::int64_t last = place(end, 0, length);
    for (std::int64_t index = place(begin, 0, length); index < last; index += step) places.push_back(index);
  } else if (step < 0) {
    const std::int64_t last = place(end, -1, length - 1);
    for (std::int64_t index = place(begin, -1, length - 1); index > last; index += step) places.push_back(index);
  }
  return places;
}

std::optional<Numbers> joined(const std::vector<Numbers>& parts, std::size_t axis) {
  if (parts.empty() || axis >= parts[0].dims.size()) return std::nullopt;
  Numbers result{parts[0].dims, {}, parts[0].is_whole};
  std::int64_t length = 0;
  std::size_t count = 0;
  for (const Numbers& part : parts) {
    std::vector<std::int64_t> dims = part.dims;
    if (dims.size() != result.dims.size()) return std::nullopt;
    length += dims[axis];
    dims[axis] = result.dims[axis];
    if (dims != result.dims) return std::nullopt;
    result.is_whole = result.is_whole && part.is_whole;
    count += part.values.size();
  }
  if (count > at(Numbers::kCountMax)) return std::nullopt;
  const std::size_t inner = inner_count(result.dims, axis);
  std::size_t rows = 1;
  for (std::size_t outer = 0; outer < axis; ++outer) rows *= at(result.dims[outer]);
  for (std::size_t row = 0; count > 0 && row < rows; ++row) {
    for (const Numbers& part : parts) {
      const std::size_t run = at(part.dims[axis]) * inner;
      const auto from = part.values.begin() + static_cast<std::ptrdiff_t>(row * run);
      result.values.insert(result.values.end(), from, from + static_cast<std::ptrdiff_t>(run));
    }
  }
  result.dims[axis] = length;
  return result;
}

std::optional<Numbers> transposed(const Numbers& numbers, const std::vector<std::int64_t>& order) {
  const std::size_t rank = numbers.dims.size();
  if (order.size() != rank) return std::nullopt;
  Numbers result{{}, {}, numbers.is_whole};
  std::vector<std::size_t> strides;  // in the source, of each dimension of the result
  std::vector<bool> is_seen(rank);
  for (const std::int64_t axis : order) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(rank) || is_seen[at(axis)]) return std::nullopt;
    is_seen[at(axis)] = true;
    result.dims.push_back(numbers.dims[at(axis)]);
    strides.push_back(inner_count(numbers.dims, at(axis)));
  }
  for (std::size_t index = 0; index < numbers.values.size(); ++index) {
    std::size_t rest = index, from = 0;
    for (std::size_t axis = rank; axis-- > 0;) {
      from += rest % at(result.dims[axis]) * strides[axis];
      rest /= at(result.dims[axis]);
    }
    result.values.push_back(numbers.values[from]);
  }
  return result;
}

std::optional<Numbers> computed(std::string_view operation, const Numbers& a, const Numbers& b) {
  const bool is_spread_a = a.values.size() == 1 && a.dims.size() <= b.dims.size();
  const bool is_spread_b = !is_spread_a && b.values.size() == 1;
  if (!is_spread_a && !is_spread_b && a.dims != b.dims) return std::nullopt;
  Numbers result{is_spread_a ? b.dims : a.dims, {}, a.is_whole && b.is_whole};
  const std::size_t count = is_spread_a ? b.values.size() : a.values.size();
  for (std::size_t index = 0; index < count; ++index) {
    Number number{};
    for (std::size_t probe = 0; probe < kProbes; ++probe) {
      const auto value = computed_one(operation, a.values[is_spread_a ? 0 : index][probe],
                                      b.values[is_spread_b ? 0 : index][probe], result.is_whole);
      if (!value) return std::nullopt;
      number[probe] = *value;
    }
    result.values.push_back(number);
  }
  return result;
}

std::optional<Numbers> computed(std::string_view operation, const Numbers& a) {
  Numbers result = a;
  for (Number& number : result.values) {
    for (double& value : number) {
      if (operation == "Floor") {
        value = std::floor(value);
      } else if (operation == "Ceil") {
        value = std::ceil(value);
      } else if (operation == "Neg") {
        value = -value;
      } else {
        return std::nullopt;
      }
    }
  }
  return result;
}

}  // namespace tintype::engine
