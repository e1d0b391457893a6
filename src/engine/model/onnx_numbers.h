// Small tensors of an ONNX network that are known before it runs: lists of sizes, and what is computed of them.
//
// Exporters write sizes as arithmetic on the shapes of values, which are only known for pictures of one size. So each
// number is kept for several pictures at once, the probes: what comes out alike for all of them does not depend on the
// picture.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace tintype::engine {

inline constexpr std::size_t kProbes = 2;

using Number = std::array<double, kProbes>;        // for each probe
using Extent = std::array<std::int64_t, kProbes>;  // a length for each probe

template <class T>
bool is_same_for_all(const std::array<T, kProbes>& values) {
  for (const T& value : values) {
    if (value != values[0]) return false;
  }
  return true;
}

struct Numbers {
  static constexpr std::int64_t kCountMax = 4'096;
  std::vector<std::int64_t> dims;  // none for a single number
  std::vector<Number> values;      // row-major
  bool is_whole = true;            // of an integer type, whose division leaves out the rest
};

// One dimension's places, in any order. `indices` must be there.
Numbers taken(const Numbers& numbers, std::size_t axis, const std::vector<std::int64_t>& indices);

// The places of Python's begin:end:step of a dimension of `length`.
std::vector<std::int64_t> sliced(std::int64_t length, std::int64_t begin, std::int64_t end, std::int64_t step);

// Nothing where the shapes do not fit together or the result would be too long.
std::optional<Numbers> joined(const std::vector<Numbers>& parts, std::size_t axis);
std::optional<Numbers> transposed(const Numbers& numbers, const std::vector<std::int64_t>& order);
// Two of one shape, or one of them a single number. `operation` is the name of an ONNX operator.
std::optional<Numbers> computed(std::string_view operation, const Numbers& a, const Numbers& b);
// "Floor", "Ceil", "Neg"; nothing for any other.
std::optional<Numbers> computed(std::string_view operation, const Numbers& a);

}  // namespace tintype::engine
