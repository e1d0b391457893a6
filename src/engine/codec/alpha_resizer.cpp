#include "engine/codec/alpha_resizer.h"

#include <algorithm>
#include <limits>

namespace tintype::engine {

namespace {

constexpr std::uint32_t kOpaque = 65'535;

template <class Sample>
constexpr std::uint32_t kSpread = kOpaque / std::numeric_limits<Sample>::max();  // takes a sample to two bytes

PictureShape widened(const PictureShape& shape) {
  return {shape.width, shape.height, shape.channels, shape.has_alpha() ? 2 : shape.bytes_per_sample};
}

template <class Sample>
void multiply(std::span<const std::uint8_t> rows, int channels, std::vector<std::uint8_t>& out) {
  const auto* samples = reinterpret_cast<const Sample*>(rows.data());
  const std::size_t count = rows.size() / sizeof(Sample);
  out.resize(count * 2);
  auto* made = reinterpret_cast<std::uint16_t*>(out.data());
  const auto step = static_cast<std::size_t>(channels);
  for (std::size_t at = 0; at < count; at += step) {
    const std::uint32_t alpha = samples[at + step - 1] * kSpread<Sample>;
    for (std::size_t c = 0; c + 1 < step; ++c) {
      made[at + c] = static_cast<std::uint16_t>((samples[at + c] * kSpread<Sample> * alpha + kOpaque / 2) / kOpaque);
    }
    made[at + step - 1] = static_cast<std::uint16_t>(alpha);
  }
}

// What is hardly there at all has no colour that two bytes could tell: it becomes black.
template <class Sample>
void divide(const std::vector<std::uint8_t>& rows, int channels, std::vector<std::uint8_t>& out) {
  const auto* samples = reinterpret_cast<const std::uint16_t*>(rows.data());
  const std::size_t count = rows.size() / 2, begin = out.size();
  out.resize(begin + count * sizeof(Sample));
  auto* made = reinterpret_cast<Sample*>(out.data() + begin);
  const auto step = static_cast<std::size_t>(channels);
  const auto narrowed = [](std::uint32_t value) {
    return static_cast<Sample>((std::min(value, kOpaque) + kSpread<Sample> / 2) / kSpread<Sample>);
  };
  for (std::size_t at = 0; at < count; at += step) {
    const std::uint32_t alpha = samples[at + step - 1];
    for (std::size_t c = 0; c + 1 < step; ++c) {
      made[at + c] = alpha == 0 ? Sample{0} : narrowed((samples[at + c] * kOpaque + alpha / 2) / alpha);
    }
    made[at + step - 1] = narrowed(alpha);
  }
}

}  // namespace

AlphaResizer::AlphaResizer(const PictureShape& from, const Extent& to)
    : from_(from),
      to_{to.width_px, to.height_px, from.channels, from.bytes_per_sample},
      resizer_(widened(from), to.width_px, to.height_px) {}

std::int64_t AlphaResizer::bytes_max(const PictureShape& from, const Extent& to) {
  constexpr std::int64_t kRowsAtOnce = 64;  // the most that is pushed together
  const std::int64_t widened_rows = from.has_alpha() ? 2 * kRowsAtOnce * from.width * from.channels * 2 : 0;
  return RowResizer::bytes_max(widened(from), to.width_px, to.height_px) + widened_rows;
}

void AlphaResizer::push(std::span<const std::uint8_t> rows, std::vector<std::uint8_t>& out) {
  if (!from_.has_alpha()) return resizer_.push(rows, out);
  made_.clear();
  if (from_.bytes_per_sample == 2) {
    multiply<std::uint16_t>(rows, from_.channels, multiplied_);
    resizer_.push(multiplied_, made_);
    divide<std::uint16_t>(made_, from_.channels, out);
  } else {
    multiply<std::uint8_t>(rows, from_.channels, multiplied_);
    resizer_.push(multiplied_, made_);
    divide<std::uint8_t>(made_, from_.channels, out);
  }
}

}  // namespace tintype::engine
